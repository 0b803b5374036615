"""A Region that nobody reaches."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import botocore.exceptions
import pytest

from tests.emulator.aws_scene import HERE, THERE, allow, call, caller, function, invoke, machine, role, start, task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws


@pytest.fixture(autouse=True)
def back(aws: EmulatedAws) -> Iterator[None]:
    yield
    for region in (HERE, THERE):
        aws.region_up(region)


def test_every_service_there_breaks_the_connection_and_others_answer(aws: EmulatedAws) -> None:
    # GIVEN a Region down
    aws.region_down(THERE)
    # WHEN its services are called THEN boto3 speaks of the connection, as when an endpoint is gone
    for service, name in (("redshift", "describe_clusters"), ("kms", "list_keys"), ("ssm", "describe_parameters")):
        with pytest.raises(botocore.exceptions.HTTPClientError):
            getattr(aws.client(service, THERE), name)()
        getattr(aws.client(service, HERE), name)()
    # WHEN it is back THEN it answers
    aws.region_up(THERE)
    assert aws.client("redshift", THERE).describe_clusters()["Clusters"] == []


def test_a_function_elsewhere_sees_it_too_and_retries_in_virtual_time(aws: EmulatedAws) -> None:
    code = """
        import boto3, botocore.exceptions
        def h(event, context):
            try:
                boto3.client("redshift", region_name="us-west-2").describe_clusters()
            except botocore.exceptions.HTTPClientError as error:
                return type(error).__name__
    """
    function(aws, "crossing", role(aws, "crossing", allow("redshift:*")), code)
    assert invoke(aws, "crossing") is None
    aws.region_down(THERE)
    assert invoke(aws, "crossing") == "ConnectionClosedError"


def test_rules_there_do_not_fire_and_executions_stand_still(aws: EmulatedAws) -> None:
    # GIVEN a rule, and an execution that waits an hour
    arn = role(aws, "still", allow("states:*", "redshift:*", "lambda:*"))
    calls = task(caller(aws, "still", arn), call("redshift", "describe_clusters"), End=True)
    target = machine(aws, "fired", arn, {"T": calls})
    events = aws.client("events", HERE)
    events.put_rule(Name="r", ScheduleExpression="rate(30 minutes)")
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": target, "RoleArn": arn}])
    waiting = machine(aws, "waits", arn, {"W": {"Type": "Wait", "Seconds": 3600, "Next": "T"}, "T": calls})
    aws.hold_time()
    start(aws, waiting)
    aws.hold_time(False)
    aws.advance(dt.timedelta(0))
    since = aws.mark()
    # WHEN the Region is down for two hours
    aws.region_down(HERE)
    aws.advance(dt.timedelta(hours=2))
    # THEN nothing was called; when it is back, the execution goes on
    assert aws.calls(since) == []
    events_before = aws.mark()
    aws.region_up(HERE)
    aws.advance(dt.timedelta(0))
    made = [(each["via"], each["operation"]) for each in aws.calls(events_before)]
    assert made == [("states", "InvokeFunction"), ("lambda", "DescribeClusters")]
    events.disable_rule(Name="r")
