"""A parameter that counts with its default is named, where it decides how a cluster is protected."""

from __future__ import annotations

from typing import Any

from resilient_redshift.planning import SynthesizedTemplate, protection_tables
from tests.planning.templates import cluster, copy, table

YES: dict[str, Any] = {"Type": "String", "Default": "yes"}
SOURCE: dict[str, Any] = {
    "Parameters": {
        "Nodes": {"Type": "Number", "Default": 2},
        "Port": {"Type": "Number", "Default": 5439},
        "There": {"Type": "String", "Default": "us-west-2"},
        "Copies": YES,
        "Given": YES,
    },
    "Conditions": {
        "Copied": {"Fn::Equals": [{"Ref": "Copies"}, "yes"]},
        "NotCopied": {"Fn::Not": [{"Condition": "Copied"}]},
    },
    "Resources": {
        "Warehouse": cluster(NumberOfNodes={"Ref": "Nodes"}, Port={"Ref": "Port"}, ClusterIdentifier={"Ref": "Given"}),
        "Copy": {**copy(region={"Ref": "There"}), "Condition": "Copied"},
    },
}


def notes(condition: str = "Copied", **parameters: str | None) -> list[str]:
    copied = {**SOURCE["Resources"]["Copy"], "Condition": condition}
    source = {**SOURCE, "Resources": {**SOURCE["Resources"], "Copy": copied}}
    judged = table(SynthesizedTemplate("S", "us-east-1", source, parameters={"Given": "sales", **parameters}))
    return [note for note in judged.notes if "default" in note]


def test_defaults_that_decide_something_are_named() -> None:
    # GIVEN defaults of the cluster, of its copy, and of what protects nothing WHEN judged THEN the last one has no note
    assert notes() == [
        "parameter Nodes counts with its default; give --parameters",
        "parameter Copies counts with its default; give --parameters",
        "parameter There counts with its default; give --parameters",
    ]


def test_a_given_value_has_no_note() -> None:
    assert notes(Nodes="4", Copies="yes", There="eu-west-1") == []


def test_a_default_that_takes_a_copy_away_is_named() -> None:
    assert "parameter Copies counts with its default: Copy does not exist; give --parameters" in notes("NotCopied")


def test_parameters_of_two_templates_are_two_clusters() -> None:
    # GIVEN copies in two templates, each for the cluster that a parameter of its own names
    source = {
        "Parameters": {"Cluster": {"Type": "String"}},
        "Resources": {"Copy": copy({"Ref": "Cluster"})},
    }
    templates = [SynthesizedTemplate(name, "us-east-1", source) for name in ("A", "B")]

    # WHEN judged THEN nobody takes them for the same cluster
    assert [each.stack for each in protection_tables(templates)] == ["A", "B"]


def test_a_default_that_takes_another_cluster_of_the_template_away_is_named() -> None:
    # GIVEN two clusters under opposite conditions, of which a default chooses one
    source = {
        "Parameters": {"Env": {"Type": "String", "Default": "dev"}},
        "Conditions": {name: {"Fn::Equals": [{"Ref": "Env"}, name.lower()]} for name in ("Dev", "Prod")},
        "Resources": {name: cluster(condition=name) for name in ("Dev", "Prod")},
    }

    # WHEN judged THEN the other one has a name
    (judged,) = protection_tables([SynthesizedTemplate("S", "us-east-1", source)])
    assert "parameter Env counts with its default: Prod does not exist; give --parameters" in judged.notes
