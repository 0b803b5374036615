"""Executions of the emulated Step Functions from outside: names, histories, and being stopped anywhere."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

from tests.emulator.aws_scene import HERE, allow, call, caller, machine, role, run, start, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

WAIT = {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture(scope="module")
def role_arn(aws: EmulatedAws) -> str:
    aws.model("given_cluster", HERE, "executed", automated_retention=0)
    arn = role(aws, "executions", allow("*"))
    caller(aws, "executed", arn)
    return arn


@pytest.fixture
def held(aws: EmulatedAws) -> Iterator[EmulatedAws]:
    aws.hold_time(True)
    yield aws
    aws.hold_time(False)
    aws.settle()


def describe(aws: EmulatedAws, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("stepfunctions", HERE).describe_execution(executionArn=arn)
    return found


def entered(aws: EmulatedAws, arn: str) -> list[str]:
    events = aws.client("stepfunctions", HERE).get_execution_history(executionArn=arn)["events"]
    return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]


def test_the_same_start_again_is_the_same_execution_and_another_one_is_refused(
    held: EmulatedAws, role_arn: str
) -> None:
    # GIVEN an execution under way
    arn, machines = machine(held, "named", role_arn, WAIT), held.client("stepfunctions", HERE)
    one = machines.start_execution(stateMachineArn=arn, name="n1", input='{"a": 1}')
    # WHEN it is started again with the same input THEN nothing else starts
    again = machines.start_execution(stateMachineArn=arn, name="n1", input='{"a": 1}')
    assert (again["executionArn"], again["startDate"]) == (one["executionArn"], one["startDate"])
    # WHEN with another input, or after its end THEN the name is taken
    with pytest.raises(machines.exceptions.ExecutionAlreadyExists):
        machines.start_execution(stateMachineArn=arn, name="n1", input='{"a": 2}')
    held.advance(dt.timedelta(hours=2))
    with pytest.raises(machines.exceptions.ExecutionAlreadyExists):
        machines.start_execution(stateMachineArn=arn, name="n1", input='{"a": 1}')
    assert len(machines.list_executions(stateMachineArn=arn)["executions"]) == 1


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81, "a:b"])
def test_a_bad_name_is_refused(aws: EmulatedAws, role_arn: str, name: str) -> None:
    machines = aws.client("stepfunctions", HERE)
    arn = f"arn:aws:states:{HERE}:{aws.account}:stateMachine:none"
    with pytest.raises((machines.exceptions.InvalidName, botocore.exceptions.ParamValidationError)):
        machines.start_execution(stateMachineArn=arn, name=name)


def test_whoever_starts_from_outside_may_hold_the_time(held: EmulatedAws, role_arn: str) -> None:
    # GIVEN two executions, started by boto3
    before, arn = held.now(), machine(held, "held", role_arn, WAIT)
    found = [start(held, arn, {"n": n}) for n in (1, 2)]
    # WHEN nobody lets time pass THEN both run, and their inputs can be read
    machines = held.client("stepfunctions", HERE)
    running = machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    assert {execution["executionArn"] for execution in running} == set(found)
    assert [json.loads(describe(held, one)["input"]) for one in found] == [{"n": 1}, {"n": 2}]
    assert held.now() - before < dt.timedelta(seconds=1)
    # WHEN time passes THEN they end
    held.advance(dt.timedelta(hours=1))
    assert [describe(held, one)["status"] for one in found] == ["SUCCEEDED"] * 2


def test_what_a_rule_started_is_listed_and_its_input_read(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a rule that starts a machine with a constant input
    arn, events = machine(aws, "ruled", role_arn, WAIT), aws.client("events", HERE)
    events.put_rule(Name="ruled", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="ruled", Targets=[{"Id": "1", "Arn": arn, "RoleArn": role_arn, "Input": '{"plan": "p"}'}])
    # WHEN it has fired THEN the execution is found running
    aws.advance(dt.timedelta(days=1, minutes=5))
    listed = aws.client("stepfunctions", HERE).list_executions(stateMachineArn=arn, statusFilter="RUNNING")
    assert json.loads(describe(aws, listed["executions"][0]["executionArn"])["input"]) == {"plan": "p"}
    events.disable_rule(Name="ruled")
    aws.settle()


def steps() -> dict[str, Any]:
    return {
        "First": {"Type": "Pass", "Next": "Call"},
        "Call": task("executed", call("redshift", "describe_clusters"), Next="Rest"),
        "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Last"},
        "Last": {"Type": "Succeed"},
    }


@pytest.mark.parametrize("state", list(steps()))
def test_an_execution_is_stopped_at_any_state(aws: EmulatedAws, role_arn: str, state: str) -> None:
    # GIVEN somebody who waits for it there
    arn = machine(aws, f"stop-{state}", role_arn, steps())
    aws.stop_execution_at(state, machine=f"stop-{state}")
    # WHEN it runs
    found = run(aws, arn)
    # THEN it has gone no further, and its history ends there
    assert found["status"] == "ABORTED"
    assert entered(aws, found["executionArn"])[-1] == state
    history = aws.client("stepfunctions", HERE).get_execution_history(
        executionArn=found["executionArn"], reverseOrder=True, maxResults=1
    )
    assert history["events"][0]["type"] == "ExecutionAborted"
    # AND the next one is not troubled
    assert (run(aws, arn)["status"], aws.stops_left()) == ("SUCCEEDED", 0)


def test_it_is_stopped_before_or_after_its_call(aws: EmulatedAws, role_arn: str) -> None:
    arn = machine(aws, "around", role_arn, steps())
    for after, expected in ((False, 0), (True, 1)):
        since = aws.mark()
        aws.stop_execution_at("Call", machine="around", after=after)
        assert run(aws, arn)["status"] == "ABORTED"
        assert [each["via"] for each in aws.calls(since)].count("lambda") == expected


def test_a_stop_may_let_the_state_pass_some_times(aws: EmulatedAws, role_arn: str) -> None:
    arn = machine(aws, "later", role_arn, steps())
    aws.stop_execution_at("Call", machine="later", skip=1)
    assert [run(aws, arn)["status"] for _ in range(3)] == ["SUCCEEDED", "ABORTED", "SUCCEEDED"]


def test_a_stop_from_outside_ends_a_wait_and_a_retry(held: EmulatedAws, role_arn: str) -> None:
    # GIVEN one execution in a wait, one between two tries of a task
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 100, "MaxAttempts": 5}]
    missing = call("redshift", "describe_clusters", ClusterIdentifier="none")
    trying = {"T": task("executed", missing, Retry=retry, End=True)}
    found = [start(held, machine(held, f"cut-{n}", role_arn, s)) for n, s in enumerate((WAIT, trying))]
    held.advance(dt.timedelta(seconds=10))
    # WHEN both are stopped THEN nothing of them is left
    for one in found:
        held.client("stepfunctions", HERE).stop_execution(executionArn=one, cause="test")
    since = held.mark()
    held.advance(dt.timedelta(hours=2))
    assert [describe(held, one)["status"] for one in found] == ["ABORTED"] * 2
    assert held.calls(since) == []


def test_a_failure_has_error_and_cause_and_no_output(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a report of 30,000 characters as the cause
    fail = {"F": {"Type": "Fail", "Error": "NoRecoveryPoint", "CausePath": "$.cause"}}
    arn = machine(aws, "fails", role_arn, fail)
    found = run(aws, arn, {"cause": "x" * 30_000})
    assert (found["status"], found["error"], len(found["cause"])) == ("FAILED", "NoRecoveryPoint", 30_000)
    assert not found.get("output")
    # AND one over the limit of 32,768 is a defect that shows
    assert run(aws, arn, {"cause": "x" * 32_769})["error"] == "States.Runtime"


def test_a_history_is_followed_page_by_page(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN an execution's history in pages of three
    found = run(aws, machine(aws, "followed", role_arn, steps()))
    pages = aws.client("stepfunctions", HERE).get_paginator("get_execution_history")
    events = [
        event
        for page in pages.paginate(executionArn=found["executionArn"], PaginationConfig={"PageSize": 3})
        for event in page["events"]
    ]
    # THEN every event names its former one, and a task is scheduled, started and done
    assert [event["previousEventId"] for event in events] == [event["id"] - 1 for event in events]
    kinds = [event["type"] for event in events]
    assert kinds[kinds.index("TaskScheduled") :][:3] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


def test_a_history_of_25_000_events_ends_the_execution(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a machine that never ends
    loop = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    # WHEN it runs
    found = run(aws, machine(aws, "endless", role_arn, loop))
    # THEN
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "25000" in found["cause"]
