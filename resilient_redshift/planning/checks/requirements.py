"""What a policy requires of one cluster: the policy itself, changed by each entry that matches the cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.checks.findings import Requirement
from resilient_redshift.planning.checks.matching import Matched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning.checks.matching import ClusterFacts
    from resilient_redshift.planning.checks.policy import ChangedLength, ClusterEntry, ResiliencePolicy

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterRequirements:
    """What a policy requires of one cluster.

    Attributes:
        survive: the requirements in the order of the failures: at most one for each failure, and for a bad load at most
            one for each time until it is noticed.
        rehearsal_every: the longest time between two rehearsals; None when no rehearsal is required.
        keep_snapshots: how long snapshots must be kept; None when no retention is required.
        notes: which entries may mean the cluster, so that they make the policy stricter for it. Default: none.
    """

    survive: tuple[Requirement, ...]
    rehearsal_every: timedelta | None
    keep_snapshots: timedelta | None
    notes: tuple[str, ...] = ()


def requirements_of(policy: ResiliencePolicy, cluster: ClusterFacts) -> ClusterRequirements:
    """What a policy requires of one cluster.

    An entry that certainly matches the cluster replaces what was required before. An entry that matches only in some
    deployments adds to it, so the stricter one of the two holds: such an entry takes nothing away.

    Args:
        policy: the policy.
        cluster: what the templates say about the cluster.
    """
    required = ClusterRequirements(
        survive=tuple(policy.survive), rehearsal_every=policy.rehearsal_every, keep_snapshots=policy.keep_snapshots
    )
    notes = []
    for entry in policy.clusters:
        match entry.match.matches(cluster):
            case Matched.YES:
                required = _replaced(required, entry)
            case Matched.AT_DEPLOYMENT if entry.tightens:
                required = _tightened(required, entry)
                notes.append(_note(entry, cluster))
    order = list(Failure)
    survive = sorted(required.survive, key=lambda each: (order.index(each.failure), each.noticed_within or _ZERO))
    return replace(required, survive=tuple(survive), notes=tuple(notes))


def _note(entry: ClusterEntry, cluster: ClusterFacts) -> str:
    undecided = " and ".join(entry.match.undecided(cluster))
    return (
        f"the policy's entry for {entry.match.in_words} makes the policy stricter here, because only the deployment "
        f"decides whether the {undecided} matches"
    )


def _replaced(required: ClusterRequirements, entry: ClusterEntry) -> ClusterRequirements:
    changed = {*(each.failure for each in entry.survive), *entry.need_not_survive}
    return ClusterRequirements(
        survive=(*(each for each in required.survive if each.failure not in changed), *entry.survive),
        rehearsal_every=_changed(required.rehearsal_every, entry.rehearsal_every),
        keep_snapshots=_changed(required.keep_snapshots, entry.keep_snapshots),
    )


def _changed(length: timedelta | None, change: ChangedLength) -> timedelta | None:
    if change is None:
        return length
    return change or None


def _tightened(required: ClusterRequirements, entry: ClusterEntry) -> ClusterRequirements:
    rehearsals = [length for length in (required.rehearsal_every, entry.rehearsal_every) if length]
    retentions = [length for length in (required.keep_snapshots, entry.keep_snapshots) if length]
    return ClusterRequirements(
        survive=_strictest((*required.survive, *entry.survive)),
        rehearsal_every=min(rehearsals, default=None),
        keep_snapshots=max(retentions, default=None),
    )


def _strictest(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """One requirement instead of several about the same thing, such that all of them are kept when it is kept."""
    found: dict[tuple[Failure, timedelta | None], Requirement] = {}
    for each in requirements:
        about = (each.failure, each.noticed_within if each.failure is Failure.BAD_LOAD else None)
        found[about] = _stricter(found.get(about, each), each)
    return tuple(found.values())


def _stricter(one: Requirement, other: Requirement) -> Requirement:
    noticed = [each.noticed_within for each in (one, other) if each.noticed_within is not None]
    return Requirement(
        failure=one.failure,
        lose_at_most=min(one.lose_at_most, other.lose_at_most),
        noticed_within=max(noticed, default=None),
    )
