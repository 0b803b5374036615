"""A key that is deleted with the cluster's stack is found, however the cluster names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.planning.templates import cluster, row, stack, table

ARN = {"Fn::GetAtt": ["Key", "Arn"]}
ALIAS = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/dw", "TargetKeyId": ARN}}
PREFIX = "arn:aws:kms:us-east-1:111122223333:"


def noted(key: Any, policy: str | None = None) -> bool:
    resource = {"Type": "AWS::KMS::Key", **({} if policy is None else {"DeletionPolicy": policy})}
    judgement = table(stack(Warehouse=cluster("Snapshot", KmsKeyId=key), Key=resource, Alias=ALIAS))
    notes = row(judgement, "the stack deleted").notes
    return any("7 to 30 days later the recovery point is unreadable" in note for note in notes)


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
    ],
    ids=str,
)
def test_a_key_that_the_stack_deletes_is_noted(key: Any) -> None:
    assert noted(key)
    assert not noted(key, "Retain")


@pytest.mark.parametrize(
    "key", [None, f"{PREFIX}key/1", "alias/other", {"Ref": "Other"}, {"Fn::If": []}, 5, []], ids=str
)
def test_another_key_is_not(key: Any) -> None:
    assert not noted(key)
