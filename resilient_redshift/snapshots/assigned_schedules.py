"""The snapshot schedules that an app gives to clusters: at most one for each cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim, claim_cluster
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.planning.recovery_point import automated_gap_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import IConstruct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems
    from resilient_redshift.schedules.eventbridge import Schedule


def claim_schedule(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, owner: str) -> None:
    """Record a problem when another construct of the app gives a cluster a schedule.

    Args:
        problems: collects the problems of the call.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        owner: the path and kind of the construct that gives the schedule.
    """
    holder = claim_cluster(problems, cluster, facts, ("cluster schedule", "schedule of"), owner)
    allowed = "a cluster without another SnapshotSchedule in this app"
    why = f"'{holder}' already gives it a schedule, and a cluster has one (Redshift API, ModifyClusterSnapshotSchedule)"
    problems.check(not holder, "cluster", facts.identifier or path_of(cluster), allowed, why)


def claim_identifier(problems: Problems, scope: IConstruct, name: str, owner: str) -> None:
    """Record a problem when another construct of the app makes a schedule of the same identifier.

    Args:
        problems: collects the problems of the call.
        scope: a construct in the schedule's stack.
        name: the schedule's identifier.
        owner: the path and kind of the construct that makes the schedule.
    """
    holder = claim(problems, stack_of(scope), "schedule", name, owner)
    why = f"'{holder}' already has this identifier, and identifiers are unique in account and Region"
    problems.check(not holder, "schedule_identifier", name, "an identifier that no other schedule of this app has", why)


def note_schedule(cluster: IClusterRef, facts: ClusterFacts, schedules: Sequence[Schedule], *, identifier: str) -> None:
    """Remember the schedule of a cluster, and its identifier.

    A plan needs the schedule for its check at synth, and for the schedule of the restored cluster. A plan that was
    declared before gets it now.
    """
    assigned, followers = _assigned(root_of(cluster)), _followers(root_of(cluster))
    identifiers = _identifiers(root_of(cluster))
    called: list[object] = []
    for name in _names(cluster, facts):
        assigned[name] = tuple(schedules)
        identifiers[name] = identifier
        for then in followers.get(name, ()):
            if then not in called:  # a plan follows its cluster by two names
                called.append(then)
                then(tuple(schedules))


def automated_gap(cluster: IClusterRef, facts: ClusterFacts) -> timedelta:
    """The longest time between two automated snapshots of a cluster. It is about eight hours without a schedule."""
    return automated_gap_of(schedules_of(cluster, facts))


def schedules_of(cluster: IClusterRef, facts: ClusterFacts) -> tuple[Schedule, ...]:
    """The definitions of a cluster's schedule; empty where the app has given the cluster no schedule so far."""
    assigned = _assigned(root_of(cluster))
    return next((assigned[name] for name in _names(cluster, facts) if name in assigned), ())


def schedule_identifier_of(cluster: IClusterRef, facts: ClusterFacts) -> str | None:
    """The identifier of a cluster's schedule; None where the app has given the cluster no schedule so far."""
    identifiers = _identifiers(root_of(cluster))
    return next((identifiers[name] for name in _names(cluster, facts) if name in identifiers), None)


def follow_schedule(
    cluster: IClusterRef, facts: ClusterFacts, then: Callable[[tuple[Schedule, ...]], None]
) -> tuple[Schedule, ...]:
    """The definitions of a cluster's schedule, now and later.

    Args:
        cluster: the cluster.
        facts: what synth knows about the cluster.
        then: is called with the definitions when a construct gives the cluster a schedule after this call.
    """
    followers = _followers(root_of(cluster))
    for name in _names(cluster, facts):
        followers.setdefault(name, []).append(then)
    return schedules_of(cluster, facts)


@Remembered
def _followers(_root: IConstruct) -> dict[str, list[Callable[[tuple[Schedule, ...]], None]]]:
    """What to call when a cluster gets a schedule, by each name of the cluster."""
    return {}


@Remembered
def _identifiers(_root: IConstruct) -> dict[str, str]:
    """The identifiers of the schedules that an app has given to clusters so far, by each name of a cluster."""
    return {}


@Remembered
def _assigned(_root: IConstruct) -> dict[str, tuple[Schedule, ...]]:
    """The schedules that an app has given to clusters so far, by each name of a cluster."""
    return {}


def _names(cluster: IClusterRef, facts: ClusterFacts) -> list[str]:
    """The names of a cluster: its construct's path, and its identifier with account and Region.

    A cluster needs both names, because two constructs may refer to one cluster.
    """
    names = [path_of(cluster)]
    if facts.identifier is not None:
        names.append(f"{facts.account}|{facts.region}|{facts.identifier}")
    return names
