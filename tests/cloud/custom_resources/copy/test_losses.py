"""The copies that a change of retention would delete: where the border lies, and which note moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from emulator.redshift_model import Clock, RedshiftModel
from resilient_redshift.cloud.custom_resources.copy.losses import (
    NOTE_HOLDS,
    TAG_RAISED,
    Copy,
    copies_to_lose,
    days_before_raise,
    in_destination,
    raised_note,
)
from tests.cloud.custom_resources.scene import ELSEWHERE, HERE, NAME, THERE

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def lost(age: timedelta, live: int, new: int, before: int | None = None) -> bool:
    return bool(copies_to_lose([Copy("one", NOW - age)], live, new, before, NOW))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=3) - 6 * MINUTE, False),
        (timedelta(days=3) - 4 * MINUTE, True),  # it may cross the border while the handler decides
        (timedelta(days=6), True),
    ],
)
def test_a_lower_retention_costs_what_is_older(age: timedelta, expected: bool) -> None:
    assert lost(age, 7, 3) is expected


def test_the_rollback_of_a_raise_passes_though_a_copy_is_about_to_cross_the_border() -> None:
    assert not lost(timedelta(days=3) - 4 * MINUTE, live=7, new=3, before=3)


def test_a_raise_costs_only_what_an_earlier_configuration_keeps() -> None:
    assert not lost(timedelta(days=8), 7, 14)
    assert lost(timedelta(days=8) + MINUTE, 7, 14)


def test_copies_that_only_the_raise_kept_do_not_count() -> None:
    # GIVEN a raise from 3 days WHEN its rollback lowers again THEN what is older than 3 days goes without asking
    assert not lost(timedelta(days=3) + MINUTE, 7, 3, before=3)
    assert lost(timedelta(days=4), 7, 3, before=5)


def test_the_oldest_comes_first() -> None:
    copies = [Copy("young", NOW - timedelta(days=5)), Copy("old", NOW - timedelta(days=6))]
    assert [copy.identifier for copy in copies_to_lose(copies, 7, 3, None, NOW)] == ["old", "young"]


@pytest.mark.parametrize(
    ("region", "at", "noted_in_place", "judged_in_place", "days"),
    [
        (THERE, NOW, True, True, 3),
        (THERE, NOW - NOTE_HOLDS, True, True, 3),
        (THERE, NOW - NOTE_HOLDS - MINUTE, True, True, None),
        (THERE, NOW + MINUTE, True, True, None),
        (ELSEWHERE, NOW, True, True, None),
        (THERE, NOW, False, True, None),
        (THERE, NOW, False, False, 3),
        (THERE, NOW, True, False, 3),
    ],
)
def test_a_note_counts_for_its_region_its_time_and_its_kind(
    region: str, at: datetime, noted_in_place: bool, judged_in_place: bool, days: int | None
) -> None:
    tags = {TAG_RAISED: raised_note(3, region, at, in_place=noted_in_place)}
    assert days_before_raise(tags, THERE, NOW, in_place=judged_in_place) == days


@pytest.mark.parametrize("note", ["", "3", f"3@2026-13-40T99:00:00Z@{THERE}", f"333@2026-11-24T03:00:00Z@{THERE}"])
def test_a_note_that_nobody_understands_counts_nothing(note: str) -> None:
    assert days_before_raise({TAG_RAISED: note}, THERE, NOW) is None


def test_copies_are_found_on_every_page_and_without_the_cluster() -> None:
    # GIVEN more copies than a page holds, in a Region that does not know the cluster
    model = RedshiftModel(Clock())
    cluster = model.given_cluster(HERE, NAME)
    for number in range(101):
        model.given_snapshot(THERE, cluster, f"copy-{number}", kind="automated", age_days=1, retention=35)
    model.given_snapshot(THERE, cluster, "copy-manual", kind="manual", age_days=1, retention=35)
    # WHEN / THEN
    assert len(in_destination(model.client(THERE), NAME, HERE)) == 101
    assert in_destination(model.client(THERE), NAME, ELSEWHERE) == []
