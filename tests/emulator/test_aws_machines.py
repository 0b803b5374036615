"""Step Functions of the emulated AWS: virtual waits, error names, variables, and the calls' principals."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from tests.emulator.aws_scene import HERE, allow, machine, role, run, start, task

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

DONE = {"Type": "Succeed"}


@pytest.fixture(scope="module")
def role_arn(aws: EmulatedAws) -> str:
    # no automated snapshots: one that runs refuses others, whenever a test before let a day pass
    aws.model("given_cluster", HERE, "sales", automated_retention=0)
    return role(aws, "machines")


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


@pytest.mark.parametrize(
    ("action", "arguments", "name"),
    [
        ("describeClusters", {"ClusterIdentifier": "none"}, "Redshift.ClusterNotFoundException"),
        ("describeClusterSnapshots", {"SnapshotIdentifier": "none"}, "Redshift.ClusterSnapshotNotFoundException"),
        ("disableSnapshotCopy", {"ClusterIdentifier": "sales"}, "Redshift.SnapshotCopyAlreadyDisabledException"),
        ("createSnapshotCopyGrant", {"SnapshotCopyGrantName": "-"}, "Redshift.RedshiftException"),
        ("describeClusters", {"Cluster": "none"}, "States.Runtime"),
    ],
)
def test_errors_bear_the_names_of_the_sdk_for_java(
    aws: EmulatedAws, role_arn: str, action: str, arguments: dict[str, str], name: str
) -> None:
    arn = machine(aws, f"error-{action}-{name}"[:80], role_arn, {"T": task(f"redshift:{action}", arguments, End=True)})
    assert run(aws, arn)["error"] == name


def test_results_have_dates_as_text_and_arguments_may_be_jsonata_numbers(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a number that JSONata computed, and a date in the answer
    arguments = {
        "ClusterIdentifier": "sales",
        "SnapshotIdentifier": "typed",
        "ManualSnapshotRetentionPeriod": "{% 14 / 2 %}",
    }
    output = "{% $states.result.Snapshot.{'at': SnapshotCreateTime, 'days': ManualSnapshotRetentionPeriod} %}"
    states = {"T": task("redshift:createClusterSnapshot", arguments, Output=output, End=True)}
    # WHEN it runs THEN both arrive
    moment = aws.now().strftime("%Y-%m-%dT%H:%M:%S")
    found = json.loads(run(aws, machine(aws, "typed", role_arn, states))["output"])
    assert found["days"] == 7
    assert found["at"].startswith(moment)


def test_retries_wait_as_documented_beyond_ministacks_minute(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN two throttled calls and a retry of 100 s, doubling, 150 at most
    aws.faults("throttle", 2, "DescribeClusters")
    retry = {
        "ErrorEquals": ["Redshift.RedshiftException"],
        "IntervalSeconds": 100,
        "MaxAttempts": 3,
        "BackoffRate": 2,
        "MaxDelaySeconds": 150,
    }
    states = {"T": task("redshift:describeClusters", {}, Retry=[retry], End=True)}
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
    # GIVEN an execution that another one started: nobody outside waits for it
    waiting = machine(aws, "stopped", role_arn, {"W": {"Type": "Wait", "Seconds": 10**6, "End": True}})
    start(
        aws,
        machine(aws, "starter", role_arn, {"S": task("sfn:startExecution", {"StateMachineArn": waiting}, End=True)}),
    )
    aws.advance(dt.timedelta(0))
    machines = aws.client("stepfunctions", HERE)
    execution = machines.list_executions(stateMachineArn=waiting)["executions"][0]["executionArn"]
    assert aws.state()["waiting"]
    # WHEN it is stopped THEN it is, and nothing waits any more
    machines.stop_execution(executionArn=execution)
    aws.advance(dt.timedelta(0))
    assert machines.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert aws.state()["waiting"] == []


def test_an_assign_sees_the_variables_as_they_were(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a state that assigns from a variable that it also changes
    states = {
        "A": {"Type": "Pass", "Assign": {"old": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"old": 2, "copy": "{% $old %}"}, "Next": "C"},
        "C": {"Type": "Succeed", "Output": "{% [$old, $copy] %}"},
    }
    # WHEN it runs THEN the copy is of the old value, and Succeed's Output counts
    assert json.loads(run(aws, machine(aws, "assign", role_arn, states))["output"]) == [2, 1]


def test_parallel_branches_wait_side_by_side(aws: EmulatedAws, role_arn: str) -> None:
    branches = [
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}} for seconds in (300, 500)
    ]
    found = run(aws, machine(aws, "branches", role_arn, {"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=500)


def test_map_items_wait_so_many_at_a_time(aws: EmulatedAws, role_arn: str) -> None:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100, "End": True}}}
    states = {
        "M": {"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 2, "ItemProcessor": processor, "End": True},
    }
    found = run(aws, machine(aws, "map", role_arn, states))
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=200)


def test_now_is_virtual_in_expressions(aws: EmulatedAws, role_arn: str) -> None:
    arn = machine(aws, "now", role_arn, {"S": {"Type": "Succeed", "Output": "{% $now() %}"}})
    assert json.loads(run(aws, arn)["output"]).startswith(aws.now().strftime("%Y-%m-%dT%H:%M"))


def test_calls_are_recorded_with_their_principal(aws: EmulatedAws) -> None:
    # GIVEN a machine of another role that calls two services
    arn = role(aws, "recorded", allow("*"))
    metric = {"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": 1}]}
    states = {
        "A": task("redshift:describeClusters", {}, Next="B"),
        "B": task("cloudwatch:putMetricData", metric, End=True),
    }
    since = len(aws.calls())
    # WHEN it runs THEN both calls stand there under its role
    run(aws, machine(aws, "recorded", arn, states))
    found = [(c["principal"], c["service"], c["operation"], c["via"]) for c in aws.calls(since)]
    assert found == [
        (arn, "redshift", "DescribeClusters", "states"),
        (arn, "cloudwatch", "PutMetricData", "states"),
    ]
