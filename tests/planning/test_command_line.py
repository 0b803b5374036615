"""``python -m resilient_redshift.planning`` over cloud assemblies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import AssemblyError, as_text, read_assembly
from resilient_redshift.planning.__main__ import main
from tests.planning.templates import cluster, copy, rule, stack, table

if TYPE_CHECKING:
    from pathlib import Path

Artifacts = dict[str, dict[str, Any]]


def stack_artifact(folder: Path, name: str, resources: dict[str, Any], environment: str) -> dict[str, Any]:
    file = f"{name}.template.json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(json.dumps({"Resources": resources}))
    properties = {"templateFile": file, "stackName": name}
    return {"type": "aws:cloudformation:stack", "environment": environment, "properties": properties}


def write(folder: Path, artifacts: Artifacts) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return folder


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    out = tmp_path / "cdk out"  # a path with a space
    warehouse = {"Warehouse": cluster("Snapshot", ClusterIdentifier="sales"), "Nightly": rule(), "Copy": copy()}
    return write(
        out,
        {
            "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
            "Warehouse": stack_artifact(out, "Warehouse", warehouse, "aws://111111111111/us-east-1"),
            "Other": stack_artifact(out, "Other", {}, "aws://unknown-account/unknown-region"),
        },
    )


def test_templates_come_with_their_places(assembly: Path) -> None:
    warehouse, other = read_assembly(assembly)

    assert (warehouse.name, warehouse.account, warehouse.region) == ("Warehouse", "111111111111", "us-east-1")
    assert (other.name, other.account, other.region) == ("Other", None, None)


def test_stages_are_read_too(tmp_path: Path) -> None:
    inner = tmp_path / "out" / "assembly-Prod"
    write(inner, {"ProdDb": stack_artifact(inner, "Prod-Db", {"W": cluster()}, "aws://1/eu-west-1")})
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}

    templates = read_assembly(write(tmp_path / "out", {"assembly-Prod": nested}))

    assert [(template.name, template.region) for template in templates] == [("Prod-Db", "eu-west-1")]


def test_nested_stacks_are_read_too(tmp_path: Path) -> None:
    # GIVEN a stack that holds nothing but a nested one, whose template the manifest lists as an asset of its parent
    out = tmp_path / "out"
    parent = stack_artifact(out, "Parent", {}, "aws://1/eu-west-1")
    file = "ParentInnerE6E1A9D7.nested.template.json"
    (out / file).write_text(json.dumps({"Resources": {"W": cluster()}}))
    sources = [{"path": file, "packaging": "file"}, {"path": "Parent.template.json"}, {"executable": ["make"]}, None]
    files = {str(index): {"source": source} for index, source in enumerate(sources)}
    (out / "Parent.assets.json").write_text(json.dumps({"version": "55.0.0", "files": files}))
    manifest = {"type": "cdk:asset-manifest", "properties": {"file": "Parent.assets.json"}}

    # WHEN it is read THEN the nested one is there, at its parent's place
    templates = read_assembly(write(out, {"Parent.assets": manifest, "Parent": parent}))
    assert [(template.name, template.region) for template in templates] == [
        ("Parent", "eu-west-1"),
        ("Parent/ParentInnerE6E1A9D7", "eu-west-1"),
    ]
    assert list(templates[1].template["Resources"]) == ["W"]


def test_the_table_is_printed(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(assembly), "--width", "110"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sales (us-east-1, stack Warehouse)"
    assert lines[1].split() == ["failure", "protection", "worst-case", "recovery", "point", "where"]
    assert any(line.startswith("the Region ") and "9 h" in line and line.endswith("us-west-2") for line in lines)
    assert max(map(len, lines)) <= 110


def test_equal_stacks_in_two_accounts_have_different_headings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN two Stages with equal stacks, one in each account
    out, stages = tmp_path / "out", {"assembly-Live": "222222222222", "assembly-Test": "111111111111"}
    for folder, account in stages.items():
        artifact = stack_artifact(out / folder, "dwh", {"W": cluster()}, f"aws://{account}/eu-west-1")
        write(out / folder, {"Db": artifact})
    nested = {name: {"type": "cdk:cloud-assembly", "properties": {"directoryName": name}} for name in stages}
    write(out, nested)
    # WHEN the tables are printed THEN each names its account
    assert main([str(out)]) == 0
    shown = capsys.readouterr().out
    assert "(eu-west-1, account 222222222222, stack dwh)" in shown
    assert "(eu-west-1, account 111111111111, stack dwh)" in shown
    # AND so does the JSON
    assert main([str(out), "--json"]) == 0
    clusters = json.loads(capsys.readouterr().out)["clusters"]
    assert [each["account"] for each in clusters] == ["222222222222", "111111111111"]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 300])
def test_columns_stay_aligned_at_any_width(width: int) -> None:
    sales = table(stack(Warehouse=cluster("Snapshot", ClusterIdentifier="sales"), Nightly=rule(), Copy=copy()))

    lines = as_text(sales, width=width).splitlines()

    assert max(map(len, lines)) <= width
    rule_line = next(line for line in lines if line.startswith("---"))
    starts = [place for place in range(1, len(rule_line)) if rule_line[place - 1 : place + 1] == " -"]
    body = [line for line in lines[1:] if not line.startswith(("---", "  * ", "    "))]
    assert len(starts) == 3
    assert all(line[start - 2 : start].strip() == "" for line in body for start in starts)


def test_everything_in_the_table_is_printed() -> None:
    sales = table(stack(Warehouse=cluster(), Nightly=rule(state="DISABLED")))

    text = " ".join(as_text(sales, width=70).split())

    for row in sales.rows:
        assert all(note in text for note in row.notes)
    assert "rule nightly is not counted: it is disabled" in text


def test_json_has_every_row(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main([str(assembly), "--json", "--noticed-after", "2", "--noticed-after", "3", "--expected-copy-time", "30"])
        == 0
    )

    (sales,) = json.loads(capsys.readouterr().out)["clusters"]
    rows = {row["failure"]: row for row in sales["failures"]}
    assert sales["cluster"] == "sales"
    assert list(rows)[5:] == ["a bad load noticed after 2 d", "a bad load noticed after 3 d"]
    assert rows["the Region"]["worst_loss_seconds"] == 8.5 * 3600
    assert rows["the Region"]["verdict"] == "protected"
    assert rows["the cluster deleted by mistake"]["where"] == "us-east-1"


@pytest.mark.parametrize("command", ["check", "diff", "forecast"])
def test_the_help_names_each_other_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    assert f"{command} (" in capsys.readouterr().out


def test_no_cluster_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path, {}))]) == 0
    assert capsys.readouterr().out == f"no Redshift cluster in {tmp_path}\n"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "is not a cloud assembly .run `cdk synth` first.: No such file"),
        ({"manifest.json": "{"}, "manifest.json is not JSON"),
        (
            {
                "manifest.json": json.dumps(
                    {"artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a"}}}}
                )
            },
            "the template of stack 'A' cannot be read: No such file or directory: a",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_and_status_2(
    tmp_path: Path, files: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    assert main([str(tmp_path)]) == 2

    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.count("\n") == 1
    with pytest.raises(AssemblyError, match=message):
        read_assembly(tmp_path)


def test_a_manifest_of_another_shape_has_no_templates(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"artifacts": {"A": 5, "B": {"type": "aws:cloudformation:stack"}}}')

    assert read_assembly(tmp_path) == ()


@pytest.mark.parametrize("option", [["--noticed-after", "0"], ["--noticed-after", "x"], ["--expected-copy-time", "-1"]])
def test_a_wrong_option_is_status_2(option: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["cdk.out", *option])

    assert stopped.value.code == 2


def test_the_command_needs_neither_cdk_nor_node(assembly: Path) -> None:
    # GIVEN an interpreter in which importing CDK or jsii would fail, and no Node
    code = (
        "import sys, runpy; sys.modules['aws_cdk'] = sys.modules['jsii'] = None; "
        f"sys.argv = ['planning', {str(assembly)!r}]; runpy.run_module('resilient_redshift.planning', run_name='__main__')"
    )
    environment = {**os.environ, "JSII_NODE": "/nowhere", "PATH": ""}

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sales (us-east-1")


def test_a_reader_that_leaves_early_is_no_error(assembly: Path) -> None:
    # GIVEN standard output whose reader has gone, as behind `| head`
    reading, writing = os.pipe()
    os.close(reading)

    # WHEN
    command = [sys.executable, "-m", "resilient_redshift.planning", str(assembly)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, env=environment, stdout=writing, stderr=subprocess.PIPE, text=True)  # noqa: PLW1510 - ours
    os.close(writing)

    # THEN
    assert (done.returncode, done.stderr) == (0, "")


def test_half_a_character_in_a_template_is_shown_as_a_question_mark(tmp_path: Path) -> None:
    # GIVEN a template that JSON can write and UTF-8 cannot WHEN shown by a process of its own THEN there is no traceback
    file = tmp_path / "t.template.json"
    file.write_text(json.dumps({"Resources": {"W": cluster(ClusterIdentifier="sales\ud800")}}))
    command = [sys.executable, "-m", "resilient_redshift.planning", str(file)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert b"sales?" in ended.stdout


@pytest.mark.parametrize("option", ["--noticed-after", "--expected-copy-time", "--width"])
@pytest.mark.parametrize("value", ["1e30", "-1", "9" * 5000, "\ud800", "\u0663", "", "1.5", "inf"])
def test_a_number_out_of_range_is_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"{option}={value}"])
    assert ended.value.code == 2
    assert f"argument {option}: must be " in capsys.readouterr().err
