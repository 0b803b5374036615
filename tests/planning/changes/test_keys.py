"""The encryption of a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate
from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import aspects, change_of, compared, findings, protected, sales
from tests.planning.templates import stack

KEY = "key of the cluster"


def encrypted(logical_id: str, policy: str = "Retain") -> SynthesizedTemplate:
    key = {"Type": "AWS::KMS::Key", "DeletionPolicy": policy, "Properties": {}}
    return stack(Main=sales(KmsKeyId={"Fn::GetAtt": [logical_id, "Arn"]}), **{logical_id: key})


def test_another_key_is_a_warning() -> None:
    change = change_of(encrypted("Old"), encrypted("New"))

    aspect = aspects(change)[KEY]
    assert (aspect.before, aspect.after, aspect.direction) == ("${Old.Arn}", "${New.Arn}", Direction.CHANGED)
    assert "existing snapshots need the former key" in aspect.note
    assert [(each.rule, each.level) for each in change.findings] == [(CheckRule.KEY_CHANGED, Level.WARNING)]


def test_another_key_while_the_former_one_is_deleted_is_an_error() -> None:
    change = change_of(encrypted("Old", "Delete"), encrypted("New"))

    assert "deletes the former key" in aspects(change)[KEY].note
    assert [each.level for each in findings(change, CheckRule.KEY_CHANGED)] == [Level.ERROR]


def aliased(key: str, policy: str | None = None) -> SynthesizedTemplate:
    """A cluster that names its key by an alias."""
    attributes = {"Type": "AWS::KMS::Key", "Properties": {}} | ({} if policy is None else {"DeletionPolicy": policy})
    alias = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/dw", "TargetKeyId": {"Ref": key}}}
    return stack(Main=sales(KmsKeyId="alias/dw"), Alias=alias, **{key: attributes})


@pytest.mark.parametrize(("policy", "worse"), [(None, True), ("Keep", True), ("Retain", False)])
def test_a_deleted_key_behind_an_alias_that_stays_is_an_error(policy: str | None, worse: bool) -> None:
    # WHEN the alias gets another key, and the former one is deleted: the cluster keeps the key that it has
    change = change_of(aliased("Old", policy), aliased("New", policy))

    # THEN
    assert (KEY in aspects(change)) == worse
    if worse:
        assert "deletes the former key" in aspects(change)[KEY].note
        assert Level.ERROR in [each.level for each in findings(change, CheckRule.KEY_CHANGED)]


def test_a_key_in_a_stack_that_is_not_in_the_head_is_not_deleted() -> None:
    # GIVEN that the stack with the former key is not in the head: nobody has deleted it
    former = stack("Keys", Old={"Type": "AWS::KMS::Key", "Properties": {}}, Main=sales(KmsKeyId={"Ref": "Old"}))

    change = change_of(former, stack("Other", Main=sales(KmsKeyId="arn:aws:kms:us-east-1:1:key/2")))

    assert aspects(change)[KEY].direction is Direction.CHANGED


def test_a_key_in_a_stack_of_the_same_name_in_another_region_is_another_key() -> None:
    # GIVEN equal stacks in two Regions WHEN the key of one of them is deleted
    def regional(region: str, key: str) -> SynthesizedTemplate:
        parts = {key: {"Type": "AWS::KMS::Key", "Properties": {}}, "Main": sales(KmsKeyId={"Ref": key})}
        return stack("Warehouse", region, **parts)

    other = regional("eu-west-1", "Old")
    worse, same = compared([regional("us-east-1", "Old"), other], [regional("us-east-1", "New"), other]).clusters

    assert "deletes the former key" in aspects(worse)[KEY].note
    assert same.direction is Direction.SAME


def test_redshift_refuses_another_key_while_snapshots_are_copied() -> None:
    changed: dict[str, Any] = {"AutomatedSnapshotRetentionPeriod": 14, "KmsKeyId": "alias/new"}

    change = aspects(change_of(protected(), protected(Warehouse=sales(**changed))))[KEY]

    assert change.note.startswith("Redshift refuses to change the encryption while snapshots are copied")


def test_encryption_that_is_switched_off_is_a_change_of_keys() -> None:
    change = change_of(stack(Main=sales(Encrypted=True)), stack(Main=sales(Encrypted=False)))

    aspect = aspects(change)["encryption of the cluster"]
    assert (aspect.before, aspect.after) == ("true", "false")
    assert [each.rule for each in change.findings] == [CheckRule.KEY_CHANGED]


def test_a_key_that_its_stack_deletes_from_now_on_is_an_error() -> None:
    change = change_of(encrypted("Key"), encrypted("Key", "Delete"))

    aspect = aspects(change)["snapshots readable after the stack is deleted"]
    assert (aspect.before, aspect.after, aspect.direction) == ("yes", "no", Direction.WORSE)
    assert [(each.level, each.subject) for each in findings(change, CheckRule.KEY_CHANGED)] == [
        (Level.ERROR, aspect.what)
    ]


def test_a_key_that_its_stack_keeps_from_now_on_is_better() -> None:
    change = change_of(encrypted("Key", "Delete"), encrypted("Key"))

    assert aspects(change)["snapshots readable after the stack is deleted"].direction is Direction.BETTER
    assert change.findings == ()


@pytest.mark.parametrize("wrapped", [False, True], ids=["reference", "inside a condition"])
def test_another_stack_before_the_one_with_the_key_changes_nothing(wrapped: bool) -> None:
    # GIVEN a key of another stack, whose place among the stacks changes
    exported = {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": "key"}}
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key"}}, "Outputs": {"Key": exported}}
    keys = SynthesizedTemplate("Keys", "us-east-1", template)
    imported: Any = {"Fn::ImportValue": "key"}
    value = {"Fn::If": ["Encrypted", imported, {"Ref": "AWS::NoValue"}]} if wrapped else imported
    warehouse = stack(Main=sales(KmsKeyId=value))

    change = change_of([keys, warehouse], [stack("First"), keys, warehouse])

    assert change.aspects == ()
