"""What a policy requires of one cluster, after its entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from resilient_redshift.planning import ClusterEntry, ClusterMatcher, Failure, Requirement, ResiliencePolicy
from resilient_redshift.planning.checks.findings import ClusterKey
from resilient_redshift.planning.checks.matching import ClusterFacts
from resilient_redshift.planning.checks.requirements import ClusterRequirements, requirements_of

DAY = timedelta(days=1)
EVERY = ClusterMatcher(name="*")
PERHAPS = ClusterMatcher(tag="env=prod")
CLUSTER = ClusterFacts(key=ClusterKey(name="sales", stack="Db", region="us-east-1"))


def lose(failure: Failure, days: int, noticed: int | None = None) -> Requirement:
    within = None if noticed is None else noticed * DAY
    return Requirement(failure=failure, lose_at_most=days * DAY, noticed_within=within)


BASE = (lose(Failure.NODE, 1), lose(Failure.REGION, 2, 3), lose(Failure.BAD_LOAD, 1, 7))


def required(*entries: ClusterEntry, **base: Any) -> ClusterRequirements:
    return requirements_of(ResiliencePolicy(survive=BASE, clusters=entries, **base), CLUSTER)


def test_without_an_entry_the_policy_holds() -> None:
    found = required(rehearsal_every=92 * DAY, keep_snapshots=7 * DAY)
    assert (found.survive, found.rehearsal_every, found.keep_snapshots) == (BASE, 92 * DAY, 7 * DAY)


def test_a_later_entry_replaces_an_earlier_one_failure_by_failure() -> None:
    first = ClusterEntry(match=EVERY, survive=(lose(Failure.REGION, 5), lose(Failure.ZONE, 5)), rehearsal_every=DAY)
    second = ClusterEntry(match=ClusterMatcher(name="sales"), survive=(lose(Failure.REGION, 9),))
    found = required(first, second)
    assert found.survive == (BASE[0], lose(Failure.ZONE, 5), lose(Failure.REGION, 9), BASE[2])
    assert found.rehearsal_every == DAY


def test_an_entry_takes_requirements_away() -> None:
    entry = ClusterEntry(
        match=EVERY,
        need_not_survive=(Failure.REGION, Failure.BAD_LOAD),
        rehearsal_every=False,
        keep_snapshots=False,
    )
    found = required(entry, rehearsal_every=DAY, keep_snapshots=DAY)
    assert found == ClusterRequirements(survive=BASE[:1], rehearsal_every=None, keep_snapshots=None)


def test_an_entry_for_another_cluster_changes_nothing() -> None:
    entry = ClusterEntry(match=ClusterMatcher(name="other"), need_not_survive=(Failure.REGION,))
    assert required(entry).survive == BASE


def test_an_entry_that_may_match_only_makes_the_policy_stricter() -> None:
    # GIVEN an entry that loses less, notices earlier, and takes the rest away WHEN only the deployment decides about it
    entry = ClusterEntry(
        match=PERHAPS,
        survive=(lose(Failure.REGION, 1, 1), lose(Failure.BAD_LOAD, 9, 7), lose(Failure.BAD_LOAD, 1, 30)),
        need_not_survive=(Failure.NODE,),
        rehearsal_every=False,
        keep_snapshots=DAY,
    )
    found = required(entry, rehearsal_every=DAY, keep_snapshots=7 * DAY)

    # THEN of each value the stricter one holds
    assert found == ClusterRequirements(
        survive=(BASE[0], lose(Failure.REGION, 1, 3), BASE[2], lose(Failure.BAD_LOAD, 1, 30)),
        rehearsal_every=DAY,
        keep_snapshots=7 * DAY,
        notes=found.notes,
    )
    assert ["the tag matches" in note for note in found.notes] == [True]


def test_an_entry_that_may_match_and_only_takes_away_changes_nothing() -> None:
    assert required(ClusterEntry(match=PERHAPS, need_not_survive=(Failure.NODE,))) == required()
