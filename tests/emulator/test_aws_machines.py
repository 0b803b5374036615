"""Step Functions of the emulated AWS: virtual waits, retries, limits, and the calls' principals."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.emulator.aws_scene import HERE, allow, call, caller, function, machine, role, run, start, task

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

DONE = {"Type": "Succeed"}


@pytest.fixture(scope="module")
def role_arn(aws: EmulatedAws) -> str:
    # no automated snapshots: one that runs refuses others, whenever a test before let a day pass
    aws.model("given_cluster", HERE, "sales", automated_retention=0)
    arn = role(aws, "machines", allow("*"))
    caller(aws, "machines", arn)
    return arn


def test_a_wait_takes_virtual_time_alone(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a machine that waits a day
    arn = machine(aws, "wait", role_arn, {"W": {"Type": "Wait", "Seconds": 86_400, "End": True}})
    # WHEN it runs
    found = run(aws, arn)
    # THEN a day has passed for it
    assert found["status"] == "SUCCEEDED"
    assert found["stopDate"] - found["startDate"] == dt.timedelta(days=1)


def test_a_wait_until_a_timestamp_ends_then(aws: EmulatedAws, role_arn: str) -> None:
    then = (aws.now() + dt.timedelta(hours=5)).replace(microsecond=0)
    states = {"W": {"Type": "Wait", "Timestamp": then.strftime("%Y-%m-%dT%H:%M:%SZ"), "End": True}}
    assert run(aws, machine(aws, "until", role_arn, states))["stopDate"] == then


def test_retries_wait_as_documented_beyond_ministacks_minute(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN two failing calls and a retry of 100 s, doubling, 150 at most
    aws.faults("fail_next", "DescribeClusters", "ValidationError", times=2)
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 100,
        "MaxAttempts": 3,
        "BackoffRate": 2,
        "MaxDelaySeconds": 150,
    }
    states = {"T": task("machines", call("redshift", "describe_clusters"), Retry=[retry], End=True)}
    # WHEN it runs
    found = run(aws, machine(aws, "retry", role_arn, states))
    # THEN it waited 100 and 150 seconds
    assert found["status"] == "SUCCEEDED"
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=250)


def test_a_machines_timeout_runs_no_catch(aws: EmulatedAws, role_arn: str) -> None:
    arn = machine(aws, "late", role_arn, {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}, TimeoutSeconds=60)
    found = run(aws, arn)
    assert found["status"] == "TIMED_OUT"
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=60)


def test_a_stopped_execution_waits_no_longer(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN an execution under way, for which nobody outside waits
    waiting = machine(aws, "stopped", role_arn, {"W": {"Type": "Wait", "Seconds": 10**6, "End": True}})
    aws.hold_time()
    execution, machines = start(aws, waiting), aws.client("stepfunctions", HERE)
    aws.hold_time(False)
    aws.advance(dt.timedelta(0))
    assert aws.state()["waiting"]
    # WHEN it is stopped THEN it is, and nothing waits any more
    machines.stop_execution(executionArn=execution)
    aws.advance(dt.timedelta(0))
    assert machines.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert aws.state()["waiting"] == []


def test_parallel_branches_wait_side_by_side(aws: EmulatedAws, role_arn: str) -> None:
    branches = [
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}} for seconds in (300, 500)
    ]
    found = run(aws, machine(aws, "branches", role_arn, {"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=500)


def test_map_items_wait_so_many_at_a_time(aws: EmulatedAws, role_arn: str) -> None:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": True}}}
    states = {
        "M": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": processor, "End": True},
    }
    found = run(aws, machine(aws, "map", role_arn, states), {"items": [1, 2, 3]})
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=200)


def test_calls_are_recorded_with_their_principals(aws: EmulatedAws) -> None:
    # GIVEN a machine that calls a function of another role, which calls a service
    own, functions = role(aws, "invokes", allow("lambda:*")), role(aws, "recorded", allow("*"))
    calls, metric = caller(aws, "recorded", functions), {"MetricName": "m", "Value": 1}
    asked = call("cloudwatch", "put_metric_data", Namespace="N", MetricData=[metric])
    since = aws.mark()
    # WHEN it runs THEN both calls are recorded, each under the role of whoever makes it
    run(aws, machine(aws, "recorded", own, {"T": task(calls, asked, End=True)}))
    found = [(c["principal"], c["service"], c["operation"], c["via"]) for c in aws.calls(since)]
    assert found == [
        (own, "lambda", "InvokeFunction", "states"),
        (functions, "monitoring", "PutMetricData", "lambda"),
    ]


@pytest.mark.parametrize("resource", ["aws-sdk:redshift:describeClusters", "sns:publish", "states:startExecution"])
def test_a_machine_can_do_nothing_but_call_functions(aws: EmulatedAws, role_arn: str, resource: str) -> None:
    # GIVEN a machine that calls a service WHEN it runs THEN it fails: that way nobody would ask IAM
    name = resource.replace(":", "-")
    states = {"T": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {}, "End": True}}
    found = run(aws, machine(aws, name, role_arn, states))
    assert (found["error"], resource in found["cause"]) == ("States.Runtime", True)


def test_a_result_over_the_limit_is_caught_by_nothing(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function whose answer is over 256 KiB, and a task that catches everything
    function(aws, "big", role_arn, "def h(e, c):\n    return 'v' * 270_000")
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {"T": task("big", {}, Catch=catch, End=True), "Caught": {"Type": "Succeed"}}
    # WHEN it runs THEN it fails
    found = run(aws, machine(aws, "big", role_arn, states))
    assert (found["status"], found["error"]) == ("FAILED", "States.DataLimitExceeded")
