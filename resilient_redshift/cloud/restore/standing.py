"""The state of a plan before and after a failover: one function for ``status`` and for the watcher.

A published endpoint makes a plan "failed over". Then the cluster that is published is the warehouse, and it needs a
recovery point of its own. This module imports no botocore: it judges what somebody else read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.cloud.restore.after_failover import judge_other_writer, judge_published
from resilient_redshift.cloud.restore.proposal import in_use, left_out, propose
from resilient_redshift.cloud.restore.sight import restored
from resilient_redshift.cloud.restore.standing_parts import (
    AT_HOME,
    FAILED_OVER,
    STANDBY,
    Beside,
    Standing,
    judge_age,
    judge_cluster,
)
from resilient_redshift.cloud.words import iso, span
from resilient_redshift.contract.names import TAG_DRILL
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT
from resilient_redshift.contract.watching import PROBLEM, WARNING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.restore.sight import Look, Sight


def judge(record: Mapping[str, Any], sight: Sight, now: datetime) -> Standing:
    """Judge a plan.

    Args:
        record: what is understood of the plan's record.
        sight: what was read of the plan.
        now: the time.
    """
    standing = Standing()
    if is_standby(record, sight):
        standing.where = STANDBY
        standing.fine = f"the way home of {record['reverse_of']}, whose cluster is at home"
        return standing
    _judge_reading(standing, record, sight)
    _propose(standing, record, sight)
    if sight.forward.made and sight.forward.problem:
        standing.not_read(f"it is unknown whether {record['reverse_of']} is at home: {sight.forward.problem}")
    published = sight.published.value
    if sight.published.problem:
        _judge_unknown(standing, record, sight)
    elif published is None:
        standing.where = AT_HOME
        _judge_copies(standing, record, sight, now)
        _judge_primary_at_home(standing, record, sight)
    else:
        standing.where = FAILED_OVER
        standing.restored = restored(sight.published, sight.clusters)
        judge_published(standing, record, sight, published, now)
        judge_other_writer(standing, record, sight, published)
        diverged = left_out(standing.choice, published) if standing.choice else ""
        standing.remarks += [diverged] if diverged else []
    standing.beside = _beside(record, sight, now)
    standing.remarks += [_in_words(one, sure=not sight.running.problem) for one in standing.beside]
    return standing


def is_standby(record: Mapping[str, Any], sight: Sight) -> bool:
    """Whether a plan is a way home that nobody needs now, because nothing is published of the plan that it reverses."""
    forward = sight.forward
    return "reverse_of" in record and forward.made and not forward.problem and forward.value is None


def _judge_reading(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    """Name what could not be read in the recovery Region. What the primary is, each standing judges by itself."""
    region = record["recovery"]["region"]
    looks: dict[str, Look[Any]] = {
        "what is published": sight.published,
        "the recorded lineage": sight.lineage,
        "the running executions": sight.running,
        f"the snapshots in {region}": sight.points,
        f"the clusters in {region}": sight.clusters,
    }
    needed = {"what is published", "the recorded lineage", f"the snapshots in {region}"}
    if sight.published.value is not None:
        needed.add(f"the clusters in {region}")
    by_problem: dict[str, list[str]] = {}
    for what, look in looks.items():
        if look.problem:
            by_problem.setdefault(look.problem, []).append(what)
    for problem, unread in by_problem.items():
        everything = len(unread) == len(looks)
        text = "the recovery Region cannot be read" if everything else f"{_all_of(unread)} could not be read"
        standing.not_read(f"{text}: {problem}", severity=PROBLEM if needed & set(unread) else WARNING)


def _all_of(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last


def _propose(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    published = sight.published.value
    if not sight.points.made or sight.points.problem or sight.lineage.problem or sight.published.problem:
        return
    if published is not None and sight.clusters.problem:
        return
    live = in_use(published, restored(sight.published, sight.clusters))
    standing.choice = propose(record, sight.points.value or (), lineage=sight.lineage.value, published=live)


def _judge_copies(standing: Standing, record: Mapping[str, Any], sight: Sight, now: datetime) -> None:
    choice, cluster, region = standing.choice, record["cluster"]["identifier"], record["recovery"]["region"]
    if choice is None:
        return
    recorded = sight.lineage.value
    if choice.outcome == AMBIGUOUS_LINEAGE and recorded is not None and _all_older(choice.candidates, recorded):
        # as after a switchover home, which records the new cluster's lineage at once
        one = f"the one that was created {iso(recorded)}"
        text = f"only copies of a former {cluster} are in {region}, none of {one}"
        if _is_late(record, recorded, now):
            standing.found("RecoveryPointOverdue", text)
        else:
            standing.remarks.append(f"{text} yet: that one is {span(now - recorded)} old")
    elif choice.outcome == AMBIGUOUS_LINEAGE:
        number = len(choice.candidates)
        of = f"of {number} clusters called {cluster}" if number > 1 else f"of another {cluster} than the recorded one"
        standing.found("LineageChanged", f"{AMBIGUOUS_LINEAGE}: there are copies {of}")
    elif choice.outcome == NO_RECOVERY_POINT or choice.point is None:
        _judge_no_copy(standing, record, sight, now)
    else:
        judge_age(standing, record, sight, f"the newest copy in {region}", choice.point, now=now)


def _judge_no_copy(standing: Standing, record: Mapping[str, Any], sight: Sight, now: datetime) -> None:
    """A plan without any copy is late once the protection is older than the objective."""
    text, since = f"no usable copy in {record['recovery']['region']}", sight.protected_since
    if since is None or _is_late(record, since, now):
        standing.found("RecoveryPointOverdue", text)
    else:
        standing.remarks.append(f"{text} yet: the plan is protected since {span(now - since)}")


def _is_late(record: Mapping[str, Any], since: datetime | None, now: datetime) -> bool:
    """Whether what is missing since a time is late: that is longer than the objective."""
    objective = record.get("objectives", {}).get("recovery_point_seconds")
    return since is None or objective is None or (now - since).total_seconds() > objective


def _all_older(points: Sequence[RecoveryPoint], recorded: datetime) -> bool:
    """Whether every copy is of a cluster that was created before the recorded one."""
    return all(point.lineage < recorded and not same_cluster(point.lineage, recorded) for point in points)


def _judge_primary_at_home(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    cluster, primary = record["cluster"]["identifier"], sight.primary
    region = record["cluster"]["region"]
    if not primary.made:
        return
    if primary.problem:
        standing.not_read(_primary_unread(record, primary))
    elif primary.value is None:
        unless_published = ", and no endpoint is published" if sight.published.made else ""
        standing.found(
            "ClusterMissing",
            f"the cluster is missing: there is no cluster {cluster} in {region}{unless_published}. It was deleted or "
            "renamed (docs/operating.md, 'The cluster was deleted by mistake')",
        )
    else:
        judge_cluster(standing, f"the cluster {cluster}", primary.value)


def _primary_unread(record: Mapping[str, Any], primary: Look[Seen]) -> str:
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    if primary.silent:
        return f"{region} does not answer, so it is unknown whether {cluster} lives and is copied: {primary.problem}"
    return f"the primary Region cannot be read: {primary.problem}"


def _judge_unknown(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    """Judge the primary where nobody knows whether a failover published another cluster."""
    cluster, primary, region = record["cluster"]["identifier"], sight.primary, record["cluster"]["region"]
    if not primary.made:
        return
    if primary.problem:
        standing.not_read(_primary_unread(record, primary))
    elif primary.value is None:
        standing.not_read(
            f"there is no cluster {cluster} in {region}, and it is unknown whether another one is published"
        )


def _beside(record: Mapping[str, Any], sight: Sight, now: datetime) -> list[Beside]:
    """The clusters that runs of the plan restored and that are not published.

    A drill deletes its own cluster, and a run that is under way is still at work on its own.
    """
    if sight.published.problem:
        return []
    published = restored(sight.published, sight.clusters)
    found = []
    for cluster in sight.clusters.value or ():
        if not cluster.belongs_to(record["plan"]) or TAG_DRILL in cluster.tags or cluster == published:
            continue
        if cluster.made_by in (sight.running.value or ()):
            continue
        hours = (now - cluster.created).total_seconds() / 3600 if cluster.created else None
        nodes = cluster.facts.number_of_nodes
        node_hours = hours * nodes if hours is not None and nodes else None
        found.append(Beside(cluster=cluster, hours=hours, node_hours=node_hours))
    return found


def _in_words(one: Beside, *, sure: bool) -> str:
    facts = one.cluster.facts
    nodes = f"{facts.number_of_nodes or '?'} x {facts.node_type or '?'}"
    length = "?" if one.hours is None else span(one.hours * 3600)
    cost = "?" if one.node_hours is None else f"{one.node_hours:.1f}"
    if not sure:
        advice = "It is unknown whether a run is still at work on it"
    elif one.cluster.fenced:
        advice = "It is fenced: no client reaches it. Pause it, or delete it with a final snapshot"
    else:
        advice = "If nobody uses it, delete it; or publish it, to switch to it (docs/cli.md)"
    return (
        f"beside: {one.cluster.identifier}, {one.cluster.state.name}, {nodes} for {length}, {cost} node hours so far. "
        f"{advice}"
    )
