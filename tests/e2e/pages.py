"""What people are told of a deployed site: alarms that ring and what arrives; and how often its watchers look."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from resilient_redshift.contract.watching import EVENT_DETAIL_TYPE, EVENT_SOURCE
from tests.e2e.scene import PRIMARY, RECOVERY, switch_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.aws import EmulatedAws

WATCH = "the watch over recovery points"
MINUTE = dt.timedelta(minutes=1)
_DEFINITION = (
    "AlarmName",
    "AlarmDescription",
    "AlarmActions",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "Metrics",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
)


def rung(aws: EmulatedAws, since: int = 0) -> list[dict[str, Any]]:
    """What was sent to a topic because an alarm rang, in order."""
    return [
        each for each in aws.deliveries(since) if ":alarm:" in each["source"] and each["subject"].startswith("ALARM")
    ]


def name_of(delivery: dict[str, Any]) -> str:
    """The name of the alarm that sent it."""
    return str(delivery["source"].rpartition(":")[2])


def composites(aws: EmulatedAws, region: str = RECOVERY) -> set[str]:
    """The names of the composite alarms of a Region."""
    found = aws.client("cloudwatch", region).describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return {each["AlarmName"] for each in found}


def findings(aws: EmulatedAws, since: int = 0) -> list[dict[str, Any]]:
    """The events of the watchers, in order: the time, the Region and the detail's fields."""
    return events_of(aws, EVENT_DETAIL_TYPE, since)


def events_of(aws: EmulatedAws, detail_type: str, since: int = 0) -> list[dict[str, Any]]:
    """Our events of one type, in order: the time, the Region and the detail's fields."""
    return [
        {"at": each["at"], "region": each["region"], **_detail(each)}
        for each in aws.events(since)
        if (each["source"], each["detail_type"]) == (EVENT_SOURCE, detail_type)
    ]


def _detail(event: dict[str, Any]) -> dict[str, Any]:
    detail = event["detail"]
    found: dict[str, Any] = json.loads(detail) if isinstance(detail, str) else detail
    return found


def wait_for_look(aws: EmulatedAws, region: str) -> None:
    """Let time pass until a minute after the next look of a Region's watcher."""
    due = aws.next_firing(region, _rule(aws, region)["Name"])
    assert due is not None
    aws.advance_to(due + MINUTE)


def _rule(aws: EmulatedAws, region: str) -> dict[str, Any]:
    """The rule that starts a Region's watcher."""
    every = aws.client("events", region).list_rules()["Rules"]
    [found] = [each for each in every if WATCH in each.get("Description", "")]
    return dict(found)


def look_seldom(aws: EmulatedAws, minutes: int, region: str) -> None:
    """Let the watcher of one Region look at another pace, and leave its alarms: without data, they go on ringing."""
    _pace(aws, minutes, [region])


def look_every(aws: EmulatedAws, minutes: int) -> None:
    """Let the watchers look at another pace, the primary's a minute before the other; their alarms' periods follow.

    Above an hour, which no watcher may be given, the function hears of an hour. At most 70 minutes pass.
    """
    regions = (PRIMARY, RECOVERY)
    slower = max(15, minutes) * 60 > max(_period(alarm) for _, alarm in _alarms(aws, regions))
    if slower:
        _lengthen(aws, minutes, regions)
    _pace(aws, minutes, regions)
    if not slower:
        aws.advance(max(45, minutes) * MINUTE + 2 * MINUTE)  # the alarms find data in each of their periods
        _lengthen(aws, minutes, regions)


def _alarms(aws: EmulatedAws, regions: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (region, alarm)
        for region in regions
        for alarm in aws.client("cloudwatch", region).describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if "ResilientRedshiftWatcher" in alarm["AlarmName"]
    ]


def _lengthen(aws: EmulatedAws, minutes: int, regions: Sequence[str]) -> None:
    seconds = max(15, minutes) * 60
    for region, alarm in _alarms(aws, regions):
        kept = {name: alarm[name] for name in _DEFINITION if alarm.get(name)}
        for query in kept.get("Metrics", ()):
            if "MetricStat" in query:
                query["MetricStat"]["Period"] = seconds
        period = {} if "Metrics" in kept else {"Period": seconds}
        aws.client("cloudwatch", region).put_metric_alarm(**{"Threshold": alarm["Threshold"], **kept}, **period)


def _period(alarm: dict[str, Any]) -> int:
    """The length of an alarm's periods, in seconds."""
    inner = [query["MetricStat"]["Period"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    return int(alarm.get("Period") or inner[0])


def _pace(aws: EmulatedAws, minutes: int, regions: Sequence[str]) -> None:
    for region in regions:
        switch_rules(aws, region, WATCH, on=False)
    aws.advance(MINUTE)
    for region in regions:
        events, rule = aws.client("events", region), _rule(aws, region)
        kept = {name: rule[name] for name in ("Name", "Description")}
        events.put_rule(**kept, ScheduleExpression=f"rate({minutes} minutes)", State="ENABLED")
        [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        told = {**json.loads(target["Input"]), "interval_seconds": min(60, minutes) * 60}
        events.put_targets(Rule=rule["Name"], Targets=[{**target, "Input": json.dumps(told)}])
        aws.advance(MINUTE)


def ages(aws: EmulatedAws, region: str, plan: str, begin: dt.datetime, end: dt.datetime) -> list[float]:
    """The ages of the newest recovery point that a watcher has written, in seconds."""
    metric = {
        "Namespace": "ResilientRedshift",
        "MetricName": "RecoveryPointAge",
        "Dimensions": [{"Name": "Plan", "Value": plan}],
    }
    query = {"Id": "age", "MetricStat": {"Metric": metric, "Period": 900, "Stat": "Maximum"}}
    answer = aws.client("cloudwatch", region).get_metric_data(MetricDataQueries=[query], StartTime=begin, EndTime=end)
    [found] = answer["MetricDataResults"]
    values: list[float] = found["Values"]
    return values
