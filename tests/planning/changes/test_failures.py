"""What a change does to one failure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resilient_redshift.planning import Protection, ProtectionTable, Verdict
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.changes.failures import failure_changes

HERE, THERE = "us-east-1", "us-west-2"


def row(
    verdict: Verdict = Verdict.PROTECTED,
    hours: int | None = 8,
    where: str = HERE,
    protection: str = "restore",
    noticed_after: timedelta | None = None,
    *,
    undocumented: bool = False,
) -> Protection:
    loss = timedelta(hours=hours) if hours is not None and verdict is Verdict.PROTECTED else None
    kind = Failure.ZONE if noticed_after is None else Failure.BAD_LOAD
    return Protection(
        kind=kind,
        verdict=verdict,
        protection=protection,
        where=where,
        worst_loss=loss,
        noticed_after=noticed_after,
        undocumented=undocumented,
    )


def table(*rows: Protection, region: str = HERE) -> ProtectionTable:
    return ProtectionTable(cluster="sales", stack="Warehouse", region=region, rows=rows, notes=())


def direction(before: Protection, after: Protection, region: str = HERE) -> Direction:
    (only,) = failure_changes(table(before), table(after, region=region))
    return only.direction


PROTECTED, UNKNOWN, NONE = Verdict.PROTECTED, Verdict.UNKNOWN, Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (PROTECTED, NONE, Direction.WORSE),
        (PROTECTED, UNKNOWN, Direction.WORSE),
        (UNKNOWN, NONE, Direction.WORSE),
        (NONE, PROTECTED, Direction.BETTER),
        (UNKNOWN, PROTECTED, Direction.BETTER),
        (NONE, UNKNOWN, Direction.CHANGED),
        (NONE, NONE, Direction.SAME),
        (UNKNOWN, UNKNOWN, Direction.SAME),
    ],
)
def test_the_verdict_counts_first(before: Verdict, after: Verdict, expected: Direction) -> None:
    assert direction(row(before), row(after)) is expected


@pytest.mark.parametrize(("before", "after", "expected"), [(8, 9, Direction.WORSE), (9, 8, Direction.BETTER)])
def test_then_the_worst_loss_whatever_the_region(before: int, after: int, expected: Direction) -> None:
    assert direction(row(hours=before), row(hours=after, where=THERE)) is expected


def test_a_certain_recovery_point_is_better_than_a_newer_one_that_aws_does_not_document() -> None:
    # GIVEN copied automated snapshots that may outlive their cluster, and older manual ones that do
    believed, certain = row(hours=9, where=THERE, undocumented=True), row(hours=24)

    assert direction(believed, certain) is Direction.BETTER
    assert direction(certain, believed) is Direction.WORSE


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (HERE, THERE, Direction.WORSE),
        (THERE, HERE, Direction.BETTER),
        (THERE, "eu-west-1", Direction.CHANGED),
        (THERE, THERE, Direction.SAME),
    ],
)
def test_then_whether_the_recovery_point_lies_in_the_clusters_region(
    before: str, after: str, expected: Direction
) -> None:
    assert direction(row(where=before), row(where=after)) is expected


def test_a_region_that_only_one_side_knows_changes_nothing() -> None:
    assert direction(row(where=HERE), row(where="unknown Region"), region="unknown Region") is Direction.SAME


@pytest.mark.parametrize(("hours", "expected"), [(0, Direction.CHANGED), (8, Direction.SAME)])
def test_other_means_are_a_change_where_nothing_is_lost(hours: int, expected: Direction) -> None:
    # GIVEN means that are the mechanism where nothing is lost, and a name and a retention where something is
    assert direction(row(hours=hours, protection="Multi-AZ"), row(hours=hours, protection="relocation")) is expected


def test_rows_about_a_bad_load_are_compared_by_their_delays() -> None:
    one, two = (row(noticed_after=timedelta(days=days), hours=days) for days in (1, 2))

    changes = failure_changes(table(one, two), table(two, one))

    assert [(each.noticed_after, each.direction) for each in changes] == [
        (timedelta(days=2), Direction.SAME),
        (timedelta(days=1), Direction.SAME),
    ]


@pytest.mark.parametrize(("verdict", "expected"), [(PROTECTED, Direction.WORSE), (NONE, Direction.CHANGED)])
def test_what_protected_a_cluster_that_is_gone_is_lost(verdict: Verdict, expected: Direction) -> None:
    (only,) = failure_changes(table(row(verdict)), None)

    assert (only.after, only.direction) == (None, expected)


def test_the_rows_of_a_new_cluster_are_neither_better_nor_worse() -> None:
    (only,) = failure_changes(None, table(row(NONE)))

    assert (only.before, only.direction) == (None, Direction.CHANGED)
