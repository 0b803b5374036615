"""Policy statements, documents and roles as CDK writes them."""

from __future__ import annotations

import json

import pytest

from resilient_redshift.stack.iam import (
    allow,
    allow_each,
    allow_principal,
    document,
    inline_policy,
    metric_statement,
    service_role,
)
from tests.scenes.clusters import new_stack, resources_of


def test_one_action_and_one_resource_are_no_lists() -> None:
    assert allow(["a:B"], "r") == {"Action": "a:B", "Effect": "Allow", "Resource": "r"}
    assert allow(["a:B", "a:C"], "r", "s") == {"Action": ["a:B", "a:C"], "Effect": "Allow", "Resource": ["r", "s"]}


def test_a_list_that_grows_is_a_list_from_the_first() -> None:
    assert allow_each(["a:B"], ["r"]) == {"Action": "a:B", "Effect": "Allow", "Resource": ["r"]}


def test_metrics_go_to_the_librarys_namespace_alone() -> None:
    # GIVEN PutMetricData, which supports no resource type WHEN it is allowed THEN a condition names our namespace
    statement = metric_statement()
    assert (statement["Action"], statement["Resource"]) == ("cloudwatch:PutMetricData", "*")
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}


def test_the_keys_are_in_cdks_order() -> None:
    # cdk-nag's rules on full access read a statement as text
    assert json.dumps(allow(["*"], "*")) == '{"Action": "*", "Effect": "Allow", "Resource": "*"}'


def test_a_principal_is_allowed() -> None:
    policy = document([allow_principal({"Service": "events.amazonaws.com"}, ["sqs:SendMessage"], "queue")])
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": "queue",
            }
        ],
    }


@pytest.mark.parametrize(
    ("account", "condition"), [(None, None), ("123456789012", {"StringEquals": {"aws:SourceAccount": "123456789012"}})]
)
def test_a_role_is_assumed_by_its_service_for_one_account(account: str | None, condition: object) -> None:
    stack = new_stack()
    role = service_role(stack, "Role", "states.amazonaws.com", path="/data/", source_account=account)
    [trust] = stack.resolve(role.assume_role_policy_document)["Statement"]
    assert (trust["Principal"], trust.get("Condition")) == ({"Service": "states.amazonaws.com"}, condition)
    assert role.path == "/data/"


def test_an_inline_policy_has_the_name_of_its_construct() -> None:
    stack = new_stack()
    policy = inline_policy(stack, "Reads", [allow(["a:B"], "r")], "role")
    assert (policy.policy_name, policy.roles) == ("Reads", ["role"])
    assert stack.resolve(policy.policy_document)["Statement"] == [allow(["a:B"], "r")]


@pytest.mark.parametrize(("given", "expected"), [((), None), (("arn:a",), ["arn:a"])])
def test_a_role_has_the_managed_policies_that_are_given(given: tuple[str, ...], expected: object) -> None:
    stack = new_stack()
    service_role(stack, "Role", "lambda.amazonaws.com", path=None, managed_policies=given)
    [role] = resources_of(stack, "AWS::IAM::Role")
    assert role["Properties"].get("ManagedPolicyArns") == expected
