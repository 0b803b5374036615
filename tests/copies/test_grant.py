"""The snapshot copy grant."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from resilient_redshift import ResilientRedshiftError, SnapshotCopyGrant
from tests.scenes.clusters import new_app, new_stack
from tests.scenes.recovery import AWAY, HOME, only, template_of

COPY = "Custom::RedshiftSnapshotCopy"
GRANT = "Custom::RedshiftSnapshotCopyGrant"


def test_grant() -> None:
    # GIVEN a key of the recovery Region WHEN a grant is made THEN it is retained, by both keys, after its policy
    stack = new_stack(AWAY)
    key = kms.Key(stack, "Key")
    grant = SnapshotCopyGrant(stack, "Grant", snapshot_copy_grant_name="recovery", encryption_key=key)
    resource = only(template_of(stack), GRANT)
    properties = {name: value for name, value in resource["Properties"].items() if not name.startswith("Service")}
    assert properties == {
        "SnapshotCopyGrantName": "recovery",
        "KmsKeyId": {"Fn::GetAtt": ["Key961B73FD", "Arn"]},
        "RemovalPolicy": "retain",
    }
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert any("ProviderGrant" in name for name in resource["DependsOn"])
    assert grant.snapshot_copy_grant_name == "recovery"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"snapshot_copy_grant_name": "-x"}, "'snapshot_copy_grant_name' must be 1 to 63"),
        ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT}, "'removal_policy' must be RemovalPolicy.RETAIN"),
    ],
)
def test_grant_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an argument that cannot work WHEN a grant is made THEN the error names it
    stack = new_stack(AWAY)
    settings: dict[str, Any] = {
        "snapshot_copy_grant_name": "recovery",
        "encryption_key": kms.Key(stack, "Key"),
        **arguments,
    }
    with pytest.raises(ResilientRedshiftError) as caught:
        SnapshotCopyGrant(stack, "Grant", **settings)
    assert text in str(caught.value)


def test_grant_refuses_a_key_of_another_region() -> None:
    # GIVEN a key of the cluster's Region WHEN a grant is made with it THEN it is refused
    stack = new_stack(AWAY)
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be in the Region of the stack, us-west-2"):
        SnapshotCopyGrant(stack, "Grant", snapshot_copy_grant_name="recovery", encryption_key=key)


def test_grant_refuses_an_alias() -> None:
    # GIVEN an alias, which may name another key tomorrow WHEN a grant is made with it THEN it is refused
    stack = new_stack(AWAY)
    alias = kms.Key(stack, "Key").add_alias("alias/copies")
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be the key itself"):
        SnapshotCopyGrant(stack, "Grant", snapshot_copy_grant_name="recovery", encryption_key=alias)


def test_two_grants_of_one_name() -> None:
    # GIVEN a grant WHEN another construct makes one of the same name in that Region THEN it is refused, elsewhere not
    app = new_app()
    for name, env in (("A", AWAY), ("B", HOME)):
        stack = cdk.Stack(app, name, env=env)
        SnapshotCopyGrant(stack, "Grant", snapshot_copy_grant_name="recovery", encryption_key=kms.Key(stack, "Key"))
    other = cdk.Stack(app, "C", env=AWAY)
    with pytest.raises(ResilientRedshiftError, match="already makes this grant"):
        SnapshotCopyGrant(other, "Grant", snapshot_copy_grant_name="recovery", encryption_key=kms.Key(other, "Key"))
