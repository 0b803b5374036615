"""Rules that start machines and functions: what a target passes on, what becomes of its lost events, and when it fires."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.stack.event_rules import hourly_rule, rule_target
from tests.scenes.clusters import new_stack

if TYPE_CHECKING:
    import aws_cdk as cdk

ARN = "arn:aws:lambda:eu-central-1:111122223333:function:ours"


@pytest.fixture
def stack() -> cdk.Stack:
    return new_stack()


def test_only_the_scheduled_time_comes_from_the_event(stack: cdk.Stack) -> None:
    # GIVEN one input WHEN a rule passes it with and without the time THEN EventBridge puts the quotes around the time
    plain = rule_target(stack, "Run", ARN, {"plan": "sales"}, patience=60)
    timed = rule_target(stack, "Run", ARN, {"plan": "sales"}, patience=60, scheduled=True)
    assert (plain["input"], "inputTransformer" in plain) == ('{"plan":"sales"}', False)
    assert "input" not in timed
    assert timed["inputTransformer"]["inputTemplate"] == '{"plan":"sales","scheduled_time":<time>}'


def test_a_target_has_a_role_only_where_one_is_given(stack: cdk.Stack) -> None:
    # GIVEN a machine, which needs a role, and a function WHEN the targets are made THEN only the first one has a role
    assert rule_target(stack, "Run", ARN, {"a": 1}, patience=60, role_arn="the role")["roleArn"] == "the role"
    assert "roleArn" not in rule_target(stack, "Run", ARN, {"a": 1}, patience=60)


def test_an_event_that_cannot_be_delivered_is_kept(stack: cdk.Stack) -> None:
    target = rule_target(stack, "Run", ARN, {"plan": "sales"}, patience=60)
    assert target["deadLetterConfig"]["arn"]
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 185}


def test_the_hourly_minute_follows_from_the_plan_alone(stack: cdk.Stack) -> None:
    # GIVEN two plans, and one of them twice
    target = rule_target(stack, "Run", ARN, {"plan": "sales"}, patience=60)

    def expression(name: str, plan: str) -> str:
        rule = hourly_rule(stack, name, plan=plan, description="every hour", target=target)
        return str(rule.schedule_expression)

    one, again, other = expression("One", "sales"), expression("Again", "sales"), expression("Other", "finance")
    # THEN
    assert re.fullmatch(r"cron\([1-5]?[0-9] \* \* \* \? \*\)", one)
    assert one == again
    assert one != other
