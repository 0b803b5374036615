"""Watches the copies of a plan in its recovery Region: the side ``recovery``. Nothing here calls the primary Region."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import cannot_tell, finding
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.restore import leftovers, published
from resilient_redshift.cloud.restore.after_failover import fence
from resilient_redshift.cloud.restore.sight import NOT_LOOKED, Look, Sight
from resilient_redshift.cloud.restore.standing_parts import FAILED_OVER, is_excused
from resilient_redshift.cloud.watch import readiness_daily
from resilient_redshift.cloud.watch.calls import CallFailed
from resilient_redshift.cloud.watch.judge import judge
from resilient_redshift.cloud.watch.memory import Pause
from resilient_redshift.cloud.watch.parameters import first_version
from resilient_redshift.cloud.watch.snapshots import usable_of
from resilient_redshift.cloud.watch.view import View
from resilient_redshift.cloud.watch.watched import Watched
from resilient_redshift.cloud.words import iso, span
from resilient_redshift.contract.names import drill_prefix, drills_name, endpoint_name, lineage_name, plan_record_name
from resilient_redshift.contract.outcomes import NO_RECOVERY_POINT
from resilient_redshift.contract.stored import read_drills, read_lineage, read_record, unable_to_start, unusable_in
from resilient_redshift.contract.understood import read_time
from resilient_redshift.contract.watching import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.standing_parts import Standing
    from resilient_redshift.cloud.watch.heartbeat import Heard
    from resilient_redshift.cloud.watch.memory import Memory
    from resilient_redshift.cloud.watch.watched import Known, WatchRecord
    from resilient_redshift.contract.stored import Stored

#: A cluster of a drill is left over when it is this old and no drill is under way. The hourly clean-up takes others.
LEFT_AFTER: Final = timedelta(hours=3)
#: Findings of the primary's watcher after which nobody can say that its cluster takes writes.
_NO_WRITER: Final = frozenset(
    {"ClusterMissing", "ClusterNeedsAttention", "ClusterFenced", "ClusterStateUnknown", "CannotTell"}
)


def watch(record: WatchRecord, memory: Memory, known: Known) -> Watched:
    """Look at the copies of a plan, and judge them.

    Args:
        record: the record of the watch.
        memory: what is remembered of it.
        known: what the run has read.
    """
    watched = Watched(record=record, memory=memory)
    view = _view(watched, known)
    heard = known.listener.hear(record.plan, record.value["heartbeat"], memory.time("since"))
    judgement = judge(_excused(view, heard, _protected_since(watched, view, known)), known.now)
    standing = judgement.standing
    watched.findings += judgement.findings
    watched.remarks += judgement.remarks
    watched.paused = bool(heard.excuse)
    _measure(watched, view, standing, known)
    if standing.where == FAILED_OVER:
        pause = _pause_of_published(watched, standing)
        watched.paused = bool(pause.excuse)
        watched.findings += [*_failed_over(view, standing, heard), *_own_age(watched, view, pause)]
    else:
        watched.findings += [*heard.findings, *heard.silence]
    watched.findings += readiness_daily.find(memory, known.readiness, view, standing)
    watched.findings += _leftovers(view, known)
    watched.uses_manual = any(rule.get("enabled") for rule in watched.plan_record.get("rules", ()))
    return watched


def _view(watched: Watched, known: Known) -> View:
    record, plan, region = watched.record, watched.record.plan, known.calls.region
    texts = {name: known.parameters.look(name(plan)) for name in (plan_record_name, lineage_name, drills_name)}
    endpoint = known.parameters.look(endpoint_name(plan))
    stored_look = texts[plan_record_name]
    stored = read_record(stored_look.value, plan)
    usable = stored_look.value is not None and not unusable_in(stored, region)
    least = {"plan": plan, "cluster": record.value["cluster"], "recovery": {"region": region}}
    plan_record = watched.plan_record = stored.value if usable else least
    lineage = read_lineage(texts[lineage_name].value, plan, plan_record)
    drills, drill_problems = _drills(texts[drills_name], plan)
    last, problem = _published(endpoint, plan)
    clusters, points = known.region.seen, known.region.points_of(record.cluster)
    sight = Sight(
        published=last,
        primary=NOT_LOOKED,
        clusters=clusters,
        points=points,
        lineage=Look(value=lineage.time, problem=texts[lineage_name].problem),
        elsewhere=NOT_LOOKED,
        running=_running(plan_record, last, known),
    )
    lacks: Look[Any] = Look(value=unable_to_start(stored)) if usable else Look(problem=stored_look.problem)
    return View(
        record=plan_record,
        sight=sight,
        recovery_record=lacks,
        drills=drills,
        spoiled=_spoiled(stored, region) if usable else [],
        recovery_spoiled=[*([lineage.problem] if lineage.problem else []), *drill_problems, *problem],
        keys=known.keys.look(plan_record["recovery"].get("encryption_key")),
    )


def _spoiled(stored: Stored, region: str) -> list[str]:
    """What is not understood of the record, as the command says it, too."""
    where = f"the plan record {stored.parameter} in {region} is not understood"
    return [f"{where}: {problem}" for problem in stored.understood.said]


def _drills(look: Look[str], plan: str) -> tuple[Look[Mapping[str, Any]], list[str]]:
    if look.value is None:
        return Look(problem=look.problem), []
    stored = read_drills(look.value, plan)
    # where nothing is understood, nobody may say that there was no drill
    if not stored.value:
        return Look(problem="; ".join(stored.problems)), []
    return Look(value=stored.value), stored.problems


def _published(look: Look[str], plan: str) -> tuple[Look[Published], list[str]]:
    if look.problem:
        return Look(problem=look.problem), []
    try:
        found = published.read(look.value, plan)
    except published.NotUnderstoodError as error:
        return Look(problem=str(error)), []
    return Look(value=found), list(found.problems) if found else []


def _running(record: Mapping[str, Any], last: Look[Published], known: Known) -> Look[Collection[str]]:
    """The running executions of the plan's machine. They are asked only if a run of the plan left something to see."""
    machine = record.get("machines", {}).get("restore")
    prefix = record.get("drill", {}).get("cluster_prefix") or drill_prefix(record["plan"], known.calls.region)
    of_a_run = any(
        one.belongs_to(record["plan"]) or one.identifier.startswith(prefix) for one in known.region.seen.value or ()
    )
    if machine is None:
        return Look(problem=f"no plan record in {known.calls.region} names a restore machine")
    if not (last.value or of_a_run):
        return NOT_LOOKED
    return known.calls.look(lambda: _list_running(machine, known))


def _list_running(machine: str, known: Known) -> list[str]:
    names: list[str] = []
    asked: dict[str, Any] = {"stateMachineArn": machine, "statusFilter": "RUNNING"}
    while True:
        answer = known.calls.call("stepfunctions", "ListExecutions", **asked)
        names += [one["name"] for one in answer["executions"]]
        if not answer.get("nextToken"):
            return names
        asked["nextToken"] = answer["nextToken"]


def _protected_since(watched: Watched, view: View, known: Known) -> datetime | None:
    """Since when the plan is protected. It is asked only while there is no copy, and then remembered."""
    recorded = read_time(view.record.get("protected_since")) or watched.memory.time("protected_since")
    points, home = view.sight.points.value, watched.record.cluster_region
    if recorded is not None or points is None:
        return recorded
    if any(
        one.available and one.is_of(cluster=one.cluster, source_region=home, plan=watched.record.plan) for one in points
    ):
        return None
    try:
        first = first_version(known.calls, plan_record_name(watched.record.plan))
    except CallFailed as failure:
        watched.findings.append(cannot_tell(f"it could not be read since when the plan is protected: {failure}"))
        return watched.memory.time("since")
    if first is None:
        return watched.memory.time("since")
    watched.memory.value["protected_since"] = iso(first)
    return watched.memory.time("protected_since")


def _excused(view: View, heard: Heard, since: datetime | None) -> View:
    """The same with what is known from elsewhere: an excuse for an old recovery point, and since when it is due."""
    sight = replace(view.sight, excuse=heard.excuse, excused_from=heard.excused_from, protected_since=since)
    return replace(view, sight=sight)


def _measure(watched: Watched, view: View, standing: Standing, known: Known) -> None:
    """Measure what a failover would lose; after a failover, the age of the restored cluster's own newest snapshot."""
    points, choice, home = view.sight.points, standing.choice, standing.restored
    raw = known.region.snapshots.value
    if standing.where == FAILED_OVER and home is not None and home.state.meaning is not Meaning.GOING:
        own = known.region.points_of(home.identifier)
        if own.value is None:
            return
        usable = usable_of([one for one in own.value if one.source_region is None], home.created)
        watched.usable = usable
        watched.age_of(usable[0] if usable else None, home.created or known.now, known.now)
        watched.snapshots = [one for one in (raw or {}).get(home.identifier, ()) if not one.get("SourceRegion")]
        return
    if points.value is None or choice is None:
        if not any(one.code == "CannotTell" and one.severity == PROBLEM for one in watched.findings):
            watched.findings.append(cannot_tell("the recovery point could not be read", severity=PROBLEM))
        return
    watched.usable = choice.usable
    newest = choice.point or _newest_of_lineage(choice.usable, view.sight.lineage.value)
    since = watched.memory.time("protected_since") or watched.memory.time("since") or known.now
    if choice.outcome == NO_RECOVERY_POINT:
        since = read_time(view.record.get("protected_since")) or since
    watched.age_of(newest, since, known.now)
    source = watched.record.cluster_region
    watched.snapshots = [
        one for one in (raw or {}).get(watched.record.cluster, ()) if one.get("SourceRegion") == source
    ]


def _newest_of_lineage(usable: Collection[RecoveryPoint], lineage: datetime | None) -> RecoveryPoint | None:
    """Where the lineage is ambiguous: the newest copy of the recorded one, or of any if none is recorded."""
    found = usable_of(usable, lineage)
    return found[0] if found else None


def _failed_over(view: View, standing: Standing, heard: Heard) -> list[Finding]:
    """What the recovery Region alone can say after a failover. Of the primary it knows only what the heartbeat says."""
    last, cluster = view.sight.published.value, view.record["cluster"]
    found = []
    if not any(one.is_problem for one in standing.findings):
        found.append(finding("FailedOver", standing.fine or "an endpoint is published"))
    home = standing.restored
    if last is not None and home is not None and home.state.meaning is not Meaning.GOING and _writes(heard):
        text = (
            f"two writers: {cluster['identifier']} in {cluster['region']} sends heartbeats beside the published "
            f"{last.cluster} in {view.record['recovery']['region']}: {fence(view.record)}"
        )
        found.append(finding("TwoWriters", text))
    return found


def _pause_of_published(watched: Watched, standing: Standing) -> Pause:
    """The pause of the published cluster, which this watcher sees itself."""
    record, home = watched.record, standing.restored
    gap = record.longest_gap(watched.plan_record.get("watch_for", {}))
    return watched.memory.pause(home.state, gap) if home else Pause()


def _own_age(watched: Watched, view: View, pause: Pause) -> list[Finding]:
    """After a failover the objective is that of the published cluster's own snapshots, in this Region."""
    objective = view.record.get("objectives", {}).get("recovery_point_seconds")
    if objective is None or watched.age is None or watched.age <= objective:
        return []
    now = watched.memory.now
    if pause.excuse and is_excused(now - timedelta(seconds=watched.age), objective, pause.began, now):
        watched.remarks.append(f"the published cluster: {pause.excuse}")
        return []
    what = f"the newest own snapshot of the published cluster in {view.record['recovery']['region']}"
    text = f"{what} is {span(watched.age)} old, the objective is {span(objective)}"
    return [finding("RecoveryPointOverdue", text)]


def _writes(heard: Heard) -> bool:
    """Whether the primary's cluster lives, as far as a fresh and complete heartbeat tells."""
    stopped = any(one.code in _NO_WRITER for one in heard.findings)
    return heard.fresh and heard.complete and not heard.paused and not stopped


def _leftovers(view: View, known: Known) -> list[Finding]:
    """The clusters that drills left behind for too long."""
    record, running = view.record, view.sight.running
    every = view.sight.clusters.value
    if every is None or not running.made or running.problem:
        return []
    prefix = record.get("drill", {}).get("cluster_prefix") or drill_prefix(record["plan"], known.calls.region)
    old = [
        one
        for one in every
        if one.state.meaning is not Meaning.GOING and one.created is not None and known.now - one.created > LEFT_AFTER
    ]
    names = running.value or ()
    found = leftovers.find(old, prefix=prefix, plan=record["plan"], running=names, alone=not names, now=known.now)
    left = [*found.leftovers, *found.strays]
    if not left:
        return []
    return [finding("DrillLeftovers", f"clusters of drills are left, and cost by the hour: {', '.join(sorted(left))}")]
