"""Whether a policy already lets a service do something."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_sns as sns

from resilient_redshift.stack.resource_policies import add_unless_allowed
from tests.scenes.clusters import new_stack

SERVICE = "cloudwatch.amazonaws.com"
ACCOUNT = {"StringEquals": {"aws:SourceAccount": "111111111111"}}
OPEN = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sns:Publish", "Resource": "*"}
ALLOW = {**OPEN, "Condition": ACCOUNT}


def statements_after(present: Any, wanted: Any = ALLOW) -> list[dict[str, Any]]:
    stack = new_stack()
    document = {"Version": "2012-10-17", "Statement": present}
    policy = sns.CfnTopicPolicy(stack, "Policy", topics=[], policy_document=document)
    add_unless_allowed(policy, "policy_document", wanted)
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


@pytest.mark.parametrize("condition", [{}, ACCOUNT], ids=["none", "the account's"])
def test_everybody_of_the_account_is_no_service_that_sends_no_account(condition: Any) -> None:
    # GIVEN a statement for everybody WHEN a service that supports no condition is to be let in THEN a condition keeps it out
    present = {**OPEN, "Principal": {"AWS": "*"}, "Condition": condition}
    assert statements_after(present, OPEN) == ([present, OPEN] if condition else [present])


@pytest.mark.parametrize(
    "principal", ["111111111111", "arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
)
def test_the_account_of_a_key_is_let_in_once(principal: str) -> None:
    # GIVEN a policy that lets an account's own policies decide WHEN its roles are to be let in THEN nothing is added
    wanted = {**OPEN, "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}
    present = {**wanted, "Principal": {"AWS": principal}, "Action": "*"}
    assert statements_after(present, wanted) == ([present, wanted] if "2222" in principal else [present])
