"""Requirements of a policy that Python code replaces."""

from __future__ import annotations

from datetime import timedelta

from resilient_redshift.planning import (
    DEFAULT_POLICY,
    ClusterEntry,
    ClusterMatcher,
    Failure,
    Requirement,
    ResiliencePolicy,
)
from resilient_redshift.planning.checks.overriding import overridden

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def load(noticed_within: timedelta) -> Requirement:
    return Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY, noticed_within=noticed_within)


def test_only_what_is_replaced_changes() -> None:
    # GIVEN a policy with a time until somebody notices, and an entry for some clusters
    region = Requirement(failure=Failure.REGION, lose_at_most=DAY, noticed_within=3 * DAY)
    entry = ClusterEntry(match=ClusterMatcher(name="dev-*"), need_not_survive=(Failure.REGION,))
    policy = ResiliencePolicy(survive=(load(DAY), region), keep_snapshots=7 * DAY, clusters=(entry,), source="a file")
    # WHEN the loss in one failure is replaced
    found = overridden(policy, {Failure.REGION: HOUR}, by="an app")
    # THEN
    changed = Requirement(failure=Failure.REGION, lose_at_most=HOUR, noticed_within=3 * DAY)
    assert found == ResiliencePolicy(
        survive=(load(DAY), changed),
        keep_snapshots=7 * DAY,
        clusters=(entry,),
        source="a file, changed by an app",
    )


def test_each_requirement_about_bad_loads_changes() -> None:
    policy = ResiliencePolicy(survive=(load(DAY), load(7 * DAY)))
    found = overridden(policy, {Failure.BAD_LOAD: HOUR}, by="an app")
    assert [(each.lose_at_most, each.noticed_within) for each in found.survive] == [(HOUR, DAY), (HOUR, 7 * DAY)]


def test_a_failure_that_the_policy_does_not_name_is_noticed_as_in_the_default_policy() -> None:
    # WHEN every failure is added to a policy that requires nothing
    found = overridden(ResiliencePolicy(), dict.fromkeys(Failure, HOUR), by="an app")
    # THEN
    default = {each.failure: each.noticed_within for each in DEFAULT_POLICY.survive}
    assert {each.failure: each.noticed_within for each in found.survive} == default
    assert {each.lose_at_most for each in found.survive} == {HOUR}


def test_nothing_to_replace_leaves_the_policy() -> None:
    assert overridden(DEFAULT_POLICY, {}, by="an app") is DEFAULT_POLICY
