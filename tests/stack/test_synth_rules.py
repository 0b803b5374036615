"""The rules that a finished template must keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_rules import RULES, Rule, inspect


def test_every_rule_has_a_text_and_ids_are_frozen() -> None:
    # GIVEN the table that the docs show WHEN read THEN every id has a sentence and a way out
    assert list(RULES) == list(Rule)
    assert [str(rule) for rule in Rule] == [
        "RR001",
        "RR002",
        "RR003",
        "RR004",
        "RR005",
        "RR006",
        "RR007",
        "RR008",
        "RR009",
        "RR010",
    ]
    assert all(text.sentence and text.fix for text in RULES.values())


def test_a_template_without_copies_has_no_violation() -> None:
    # GIVEN a cluster that copies by itself, and no SnapshotCopy WHEN checked THEN there is no finding
    cluster = {"Type": "AWS::Redshift::Cluster", "Properties": {"DestinationRegion": "us-west-2"}}
    assert inspect({"Resources": {"C": cluster}}) == []


def test_every_rule_is_documented() -> None:
    # GIVEN the two pages on errors and warnings WHEN read THEN both name every rule
    docs = Path(__file__).parents[2] / "docs"
    for page in ("errors.md", "warnings.md"):
        text = (docs / page).read_text(encoding="utf-8")
        assert [rule for rule in Rule if f"`{rule}`" not in text] == []


COPY: dict[str, Any] = {
    "Type": "Custom::RedshiftSnapshotCopy",
    "Properties": {
        "ClusterIdentifier": {"Ref": "Sales"},
        "AcceptLossOfCopies": "false",
        "RemovalPolicy": "retain",
    },
    "DeletionPolicy": "Retain",
}


def found(**resources: Any) -> list[tuple[str, str, str]]:
    """The findings in a template of these resources, each as rule, resource and place."""
    return [(str(one.rule), one.logical_id, one.location) for one in inspect({"Resources": resources})]


@pytest.mark.parametrize("by", [{"Ref": "Sales"}, "sales", "SALES"])
def test_a_cluster_of_the_template_is_known_by_reference_and_by_name(by: Any) -> None:
    # GIVEN a copied cluster with a copy property of its own
    cluster = {
        "Type": "AWS::Redshift::Cluster",
        "Properties": {"ClusterIdentifier": "sales", "SnapshotCopyManual": True},
    }
    copy = {**COPY, "Properties": {**COPY["Properties"], "ClusterIdentifier": by}}
    # WHEN / THEN
    assert found(Sales=cluster, Copy=copy) == [("RR001", "Sales", "Properties/SnapshotCopyManual")]


def test_the_second_owner_of_a_cluster_is_named() -> None:
    assert found(One=COPY, Two=COPY) == [("RR002", "Two", "Properties/ClusterIdentifier")]


@pytest.mark.parametrize(
    "kind",
    [
        "RedshiftSnapshotCopy",
        "RedshiftSnapshotCopyGrant",
        "RedshiftSnapshotSchedule",
        "RedshiftSnapshotScheduleAssociation",
    ],
)
def test_a_resource_of_another_library_is_not_judged(kind: str) -> None:
    # GIVEN resources with the names of our types, as AWS's MDAA has them, beside our own copy WHEN checked THEN they pass
    theirs = {
        "Type": f"Custom::{kind}",
        "Properties": {
            "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:acme",
            "ClusterIdentifier": {"Ref": "Sales"},
            "ScheduleIdentifier": "theirs",
            "DestinationRegion": "us-west-2",
        },
    }
    assert found(Theirs=theirs, Ours=COPY) == []


@pytest.mark.parametrize(
    ("policy", "removal", "ok"),
    [
        ("Retain", "retain", True),
        ("Delete", "destroy", True),
        ("Retain", "destroy", False),
        ("Delete", "retain", False),
    ],
)
def test_both_keys_say_the_same(policy: str, removal: str, ok: bool) -> None:
    copy = {**COPY, "Properties": {**COPY["Properties"], "RemovalPolicy": removal}, "DeletionPolicy": policy}
    assert found(Copy=copy) == ([] if ok else [("RR004", "Copy", "DeletionPolicy")])


def test_a_grant_has_both_keys_too() -> None:
    properties = {"SnapshotCopyGrantName": "copies", "RemovalPolicy": "retain"}
    grant = {"Type": "Custom::RedshiftSnapshotCopyGrant", "Properties": properties}
    assert found(Grant=grant) == [("RR004", "Grant", "DeletionPolicy")]


def test_one_finding_says_what_each_policy_of_a_resource_would_be_and_how_to_remove_it() -> None:
    # GIVEN a cluster that its construct snapshots, and a template that deletes it
    declared = Declared(deletion="Snapshot", replacement="Snapshot", to_remove="ask for it")
    cluster = {"Type": "AWS::Redshift::Cluster", "DeletionPolicy": "Delete"}
    # WHEN
    findings = inspect({"Resources": {"C": cluster}}, removals=[("C", declared), ("Gone", declared)])
    # THEN there is one finding, on the resource that the template has
    [finding] = findings
    assert (str(finding.rule), finding.logical_id, finding.location) == ("RR007", "C", "DeletionPolicy")
    assert finding.message == (
        "DeletionPolicy is Delete instead of Snapshot, UpdateReplacePolicy is Delete instead of Snapshot; if you mean it, ask for it"
    )


def test_a_missed_objective_is_told_of_its_record() -> None:
    [finding] = inspect({"Resources": {}}, objectives=[("Record", "it is too slow")])
    assert (str(finding.rule), finding.logical_id, finding.message) == ("RR003", "Record", "it is too slow")


def test_a_template_of_more_than_a_megabyte_is_found_on_its_largest_resource() -> None:
    # GIVEN a template of a byte more than CloudFormation's limit WHEN checked THEN it is found; at the limit it is not
    template = {"Resources": {"Small": {"Type": "T"}, "Large": {"Type": "T", "Properties": {"A": "x" * 100}}}}
    [finding] = inspect(template, template_bytes=1_000_001)
    assert (str(finding.rule), finding.logical_id) == ("RR010", "Large")
    assert "1000001 bytes; CloudFormation's limit is 1000000" in finding.message
    assert inspect(template, template_bytes=1_000_000) == []
