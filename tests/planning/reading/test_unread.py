"""Parts of templates that may hold a cluster and cannot be read are named: never "no Redshift cluster"."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate, unread_parts
from resilient_redshift.planning.__main__ import main
from tests.planning.templates import cluster, copy

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


def test_a_nested_stack_whose_template_was_read_is_not_named() -> None:
    # GIVEN two nested stacks, and the template of one of them
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": ELSEWHERE}
    parent = SynthesizedTemplate("Dw", None, {"Resources": {"Inner": inner, "Other": inner}})
    nested = SynthesizedTemplate("Dw/Inner", None, {"Resources": {}}, used_by=(parent.key, "Inner"))

    # WHEN / THEN
    assert unread_parts([parent, nested]) == ("stack Dw: Other is a nested stack, and its template lies elsewhere",)


def test_an_undecided_condition_of_what_protects_a_cluster_is_named() -> None:
    # GIVEN a copy that exists only where a parameter without a default says so, for a cluster that always exists
    condition = {"Fn::Equals": [{"Ref": "Copies"}, "yes"]}
    source = {
        "Parameters": {"Copies": {"Type": "String"}},
        "Conditions": {"Copied": condition},
        "Resources": {"Warehouse": cluster(), "Copy": {**copy(), "Condition": "Copied"}},
    }
    with_cluster = {**source, "Resources": {**source["Resources"], "Warehouse": cluster(condition="Copied")}}

    # WHEN it is read without the value, with it, and where the cluster has the same condition
    without, given, both = (
        unread_parts([SynthesizedTemplate("Dw", None, each, parameters=parameters)])
        for each, parameters in ((source, {}), (source, {"Copies": "yes"}), (with_cluster, {}))
    )

    # THEN
    assert without == (
        "stack Dw: Copy exists only where condition Copied holds; give its parameters with --parameters",
    )
    assert given == both == ()


def test_a_cluster_that_a_default_takes_away_is_named() -> None:
    # GIVEN a template whose only cluster exists unless a parameter has its default
    source = {
        "Parameters": {"Warehouse": {"Type": "String", "Default": "no"}},
        "Conditions": {"Wanted": {"Fn::Equals": [{"Ref": "Warehouse"}, "yes"]}},
        "Resources": {"Dw": cluster(condition="Wanted")},
    }

    # WHEN / THEN nobody says that there is no cluster, unless the deployment says so
    (only,) = unread_parts([SynthesizedTemplate("S", None, source)])
    assert only == "stack S: Dw does not exist while Warehouse counts with its default; give --parameters"
    assert unread_parts([SynthesizedTemplate("S", None, source, parameters={"Warehouse": "no"})]) == ()

    # also where another template has a cluster
    other = SynthesizedTemplate("O", None, {"Resources": {"Dw": cluster()}})
    assert unread_parts([SynthesizedTemplate("S", None, source), other]) == (only,)


def test_a_macro_within_a_resource_of_redshift_is_named() -> None:
    attributes = cluster(Tags={"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/tags"}}})

    (only,) = unread_parts([SynthesizedTemplate("S", None, {"Resources": {"Dw": attributes}})])

    assert only == "stack S: macro AWS::Include of s3://b/tags changes Dw at deployment"


def test_a_loop_within_a_resource_of_redshift_is_named() -> None:
    loop = ["Name", ["AutomatedSnapshotRetentionPeriod"], {"${Name}": 0}]

    (only,) = unread_parts(
        [SynthesizedTemplate("S", None, {"Resources": {"Dw": cluster(**{"Fn::ForEach::Properties": loop})}})]
    )

    assert only == "stack S: Fn::ForEach::Properties changes Dw at deployment"


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
