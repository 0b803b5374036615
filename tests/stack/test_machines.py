"""The base of the state machines: what every one has, and how rules start it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from resilient_redshift import definitions
from resilient_redshift.stack.machines import LOG_DELIVERY_ACTIONS, TRACE_ACTIONS, Machine, telling_statements
from tests.scenes.clusters import new_stack, resources_of


class Runner(Machine):
    """A machine that may do nothing but tell."""

    def __init__(self, scope: Any) -> None:
        super().__init__(scope, "Runner")
        self._build(
            definitions.MANUAL_SNAPSHOT,
            statements=telling_statements(),
            findings={},
            description="a run failed",
            label="failed runs",
        )


@pytest.fixture
def runner() -> Runner:
    return Runner(new_stack())


def test_only_the_scheduled_time_comes_from_the_event(runner: Runner) -> None:
    # GIVEN one input WHEN a rule passes it with and without the time THEN EventBridge puts the quotes around the time
    plain = runner.target("Run", {"plan": "sales"}, patience=60)
    timed = runner.target("Run", {"plan": "sales"}, patience=60, scheduled=True)
    assert (plain["input"], "inputTransformer" in plain) == ('{"plan":"sales"}', False)
    assert "input" not in timed
    assert timed["inputTransformer"]["inputTemplate"] == '{"plan":"sales","scheduled_time":<time>}'


def test_an_event_that_cannot_be_delivered_is_kept(runner: Runner) -> None:
    target = runner.target("Run", {"plan": "sales"}, patience=60)
    assert target["deadLetterConfig"]["arn"]
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 185}


def test_the_hourly_minute_follows_from_the_plan_alone(runner: Runner) -> None:
    # GIVEN two plans, and one of them twice
    def expression(name: str, plan: str) -> str:
        given = {"plan": plan}
        rule = runner.hourly(runner, name, plan=plan, description="every hour", target_id="Run", given=given)
        return str(rule.schedule_expression)

    one, again, other = expression("One", "sales"), expression("Again", "sales"), expression("Other", "finance")
    # THEN
    assert re.fullmatch(r"cron\([1-5]?[0-9] \* \* \* \? \*\)", one)
    assert one == again
    assert one != other


def test_the_machine_is_made_after_the_policy_that_it_logs_with(runner: Runner) -> None:
    stack = runner.state_machine.stack
    [machine] = resources_of(stack, "AWS::StepFunctions::StateMachine")
    assert stack.get_logical_id(runner.policy) in machine["DependsOn"]
    assert machine["Properties"]["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["Properties"]["TracingConfiguration"] == {"Enabled": True}


def test_metrics_go_to_the_librarys_namespace_alone() -> None:
    metrics, logs = telling_statements()
    assert metrics["Action"] == "cloudwatch:PutMetricData"
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}
    assert logs["Action"] == [*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS]
