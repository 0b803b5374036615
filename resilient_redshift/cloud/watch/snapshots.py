"""Judges the snapshots of a Region: failed, stuck, far smaller than before, and rules whose snapshots are overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.redshift.snapshots import FAILED_STATUSES, newest_first, same_cluster
from resilient_redshift.cloud.words import iso, span
from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.schedules.eventbridge import parse_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.standing_parts import Standing
    from resilient_redshift.cloud.watch.view import View

#: A failed snapshot is worth a warning for so long.
FAILED_FOR: Final = timedelta(days=1)
#: A snapshot that is being created for longer is stuck. The machine of manual snapshots waits as long.
STUCK_AFTER: Final = timedelta(hours=12)
#: The newest recovery point is compared with the largest one of so long ago.
COMPARED_FOR: Final = timedelta(days=7)
#: A rule may be late by so much: its machine waits 6 hours for a busy cluster, and 12 hours for the snapshot.
RULE_GRACE: Final = timedelta(hours=18)
_CREATING: Final = "creating"


def at_home(view: View, now: datetime) -> Iterator[Finding]:
    """Judge the cluster's own snapshots, in its Region."""
    points, cluster = view.home_points.value, view.cluster.value
    if points is None:
        return
    region = view.record["cluster"]["region"]
    yield from unfinished(points, region, now)
    created = cluster.get("ClusterCreateTime") if cluster else None
    yield from dropped(usable_of(points, created), region, _percent(view.record))
    paused = bool(view.sight.excuse) or (cluster or {}).get("ClusterStatus") in {"paused", "pausing", "resuming"}
    if cluster is not None and not paused:
        yield from overdue_rules(view.record.get("rules", []), points, view.rules_since, now)


def in_recovery(view: View, standing: Standing, now: datetime) -> Iterator[Finding]:
    """Judge the copies of a plan's cluster."""
    every, record = view.sight.points.value, view.record
    if every is None:
        return
    cluster, region = record["cluster"], record["recovery"]["region"]
    points = [
        one
        for one in every
        if one.is_of(cluster=cluster["identifier"], source_region=cluster["region"], plan=record["plan"])
    ]
    yield from unfinished(points, region, now)
    yield from dropped(standing.choice.usable if standing.choice else (), region, _percent(record))


def unfinished(points: Iterable[RecoveryPoint], region: str, now: datetime) -> Iterator[Finding]:
    """Find failed and stuck snapshots."""
    for point in newest_first(points):
        age = now - point.created
        if point.status in FAILED_STATUSES and age < FAILED_FOR:
            yield finding("SnapshotFailed", f"the snapshot {point.identifier} in {region} is {point.status!r}")
        elif point.status == _CREATING and age > STUCK_AFTER:
            text = f"the snapshot {point.identifier} in {region} is being created for {span(age)}"
            yield finding("SnapshotStuck", text)


def dropped(usable: Sequence[RecoveryPoint], region: str, percent: int | None) -> Iterator[Finding]:
    """Find a newest recovery point that is far smaller than the largest one of the last seven days.

    Args:
        usable: the usable recovery points of one Region.
        region: the Region.
        percent: how much smaller is a finding, in percent. None: sizes are not compared.
    """
    if percent is None or not usable:
        return
    newest, *older = newest_first(usable)
    before = [
        one.size_megabytes
        for one in older
        if one.size_megabytes
        and same_cluster(one.lineage, newest.lineage)
        and newest.created - one.created < COMPARED_FOR
    ]
    if newest.size_megabytes is None or not before:
        return
    largest = max(before)
    if newest.size_megabytes < largest * (1 - percent / 100):
        yield finding(
            "SizeDropped",
            f"the newest recovery point in {region}, {newest.identifier}, has {newest.size_megabytes:.0f} MB; the "
            f"largest one of the seven days before has {largest:.0f} MB",
        )


def overdue_rules(
    rules: Sequence[Mapping[str, Any]], points: Sequence[RecoveryPoint], since: Mapping[str, datetime], now: datetime
) -> Iterator[Finding]:
    """Find the rules whose newest manual snapshot is later than their schedule allows.

    Args:
        rules: the rules of the plan's record.
        points: the cluster's own snapshots.
        since: since when each rule is known to be enabled with its schedule. What was due before does not count.
        now: the time.
    """
    names = [rule["rule"] for rule in rules]
    for rule in rules:
        if rule.get("enabled") is not True or "schedule" not in rule:
            continue
        kind = f"manual {rule['rule']}"
        newest = next(
            (one for one in newest_first(points) if one.kind(names) == kind and one.status not in FAILED_STATUSES), None
        )
        times = [*([newest.created] if newest else []), *([since[rule["rule"]]] if rule["rule"] in since else [])]
        due = _due_after(rule["schedule"], max(times)) if times else None
        if due is not None and now > due + RULE_GRACE:
            last = f"the last one is of {iso(newest.created)}" if newest else "there is none"
            text = f"the rule {rule['rule']} should have taken a snapshot by {iso(due)}; {last}"
            yield finding("RuleOverdue", text)


def usable_of(points: Iterable[RecoveryPoint], lineage: datetime | None) -> tuple[RecoveryPoint, ...]:
    """The available snapshots of one lineage, the newest first.

    Args:
        points: the snapshots of one cluster's name.
        lineage: the ClusterCreateTime of the cluster. None: it is not known, and any counts.
    """
    return newest_first(
        one for one in points if one.available and (lineage is None or same_cluster(one.lineage, lineage))
    )


def _due_after(expression: str, moment: datetime) -> datetime | None:
    try:
        return parse_schedule(expression).next_after(moment)
    except ResilientRedshiftError:
        return None


def _percent(record: Mapping[str, Any]) -> int | None:
    percent: int | None = record.get("watch_for", {}).get("size_drop_percent")
    return percent
