"""What a removal policy in a finished template keeps, compared with what the construct declares."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift.stack.removal import Declared, weakened


@pytest.mark.parametrize(
    ("declared", "actual", "expected"),
    [
        ("Snapshot", "Snapshot", False),
        ("Snapshot", "Delete", True),
        ("Snapshot", None, True),
        ("Snapshot", "Retain", False),
        ("Retain", "Snapshot", True),
        ("Retain", "RetainExceptOnCreate", False),
        ("RetainExceptOnCreate", "Delete", True),
        ("Retain", {"Ref": "Policy"}, True),
        ("Retain", "retain", True),
        ("Delete", "Delete", False),
        ("Delete", None, False),
        (None, None, False),
        (None, "Delete", True),
        (None, "Retain", False),
    ],
)
def test_a_policy_may_keep_more_than_the_construct_declares_and_never_less(
    declared: str | None, actual: Any, expected: bool
) -> None:
    assert weakened(declared, actual) is expected


@pytest.mark.parametrize("policy", list(cdk.RemovalPolicy))
def test_the_attributes_of_each_policy_are_those_that_cdk_writes(policy: cdk.RemovalPolicy) -> None:
    # GIVEN a resource to which CDK applies the policy
    stack = cdk.Stack()
    resource = cdk.CfnResource(stack, "Resource", type="AWS::Redshift::Cluster")
    resource.apply_removal_policy(policy)
    # WHEN the construct declares the same policy
    declared = Declared.of(policy, to_remove="")
    # THEN both have the same attributes
    written = resource.cfn_options
    policies = [written.deletion_policy, written.update_replace_policy]
    assert [declared.deletion, declared.replacement] == [
        {"RETAIN_EXCEPT_ON_CREATE": "RetainExceptOnCreate"}.get(each.name, each.name.capitalize())
        for each in policies
        if each
    ]
