"""The construct of guardrails: its policy, its documents, and which calls of CloudTrail reach the topic."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from ministack.services import eventbridge

import resilient_redshift as rr
from resilient_redshift.contract.guardrails import KEY_ACTIONS, KEY_POLICY_ACTIONS, RECOVERY_POINT_ACTIONS
from tests.scenes.policies import ACCOUNT, decision, role

BREAK_GLASS = "arn:aws:iam::*:role/BreakGlass"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1f0c6a52"
OURS = role("ours/Recovery-Function-1A2B3C")


def new_stack(*, role_path: str | None = "/ours/") -> cdk.Stack:
    stack = cdk.Stack(cdk.App(), "Warehouse", env=cdk.Environment(account=ACCOUNT, region="us-east-1"))
    if role_path is not None:
        rr.StackSettings(role_path=role_path).apply(stack)
    return stack


def resolved(stack: cdk.Stack, value: Any) -> Any:
    """A value as it is deployed to the partition aws."""
    text = json.dumps(stack.resolve(value))
    return json.loads(text, object_hook=lambda each: "".join(each["Fn::Join"][1]) if "Fn::Join" in each else _ref(each))


def _ref(value: dict[str, Any]) -> Any:
    return "aws" if value == {"Ref": "AWS::Partition"} else value


@pytest.fixture(scope="module")
def patterns() -> list[str]:
    """The patterns of the rules of a construct that guards one key."""
    stack = new_stack()
    topic = sns.Topic(stack, "Topic")
    made = rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[BREAK_GLASS], keys=[KEY], notify=topic)
    return [json.dumps(resolved(stack, rule.event_pattern)) for rule in made.rules]


def call(action: str, caller: str | None, **request: Any) -> dict[str, Any]:
    """An event of CloudTrail, as EventBridge gets it. An IAM user has no session."""
    service, _, name = action.partition(":")
    session = {} if caller is None else {"sessionContext": {"sessionIssuer": {"type": "Role", "arn": caller}}}
    return {
        "Source": f"aws.{service}",
        "DetailType": "AWS API Call via CloudTrail",
        "Detail": {
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "userIdentity": {"type": "IAMUser" if caller is None else "AssumedRole", **session},
            "requestParameters": request,
            "resources": [{"ARN": KEY}] if service == "kms" else [],
        },
    }


def reported(patterns: list[str], event: dict[str, Any]) -> int:
    return sum(eventbridge._matches_pattern(pattern, event) for pattern in patterns)


@pytest.mark.parametrize("action", [*RECOVERY_POINT_ACTIONS, *KEY_ACTIONS, *KEY_POLICY_ACTIONS])
def test_each_destroying_call_is_reported_once_whoever_made_it(patterns: list[str], action: str) -> None:
    for caller in (role("Admin"), role("BreakGlass"), role("ours-not/x"), role("x/ours/y"), None):
        assert reported(patterns, call(action, caller)) == 1


@pytest.mark.parametrize("action", RECOVERY_POINT_ACTIONS)
def test_our_own_calls_of_redshift_are_not_reported(patterns: list[str], action: str) -> None:
    assert reported(patterns, call(action, OURS)) == 0


def test_our_own_calls_on_keys_would_be_reported(patterns: list[str]) -> None:
    # GIVEN none of our functions makes such a call WHEN one is made with our role THEN it is not ours
    assert reported(patterns, call("kms:DisableKey", OURS)) == 1


@pytest.mark.parametrize(
    ("request_parameters", "times"),
    [
        ({"automatedSnapshotRetentionPeriod": 1}, 1),
        ({"newClusterIdentifier": "other"}, 1),
        ({"automatedSnapshotRetentionPeriod": 0, "newClusterIdentifier": "other"}, 1),
        ({"nodeType": "ra3.4xlarge"}, 0),
    ],
    ids=["retention", "name", "both", "size"],
)
def test_a_change_of_a_cluster_is_reported_where_it_matters(
    patterns: list[str], request_parameters: dict[str, Any], times: int
) -> None:
    assert reported(patterns, call("redshift:ModifyCluster", role("Admin"), **request_parameters)) == times


@pytest.mark.parametrize("action", ["redshift:DescribeClusters", "redshift:CreateClusterSnapshot", "kms:Decrypt"])
def test_other_calls_are_not_reported(patterns: list[str], action: str) -> None:
    assert reported(patterns, call(action, role("Admin"))) == 0


def test_calls_on_other_keys_are_not_reported(patterns: list[str]) -> None:
    event = call("kms:DisableKey", role("Admin"))
    event["Detail"]["resources"] = [{"ARN": f"{KEY}0"}]
    assert reported(patterns, event) == 0


def test_the_managed_policy_guards_with_the_path_of_the_stacks_settings() -> None:
    # GIVEN a stack whose settings have a path WHEN the guardrails are made THEN the roles of that path are exempt
    stack = new_stack()
    made = rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[BREAK_GLASS])
    policy = resolved(stack, made.policy.policy_document)
    assert decision(policy, OURS, "redshift:DeleteCluster") == "Allow"
    assert decision(policy, role("Admin"), "redshift:DeleteCluster") == "Deny"
    # AND the documents say the same, and nothing is reported to nobody
    assert policy == resolved(stack, made.service_control_policy)
    assert decision(resolved(stack, made.resource_control_policy), OURS, "kms:DisableKey", KEY) == "Deny"
    assert [each["Sid"] for each in made.key_statements] == ["KeepKeys", "KeepKeyPolicies"]
    assert made.rules == []


def test_without_a_path_of_their_own_our_roles_cannot_be_recognised() -> None:
    with pytest.raises(rr.ResilientRedshiftError, match=r"Warehouse/Guardrails .*'role_paths' must be a path such as"):
        rr.RecoveryGuardrails(new_stack(role_path=None), "Guardrails", break_glass_roles=[BREAK_GLASS])


def test_every_problem_is_in_one_error() -> None:
    stack = new_stack()
    topic = sns.Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:us-west-2:{ACCOUNT}:ops")
    with pytest.raises(rr.ResilientRedshiftError) as error:
        rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[], notify=topic)
    assert len(error.value.problems) == 2
    assert stack.node.try_find_child("Guardrails") is None


def test_a_policy_that_iam_would_refuse_is_an_error_at_synth() -> None:
    # GIVEN roles whose ARNs are long WHEN the policy has more than IAM takes THEN the call says so
    roles = [f"{BREAK_GLASS}{'x' * 500}{number}" for number in range(3)]
    with pytest.raises(rr.ResilientRedshiftError, match="managed policy has at most 6144 characters"):
        rr.RecoveryGuardrails(new_stack(), "Guardrails", break_glass_roles=roles)


def test_a_pattern_that_eventbridge_would_refuse_is_an_error_at_synth() -> None:
    # GIVEN more keys than a rule has room for WHEN calls on them are to be reported THEN the call says so
    stack = new_stack()
    keys = [f"{KEY}{number}" for number in range(30)]
    topic = sns.Topic(stack, "Topic")
    with pytest.raises(rr.ResilientRedshiftError, match="pattern of each rule has at most 2048 characters"):
        rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[BREAK_GLASS], keys=keys, notify=topic)
    # AND without a topic there is no rule
    assert rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[BREAK_GLASS], keys=keys).rules == []


def test_wildcards_of_keys_are_those_of_eventbridge() -> None:
    # GIVEN two wildcards of IAM in a row, which EventBridge refuses WHEN a key is disabled THEN it is reported
    stack = new_stack()
    keys = ["arn:aws:kms:*:*:key/1f*?a5?"]
    topic = sns.Topic(stack, "Topic")
    made = rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[BREAK_GLASS], keys=keys, notify=topic)
    found = [json.dumps(resolved(stack, rule.event_pattern)) for rule in made.rules]
    assert reported(found, call("kms:DisableKey", role("Admin"))) == 1
