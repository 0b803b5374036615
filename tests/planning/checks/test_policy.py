"""A policy in Python: what it refuses, all of it at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import (
    CheckRule,
    ClusterEntry,
    ClusterMatcher,
    Failure,
    PolicyException,
    Requirement,
    ResiliencePolicy,
)

DAY = timedelta(days=1)
DEV = ClusterMatcher(name="dev-*")


def problems_of(kind: type, **arguments: Any) -> tuple[str, ...]:
    with pytest.raises(ResilientRedshiftError) as raised:
        kind(**arguments)
    return raised.value.problems


def test_every_problem_of_a_policy_is_reported_at_once() -> None:
    requirements = (
        Requirement(failure=Failure.NODE, lose_at_most=-DAY),
        Requirement(failure=Failure.REGION, lose_at_most=DAY, noticed_within=40_000 * DAY),
        Requirement(failure=Failure.REGION, lose_at_most=DAY),
        Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY),
    )

    problems = problems_of(ResiliencePolicy, survive=requirements, rehearsal_every=0 * DAY, keep_snapshots="7d")

    assert [problem.partition(" must ")[0] for problem in problems] == [
        "'survive: node: lose_at_most'",
        "'survive: region: noticed_within'",
        "'survive: bad-load: noticed_within'",
        "'survive'",
        "'rehearsal_every'",
        "'keep_snapshots'",
    ]


def test_what_is_of_another_kind_is_refused_by_name() -> None:
    problems = problems_of(
        ResiliencePolicy,
        survive={"region": "24h"},
        clusters=(DEV,),
        exceptions=("RR103",),
        read_everything="yes",
    )
    assert [problem.partition(" must ")[0] for problem in problems] == [
        "'survive'",
        "'read_everything'",
        "'clusters'",
        "'exceptions'",
    ]


@pytest.mark.parametrize("patterns", [{"name": ""}, {"region": 7}, {"tag": "=dev"}], ids=["empty", "number", "no key"])
def test_a_pattern_that_no_cluster_can_have_is_refused(patterns: dict[str, Any]) -> None:
    (problem,) = problems_of(ClusterMatcher, **patterns)
    assert problem.startswith(f"'{next(iter(patterns))}'")


def test_bad_loads_may_be_required_for_several_times() -> None:
    loads = tuple(
        Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY, noticed_within=days * DAY) for days in (1, 7, 30)
    )
    assert ResiliencePolicy(survive=loads).survive == loads


def test_the_same_bad_load_is_required_once() -> None:
    load = Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY, noticed_within=DAY)
    assert problems_of(ResiliencePolicy, survive=(load, load)) == (
        "'survive' must be one requirement for each failure, got 'bad-load noticed within 1 d'",
    )


def test_an_entry_needs_a_matcher() -> None:
    (problem,) = problems_of(ClusterEntry, match=ClusterMatcher())
    assert 'name = "*" means every cluster' in problem


def test_an_entry_does_not_both_require_and_take_away() -> None:
    region = Requirement(failure=Failure.REGION, lose_at_most=DAY)
    (problem,) = problems_of(ClusterEntry, match=DEV, survive=(region,), need_not_survive=(Failure.REGION,))
    assert problem.startswith("'need_not_survive'")


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"rule": CheckRule.REGION_LOST, "reason": " ", "match": DEV}, "'reason'"),
        ({"rule": CheckRule.REGION_LOST, "reason": "cost"}, "'match'"),
        ({"rule": "RR103", "reason": "cost", "match": DEV}, "'rule'"),
        ({"rule": CheckRule.REGION_LOST, "reason": 1, "match": DEV}, "'reason'"),
        ({"rule": CheckRule.REGION_LOST, "reason": "cost", "match": "dev-*"}, "'match'"),
        ({"rule": CheckRule.REGION_LOST, "reason": "cost", "match": DEV, "part": "*"}, "'part'"),
        ({"rule": CheckRule.NOT_READ, "reason": "ours"}, "'part'"),
        ({"rule": CheckRule.NOT_READ, "reason": "ours", "part": "*", "match": DEV}, "'match'"),
        ({"rule": CheckRule.EXCEPTION_IDLE, "reason": "noise"}, "'rule'"),
        ({"rule": CheckRule.REGION_LOST, "reason": "cost", "match": DEV, "until": datetime.now(tz=UTC)}, "'until'"),
    ],
    ids=[
        "no reason",
        "no matcher",
        "text as rule",
        "number as reason",
        "text as matcher",
        "part of a cluster",
        "no part",
        "cluster of a part",
        "policy",
        "time of day",
    ],
)
def test_an_exception_refuses(arguments: dict[str, Any], argument: str) -> None:
    (problem,) = problems_of(PolicyException, **arguments)
    assert problem.startswith(argument)


def test_entries_and_exceptions_for_the_same_clusters_are_refused() -> None:
    entry = ClusterEntry(match=DEV, rehearsal_every=False)
    exception = PolicyException(rule=CheckRule.REGION_LOST, reason="cost", match=DEV)
    assert problems_of(ResiliencePolicy, clusters=(entry, entry), exceptions=(exception, exception)) == (
        "'clusters' must be one entry for the same clusters, got 'name = \"dev-*\"'",
        "'exceptions' must be one exception for the same rule and clusters, got 'RR103 of name = \"dev-*\"'",
    )


def test_an_exception_still_holds_on_its_last_day() -> None:
    last = date(2027, 3, 31)
    exception = PolicyException(rule=CheckRule.REGION_LOST, reason="cost", match=DEV, until=last)
    assert (exception.ended(last), exception.ended(last + DAY)) == (False, True)
