"""Lives and ages of what was read: nothing kinder than the truth, nothing gone that was not missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.history import Journal, Life, Sight

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE, THERE = "us-east-1", "us-west-2"


def at(hours: float) -> datetime:
    return START + hours * HOUR


def sight(name: str, created: float, *, tier: str = "automated", available: bool = True) -> Sight:
    return Sight(name, tier, at(created), available)


@pytest.fixture
def journal() -> Journal:
    return Journal(START, (HERE, THERE))


def note(journal: Journal, hours: float, here: list[Sight], there: list[Sight], *, whole: bool = True) -> None:
    journal.note(at(hours), {HERE: here, THERE: there}, whole=whole)


def test_a_region_without_a_point_is_as_old_as_the_copy(journal: Journal) -> None:
    # GIVEN a copy that is on WHEN nothing has arrived after five hours THEN the age is five hours
    note(journal, 5, [], [])
    assert journal.age(THERE) == 5 * HOUR
    assert journal.ages(THERE) == [(START, timedelta()), (at(5), 5 * HOUR)]


def test_the_age_rises_until_a_newer_point_is_read_and_drops_to_its_data(journal: Journal) -> None:
    # GIVEN a snapshot of hour 8 WHEN hour 10 reads it THEN the curve has a corner at 10 hours and one at 2
    note(journal, 6, [], [])
    note(journal, 10, [sight("a", 8)], [])
    assert journal.ages(HERE) == [(START, timedelta()), (at(6), 6 * HOUR), (at(10), 10 * HOUR), (at(10), 2 * HOUR)]
    assert journal.worst_age(HERE) == 10 * HOUR
    assert journal.worst_age(THERE) == 10 * HOUR


def test_the_worst_counts_the_older_point_until_the_reading(journal: Journal) -> None:
    # GIVEN points of hours 8 and 16 WHEN the second is read at 19 only THEN the first was 11 hours old
    note(journal, 9, [sight("a", 8)], [])
    note(journal, 19, [sight("a", 8), sight("b", 16)], [])
    assert journal.worst_age(HERE) == 11 * HOUR
    assert journal.age(HERE) == 3 * HOUR


def test_what_is_not_available_is_no_recovery_point(journal: Journal) -> None:
    # GIVEN a copy that is still creating WHEN read THEN it neither lives nor makes the Region younger
    note(journal, 9, [], [sight("a", 8, available=False)])
    assert journal.lives(THERE) == []
    assert journal.age(THERE) == 9 * HOUR


def test_a_life_ends_where_a_whole_reading_misses_it(journal: Journal) -> None:
    # GIVEN a snapshot WHEN a reading of everything no longer shows it THEN it is gone from there on, for good
    note(journal, 9, [sight("a", 8)], [])
    note(journal, 20, [sight("b", 16)], [])
    note(journal, 30, [sight("b", 16)], [])
    assert journal.lives(HERE) == [
        Life("a", "automated", at(8), at(20), gone=True),
        Life("b", "automated", at(16), at(30), gone=False),
    ]
    assert [life.identifier for life in journal.standing(HERE)] == ["b"]


def test_a_reading_of_the_newest_alone_misses_nothing(journal: Journal) -> None:
    # GIVEN a snapshot WHEN only newer ones were asked for THEN it still stands, and still counts for the age
    note(journal, 9, [sight("a", 8)], [])
    note(journal, 12, [], [], whole=False)
    assert [life.identifier for life in journal.standing(HERE)] == ["a"]
    assert journal.age(HERE) == 4 * HOUR
    assert journal.newest(HERE) == at(8)
    assert journal.newest(THERE) == START


def test_the_age_jumps_back_up_when_the_newest_point_is_lost(journal: Journal) -> None:
    # GIVEN two points WHEN the newer one disappears THEN the older one is what a restore would have
    note(journal, 17, [sight("a", 8), sight("b", 16)], [])
    note(journal, 18, [sight("a", 8)], [])
    assert journal.age(HERE) == 10 * HOUR


def test_one_name_twice_is_two_snapshots(journal: Journal) -> None:
    # GIVEN a name that was taken, deleted and taken again WHEN read THEN both are told apart by the time of the data
    note(journal, 9, [sight("a", 8)], [])
    note(journal, 17, [sight("a", 16)], [])
    assert [(life.created, life.gone) for life in journal.lives(HERE)] == [(at(8), True), (at(16), False)]


def test_automated_comes_first(journal: Journal) -> None:
    note(journal, 9, [sight("z", 8, tier="weekly"), sight("m", 8, tier="monthly")], [sight("a", 8)])
    assert journal.tiers() == ["automated", "monthly", "weekly"]


def test_time_does_not_run_backwards(journal: Journal) -> None:
    note(journal, 9, [], [])
    with pytest.raises(ValueError, match="does not run backwards"):
        note(journal, 8, [], [])
