"""The watch over the example: how often it looks, the ages that it measured, and whom its alarms told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from demo.errors import DemoError
from demo.spans import exactly, hours, moment
from resilient_redshift.contract.names import DIMENSION_PLAN, METRIC_NAMESPACE
from resilient_redshift.contract.watching import (
    EVENT_SOURCE,
    INPUT_INTERVAL,
    INPUT_WATCHER,
    METRIC_RECOVERY_POINT_AGE,
    OPENED,
    WATCH_METRICS,
)

if TYPE_CHECKING:
    from demo.aws import Aws
    from demo.observe import Protected

#: How often the watchers of the primary and of the recovery Region look in the quiet weeks. As deployed, both together
#: would run 7,300 times in 38 days.
SLOW: Final = (timedelta(minutes=225), timedelta(hours=6))
#: A watcher knows no longer interval. A heartbeat lives four intervals, which is longer than the primary's slow pace.
_LONGEST_INTERVAL: Final = timedelta(hours=1)
#: After this long a Region that is dark must have been noticed.
NOTICED_WITHIN: Final = timedelta(hours=2)
_STEP: Final = timedelta(minutes=5)
#: What PutMetricAlarm takes of what DescribeAlarms says, for the alarms of a watch.
_SETTINGS: Final = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "AlarmActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "Dimensions",
    "Period",
    "Metrics",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
)


@dataclass(frozen=True)
class Notice:
    """One message of an alarm of the watch.

    Attributes:
        at: when.
        topic: the name of the topic that it reached.
        text: the alarm's description.
        findings: what the watch had found since, each with its code.
        age: how old the newest recovery point was, as the watch measured it last.
    """

    at: datetime
    topic: str
    text: str
    findings: tuple[str, ...]
    age: timedelta


class Watch:
    """The watchers and alarms of both Regions, as they were deployed.

    Args:
        aws: the emulated AWS.
        who: what the plan record says.
        plan: the plan's name.

    Raises:
        DemoError: the watch has measured nothing yet.
    """

    def __init__(self, aws: Aws, who: Protected, plan: str) -> None:
        self._aws, self._who, self._plan = aws, who, plan
        self._since = aws.now()
        self._read_until = self._since - timedelta(hours=1)  # a first look writes data points of the past, too
        self._ages: dict[datetime, timedelta] = {}
        self._watchers = {region: _watcher(aws, region) for region in who.regions}
        self._alarms = {region: _alarms(aws, region, self._watchers[region][1]) for region in who.regions}
        self.read()
        if not self._ages:
            raise DemoError(f"the watch has measured nothing in {who.recovery}: CloudWatch has no age of {plan}")

    @property
    def ages(self) -> list[tuple[datetime, timedelta]]:
        """The ages of the newest recovery point in the recovery Region, as the watcher measured them."""
        return sorted(self._ages.items())

    @property
    def age(self) -> timedelta:
        """The last of them."""
        return self.ages[-1][1]

    @property
    def worst(self) -> timedelta:
        """The highest of them."""
        return max(self._ages.values())

    def read(self) -> None:
        """Read from CloudWatch what the watcher has measured since the last time."""
        metric = {
            "Namespace": METRIC_NAMESPACE,
            "MetricName": METRIC_RECOVERY_POINT_AGE,
            "Dimensions": [{"Name": DIMENSION_PLAN, "Value": self._plan}],
        }
        stat = {"Metric": metric, "Period": int(_STEP.total_seconds()), "Stat": "Maximum"}
        now = self._aws.now()
        answer = self._aws.client("cloudwatch", self._who.recovery).get_metric_data(
            MetricDataQueries=[{"Id": "age", "MetricStat": stat}], StartTime=self._read_until - _STEP, EndTime=now
        )
        [found] = answer["MetricDataResults"]
        points = zip(found["Timestamps"], found["Values"], strict=True)
        self._ages |= {at.astimezone(UTC): timedelta(seconds=value) for at, value in points}
        self._read_until = now

    def slow_down(self) -> None:
        """Let watchers look seldom, and give their alarms periods as long."""
        # the alarms first, or they would miss what the watchers no longer measure
        for region, pace in zip(self._who.regions, SLOW, strict=True):
            for alarm in self._alarms[region]:
                self._put(region, alarm, int(pace.total_seconds()))
        for region, pace in zip(self._who.regions, SLOW, strict=True):
            interval = min(pace, _LONGEST_INTERVAL)
            self._call_every(region, f"rate({pace // timedelta(minutes=1)} minutes)", int(interval.total_seconds()))

    def look_as_deployed(self) -> None:
        """Let the watchers look as often as they were deployed to."""
        for region, (rule, target) in self._watchers.items():
            self._call_every(region, rule["ScheduleExpression"], json.loads(target["Input"])[INPUT_INTERVAL])

    def judge_as_deployed(self) -> None:
        """Give the alarms the periods that they were deployed with; some time after `look_as_deployed`."""
        for region, alarms in self._alarms.items():
            for alarm in alarms:
                self._put(region, alarm, None)

    def _call_every(self, region: str, expression: str, interval_seconds: int) -> None:
        rule, target = self._watchers[region]
        events, name = self._aws.client("events", region), rule["Name"]
        events.put_rule(Name=name, ScheduleExpression=expression, State="ENABLED", Description=rule["Description"])
        given = {**json.loads(target["Input"]), INPUT_INTERVAL: interval_seconds}
        events.put_targets(Rule=name, Targets=[{**target, "Input": json.dumps(given)}])

    def _put(self, region: str, alarm: dict[str, Any], period: int | None) -> None:
        """Change the period of an alarm on a metric; None: to what was deployed."""
        settings = {name: alarm[name] for name in _SETTINGS if alarm.get(name) not in (None, [])}
        if not _stats(alarm):  # an alarm over other alarms
            return
        if period is not None and "Metrics" in settings:
            settings["Metrics"] = [
                {**each, "MetricStat": {**each["MetricStat"], "Period": period}} if "MetricStat" in each else each
                for each in settings["Metrics"]
            ]
        elif period is not None:
            settings["Period"] = period
        self._aws.client("cloudwatch", region).put_metric_alarm(**settings)

    def quiet(self) -> None:
        """DemoError if an alarm of the watch has told anybody, while all was well."""
        for message in self._messages(self._since):
            text = f"{moment(message['at'])}: {_described(message)}"
            raise DemoError(f"an alarm of the watch rang while all was well, {text}")

    def notice(self, since: datetime) -> Notice:
        """Let time pass until an alarm of the watch tells somebody what happened; DemoError if none does."""
        while not (found := self._messages(since)):
            if self._aws.now() - since >= NOTICED_WITHIN:
                raise DemoError(f"no alarm of the watch rang within {exactly(NOTICED_WITHIN)}")
            self._aws.advance(_STEP)
        self.read()
        findings = [
            f"{event['detail']['code']}: {event['detail']['text']}"
            for event in self._aws.events()
            if event["source"] == EVENT_SOURCE and event["at"] >= since and event["detail"]["state"] == OPENED
        ]
        first = found[0]
        return Notice(
            at=first["at"],
            topic=first["target"].rsplit(":", 1)[-1],
            text=_described(first),
            findings=tuple(findings),
            age=self.age,
        )

    def _messages(self, since: datetime) -> list[dict[str, Any]]:
        """What the alarms of the watch sent; DemoError for what a topic refused."""
        arns = {alarm["AlarmArn"] for alarms in self._alarms.values() for alarm in alarms}
        found = [each for each in self._aws.deliveries() if each["source"] in arns and each["at"] >= since]
        for each in found:
            if each["refused"] is not None:
                raise DemoError(f"an alarm of the watch reached nobody: {each['refused']}")
        return found


def in_words(watch: Watch, notice: Notice, who: Protected, dark: datetime) -> str:
    """What the watch saw, in a few lines."""
    return (
        f"The watch measured a recovery-point age of {hours(watch.worst)} at most in {who.recovery} (objective "
        f"{hours(who.objective)}), and no alarm of the watch rang until {who.primary} went dark at {moment(dark)}. "
        f"One rang at {moment(notice.at)}, {exactly(notice.at - dark)} later, and told {notice.topic}. "
        f"At that moment {exactly(notice.age)} of data would have been lost."
    )


def judge(watch: Watch, who: Protected) -> None:
    """DemoError if the watch ever measured an age above the objective."""
    if watch.worst > who.objective:
        found = f"{hours(watch.worst)} in {who.recovery}, objective {hours(who.objective)}"
        raise DemoError(f"the watch measured a recovery-point age of {found}")


def _described(message: dict[str, Any]) -> str:
    return str(json.loads(message["body"])["AlarmDescription"])


def _watcher(aws: Aws, region: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rule that calls the watcher of a Region, and its target."""
    events = aws.client("events", region)
    for rule in events.list_rules()["Rules"]:
        if rule.get("ScheduleExpression"):
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                if INPUT_WATCHER in json.loads(target.get("Input") or "{}"):
                    return rule, target
    raise DemoError(f"nobody watches in {region}: no rule of EventBridge calls a watcher")


def _alarms(aws: Aws, region: str, target: dict[str, Any]) -> list[dict[str, Any]]:
    """The alarms of the watch: on its metrics, on its function, and those over other alarms."""
    function = {"Name": "FunctionName", "Value": target["Arn"].rsplit(":", 1)[-1]}
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = aws.client("cloudwatch", region).describe_alarms(AlarmTypes=kinds, MaxRecords=100)
    measured = [
        alarm
        for alarm in found["MetricAlarms"]
        if any(
            (metric.get("Namespace") == METRIC_NAMESPACE and metric.get("MetricName") in WATCH_METRICS)
            or function in metric.get("Dimensions", ())
            for metric in _stats(alarm)
        )
    ]
    return [*measured, *found["CompositeAlarms"]]


def _stats(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm looks at: its own, or those of its expression."""
    if alarm.get("MetricName"):
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
