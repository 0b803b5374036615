"""A key that is deleted with a stack is found, however the cluster or the grant names it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate, Verdict
from resilient_redshift.planning._failures import Judge
from resilient_redshift.planning._inventory import take_inventory
from tests.planning.templates import cluster, copy, rule, stack, table
from tests.planning.templates import row as row_of

if TYPE_CHECKING:
    from resilient_redshift.planning import Protection

ARN = {"Fn::GetAtt": ["Key", "Arn"]}
ALIAS = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/dw", "TargetKeyId": ARN}}
PREFIX = "arn:aws:kms:us-east-1:111122223333:"


def noted(key: Any, policy: str | None = None) -> bool:
    resource = {"Type": "AWS::KMS::Key", **({} if policy is None else {"DeletionPolicy": policy})}
    judgement = table(stack(Warehouse=cluster("Snapshot", KmsKeyId=key), Key=resource, Alias=ALIAS))
    notes = row_of(judgement, "the stack deleted").notes
    return any("30 d later the recovery point is unreadable" in note for note in notes)


@pytest.mark.parametrize(
    "key",
    [
        ARN,
        {"Ref": "Key"},
        {"Fn::If": ["Encrypted", ARN, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["Encrypted", "arn:other", {"Fn::If": ["Again", "arn:other", {"Ref": "Key"}]}]},
        {"Ref": "Alias"},
        "alias/dw",
        f"{PREFIX}alias/dw",
        {"Fn::Sub": f"{PREFIX}key/${{Key}}"},
        {"Fn::Sub": "${Key.Arn}"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":kms:us-east-1:111122223333:key/", {"Ref": "Key"}]]},
        {"Fn::GetAtt": "Key.Arn"},
        {"Fn::Select": [1, {"Fn::Split": ["/", ARN]}]},
        {"Fn::Join": ["/", [{"Fn::ImportValue": "prefix"}, {"Ref": "Key"}]]},
        {"Fn::If": ["Encrypted", {"Fn::Select": [0, [{"Ref": "Key"}]]}, "arn:other"]},
    ],
    ids=str,
)
def test_a_key_that_the_stack_deletes_is_noted(key: Any) -> None:
    assert noted(key)
    assert not noted(key, "Retain")
    assert not noted(key, "RetainExceptOnCreate")


@pytest.mark.parametrize(
    "key", [None, f"{PREFIX}key/1", "alias/other", {"Ref": "Other"}, {"Fn::If": []}, 5, []], ids=str
)
def test_another_key_is_not(key: Any) -> None:
    assert not noted(key)


def stack_deleted(policy: str | None, within: int, copied: bool = False, **key: Any) -> Protection:
    """The row of a cluster with nightly snapshots for ever whose key the stack deletes."""
    resources = {
        "Warehouse": cluster(policy, KmsKeyId=ARN),
        "Nightly": rule(keep=-1),
        "Key": {"Type": "AWS::KMS::Key", "Properties": key},
        **({"Copy": copy(manual="-1")} if copied else {}),
    }
    (only,) = take_inventory([stack(**resources)])
    return Judge(only, timedelta(hours=1)).stack_deleted(timedelta(days=within))


@pytest.mark.parametrize(
    ("key", "window"),
    [({}, "30 d"), ({"PendingWindowInDays": 7}, "7 d"), ({"PendingWindowInDays": {"Ref": "Days"}}, "7 to 30 days")],
    ids=["default", "given", "unknown"],
)
def test_the_note_says_when_the_key_is_gone(key: dict[str, Any], window: str) -> None:
    notes = stack_deleted("Snapshot", 0, **key).notes

    assert any(f"{window} later the recovery point is unreadable" in note for note in notes)


@pytest.mark.parametrize(
    ("policy", "within", "protected"),
    [
        ("Snapshot", 29, True),
        ("Snapshot", 30, False),
        ("Delete", 29, True),
        ("Delete", 30, False),
        ("Retain", 13, True),  # Redshift deletes a cluster without a key after 14 days; its manual snapshots stay
        ("Retain", 30, False),
    ],
)
def test_nothing_counts_that_only_the_deleted_key_could_read(policy: str, within: int, protected: bool) -> None:
    row = stack_deleted(policy, within)

    assert (row.verdict is Verdict.PROTECTED) is protected


def test_a_cluster_that_stays_without_its_key_is_gone_after_two_weeks() -> None:
    assert stack_deleted("Retain", 13).worst_loss == timedelta(0)
    assert stack_deleted("Retain", 14).worst_loss == timedelta(days=1)


def test_copies_have_another_key() -> None:
    row = stack_deleted("Delete", 60, copied=True)

    assert (row.verdict, row.where) == (Verdict.PROTECTED, "us-west-2")


def test_a_key_of_the_parent_goes_with_the_nested_stack() -> None:
    # GIVEN a nested stack that gets the key of its parent by a parameter
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "x", "Parameters": {"Key": ARN}}}
    parent = stack("Parent", Key={"Type": "AWS::KMS::Key"}, Nested=nested)
    child = SynthesizedTemplate(
        "Child",
        "us-east-1",
        {"Parameters": {"Key": {"Type": "String"}}, "Resources": {"W": cluster("Snapshot", KmsKeyId={"Ref": "Key"})}},
        used_by=(parent.key, "Nested"),
    )

    # THEN
    assert "30 d later" in str(row_of(table(parent, child), "the stack deleted").notes)


@pytest.mark.parametrize(
    ("kind", "grant", "key", "risk"),
    [
        ("AWS::Redshift::SnapshotCopyGrant", "Delete", "Delete", "deletes the key of these copies"),
        ("AWS::Redshift::SnapshotCopyGrant", "Delete", "Retain", "deletes the grant of these copies"),
        ("AWS::Redshift::SnapshotCopyGrant", "Retain", "Retain", ""),
        ("Custom::RedshiftSnapshotCopyGrant", "retain", "Retain", ""),
        ("Custom::RedshiftSnapshotCopyGrant", "destroy", "Retain", "deletes the grant of these copies"),
        ("Custom::RedshiftSnapshotCopyGrant", "retain", "Delete", "deletes the key of these copies"),
    ],
    ids=["native key", "native grant", "native kept", "ours kept", "our grant", "our grant's key"],
)
def test_a_recovery_stack_that_deletes_what_copies_need_is_named(kind: str, grant: str, key: str, risk: str) -> None:
    # GIVEN a copy under a grant of the recovery stack, whose key is a replica
    properties = {"SnapshotCopyGrantName": "dr", "KmsKeyId": {"Ref": "Key"}, "RemovalPolicy": grant}
    recovery = stack(
        "Recovery",
        "us-west-2",
        Grant={"Type": kind, "DeletionPolicy": grant.capitalize(), "Properties": properties},
        Key={"Type": "AWS::KMS::ReplicaKey", "DeletionPolicy": key, "Properties": {"PendingWindowInDays": 7}},
    )
    ours = copy()
    ours["Properties"]["SnapshotCopyGrantName"] = "dr"

    # WHEN
    judgement = table(stack(Warehouse=cluster(), Copy=ours), recovery)

    # THEN each row that depends on the copies says so, and the others do not
    assert any("stack Recovery" in note and risk in note for note in row_of(judgement, "the Region").notes) is bool(
        risk
    )
    assert not any("stack Recovery" in note for note in row_of(judgement, "a Zone").notes)


def test_an_unknown_deletion_policy_is_unknown() -> None:
    judgement = table(stack(Warehouse=cluster("Keep")))

    assert row_of(judgement, "the stack deleted").verdict is Verdict.UNKNOWN
    assert row_of(judgement, "the stack deleted").notes == ("CloudFormation has no DeletionPolicy 'Keep'",)
