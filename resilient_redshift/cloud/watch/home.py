"""Watches a cluster in its own Region: the sides ``primary`` and ``alone``."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.findings import cannot_tell, finding
from resilient_redshift.cloud.redshift import snapshot_schedules
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.cloud.restore.seen import seen
from resilient_redshift.cloud.restore.sight import NOT_LOOKED, Look, Sight
from resilient_redshift.cloud.restore.standing_parts import Standing, judge_age, judge_cluster
from resilient_redshift.cloud.watch import drift, keys, snapshots
from resilient_redshift.cloud.watch.judge import judge
from resilient_redshift.cloud.watch.memory import REPLACED_ALONE_FOR, REPLACED_FOR
from resilient_redshift.cloud.watch.view import View
from resilient_redshift.cloud.watch.watched import Watched
from resilient_redshift.contract.names import TAG_PLAN, plan_record_name
from resilient_redshift.contract.stored import read_record, unusable
from resilient_redshift.contract.watching import ALONE, PROBLEM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.watch.memory import Memory
    from resilient_redshift.cloud.watch.watched import Known, WatchRecord


def watch(record: WatchRecord, memory: Memory, known: Known) -> Watched:
    """Look at a cluster in its own Region, and judge it.

    Args:
        record: the record of the watch.
        memory: what is remembered of it.
        known: what the run has read.
    """
    watched = Watched(record=record, memory=memory)
    cluster = _cluster(record, known)
    points = _own(known.region.points_of(record.cluster))
    plan = _alone(record) if record.side == ALONE else _plan(watched, known)
    watched.plan_record = plan
    watch_for = plan.get("watch_for", {})
    live = cluster.value
    state = seen(live).state if live else None
    if live is None and not cluster.problem:
        memory.forget("paused_since")  # a cluster that is gone is not paused
    pause = watched.pause = memory.pause(state, record.longest_gap(watch_for))
    watched.paused = bool(pause.excuse)
    _measure(watched, known, cluster, points)
    sight = Sight(
        published=NOT_LOOKED,
        primary=Look(value=seen(live)) if live else Look(problem=cluster.problem),
        clusters=NOT_LOOKED,
        points=NOT_LOOKED,
        lineage=NOT_LOOKED,
        running=NOT_LOOKED,
        excuse=pause.excuse,
        excused_from=pause.began,
    )
    view = View(
        record=plan,
        sight=sight,
        cluster=cluster,
        home_points=points,
        home_problems=[f"the snapshots in {record.cluster_region} could not be read: {points.problem}"]
        if points.problem
        else (),
        keys=known.keys.look(watch_for.get("declared", {}).get("encryption_key")),
        rules_since=memory.rules(plan.get("rules", ())),
    )
    if record.side == ALONE:
        _judge_alone(watched, view, known)
    else:
        judgement = judge(view, known.now)
        watched.findings += judgement.findings
        watched.remarks += judgement.remarks
    watched.findings += _remembered(memory, live, record)
    return watched


def _cluster(record: WatchRecord, known: Known) -> Look[Mapping[str, Any]]:
    every = known.region.clusters
    return every if every.value is None else Look(value=every.value.get(record.cluster))


def _own(points: Look[Sequence[RecoveryPoint]]) -> Look[Sequence[RecoveryPoint]]:
    """The snapshots that were taken in this Region."""
    if points.value is None:
        return points
    return Look(value=[one for one in points.value if one.source_region is None])


def _alone(record: WatchRecord) -> dict[str, Any]:
    """A cluster without a plan has what its watch says."""
    parts = ("cluster", "objectives", "watch_for")
    return {name: record.value[name] for name in parts if name in record.value}


def _plan(watched: Watched, known: Known) -> dict[str, Any]:
    """The record of the plan, as far as it is understood."""
    record = watched.record
    least = {
        "plan": record.plan,
        "cluster": record.value["cluster"],
        "recovery": {"region": record.value["heartbeat"]["region"]},
    }
    look = known.parameters.look(plan_record_name(record.plan))
    if look.problem:
        watched.findings.append(cannot_tell(f"the plan record could not be read: {look.problem}"))
        return least
    stored = read_record(look.value, record.plan)
    problems = unusable(stored)
    if look.value is None:
        problems = [f"there is no plan record {stored.parameter} in {known.calls.region}"]
    watched.findings += map(cannot_tell, problems or stored.problems)
    plan = least if problems else stored.value
    return plan if "watch_for" in plan else {**plan, "watch_for": record.value.get("watch_for", {})}


def _measure(
    watched: Watched, known: Known, cluster: Look[Mapping[str, Any]], points: Look[Sequence[RecoveryPoint]]
) -> None:
    """Measure the age of the newest snapshot of the live cluster, or of any of its name if there is none."""
    record = watched.record
    if points.value is None or cluster.problem:
        # judge_alone and judge say so, too, with fewer words
        what = cluster.problem or points.problem
        text = f"the recovery point of {record.cluster} could not be read: {what}"
        watched.findings.append(cannot_tell(text, severity=PROBLEM))
        return
    created = cluster.value.get("ClusterCreateTime") if cluster.value else None
    watched.usable = snapshots.usable_of(points.value, created)
    newest = watched.usable[0] if watched.usable else None
    watched.age_of(newest, watched.memory.time("since") or known.now, known.now)
    raw = known.region.snapshots.value or {}
    watched.snapshots = [one for one in raw.get(record.cluster, ()) if not one.get("SourceRegion")]
    watched.uses_manual = any(rule.get("enabled") for rule in watched.plan_record.get("rules", ())) or (
        record.side == ALONE and any(not one.automated for one in points.value)
    )


def _judge_alone(watched: Watched, view: View, known: Known) -> None:
    """Judge a cluster without a plan, by the objective of its watch."""
    name, region = watched.record.cluster, watched.record.cluster_region
    standing, primary = Standing(), view.sight.primary
    if primary.value is not None:
        judge_cluster(standing, f"the cluster {name}", primary.value)
    elif not primary.problem:
        text = f"there is no cluster {name} in {region}: it was deleted or renamed"
        standing.found("ClusterMissing", text)
    if watched.usable:
        judge_age(
            standing, view.record, view.sight, f"the newest snapshot in {region}", watched.usable[0], now=known.now
        )
    elif watched.usable is not None:
        objective = view.record.get("objectives", {}).get("recovery_point_seconds")
        if objective is not None and watched.age is not None and watched.age > objective and not view.sight.excuse:
            standing.found("RecoveryPointOverdue", f"no usable snapshot in {region}")
        else:
            standing.remarks.append(f"no usable snapshot in {region} yet")
    live = view.cluster.value
    watched.findings += [
        *standing.findings,
        *(drift.judge_declared(view.record.get("watch_for", {}).get("declared", {}), live) if live else ()),
        *snapshots.at_home(view, known.now),
        *keys.judge(view.keys),
    ]
    watched.remarks += standing.remarks
    copied_to = primary.value.copied_to if primary.value else ""
    if copied_to:
        watched.remarks.append(f"its snapshots are copied to {copied_to}; nothing watches them there")


def _remembered(memory: Memory, live: Mapping[str, Any] | None, record: WatchRecord) -> list[Finding]:
    """The findings that need a memory."""
    cluster = live or {}
    changing = cluster.get("SnapshotScheduleState") == snapshot_schedules.MODIFYING
    schedule = str(cluster.get("SnapshotScheduleIdentifier") or "?")
    # an operator who comes home with a plan restores the cluster, and knows it
    ours = TAG_PLAN in tags_of(cluster.get("Tags", []))
    lasts = timedelta() if ours else REPLACED_ALONE_FOR if record.side == ALONE else REPLACED_FOR
    return [
        *memory.lineage(
            cluster.get("ClusterCreateTime"), f"the cluster {record.cluster} in {record.cluster_region}", lasts
        ),
        *(memory.association(changing=changing, schedule=schedule) if live else ()),
    ]


def quota_findings(used: int, quota: Look[float], region: str) -> list[Finding]:
    """What the quota of manual snapshots says: at least four fifths are used, or it cannot be read."""
    if quota.problem:
        return [finding("ManualSnapshotQuota", f"the quota of manual snapshots could not be read: {quota.problem}")]
    if not quota.value:
        return []
    share = used / quota.value
    if share < _QUOTA_WARNING:
        return []
    text = f"{used} of {quota.value:.0f} manual snapshots are used in {region}"
    return [finding("ManualSnapshotQuota", text)]


#: This share of the applied quota is a warning.
_QUOTA_WARNING = 0.8
