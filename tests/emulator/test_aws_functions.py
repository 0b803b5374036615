"""Lambda of the emulated AWS: functions live in virtual time, under their own role, and can die."""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.emulator.aws_scene import HERE, allow, function, invoke, machine, role, run, task

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws


@pytest.fixture(scope="module")
def role_arn(aws: EmulatedAws) -> str:
    aws.model("given_cluster", HERE, "sales")
    return role(aws, "functions", allow("redshift:*", "lambda:*"))


def test_a_functions_sleep_is_virtual_and_so_is_all_that_it_sees(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function that sleeps ten minutes and looks at every clock it has
    code = """
        import time
        from datetime import datetime, UTC
        def h(event, context):
            begun, left, now = time.time(), context.get_remaining_time_in_millis(), datetime.now(UTC)
            time.sleep(600)
            after = (datetime.now(UTC) - now).total_seconds()
            return [time.time() - begun, left - context.get_remaining_time_in_millis(), after, now.isoformat()]
    """
    function(aws, "sleeper", role_arn, code, 900)
    begun = aws.now()
    # WHEN it is invoked
    seconds, milliseconds, after, now = invoke(aws, "sleeper")
    # THEN ten minutes have passed everywhere
    assert (round(seconds), round(milliseconds, -2), round(after)) == (600, 600_000, 600)
    assert dt.datetime.fromisoformat(now) == begun
    assert aws.now() - begun == dt.timedelta(seconds=600)


def test_a_function_that_sleeps_past_its_timeout_is_ended_then(aws: EmulatedAws, role_arn: str) -> None:
    function(aws, "late", role_arn, "import time\ndef h(e, c):\n    time.sleep(600)", 60)
    begun = aws.now()
    assert invoke(aws, "late")["errorMessage"] == "Task timed out after 60.00 seconds"
    assert aws.now() - begun == dt.timedelta(seconds=60)


def test_a_function_calls_under_its_own_role(aws: EmulatedAws, role_arn: str) -> None:
    code = """
        import boto3
        def h(event, context):
            return boto3.client("redshift").describe_clusters()["Clusters"][0]["ClusterIdentifier"]
    """
    function(aws, "caller", role_arn, code)
    since = aws.mark()
    assert invoke(aws, "caller") == "sales"
    found = aws.calls(since)
    assert [(c["principal"], c["operation"], c["via"]) for c in found] == [(role_arn, "DescribeClusters", "lambda")]


def test_a_function_that_waits_for_another_lends_it_its_place(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN one that invokes another, which sleeps
    function(aws, "inner", role_arn, "import time\ndef h(e, c):\n    time.sleep(300)\n    return 'woke'")
    code = """
        import boto3
        def h(event, context):
            return boto3.client("lambda").invoke(FunctionName="inner")["Payload"].read().decode()
    """
    function(aws, "outer", role_arn, code)
    aws.client("lambda", HERE).update_function_configuration(FunctionName="inner", Timeout=600)
    # WHEN the outer one is invoked THEN time moves, and both end
    assert invoke(aws, "outer") == '"woke"'


def test_a_killed_function_fails_its_invocation(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a kill at the next DescribeClusters
    code = """
        import boto3
        def h(event, context):
            boto3.client("redshift").describe_clusters()
    """
    function(aws, "victim", role_arn, code)
    aws.faults("kill_next", "DescribeClusters")
    # WHEN the function gets there THEN it is gone; the next one lives
    assert "died" in invoke(aws, "victim")["errorMessage"]
    assert invoke(aws, "victim") is None


def test_a_process_goes_on_after_its_handler_has_raised(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function that counts its runs, and raises at the first one
    code = """
        runs = 0
        def h(event, context):
            global runs
            runs += 1
            if runs == 1:
                raise ValueError("the first one")
            return runs
    """
    function(aws, "counting", role_arn, code)
    # WHEN it is invoked twice THEN the error is told, and the same process answers again
    assert "the first one" in invoke(aws, "counting")["errorMessage"]
    assert invoke(aws, "counting") == 2


def test_every_function_has_a_process_with_its_own_modules_and_settings(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN two functions that leave something in a module that both have, and an environment of their own
    code = """
        import os, random
        import boto3
        def h(event, context):
            seen, boto3.seen = getattr(boto3, "seen", None), event
            return [seen, os.environ["WHO"], os.environ["AWS_LAMBDA_FUNCTION_NAME"], random.random()]
    """
    for name in ("mine", "yours"):
        function(aws, name, role_arn, code, Environment={"Variables": {"WHO": f"who-{name}"}})
    # WHEN both run THEN neither sees what is the other's
    mine, yours = invoke(aws, "mine", "left by mine"), invoke(aws, "yours", "left by yours")
    assert (mine[:3], yours[:3]) == ([None, "who-mine", "mine"], [None, "who-yours", "yours"])
    assert mine[3] != yours[3]


def test_what_a_run_logs_is_there_when_it_has_answered(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function that prints a thousand lines
    function(aws, "talker", role_arn, "def h(e, c):\n    for line in range(1000):\n        print('line', line)")
    # WHEN it has run THEN the end of its log is that of the last line
    answer = aws.client("lambda", HERE).invoke(FunctionName="talker", LogType="Tail")
    assert base64.b64decode(answer["LogResult"]).decode().rstrip().endswith("line 998\nline 999")


def test_an_asynchronous_invocation_is_tried_again_after_one_and_two_minutes(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function that fails
    code = """
        import boto3
        def h(event, context):
            boto3.client("redshift").describe_clusters(ClusterIdentifier="retried")
    """
    function(aws, "failing", role_arn, code)
    since, begun = aws.mark(), aws.now()
    # WHEN it is invoked asynchronously
    invoke(aws, "failing", kind="Event")
    aws.settle()
    # THEN it ran three times
    found = [c["at"] - begun for c in aws.calls(since) if c["operation"] == "DescribeClusters"]
    assert found == [dt.timedelta(minutes=minutes) for minutes in (0, 1, 3)]
    # AND Lambda's metrics count each failure
    span = {
        "StartTime": begun - dt.timedelta(minutes=1),
        "EndTime": aws.now() + dt.timedelta(minutes=1),
        "Period": 3600,
    }
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistics": ["Sum"]}
    named = [{"Name": "FunctionName", "Value": "failing"}]
    points = aws.client("cloudwatch", HERE).get_metric_statistics(**metric, Dimensions=named, **span)["Datapoints"]
    assert sum(point["Sum"] for point in points) == 3


def test_a_machine_invokes_a_function_and_waits_for_it(aws: EmulatedAws, role_arn: str) -> None:
    function(aws, "worked", role_arn, "import time\ndef h(e, c):\n    time.sleep(30)\n    return e['n'] + 1")
    found = run(aws, machine(aws, "worker", role_arn, {"T": task("worked", {"n": 1}, End=True)}))
    assert found["output"] == "2"
    assert found["stopDate"] - found["startDate"] == dt.timedelta(seconds=30)


def test_a_handlers_own_timeout_holds_in_virtual_time_only(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN a function of one second that works longer than that in real time (a cold start on a slow machine)
    code = "import select\ndef h(e, c):\n    select.select([], [], [], 1.5)\n    return 'done'"
    function(aws, "slow", role_arn, code, 1)
    # WHEN it is invoked THEN it ends well: virtual time stood still
    assert invoke(aws, "slow") == "done"


def test_a_first_run_is_a_cold_start_and_so_is_one_after_a_while(aws: EmulatedAws, role_arn: str) -> None:
    # GIVEN cold starts of two seconds
    function(aws, "cold", role_arn, "def h(e, c):\n    return 1")
    aws.cold_start(2)

    def seconds() -> float:
        begun = aws.now()
        invoke(aws, "cold")
        return (aws.now() - begun).total_seconds()

    # WHEN a function runs, runs again, and runs after half an hour
    first, second = seconds(), seconds()
    aws.advance(dt.timedelta(minutes=30))
    third = seconds()
    aws.cold_start(0)
    # THEN its process starts for the first and for the last run
    assert (first, second, third) == (2, 0, 2)
