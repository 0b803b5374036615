"""``resilient-redshift-diff``: its exit statuses, its inputs and its reports."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from resilient_redshift.planning import _diff_command
from resilient_redshift.planning.__main__ import main as planning_main
from resilient_redshift.planning._diff_command import main
from tests.planning.templates import cluster

KEPT = {"W": cluster("Snapshot", ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod=14)}
WORSE = {"W": cluster("Snapshot", ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod=7)}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as the working directory, with a policy that every cluster keeps."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "resilience.toml").write_text('[survive]\nnode = "0h"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def template(folder: Path, resources: dict[str, Any], name: str, **parts: Any) -> str:
    (folder / name).write_text(json.dumps({"Resources": resources, **parts}))
    return name


def sides(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [template(folder, before, "base.json"), template(folder, after, "head.json")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], [0, 1]),
        (["--fail-on", "worse"], [0, 1]),
        (["--fail-on", "broken"], [0, 0]),
        (["--fail-on", "never"], [0, 0]),
        (["--fail-on", "broken", "--policy", "default"], [1, 1]),
        (["--fail-on", "never", "--policy", "default"], [0, 0]),
        (["--fail-on", "worse", "--fail-on", "broken"], [0, 1]),
    ],
    ids=["default", "worse", "broken", "never", "broken by default", "never by default", "worse and broken"],
)
def test_the_exit_status_says_whether_it_fails(folder: Path, options: list[str], expected: list[int]) -> None:
    # GIVEN a change that makes nothing worse, and one that does
    assert [main([*sides(folder, KEPT, after), *options]) for after in (KEPT, WORSE)] == expected


def test_the_report_names_both_sides_and_the_findings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*sides(folder, KEPT, WORSE), "--width", "200"])

    output = capsys.readouterr().out
    assert "base.json" in output
    assert "head.json" in output
    assert "RR122 snapshots-lost" in output


def test_a_report_goes_to_a_file_in_another_format(folder: Path) -> None:
    main([*sides(folder, KEPT, WORSE), "--format", "json=report.json"])

    assert json.loads((folder / "report.json").read_text())["base"] == "base.json"


@pytest.mark.parametrize("side", [0, 1], ids=["base", "head"])
def test_either_side_can_be_standard_input(
    folder: Path, side: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = sides(folder, KEPT, WORSE)
    monkeypatch.setattr(sys, "stdin", io.StringIO((folder / places[side]).read_text()))
    places[side] = "-"

    assert main(places) == 1
    assert "standard input" in capsys.readouterr().out


def test_both_sides_cannot_be_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["-", "-"])

    assert ended.value.code == 2
    assert "only one of BASE and HEAD" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("places", "side"), [(("missing", "head.json"), "BASE"), (("head.json", "missing"), "HEAD")], ids=["base", "head"]
)
def test_a_side_that_does_not_exist_is_one_line(
    folder: Path, places: tuple[str, str], side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    template(folder, KEPT, "head.json")

    assert main([*places]) == 2
    captured = capsys.readouterr()
    assert (len(captured.err.splitlines()), captured.out) == (1, "")
    assert captured.err.startswith(f"resilient-redshift: {side}: ")


def test_a_base_that_does_not_exist_can_be_a_new_project(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = template(folder, KEPT, "head.json")

    assert main(["base.out", head, "--base-missing", "new"]) == 0
    captured = capsys.readouterr()
    assert "new" in captured.out
    assert captured.err == "resilient-redshift: base.out does not exist, so every cluster is new\n"


def test_a_base_that_exists_and_cannot_be_read_is_an_error_all_the_same(folder: Path) -> None:
    (folder / "base.json").write_text("{")

    assert main(["base.json", template(folder, KEPT, "head.json"), "--base-missing", "new"]) == 2


class TestParameters:
    """A parameter that decides the retention."""

    def sides(self, folder: Path) -> list[str]:
        """The head declares the parameter, and the base has a number."""
        decided = {"W": cluster("Snapshot", ClusterIdentifier="sales", AutomatedSnapshotRetentionPeriod={"Ref": "D"})}
        head = template(folder, decided, "head.json", Parameters={"D": {"Type": "Number"}})
        return [template(folder, KEPT, "base.json"), head]

    @pytest.mark.parametrize(("days", "expected"), [("14", 0), ("7", 1)])
    def test_count_for_the_side_that_declares_them(self, folder: Path, days: str, expected: int) -> None:
        assert main([*self.sides(folder), "--parameters", f"D={days}"]) == expected

    def test_of_no_template_of_the_head_are_an_error(self, folder: Path) -> None:
        assert main([*self.sides(folder), "--parameters", "Other=7"]) == 2

    def test_of_the_base_can_be_others(self, folder: Path) -> None:
        base, head = self.sides(folder)
        values = ["--base-parameters", "D=35", "--parameters", "D=14"]

        assert main([head, head, *values]) == 1
        assert main([base, head, *values]) == 2


def test_the_command_of_planning_runs_the_comparison(folder: Path) -> None:
    assert planning_main(["diff", *sides(folder, KEPT, WORSE)]) == 1


def test_the_console_script_is_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the entry of the console script WHEN the script runs
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["resilient-redshift-diff"].partition(":")
    monkeypatch.setattr(sys, "argv", ["resilient-redshift-diff", *sides(folder, KEPT, WORSE)])
    with pytest.raises(SystemExit) as ended:
        getattr(import_module(module), function)()

    # THEN the process ends with the status of the comparison
    assert module == _diff_command.__name__
    assert ended.value.code == 1
