"""The interpreter is as strict as Step Functions where our definitions could go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.redshift_model import ApiError, Clock
from emulator.redshift_model.client import hooked
from tests.definitions.expressions import QueryEvaluationError, evaluate
from tests.definitions.interpreter import Execution, Machine

CALL = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshift:describeClusters", "Arguments": {}}
RETRY = {"ErrorEquals": ["Redshift.ClusterNotFoundException"], "IntervalSeconds": 2, "MaxAttempts": 2}
NOT_FOUND = ApiError("ClusterNotFound", "Cluster x not found.", 404)


def run(states: dict[str, Any], *answers: Any, given: Any = None, **machine: Any) -> tuple[Execution, Clock, int]:
    clock, queue = Clock(), list(answers)

    def answer(*_: Any) -> dict[str, Any]:
        found = queue.pop(0)
        if isinstance(found, Exception):
            raise found
        return dict(found)

    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": states, **machine}
    clients = {"redshift": hooked("redshift", "us-east-1", answer)}
    execution = Machine(definition, clock, clients).run(given)
    return execution, clock, len(answers) - len(queue)


def test_assign_and_output_see_the_variables_as_they_were() -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"n": 1, "m": 5}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"n": 2, "m": "{% $n %}"}, "Output": "{% $n %}", "Next": "C"},
        "C": {"Type": "Succeed", "Output": "{% [$n, $m, $states.input] %}"},
    }
    assert run(states)[0].output == [2, 1, 1]


@pytest.mark.parametrize("expression", ["{% $nothing %}", "{% $states.input.x %}", "{% $uppercase(5) %}", "{% $sum %}"])
def test_undefined_failing_and_functions_end_the_run(expression: str) -> None:
    execution, _, _ = run({"A": {"Type": "Succeed", "Output": expression}}, given={})
    assert (execution.status, execution.error) == ("FAILED", "States.QueryEvaluationError")


def test_null_is_a_value() -> None:
    assert evaluate("{% null %}", {}) is None
    with pytest.raises(QueryEvaluationError):
        evaluate("{% $x %}", {})


def test_retry_waits_longer_each_time_and_then_catch_sees_the_error() -> None:
    caught = {"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput.Error %}"}, "Next": "B"}
    states = {
        "A": {**CALL, "Retry": [RETRY], "Catch": [caught], "Next": "B"},
        "B": {"Type": "Succeed", "Output": "{% $e %}"},
    }
    execution, clock, calls = run(states, NOT_FOUND, NOT_FOUND, NOT_FOUND)
    assert execution.output == "Redshift.ClusterNotFoundException"
    assert calls == 3
    assert clock.monotonic() == 2 + 4


def test_another_error_is_not_retried_and_without_a_catch_ends_the_run() -> None:
    execution, _, calls = run({"A": {**CALL, "Retry": [RETRY], "End": True}}, ApiError("AccessDenied", "no", 403))
    assert (execution.error, calls) == ("Redshift.RedshiftException", 1)
    assert execution.cause == "no (Service: Redshift, Status Code: 403, Request ID: r)"


def test_a_result_above_256_kib_is_not_caught() -> None:
    caught = {"ErrorEquals": ["States.ALL"], "Next": "B"}
    states = {"A": {**CALL, "Catch": [caught], "Next": "B"}, "B": {"Type": "Succeed"}}
    execution, _, _ = run(states, {"Marker": "x" * 262_144})
    assert execution.error == "States.DataLimitExceeded"


def test_the_backstop_runs_no_catch() -> None:
    states = {"A": {"Type": "Wait", "Seconds": 10, "Next": "B"}, "B": {"Type": "Succeed"}}
    assert run(states, TimeoutSeconds=5)[0].status == "TIMED_OUT"


@pytest.mark.parametrize("state", [{"Type": "Pass", "Parameters": {}, "End": True}, {"Type": "Map", "End": True}])
def test_what_it_does_not_know_it_refuses(state: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        run({"A": state})
