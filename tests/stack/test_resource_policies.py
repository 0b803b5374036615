"""Whether a policy already lets a service do something."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_sns as sns

from resilient_redshift.stack.resource_policies import add_unless_allowed
from tests.scenes.clusters import new_stack

SERVICE = "cloudwatch.amazonaws.com"
ALLOW = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sns:Publish", "Resource": "*"}


def statements_after(present: Any) -> list[dict[str, Any]]:
    stack = new_stack()
    document = {"Version": "2012-10-17", "Statement": present}
    policy = sns.CfnTopicPolicy(stack, "Policy", topics=[], policy_document=document)
    add_unless_allowed(policy, "policy_document", SERVICE, ("sns:Publish",), ALLOW)
    statements = stack.resolve(policy.policy_document)["Statement"]
    return statements if isinstance(statements, list) else [statements]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": ["sns:Subscribe", "SNS:*"]},
        {"Principal": {"Service": ["x.amazonaws.com", SERVICE]}, "Condition": {"ArnLike": {"aws:SourceArn": "arn:x"}}},
        {"Principal": "*", "Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}}},
        {"Principal": {"AWS": "*"}},
    ],
)
def test_a_statement_that_allows_it_is_enough(changes: dict[str, Any]) -> None:
    present = {**ALLOW, **changes}
    assert statements_after(present) == [present]


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "sns:Subscribe"},
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:x"}}},
        {
            "Principal": "*",
            "Condition": {"StringEquals": {"aws:SourceOwner": "1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
        },
    ],
)
def test_any_other_statement_is_not_enough(changes: dict[str, Any]) -> None:
    present = {**ALLOW, **changes}
    assert statements_after(present) == [present, ALLOW]
