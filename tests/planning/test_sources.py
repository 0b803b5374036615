"""The sources of snapshots that the table, the objective check and the forecast share."""

from __future__ import annotations

from datetime import timedelta

import pytest

from resilient_redshift.planning import SnapshotRule, newest, parse_schedule
from resilient_redshift.planning.sources import in_recovery, manual_sources
from resilient_redshift.rules.retention import FOREVER, Forever
from tests.planning.templates import cells, cluster, copy, rule, stack, table

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIDNIGHT, NOON = "cron(0 0 * * ? *)", "cron(0 12 * * ? *)"


def snapshots(expression: str, keep: int | Forever = 7, name: str = "a", **others: int | Forever) -> SnapshotRule:
    return SnapshotRule(name=name, schedule=parse_schedule(expression), keep=keep, **others)


@pytest.mark.parametrize(
    ("rules", "gap", "keep"),
    [
        ([(MIDNIGHT, 7)], DAY, 7 * DAY),
        ([(MIDNIGHT, 7), (NOON, 5)], 12 * HOUR, 5 * DAY),
        ([(MIDNIGHT, FOREVER), (NOON, FOREVER)], 12 * HOUR, FOREVER),
        ([(MIDNIGHT, 7), ("cron(0 0 1 * ? *)", 180)], DAY, 7 * DAY),  # the monthly one brings nothing nearer
        # each weekly one alone expires before its next one
        ([("cron(0 0 ? * MON *)", 5), ("cron(0 0 ? * THU *)", 5)], 4 * DAY, 5 * DAY),
        ([("cron(0 0 * * ? 2030)", 7), (NOON, 5)], DAY, 5 * DAY),  # one ends
    ],
)
def test_rules_count_alone_and_together(
    rules: list[tuple[str, int | Forever]], gap: timedelta, keep: timedelta | Forever
) -> None:
    # WHEN
    source = newest(manual_sources([snapshots(*each) for each in rules]))

    # THEN
    assert source is not None
    assert (source.gap, source.keep) == (gap, keep)


def test_a_copy_that_expires_while_the_next_one_is_on_its_way_is_not_certain() -> None:
    # GIVEN daily copies that are kept for one day and need an hour to arrive
    daily = [snapshots(MIDNIGHT, keep=1)]

    # THEN each day has an hour without a copy, though every snapshot at home lives until the next one
    assert newest(manual_sources(daily)) is not None
    assert newest(manual_sources(daily, delay=HOUR)) is None
    assert newest(manual_sources([snapshots(MIDNIGHT, keep=2)], delay=HOUR)) is not None


@pytest.mark.parametrize(
    ("keep_in_recovery", "keep_manual", "keep"),
    [({}, FOREVER, 7), ({"keep_in_recovery": 30}, FOREVER, 30), ({"keep_in_recovery": FOREVER}, 14, 14), ({}, 3, 3)],
)
def test_the_shorter_retention_of_a_copy_counts(
    keep_in_recovery: dict[str, int | Forever], keep_manual: int | Forever, keep: int
) -> None:
    [copied] = in_recovery([snapshots(MIDNIGHT, **keep_in_recovery)], keep_manual)

    assert copied.keep == keep


def test_the_table_counts_two_rules_together() -> None:
    # GIVEN two daily rules, twelve hours apart, over a cluster whose automated snapshots are not copied
    rules = {"Night": rule(schedule=MIDNIGHT, name="night"), "Day": rule(schedule=NOON, name="day")}

    # WHEN
    judgement = table(stack(Warehouse=cluster(), Copy=copy(automated="1"), **rules))

    # THEN
    assert cells(judgement, "the cluster deleted by mistake") == (
        "restore from the newest of the manual snapshots of rules night and day (kept 7 d)",
        "12 h",
        "us-east-1",
    )


def test_a_retention_that_redshift_does_not_have_stops_no_table() -> None:
    judgement = table(stack(Warehouse=cluster(), Nightly=rule(), Copy=copy(manual="0")))

    assert "copied manual snapshots are not counted: Redshift has no retention of 0 days" in judgement.notes
