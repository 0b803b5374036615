"""The worst-case recovery point, and what an objective must exceed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resilient_redshift.planning import (
    SnapshotSource,
    newest,
    objective_must_exceed,
    objective_problem,
    worst_recovery_point,
)
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.retention import FOREVER

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_without_a_schedule_it_is_eight_hours() -> None:
    assert worst_recovery_point() == 8 * HOUR


@pytest.mark.parametrize(
    ("automated", "manual", "copy_time", "worst"),
    [
        (8 * HOUR, [DAY], timedelta(0), 8 * HOUR),
        (8 * HOUR, [2 * HOUR, DAY], HOUR, 3 * HOUR),
        (None, [DAY], HOUR, 25 * HOUR),
        (None, [], HOUR, None),
    ],
)
def test_the_shortest_gap_and_the_copy_time(
    automated: timedelta | None, manual: list[timedelta], copy_time: timedelta, worst: timedelta | None
) -> None:
    assert worst_recovery_point(automated_gap=automated, manual_gaps=manual, copy_time=copy_time) == worst


def test_an_objective_must_exceed_gap_copy_time_and_check_interval() -> None:
    assert objective_must_exceed() == 9 * HOUR + timedelta(minutes=15)
    assert objective_must_exceed(automated_gap=None) is None


def test_an_objective_at_the_border_is_refused_and_one_above_it_is_not() -> None:
    border = 9 * HOUR + timedelta(minutes=15)

    assert objective_problem(border + timedelta(minutes=1)) is None
    assert objective_problem(border) == (
        "a recovery point of 9 h 15 min cannot be met: it must exceed 9 h 15 min, the sum of the longest gap between "
        "snapshots (8 h), expected_copy_time (1 h) and the check interval (15 min)"
    )


def test_an_objective_without_snapshots_is_refused() -> None:
    problem = objective_problem(DAY, automated_gap=None)

    assert problem == "a recovery point of 1 d cannot be met: nothing takes snapshots"


def test_a_rule_can_rescue_an_objective() -> None:
    assert objective_problem(4 * HOUR, manual_gaps=iter([2 * HOUR])) is None
    assert objective_problem(4 * HOUR, manual_gaps=[2 * HOUR], expected_copy_time=2 * HOUR) is not None


@pytest.mark.parametrize(
    ("keep", "age", "survives"),
    [
        (7 * DAY, timedelta(0), True),
        (7 * DAY, 6 * DAY, True),  # the newest of six days may be seven days old, and lives through that instant
        (7 * DAY, 6 * DAY + timedelta(minutes=1), False),
        (FOREVER, 5000 * DAY, True),
        (12 * HOUR, timedelta(0), False),
    ],
)
def test_a_snapshot_of_an_age_must_not_have_expired(keep: timedelta, age: timedelta, survives: bool) -> None:
    assert SnapshotSource(name="nightly", gap=DAY, keep=keep).survives(age) is survives


def test_the_newest_automated_snapshot_is_kept_but_older_ones_are_not() -> None:
    source = SnapshotSource(name="automated", gap=25 * HOUR, keep=DAY, keeps_newest=True)

    assert source.survives(timedelta(0))
    assert not source.survives(HOUR)


def test_the_newest_is_of_the_source_with_the_shortest_gap_that_reaches_back() -> None:
    automated = SnapshotSource(name="automated", gap=8 * HOUR, keep=7 * DAY)
    monthly = SnapshotSource(name="monthly", gap=31 * DAY, keep=180 * DAY)

    assert newest([monthly, automated]) == automated
    assert newest([monthly, automated], age=30 * DAY) == monthly
    assert newest([monthly, automated], age=150 * DAY) is None


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0"),
        (timedelta(minutes=90), "1 h 30 min"),
        (26 * HOUR, "1 d 2 h"),
        (timedelta(seconds=61), "2 min"),  # never better than the truth
        (FOREVER, "for ever"),
    ],
)
def test_lengths_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words
