"""Alarms over the wire: what a test of a deployed watcher reads, and CloudWatch's own API."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.aws_scene import HERE, THERE, allow, call, caller, invoke, role

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

MINUTES = dt.timedelta(minutes=1)


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


def test_what_a_function_reports_rings_and_arrives(aws: EmulatedAws) -> None:
    # GIVEN an alarm that is on at 10, and a topic for it
    topic = aws.client("sns", HERE).create_topic(Name="pages")["TopicArn"]
    cloudwatch = aws.client("cloudwatch", HERE)
    cloudwatch.put_metric_alarm(
        AlarmName="age",
        Namespace="Watch",
        MetricName="Age",
        Dimensions=[{"Name": "Plan", "Value": "sales"}],
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    changes, deliveries = len(aws.alarm_changes()), len(aws.deliveries())
    # WHEN a function reports eleven
    watcher = caller(aws, "reporter", role(aws, "reporter", allow("cloudwatch:PutMetricData")))
    data = [{"MetricName": "Age", "Value": 11, "Dimensions": [{"Name": "Plan", "Value": "sales"}]}]
    begun = aws.now()
    invoke(aws, watcher, call("cloudwatch", "put_metric_data", Namespace="Watch", MetricData=data))
    aws.advance(2 * MINUTES)
    # THEN the alarm rings within a minute, and says so in both places
    assert (aws.alarms(HERE)["age"], "age" in aws.alarms(THERE)) == ("ALARM", False)
    (change,) = [each for each in aws.alarm_changes(changes) if each["alarm"] == "age"]
    assert (change["before"], change["after"], change["region"]) == ("INSUFFICIENT_DATA", "ALARM", HERE)
    assert dt.timedelta() < change["at"] - begun <= MINUTES
    (delivery,) = aws.deliveries(deliveries)
    assert (delivery["at"], delivery["target"], delivery["refused"]) == (change["at"], topic, None)
    assert json.loads(delivery["body"])["AlarmName"] == "age"
    (described,) = cloudwatch.describe_alarms(AlarmNames=["age"])["MetricAlarms"]
    assert (described["StateValue"], described["StateUpdatedTimestamp"]) == ("ALARM", change["at"])
    history = cloudwatch.describe_alarm_history(AlarmName="age", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_a_composite_alarm_and_its_suppressor_cross_the_wire(aws: EmulatedAws) -> None:
    # GIVEN an alarm whose metric has no data, which breaches
    cloudwatch = aws.client("cloudwatch", THERE)
    metric = {"Namespace": "Watch", "MetricName": "None", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    over = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    cloudwatch.put_metric_alarm(AlarmName="silent", TreatMissingData="breaching", **metric, **over)
    # WHEN
    cloudwatch.put_composite_alarm(
        AlarmName="page",
        AlarmRule="ALARM(silent)",
        ActionsSuppressor="silent",
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=60,
    )
    aws.advance(MINUTES)
    # THEN
    assert aws.alarms(THERE) == {"silent": "ALARM", "page": "ALARM"}
    (described,) = cloudwatch.describe_alarms(AlarmNames=["page"], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (described["ActionsSuppressor"], described["ActionsSuppressorWaitPeriod"]) == ("silent", 60)


def test_metric_data_are_read_with_math_and_by_their_very_dimensions(aws: EmulatedAws) -> None:
    # GIVEN reports of two plans, each 15 minutes
    cloudwatch = aws.client("cloudwatch", HERE)
    begun = aws.now().replace(minute=0, second=0, microsecond=0)

    def data(minutes: int, plan: str, value: float) -> dict[str, Any]:
        dimensions = [{"Name": "Plan", "Value": plan}]
        return {"MetricName": "Read", "Dimensions": dimensions, "Value": value, "Timestamp": begun + minutes * MINUTES}

    reports = [data(0, "a", 1), data(15, "a", 2), data(45, "a", 4), data(15, "b", 9)]
    cloudwatch.put_metric_data(Namespace="Watch", MetricData=reports)

    def query(name: str, plan: str) -> dict[str, Any]:
        metric = {"Namespace": "Watch", "MetricName": "Read", "Dimensions": [{"Name": "Plan", "Value": plan}]}
        return {
            "Id": name,
            "MetricStat": {"Metric": metric, "Period": 900, "Stat": "Maximum"},
            "ReturnData": name == "a",
        }

    # WHEN they are read
    worst = {"Id": "worst", "Expression": "MAX([FILL(a, 0), b])"}
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[query("a", "a"), query("b", "b"), worst],
        StartTime=begun,
        EndTime=begun + 60 * MINUTES,
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    # THEN
    assert {each["Id"]: each["Values"] for each in found} == {"a": [1, 2, 4], "worst": [1, 9, 0, 4]}
    assert found[0]["Timestamps"] == [begun + minutes * MINUTES for minutes in (0, 15, 45)]


def test_an_alarm_over_metric_math_crosses_the_wire(aws: EmulatedAws) -> None:
    # GIVEN an alarm that fills missing data with what breaches WHEN it is made by the API
    cloudwatch = aws.client("cloudwatch", HERE)
    metric = {"Metric": {"Namespace": "Watch", "MetricName": "Never"}, "Period": 60, "Stat": "Maximum"}
    cloudwatch.put_metric_alarm(
        AlarmName="filled",
        Metrics=[
            {"Id": "f", "Expression": "FILL(m, 5)"},
            {"Id": "m", "MetricStat": metric, "ReturnData": False},
        ],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )
    aws.advance(MINUTES)
    # THEN it is evaluated and described as such
    (described,) = cloudwatch.describe_alarms(AlarmNames=["filled"])["MetricAlarms"]
    assert (described["StateValue"], "MetricName" in described) == ("ALARM", False)
    assert described["Metrics"][1]["MetricStat"] == metric
