"""The base of the state machines: what every one has, and how rules start it."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift import definitions
from resilient_redshift.stack.iam import metric_statement
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


def test_a_rule_starts_the_machine_with_a_role(runner: Runner) -> None:
    target = runner.target("Run", {"plan": "sales"}, patience=60)
    assert (target["arn"], target["roleArn"]) == (runner.state_machine_arn, runner.events_role_arn)
    assert (target["input"], target["retryPolicy"]["maximumEventAgeInSeconds"]) == ('{"plan":"sales"}', 60)


def test_the_machine_is_made_after_the_policy_that_it_logs_with(runner: Runner) -> None:
    stack = runner.state_machine.stack
    [machine] = resources_of(stack, "AWS::StepFunctions::StateMachine")
    assert stack.get_logical_id(runner.policy) in machine["DependsOn"]
    assert machine["Properties"]["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["Properties"]["TracingConfiguration"] == {"Enabled": True}


def test_a_machine_tells_by_metrics_its_log_and_traces() -> None:
    # GIVEN the statements of every machine WHEN read THEN they allow metrics, the log and traces
    metrics, logs = telling_statements()
    assert metrics == metric_statement()
    assert logs["Action"] == [*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS]
