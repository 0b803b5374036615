"""The base of the state machines: what every one has, and how rules start it."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift import definitions
from resilient_redshift.stack.functions import CALL_ACTIONS
from resilient_redshift.stack.machines import LOG_DELIVERY_ACTIONS, MACHINE_TRACE_ACTIONS, Machine, writing_statement
from tests.scenes.clusters import new_stack, resources_of

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:phases"


class Runner(Machine):
    """A machine that may do nothing but call its function, and write its log and its traces."""

    def __init__(self, scope: Any) -> None:
        super().__init__(scope, "Runner")
        self._build(
            definitions.RESTORE,
            statements=[writing_statement()],
            findings={},
            description="a run failed",
            label="failed runs",
            function_arn=FUNCTION,
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


def test_a_machine_calls_its_function_and_writes_its_log_and_traces(runner: Runner) -> None:
    # GIVEN a machine WHEN its policy is read THEN the policy allows the function, the log and the traces
    stack = runner.state_machine.stack
    [machine] = resources_of(stack, "AWS::StepFunctions::StateMachine")
    assert machine["Properties"]["DefinitionSubstitutions"]["Function"] == FUNCTION
    calls, writes = stack.resolve(runner.policy.policy_document)["Statement"]
    assert (calls["Action"], calls["Resource"]) == (CALL_ACTIONS[0], FUNCTION)
    assert writes == writing_statement()
    assert writes["Action"] == [*LOG_DELIVERY_ACTIONS, *MACHINE_TRACE_ACTIONS]
