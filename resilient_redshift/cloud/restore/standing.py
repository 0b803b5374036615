"""The state of a plan before and after a failover: one function for ``status`` and for whatever else watches a plan.

A published endpoint makes a plan "failed over". Then the cluster that is published is the warehouse, and it needs a
recovery point of its own. This module imports no botocore: it judges what somebody else read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.snapshots import newest_first, same_cluster
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.restore.proposal import in_use, left_out, propose
from resilient_redshift.cloud.restore.sight import restored
from resilient_redshift.cloud.words import span
from resilient_redshift.contract.names import TAG_DRILL, endpoint_name
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import Choice, RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.restore.sight import Look, Sight

AT_HOME: Final = "at home"
FAILED_OVER: Final = "failed over"
#: It could not be read whether an endpoint is published.
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A cluster that a run of the plan restored, and that is not published.

    Args:
        cluster: the cluster.
        hours: how long it has existed. None: AWS does not say.
        node_hours: its node hours so far. None: AWS does not say.
    """

    cluster: Seen
    hours: float | None = None
    node_hours: float | None = None


@dataclass(kw_only=True)
class Standing:
    """The state of a plan.

    Args:
        where: :data:`AT_HOME`, :data:`FAILED_OVER` or :data:`UNKNOWN`.
        missed: what is certainly missed.
        unknown: what could not be read.
        notes: what is worth knowing, and changes no verdict.
        fine: what is as it should be.
        commands: the command lines that mend what is missed.
        instead: the command lines of the other way to mend it. Nobody should run both.
        choice: what a failover would take now. None: that is unknown.
        restored: the published cluster. None: there is none, or it could not be read.
        copied: the newest copy of the published cluster. None: there is none, or it could not be read.
        beside: the clusters that runs of the plan restored beside it.
    """

    where: str = UNKNOWN
    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fine: str = ""
    commands: list[str] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    choice: Choice | None = None
    restored: Seen | None = None
    copied: RecoveryPoint | None = None
    beside: list[Beside] = field(default_factory=list)


def judge(record: Mapping[str, Any], sight: Sight, now: datetime) -> Standing:
    """Judge a plan.

    Args:
        record: what is understood of the plan's record.
        sight: what was read of the plan.
        now: the time.
    """
    standing = Standing()
    _judge_reading(standing, record, sight)
    _propose(standing, record, sight)
    published = sight.published.value
    if sight.published.problem:
        _judge_unknown(standing, record, sight)
    elif published is None:
        standing.where = AT_HOME
        _judge_copies(standing, record, now)
        _judge_primary_at_home(standing, record, sight)
    else:
        standing.where = FAILED_OVER
        standing.restored = restored(sight.published, sight.clusters)
        _judge_published(standing, record, sight, published, now)
        _judge_other_writer(standing, record, sight, published)
        diverged = left_out(standing.choice, published) if standing.choice else ""
        standing.notes += [diverged] if diverged else []
    standing.beside = _beside(record, sight, now)
    standing.notes += [_in_words(one, sure=not sight.running.problem) for one in standing.beside]
    return standing


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
    by_problem: dict[str, list[str]] = {}
    for what, look in looks.items():
        if look.problem:
            by_problem.setdefault(look.problem, []).append(what)
    for problem, unread in by_problem.items():
        everything = len(unread) == len(looks)
        text = "the recovery Region cannot be read" if everything else f"{_all_of(unread)} could not be read"
        standing.unknown.append(f"{text}: {problem}")


def _all_of(things: Sequence[str]) -> str:
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last


def _propose(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    published = sight.published.value
    if sight.points.problem or sight.lineage.problem or sight.published.problem:
        return
    if published is not None and sight.clusters.problem:
        return
    live = in_use(published, restored(sight.published, sight.clusters))
    standing.choice = propose(record, sight.points.value or (), lineage=sight.lineage.value, published=live)


def _judge_copies(standing: Standing, record: Mapping[str, Any], now: datetime) -> None:
    choice, cluster, region = standing.choice, record["cluster"]["identifier"], record["recovery"]["region"]
    if choice is None:
        return
    if choice.outcome == AMBIGUOUS_LINEAGE:
        number = len(choice.candidates)
        standing.missed.append(f"{AMBIGUOUS_LINEAGE}: there are copies of {number} clusters called {cluster}")
    elif choice.outcome == NO_RECOVERY_POINT or choice.point is None:
        standing.missed.append(f"no usable copy in {region}")
    else:
        _judge_age(standing, record, f"the newest copy in {region}", choice.point, now)


def _judge_age(standing: Standing, record: Mapping[str, Any], what: str, point: RecoveryPoint, now: datetime) -> None:
    age, objective = now - point.created, record.get("objectives", {}).get("recovery_point_seconds")
    if objective is None:
        standing.unknown.append(f"{what} is {span(age)} old, and the objective is not understood")
    elif age.total_seconds() > objective:
        standing.missed.append(f"{what} is {span(age)} old, the objective is {span(objective)}")
    else:
        standing.fine = f"{what} is {span(age)} old, within the objective of {span(objective)}"


def _judge_primary_at_home(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    cluster, primary = record["cluster"]["identifier"], sight.primary
    region = record["cluster"]["region"]
    if primary.problem:
        standing.unknown.append(_primary_unread(record, primary))
    elif primary.value is None:
        standing.missed.append(
            f"the cluster is missing: there is no cluster {cluster} in {region}, and no endpoint is published. It was "
            "deleted or renamed (docs/operating.md, 'The cluster was deleted by mistake')"
        )
    else:
        _judge_state(standing, f"the cluster {cluster}", primary.value.state)


def _primary_unread(record: Mapping[str, Any], primary: Look[Seen]) -> str:
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    if primary.silent:
        return f"{region} does not answer, so it is unknown whether {cluster} lives and is copied: {primary.problem}"
    return f"the primary Region cannot be read: {primary.problem}"


def _judge_unknown(standing: Standing, record: Mapping[str, Any], sight: Sight) -> None:
    """Judge the primary where nobody knows whether a failover published another cluster."""
    cluster, primary, region = record["cluster"]["identifier"], sight.primary, record["cluster"]["region"]
    if primary.problem:
        standing.unknown.append(_primary_unread(record, primary))
    elif primary.value is None:
        standing.unknown.append(
            f"there is no cluster {cluster} in {region}, and it is unknown whether another one is published"
        )


def _judge_published(
    standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published, now: datetime
) -> None:
    """Judge the published cluster and its own recovery point."""
    region, cluster = record["recovery"]["region"], standing.restored
    if sight.clusters.problem:
        return
    if cluster is None or _is_gone(standing, sight):
        _judge_gone(standing, record, sight, published)
        return
    name = f"{published.cluster} in {region}"
    _judge_state(standing, f"the published cluster {name}", cluster.state)
    _judge_checks(standing, name, sight, published)
    if not cluster.copied_to:
        standing.missed.append(
            f"failed over to {name}, which has no recovery point elsewhere: its snapshots are copied to no other "
            "Region (docs/failback.md, step 2)"
        )
        return
    where = cluster.copied_to
    if sight.elsewhere.problem:
        standing.unknown.append(f"the copies of {name} in {where} could not be read: {sight.elsewhere.problem}")
        return
    copies = newest_first(
        point
        for point in sight.elsewhere.value or ()
        if (point.cluster, point.source_region) == (cluster.identifier, region)
        and point.available
        and (cluster.created is None or same_cluster(point.lineage, cluster.created))
    )
    if not copies:
        standing.missed.append(f"failed over to {name}, and no copy of it is available in {where} yet")
        return
    standing.copied = copies[0]
    _judge_age(standing, record, f"failed over to {name}; its newest copy in {where}", copies[0], now)


def _judge_gone(standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published) -> None:
    """Say that the published cluster is gone. Nobody is told to fence a primary that lives: nothing else does."""
    region, cluster = record["recovery"]["region"], standing.restored
    namesake = any(one.identifier == published.cluster for one in sight.clusters.value or ())
    gone = "another run's cluster has its name" if namesake else "it does not exist any more"
    gone = gone if cluster is None else f"it is {cluster.state.name!r}, so it is being deleted"
    again = [f"resilient-redshift failover {record['plan']} --region {region}"]
    alive = _may_write(sight.primary.value)
    if alive:
        home = f"{record['cluster']['identifier']} in {record['cluster']['region']} is {alive.name!r}"
        to_do = (
            f"{home}: withdraw the endpoint if the warehouse is there again; otherwise fence that cluster and restore"
        )
        ways = [_withdraw(record)], [*_fence(record), *again]
    elif namesake and cluster is None:
        # a failover into that name would be refused
        to_do = "Publish that one (docs/cli.md, 'After a failover'), or withdraw the endpoint"
        ways = [], [_withdraw(record)]
    else:
        to_do, ways = "Restore again, or withdraw the endpoint", (again, [_withdraw(record)])
    standing.missed.append(f"the published cluster is gone: {published.cluster} in {region}, {gone}. {to_do}")
    standing.commands, standing.instead = ways


def _is_gone(standing: Standing, sight: Sight) -> bool:
    """Whether the published cluster is certainly gone, or going."""
    restored_cluster = standing.restored
    if restored_cluster is None:
        return not sight.clusters.problem
    return restored_cluster.state.meaning is Meaning.GOING


def _may_write(primary: Seen | None) -> states.State | None:
    """The state of a primary that may take writes. None: there is no such primary."""
    if primary is None:
        return None
    return primary.state if primary.state.meaning is Meaning.AVAILABLE or primary.state.passes else None


def _judge_checks(standing: Standing, name: str, sight: Sight, published: Published) -> None:
    """Judge whether the published cluster answered its checks. A run publishes the cluster before it asks them."""
    if published.verified:
        return
    if published.execution in (sight.running.value or ()):
        standing.notes.append(f"{published.execution} still checks the published cluster {name}")
    elif not sight.running.problem:
        standing.missed.append(
            f"the published cluster {name} is not verified: a check failed, or its run ended before all were answered"
        )


def _judge_other_writer(standing: Standing, record: Mapping[str, Any], sight: Sight, published: Published) -> None:
    """Judge whether the primary's cluster may take writes beside the published cluster."""
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    name, primary = f"{cluster} in {region}", sight.primary
    if primary.silent:
        standing.notes.append(
            f"primary unreachable: when {region} answers again, fence {cluster} first: {primary.problem}"
        )
        return
    if primary.problem:
        standing.unknown.append(f"it is unknown whether {name} takes writes: {primary.problem}")
        return
    if primary.value is None:
        return
    state = primary.value.state
    if _may_write(primary.value):
        if not _is_gone(standing, sight):
            _judge_two_writers(standing, record, state, published)
    elif state.meaning is Meaning.UNKNOWN:
        standing.unknown.append(
            f"{name} is {state.name!r}, and this release does not know that state: it may take writes"
        )
    elif state.meaning is not Meaning.GOING:
        standing.notes.append(f"{name} is {state.name!r}: fence it before it takes writes again")


def _judge_two_writers(
    standing: Standing, record: Mapping[str, Any], primary: states.State, published: Published
) -> None:
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    name, here = f"{cluster} in {region}", f"{published.cluster} in {record['recovery']['region']}"
    there = standing.restored.state if standing.restored else None
    # a former release published also what somebody restored beside, only to look at it
    looked_at = published.cluster != cluster and not published.snapshot
    idle = there and not there.passes and there.meaning in {Meaning.PAUSED, Meaning.NEEDS_SOMEBODY}
    if there and (idle or looked_at):
        standing.missed.append(
            f"{name} is {primary.name!r}, and the published {here} is {there.name!r}. If the warehouse is back in "
            f"{region}, or never left it, withdraw the endpoint; otherwise fence {name} (docs/failback.md, step 1)"
        )
        standing.commands, standing.instead = [_withdraw(record)], _fence(record)
        return
    standing.missed.append(
        f"two writers: {name} is {primary.name!r} beside the published {here}. Fence {name} (docs/failback.md, "
        "step 1), or, if the warehouse is back there, withdraw the endpoint"
    )
    standing.commands, standing.instead = _fence(record), [_withdraw(record)]


def _fence(record: Mapping[str, Any]) -> list[str]:
    """The first commands of docs/failback.md, step 1. AWS refuses the rename of a cluster that is copied."""
    cluster, region = record["cluster"]["identifier"], record["cluster"]["region"]
    whose = f"--region {region} --cluster-identifier {cluster}"
    return [
        f"aws redshift disable-snapshot-copy {whose}",
        f"aws redshift modify-cluster {whose} --new-cluster-identifier {cluster}-diverged",
    ]


def _withdraw(record: Mapping[str, Any]) -> str:
    return f"aws ssm delete-parameter --region {record['recovery']['region']} --name {endpoint_name(record['plan'])}"


def _judge_state(standing: Standing, what: str, state: states.State) -> None:
    text = f"{what} is {state.name!r}"
    if state.meaning is Meaning.NEEDS_SOMEBODY:
        standing.missed.append(f"{text}: {state.happens}; {state.to_do}")
    elif state.meaning is Meaning.GOING:
        standing.missed.append(f"{text}, so it is being deleted")
    elif state.meaning is Meaning.UNKNOWN:
        standing.unknown.append(f"{text}, and this release does not know that state: look at the cluster's events")
    elif state.name == states.PAUSED:
        standing.notes.append(f"{text}: no snapshot is taken")


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
    advice = (
        "If nobody uses it, delete it; or publish it, to switch to it (docs/cli.md)"
        if sure
        else "It is unknown whether a run is still at work on it"
    )
    return (
        f"beside: {one.cluster.identifier}, {one.cluster.state.name}, {nodes} for {length}, {cost} node hours so far. "
        f"{advice}"
    )
