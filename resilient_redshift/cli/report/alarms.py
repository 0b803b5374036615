"""When the alarms of the plans rang: CloudWatch remembers the changes of an alarm's state for 30 days."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.cli.report.evidence import Episode, grouped
from resilient_redshift.contract.names import DIMENSION_PLAN, METRIC_NAMESPACE
from resilient_redshift.contract.understood import object_of
from resilient_redshift.contract.watching import METRIC_CLUSTER_PAUSED

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence

#: CloudWatch user guide, "Alarm history".
KEPT: Final = timedelta(days=30)
_KINDS: Final = ("CompositeAlarm", "MetricAlarm")
_MOST_PAGES: Final = 100
_ALARM: Final = "ALARM"
_NAMED: Final = re.compile(r'ALARM\("([^"]+)"\)')


def read(reading: Reading, evidence: Sequence[Evidence]) -> None:
    """Read when the alarms of all plans rang, in their recovery Regions.

    Args:
        reading: the reading.
        evidence: takes what is found.
    """
    window, reach = reading.window, reading.window.at - KEPT
    for one in evidence if window.since < reach else ():
        what = f"when alarms rang before {words.minute(reach)}"
        one.ends(what, "CloudWatch keeps the history of an alarm for 30 days", _history(one.plan.recovery))
    if window.until <= reach:
        return
    for region, group in grouped(evidence, lambda plan: plan.recovery).items():
        try:
            _read(reading, region, {one.plan.name: one for one in group})
        except CliError as problem:
            for one in group:
                one.alarms.clear()
                source = f"cloudwatch:DescribeAlarms and DescribeAlarmHistory in {region}"
                one.lacks("when alarms rang", problem.message, source)


def _history(region: str) -> str:
    return f"cloudwatch:DescribeAlarmHistory in {region}"


def _read(reading: Reading, region: str, of_plan: Mapping[str, Evidence]) -> None:
    alarms = {kind: _alarms(reading, region, kind) for kind in _KINDS}
    owners = _owners(alarms["MetricAlarm"], alarms["CompositeAlarm"], of_plan)
    changes: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    for item in _items(reading, region) if owners else ():
        if item["AlarmName"] in owners:
            changes[item["AlarmName"]].append((item["Timestamp"], *_states(item)))
    rings = {alarm["AlarmName"]: _since(alarm) for kind in _KINDS for alarm in alarms[kind] if _rings(alarm)}
    for alarm, plan in sorted(owners.items()):
        one = of_plan[plan]
        one.alarm_names.append(alarm)
        if not changes[alarm] and alarm in rings and reading.window.reaches(rings[alarm]):
            # it began to ring before what CloudWatch remembers, and rings still
            now = f"cloudwatch:DescribeAlarms in {region}"
            one.alarms.append(Episode(alarm=alarm, opened=rings[alarm], closed=None, source=now))
        one.alarms += _of(alarm, sorted(changes[alarm]), _history(region))
    for one in of_plan.values():
        if not one.alarm_names:
            one.lacks_watch("when alarms rang", "the plan has no alarm there", f"cloudwatch:DescribeAlarms in {region}")


def _alarms(reading: Reading, region: str, kind: str) -> list[dict[str, Any]]:
    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        return reading.call(region, "cloudwatch", "DescribeAlarms", AlarmTypes=[kind], MaxRecords=100, **marker)

    alarms, whole = pages(ask, f"{kind}s", most=_MOST_PAGES)
    if not whole:
        raise CliError(f"{region} has more than {len(alarms)} alarms")
    return alarms


def _rings(alarm: Mapping[str, Any]) -> bool:
    return alarm.get("StateValue") == _ALARM and _since(alarm) is not None


def _since(alarm: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a time, if there is one
    return alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")


def _owners(
    metric_alarms: Sequence[Mapping[str, Any]], composite_alarms: Sequence[Mapping[str, Any]], names: Container[str]
) -> dict[str, str]:
    """The plan of each alarm of ours that says that something is wrong, by the alarm's name."""
    owners: dict[str, str] = {}
    for alarm in metric_alarms:
        for metric in _metrics(alarm):
            plan = {one["Name"]: one["Value"] for one in metric.get("Dimensions", ())}.get(DIMENSION_PLAN, "")
            if metric.get("Namespace") == METRIC_NAMESPACE and plan in names:
                owners[alarm["AlarmName"]] = "" if metric.get("MetricName") == METRIC_CLUSTER_PAUSED else plan
    for alarm in composite_alarms:
        plans = {owners.get(name, "") for name in _NAMED.findall(alarm.get("AlarmRule", ""))} - {""}
        if len(plans) == 1:
            [owners[alarm["AlarmName"]]] = plans
    return {alarm: plan for alarm, plan in owners.items() if plan}


def _metrics(alarm: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (alarm, *(one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one))


def _items(reading: Reading, region: str) -> Iterator[dict[str, Any]]:
    window = reading.window
    asked = {"HistoryItemType": "StateUpdate", "MaxRecords": 100}
    times = {"StartDate": max(window.since, window.at - KEPT), "EndDate": window.asked_until}
    for kind in _KINDS:

        def ask(marker: Mapping[str, Any], kind: str = kind) -> dict[str, Any]:
            whole = {"AlarmTypes": [kind], **asked, **times, **marker}
            return reading.call(region, "cloudwatch", "DescribeAlarmHistory", **whole)

        items, whole = pages(ask, "AlarmHistoryItems", most=_MOST_PAGES)
        if not whole:
            raise CliError(f"the alarms of {region} changed their states more than {len(items)} times")
        yield from items


def _states(item: Mapping[str, Any]) -> tuple[str, str]:
    data = object_of(item.get("HistoryData")) or {}
    old, new = data.get("oldState"), data.get("newState")
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise CliError(f"a change of the alarm {item['AlarmName']} is not understood")
    return str(old.get("stateValue")), str(new.get("stateValue"))


def _of(alarm: str, changes: Sequence[tuple[datetime, str, str]], source: str) -> Iterator[Episode]:
    opened: datetime | None = None
    ringing = False
    for number, (moment, old, new) in enumerate(changes):
        if new == _ALARM:
            opened, ringing = moment, True
        elif ringing or (number == 0 and old == _ALARM):
            yield Episode(alarm=alarm, opened=opened, closed=moment, source=source)
            opened, ringing = None, False
    if ringing:
        yield Episode(alarm=alarm, opened=opened, closed=None, source=source)
