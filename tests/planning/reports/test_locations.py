"""Where findings lie: in the app, in a template, or in another file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import resilient_redshift
from resilient_redshift.planning.checks.findings import ClusterKey, Finding, Level
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reading.creation import SourceLine
from resilient_redshift.planning.reports import locations
from resilient_redshift.planning.reports.locations import Location, Locations
from tests.planning.reports.samples import key

APP = "import aws_cdk\n\nif True:\n    Cluster(app)\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repository"
    (folder / "stacks").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    (folder / "stacks" / "dw.py").write_text(APP)
    monkeypatch.chdir(folder)
    return folder


def at(file: object, line: int = 4) -> SourceLine:
    return SourceLine(str(file), line)


def finding(cluster: ClusterKey | None = None, file: str | None = None) -> Finding:
    return Finding(rule=CheckRule.REGION_LOST, level=Level.ERROR, message="m", cluster=cluster, file=file)


def location(root: Path, cluster: ClusterKey | None = None, file: str | None = None) -> Location:
    return Locations(root).of(finding(cluster, file))


def made_at(root: Path, *source: SourceLine, **others: Any) -> Location:
    return location(root, key(source=source, **others))


def test_the_innermost_line_of_the_app(root: Path) -> None:
    # GIVEN a cluster that a library's construct makes, for a stack of the app
    library = root / ".venv" / "lib" / "site-packages" / "shared" / "dw.py"
    library.parent.mkdir(parents=True)
    library.write_text(APP)
    ours = Path(resilient_redshift.__file__).parent / "cluster" / "cluster.py"

    found = made_at(root, at(ours), at(library), at(root / "stacks/dw.py"), at(root / "app.py", 1))

    assert found == Location("stacks/dw.py", 4, (5, 17), in_root=True)


def test_a_line_that_the_file_does_not_have_any_more(root: Path) -> None:
    assert made_at(root, at("app.py", 400)) == Location("app.py", in_root=True)


def test_this_library_is_not_the_app_even_in_its_own_repository() -> None:
    library = Path(resilient_redshift.__file__).parent
    lines = (at(library / "cluster" / "cluster.py"), at(library.parent / "app.py", 1))

    assert made_at(library.parent, *lines).path == "app.py"


@pytest.mark.parametrize(
    "file",
    ["/builds/team/dw/stacks/dw.py", "C:\\agent\\dw\\stacks\\dw.py", "stacks/dw.py"],
    ids=["POSIX", "Windows", "relative"],
)
def test_an_app_that_another_machine_synthesized(root: Path, file: str) -> None:
    assert made_at(root, at(file)).path == "stacks/dw.py"


def test_a_file_outside_the_root_is_not_taken_for_its_namesake(root: Path) -> None:
    outside = root.parent / "app.py"
    outside.write_text(APP)

    assert made_at(root, at(outside), file="cdk.out/W.json") == Location("cdk.out/W.json", in_root=True)


@pytest.mark.parametrize("file", ["", ".", "/", "\\", "a" * 5000, "/nowhere/else.py", "\udcff\ud800"], ids=range(7))
def test_a_line_of_no_file_here_says_nothing(root: Path, file: str) -> None:
    assert made_at(root, at(file), file="cdk.out/W.json") == Location("cdk.out/W.json", in_root=True)


TEMPLATE = {
    "Outputs": {"Other": {}, "Dw": {"Value": "Resources"}},
    "Resources": {"Nested": {"Properties": {"Dw": {"a": [{"Dw": 1}]}, "x": 'Dw": {'}}, "Dw": {}, "Ü": {}},
}
YAML = """
Parameters:
  Other: {Type: String}
Resources:
  Nested:
    Dw: 1
  Dw:
    Type: AWS::Redshift::Cluster
  "Quoted":
    Type: AWS::Redshift::Cluster
  ? [Nested]
  : {Dw: 1}
  ? Odd
  : Type: !Ref Other
"""


@pytest.mark.parametrize(
    ("name", "text", "logical_id", "line"),
    [
        pytest.param("W.json", json.dumps(TEMPLATE, indent=1), "Dw", 21, id="a key that is elsewhere too"),
        pytest.param("W.json", json.dumps(TEMPLATE, indent=1), "Nested", 9, id="a key of its own"),
        pytest.param("W.json", json.dumps(TEMPLATE, indent=1), "Ü", 22, id="an escaped key"),
        pytest.param("W.json", json.dumps(TEMPLATE), "Dw", 1, id="one line"),
        pytest.param("W.json", json.dumps(TEMPLATE, indent=1), "Absent", 1, id="absent"),
        pytest.param("W.json", '{"Resources": {"Dw', "Dw", 1, id="cut"),
        pytest.param("W.json", '{"\\u12": }', "Dw", 1, id="no JSON"),
        pytest.param("W.yaml", YAML, "Dw", 7, id="YAML"),
        pytest.param("W.yaml", YAML, "Quoted", 9, id="YAML, quoted"),
        pytest.param("W.yaml", YAML, "Odd", 13, id="YAML, odd"),
        pytest.param("W.yaml", "Resources: {Nested: {Dw: 1},\n Dw: {}}", "Dw", 2, id="YAML, flow"),
        pytest.param("W.yaml", "Resources: [Dw: {", "Dw", 1, id="no YAML"),
        pytest.param("W.yaml", "- Resources", "Dw", 1, id="a list"),
    ],
)
def test_the_line_of_the_logical_id(root: Path, name: str, text: str, logical_id: str, line: int) -> None:
    (root / name).write_text(text, encoding="utf-8")

    found = made_at(root, file=name, logical_id=logical_id)

    assert (found.path, found.line, found.in_root) == (name, line, True)


def test_a_template_is_read_and_parsed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a template with many clusters and an output of the same name for each
    names = [f"Dw{number}" for number in range(20)]
    (root / "W.json").write_text(json.dumps({"Outputs": dict.fromkeys(names, 1), "Resources": dict.fromkeys(names, 1)}))
    parsed = []
    monkeypatch.setattr(locations, "_json_lines", lambda text: parsed.append(text) or {})

    found = Locations(root)
    for name in names:
        found.of(finding(key(file="W.json", logical_id=name)))

    assert len(parsed) == 1


def test_a_cluster_that_no_template_contains_lies_where_a_resource_names_it(root: Path) -> None:
    (root / "W.json").write_text('{"Resources":\n {"Copy": {}}}')

    assert made_at(root, file="W.json", named_by="Copy").line == 2


def test_paths_start_at_the_root_and_not_at_the_working_directory(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "infra").mkdir()
    monkeypatch.chdir(root / "infra")

    assert location(root, key(file="cdk.out/W.json")).path == "infra/cdk.out/W.json"
    assert location(root, file="../resilience.toml").path == "resilience.toml"


def test_a_root_behind_a_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root)

    assert location(root.parent / "link", file=str(root / "resilience.toml")).path == "resilience.toml"
    assert location(root.parent / "link", file=str(root.parent / "link" / "r.toml")).path == "r.toml"


def test_a_link_in_the_root_is_in_the_root(root: Path) -> None:
    (root.parent / "elsewhere").mkdir()
    (root / "cdk.out").symlink_to(root.parent / "elsewhere")

    assert location(root, key(file="cdk.out/W.json")) == Location("cdk.out/W.json", in_root=True)


@pytest.mark.parametrize(
    ("file", "shown"),
    [("/build/x/cdk.out/W.json", "cdk.out/W.json"), ("../../W.json", "W.json"), ("\0", "\0"), (None, "standard-input")],
    ids=["absolute", "above", "no name", "none"],
)
def test_no_path_of_the_machine_for_a_file_outside_the_root(root: Path, file: str | None, shown: str) -> None:
    assert location(root, key(file=file)) == Location(shown)
