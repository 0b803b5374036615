"""Tells what a run found: metrics, events and the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.findings import highest
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.watch.calls import CallFailed
from resilient_redshift.contract.names import METRIC_NAMESPACE
from resilient_redshift.contract.watching import (
    EVENT_DETAIL_TYPE,
    EVENT_SOURCE,
    EVENT_VERSION,
    METRIC_BILLABLE_STORAGE,
    METRIC_CLUSTER_PAUSED,
    METRIC_FINDING_SEVERITY,
    METRIC_QUOTA_USED,
    METRIC_RECOVERY_POINT_AGE,
    METRIC_RECOVERY_POINTS,
    WATCH_METRICS,
    dimension_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.watch.calls import Calls
    from resilient_redshift.cloud.watch.memory import Change
    from resilient_redshift.cloud.watch.watched import Watched

#: The most metrics of one call (CloudWatch API, PutMetricData).
_METRICS_AT_ONCE: Final = 1000
#: The most events of one call (EventBridge API, PutEvents).
_EVENTS_AT_ONCE: Final = 10
#: An event has at most 256 KB. This library's stay far below it.
_LONGEST_TEXT: Final = 1500


def metrics_of(watched: Watched, at: datetime) -> list[dict[str, Any]]:
    """The metrics that every run writes for a watch.

    Args:
        watched: what the run knows of the watch.
        at: the time of the data.
    """
    values: dict[str, float | None] = {METRIC_RECOVERY_POINT_AGE: watched.age}
    if watched.writes_severity:
        values[METRIC_FINDING_SEVERITY] = highest(watched.findings)
        values[METRIC_CLUSTER_PAUSED] = 1 if watched.paused else None
    return [_metric(watched, name, value, at) for name, value in values.items() if value is not None]


def severity_of(watched: Watched, at: datetime) -> list[dict[str, Any]]:
    """FindingSeverity of a watch, if its side writes it."""
    return [one for one in metrics_of(watched, at) if one["MetricName"] == METRIC_FINDING_SEVERITY]


def daily_metrics_of(watched: Watched, billable: float | None, at: datetime) -> list[dict[str, Any]]:
    """The metrics that one run a day writes for a watch.

    Args:
        watched: what the run knows of the watch.
        billable: the bytes of backup storage that AWS bills. None: they are not known.
        at: the time of the data.
    """
    count = None if watched.usable is None else len(watched.usable)
    values: dict[str, float | None] = {METRIC_RECOVERY_POINTS: count, METRIC_BILLABLE_STORAGE: billable}
    return [_metric(watched, name, value, at) for name, value in values.items() if value is not None]


def quota_metric(used: int, quota: float, at: datetime) -> dict[str, Any]:
    """The manual snapshots of the Region as a share of the quota."""
    return {"MetricName": METRIC_QUOTA_USED, "Value": 100 * used / quota, "Unit": "Percent", "Timestamp": at}


def _metric(watched: Watched, name: str, value: float, at: datetime) -> dict[str, Any]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": dimension_of(watched.record.side), "Value": watched.record.dimension_value}],
        "Value": value,
        "Unit": WATCH_METRICS[name],
        "Timestamp": at,
    }


def put_metrics(calls: Calls, data: Sequence[dict[str, Any]]) -> None:
    """Write metrics.

    Raises:
        CallFailed: CloudWatch did not take them.
    """
    for start in range(0, len(data), _METRICS_AT_ONCE):
        some = list(data[start : start + _METRICS_AT_ONCE])
        calls.telling().call("cloudwatch", "PutMetricData", Namespace=METRIC_NAMESPACE, MetricData=some)


def event_of(watched: Watched, change: Change) -> dict[str, Any]:
    """The detail of the event about a change, as ``EVENT_SCHEMA`` describes it."""
    record, one = watched.record, change.finding
    return {
        "version": EVENT_VERSION,
        "code": one.code,
        "severity": one.severity,
        "state": change.state,
        "since": change.since,
        "text": cut(one.text, _LONGEST_TEXT),
        "what_to_do": one.what_to_do,
        "watch": record.name,
        "side": record.side,
        **({"plan": record.plan} if record.plan else {}),
        "cluster": {"identifier": record.cluster, "region": record.cluster_region},
    }


def put_events(calls: Calls, details: Sequence[dict[str, Any]]) -> set[int]:
    """Send events on the default bus.

    Returns:
        The indexes of the events that EventBridge did not take.
    """
    refused: set[int] = set()
    for start in range(0, len(details), _EVENTS_AT_ONCE):
        some = details[start : start + _EVENTS_AT_ONCE]
        entries = [
            {"Source": EVENT_SOURCE, "DetailType": EVENT_DETAIL_TYPE, "Detail": json.dumps(one, ensure_ascii=False)}
            for one in some
        ]
        try:
            answer = calls.telling().call("events", "PutEvents", Entries=entries)
        except CallFailed:
            refused |= set(range(start, start + len(some)))
            continue
        refused |= {start + index for index, one in enumerate(answer.get("Entries", ())) if one.get("ErrorCode")}
    return refused


def log_watch(watched: Watched, now: datetime) -> None:
    """Write the line of a watch to the log.

    Args:
        watched: what the run knows of the watch.
        now: the time.
    """
    severity = highest(watched.findings)
    log.write(
        ("INFO", "WARNING", "ERROR")[severity],
        "watched",
        watch=watched.record.name,
        side=watched.record.side,
        age_seconds=watched.age,
        ages_by_kind=watched.ages_by_kind(now),
        paused=watched.paused,
        findings=_shown(watched),
        remarks=watched.remarks,
    )


def _shown(watched: Watched) -> Iterable[dict[str, str]]:
    return [{"code": one.code, "severity": one.severity, "text": one.text} for one in watched.findings]
