"""Templates from wherever people have them: files, folders and standard input, in JSON and YAML."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.planning import AssemblyError, protection_tables, read_templates, unread_parts
from resilient_redshift.planning.__main__ import main
from tests.planning.templates import cluster

if TYPE_CHECKING:
    from pathlib import Path

YAML = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Key:
    Type: AWS::KMS::Key
  Dw:
    Type: AWS::Redshift::Cluster
    DeletionPolicy: Snapshot
    Properties:
      ClusterIdentifier: !Sub "sales-${AWS::Region}"
      KmsKeyId: !GetAtt Key.Arn
      VpcSecurityGroupIds: !Split [",", !Ref Groups]
      NodeType: ra3.large
      NumberOfNodes: 2
"""


def test_one_file_in_json(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text("﻿" + json.dumps({"Resources": {"Dw": cluster()}}), encoding="utf-8")

    (only,) = read_templates(str(file))

    assert (only.name, only.region, list(only.template["Resources"])) == ("template.json", None, ["Dw"])


def test_one_file_in_yaml_with_short_tags(tmp_path: Path) -> None:
    file = tmp_path / "redshift.yaml"
    file.write_text(YAML)

    (only,) = read_templates(str(file))

    properties = only.template["Resources"]["Dw"]["Properties"]
    assert only.template["AWSTemplateFormatVersion"] == "2010-09-09"
    assert properties["ClusterIdentifier"] == {"Fn::Sub": "sales-${AWS::Region}"}
    assert properties["KmsKeyId"] == {"Fn::GetAtt": "Key.Arn"}
    assert properties["VpcSecurityGroupIds"] == {"Fn::Split": [",", {"Ref": "Groups"}]}
    (judged,) = protection_tables([only])
    assert any("also deletes the cluster's key" in note for row in judged.rows for note in row.notes)


def test_a_folder_of_templates(tmp_path: Path) -> None:
    # GIVEN a folder as SAM leaves it: templates beside other files
    (tmp_path / "redshift.yaml").write_text(YAML)
    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"Dw": cluster()}}))
    (tmp_path / "samconfig.yaml").write_text("version: 0.1\n")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "README.md").write_text("- [")

    # WHEN / THEN
    assert [template.name for template in read_templates(str(tmp_path))] == ["redshift.yaml", "template.json"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(YAML))

    assert main(["-"]) == 0
    assert capsys.readouterr().out.startswith("Dw (unknown Region, stack standard input)")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("a.json", b"{", "a.json is neither JSON nor YAML"),
        ("a.json", b"[]", "it has no Resources"),
        ("a.yaml", b"a: [", "a.yaml is neither JSON nor YAML"),
        ("a.yaml", b"a: !!python/object/apply:os.getcwd []", "a.yaml is neither JSON nor YAML"),
        ("a.yaml", b"? [a]\n: b", "it has no Resources|neither JSON nor YAML"),
        ("a.yaml", b"\xff\xfe\x00", "it is not UTF-8"),
        ("a.json", b"[" * 100_000, "neither JSON nor YAML"),
        ("README.md", b"- [", "no template in JSON or YAML"),
    ],
)
@pytest.mark.parametrize("how", ["file", "folder"])
def test_what_is_no_template_is_an_error(tmp_path: Path, how: str, file: str, content: bytes, message: str) -> None:
    (tmp_path / file).write_bytes(content)
    whole_folder = how == "folder" or file == "README.md"

    with pytest.raises(AssemblyError, match=f"{message}|no template in JSON or YAML" if whole_folder else message):
        read_templates(str(tmp_path if whole_folder else tmp_path / file))


@pytest.mark.parametrize("place", ["", " ", "/nowhere", '{"Resources": {}}' * 500, "a\0b"])
def test_a_place_that_is_not_there_is_status_2(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([place]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_closed_standard_input_is_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN no standard input, as in a job without one WHEN it is read THEN the status says so
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["-"]) == 2
    assert capsys.readouterr().err == "resilient-redshift: standard input cannot be read: it is closed\n"


def test_yaml_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(YAML)
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(AssemblyError, match=r"install `resilient-redshift\[yaml\]`"):
        read_templates(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize("name", ["t.yaml", "manifest.json"])
def test_a_device_or_a_pipe_is_not_read(tmp_path: Path, name: str) -> None:
    # GIVEN a folder with a pipe into which nobody writes, and a link to a device without an end, beside a template
    inner = tmp_path / "inner"
    inner.mkdir()
    os.mkfifo(tmp_path / f"pipe-{name}")
    (inner / name).symlink_to("/dev/zero")
    (tmp_path / "a.json").write_text(json.dumps({"Resources": {"W": cluster()}}))

    # WHEN the folder is read THEN the template is read, and an assembly that cannot be read has a name
    templates = read_templates(str(tmp_path))
    assert len(protection_tables(templates)) == 1
    assert ["manifest.json is a device or a pipe" in part for part in unread_parts(templates)] == (
        [True] if name == "manifest.json" else []
    )


def test_an_assembly_that_contains_itself_is_read_once(tmp_path: Path) -> None:
    # GIVEN an assembly whose two Stages are the assembly itself, which would be read a million times
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "."}}
    file = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "t.json"}}
    artifacts = {"One": stage, "Two": stage, "Stack": file}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"W": cluster()}}))

    # WHEN / THEN
    assert [each.name for each in read_templates(str(tmp_path))] == ["Stack"]


@pytest.mark.parametrize("location", ["\ud800.json", "a\0.json"], ids=["half of a surrogate pair", "NUL"])
def test_a_location_that_is_no_name_of_a_file_lies_elsewhere(tmp_path: Path, location: str) -> None:
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": location}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Inner": inner}}))

    (only,) = unread_parts(read_templates(str(tmp_path / "t.json")))
    assert only == "t.json: Inner is a nested stack, and its template lies elsewhere"


@pytest.mark.parametrize(
    ("url", "file", "is_found"),
    [
        ("https://s3.amazonaws.com/bucket/dw/template.yaml", "lambda/template.yaml", False),
        ("https://s3.amazonaws.com/bucket/dw/template.yaml", "stacks/dw/template.yaml", True),
        ("https://s3.amazonaws.com/bucket/dw.yaml", "dw.yaml", True),
    ],
    ids=["a namesake", "the same folder", "beside its parent"],
)
def test_a_namesake_in_another_folder_is_not_the_template_of_a_url(
    tmp_path: Path, url: str, file: str, is_found: bool
) -> None:
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}
    (tmp_path / "main.json").write_text(json.dumps({"Resources": {"Inner": inner}}))
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(json.dumps({"Resources": {"W": cluster()}}))

    assert (unread_parts(read_templates(str(tmp_path))) == ()) is is_found


def test_one_file_of_two_stacks_is_read_for_each_and_once_beside_its_assembly(tmp_path: Path) -> None:
    # GIVEN an assembly in which two Regions have the same template
    stacks = {
        region: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://111122223333/{region}",
            "properties": {"templateFile": "t.json", "stackName": "Dw"},
        }
        for region in ("eu-west-1", "us-east-1")
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": stacks}))
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"W": cluster()}}))

    # WHEN the assembly and its file are read THEN there is one template for each Region
    templates = read_templates(str(tmp_path), str(tmp_path / "t.json"))
    assert [(each.name, each.region) for each in templates] == [("Dw", "eu-west-1"), ("Dw", "us-east-1")]


def test_a_place_that_does_not_exist_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match=r"nothere' cannot be read: there is no such folder or file"):
        read_templates(str(tmp_path / "nothere"))
