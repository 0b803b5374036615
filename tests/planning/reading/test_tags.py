"""The tags of stacks: from a cloud assembly, and of the stacks inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import read_templates

if TYPE_CHECKING:
    from pathlib import Path

BODY = json.dumps({"Resources": {}})


def read_tags(folder: Path, inner: dict[str, Any], stack_tags: dict[str, str] | None = None) -> list[Any]:
    """The tags of the stack of an assembly, and of the stack that its only resource makes."""
    (folder / "t.json").write_text(json.dumps({"Resources": {"Inner": inner}}))
    properties = {"templateFile": "t.json", **({} if stack_tags is None else {"tags": stack_tags})}
    artifact = {"type": "aws:cloudformation:stack", "environment": "aws://1/us-east-1", "properties": properties}
    (folder / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": {"Db": artifact}}))
    return [template.tags for template in read_templates(str(folder))]


def nested(kind: str = "AWS::CloudFormation::Stack", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"TemplateBody": BODY, **properties}}


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (nested(), {"env": "prod"}),
        (nested(Tags=[{"Key": "env", "Value": "dev"}, {"Key": "a", "Value": "b"}]), {"env": "dev", "a": "b"}),
        (nested(Tags=[{"Key": "a", "Value": {"Ref": "Team"}}]), {"env": "prod", "a": None}),
        (nested(Tags=[{"Key": {"Ref": "Key"}, "Value": "b"}]), None),
        (nested("AWS::Serverless::Application", Tags={"a": "b"}), {"env": "prod", "a": "b"}),
        (nested("AWS::CloudFormation::StackSet"), None),
    ],
    ids=["of its parent", "its own", "a value at deployment", "a key at deployment", "SAM", "stack set"],
)
def test_a_stack_inside_has_the_tags_of_its_parent_and_its_own(
    tmp_path: Path, inner: dict[str, Any], expected: dict[str, str | None] | None
) -> None:
    found = read_tags(tmp_path, inner, {"env": "prod"})
    assert found[0] == {"env": "prod"}
    assert found[1:] == [expected]


def test_a_stack_of_an_assembly_without_tags_has_none(tmp_path: Path) -> None:
    assert read_tags(tmp_path, nested()) == [{}, {}]


def test_a_template_outside_an_assembly_may_get_any_tags(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}')
    (template,) = read_templates(str(tmp_path / "t.json"))
    assert template.tags is None
