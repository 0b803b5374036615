"""Parts of templates that may hold a cluster and cannot be read are named: never "no Redshift cluster"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate, unread_parts
from resilient_redshift.planning.__main__ import main
from tests.planning.templates import cluster

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = {"TemplateURL": "https://example.com/redshift.template"}
UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "for each": (
        {"Resources": {"Fn::ForEach::Warehouses": ["Name", ["sales", "stock"], {"Dw${Name}": cluster()}]}},
        "Fn::ForEach::Warehouses makes resources at deployment",
    ),
    "nested by URL": (
        {"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": ELSEWHERE}}},
        "Inner is a nested stack, and its template lies elsewhere",
    ),
    "stack set": (
        {"Resources": {"Inner": {"Type": "AWS::CloudFormation::StackSet", "Properties": ELSEWHERE}}},
        "Inner is a stack set, and its template lies elsewhere",
    ),
    "module": (
        {"Resources": {"Dw": {"Type": "Acme::Redshift::Cluster::MODULE", "Properties": {}}}},
        "Dw is the module Acme::Redshift::Cluster::MODULE, and the registry holds its resources",
    ),
    "include": (
        {"Resources": {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/dw.yaml"}}}},
        "macro AWS::Include of s3://b/dw.yaml adds resources at deployment",
    ),
    "SAM application": (
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {"App": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "dw.yaml"}}},
        },
        "App is a SAM application, and its template lies elsewhere",
    ),
    "macro": (
        {"Transform": ["AWS::LanguageExtensions", "Acme"], "Resources": {}},
        "macro Acme may add resources at deployment",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_part_that_is_not_read_is_named(name: str) -> None:
    source, expected = UNREADABLE[name]

    assert unread_parts([SynthesizedTemplate("Dw", None, source)]) == (f"stack Dw: {expected}",)


@pytest.mark.parametrize("source", [{}, {"Resources": 5}, {"Resources": {"A": 5}, "Transform": {"Name": 5}}])
def test_a_template_without_such_parts_has_none(source: dict[str, Any]) -> None:
    assert unread_parts([SynthesizedTemplate("Dw", None, source)]) == ()


def test_a_nested_template_of_the_assembly_was_read() -> None:
    # GIVEN a nested stack as CDK writes it: the URL ends with the id of the asset
    url = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/assets/0f1e2d.json"]]}
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}

    # WHEN the assembly holds that asset, and when it does not
    read, unread = (
        unread_parts([SynthesizedTemplate("Dw", None, {"Resources": {"Inner": inner}}, None, assets)])
        for assets in (("0f1e2d",), ("ffffff",))
    )

    # THEN
    assert (len(read), len(unread)) == (0, 1)


def test_without_a_cluster_the_status_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(UNREADABLE["module"][0]))

    assert main([str(file)]) == 2

    shown = capsys.readouterr().out
    assert shown.startswith("not read: 1 part that may hold a Redshift cluster\n")
    assert "no Redshift cluster" not in shown


def test_beside_a_table_the_parts_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resources = {"Warehouse": cluster(), **UNREADABLE["module"][0]["Resources"]}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}))

    assert main([str(file), "--width", "120"]) == 0
    assert "not read: 1 part" in capsys.readouterr().out
    assert main([str(file), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["not_read"]) == 1
