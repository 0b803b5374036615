"""Retentions that change, and how many recovery points the deployment deletes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning.changes.comparison import Direction
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import aspects, change_of, findings, protected, sales
from tests.planning.templates import copy, rule, stack

if TYPE_CHECKING:
    from resilient_redshift.planning.changes.comparison import AspectChange

AUTOMATED = "retention of automated snapshots"
COPIED = "retention of copied automated snapshots"


def automated(before: Any, after: Any, **properties: Any) -> AspectChange:
    sides = [stack(Main=sales(AutomatedSnapshotRetentionPeriod=days, **properties)) for days in (before, after)]
    return aspects(change_of(*sides))[AUTOMATED]


def test_a_shorter_retention_deletes_the_automated_snapshots_that_are_older() -> None:
    # GIVEN one snapshot every 8 h WHEN the retention falls from 14 to 7 days THEN 7 days of them go, both ends included
    change = automated(14, 7)

    assert (change.before, change.after, change.direction) == ("14 d", "7 d", Direction.WORSE)
    assert change.snapshots_deleted == 22
    assert "older than 7 d at once" in change.note


def test_the_snapshots_of_a_schedule_are_counted_by_their_times() -> None:
    schedule = {
        "Type": "Custom::RedshiftSnapshotSchedule",
        "Properties": {
            "ScheduleIdentifier": "s",
            "ScheduleDefinitions": ["rate(12 hours)"],
            "ReplaceExisting": "false",
        },
    }
    association = {
        "Type": "Custom::RedshiftSnapshotScheduleAssociation",
        "Properties": {"ClusterIdentifier": "sales", "ScheduleIdentifier": "s", "ReplaceExisting": "false"},
    }
    sides = [
        stack(Main=sales(AutomatedSnapshotRetentionPeriod=days), Schedule=schedule, Association=association)
        for days in (14, 7)
    ]

    change = aspects(change_of(*sides))[AUTOMATED]

    assert change.snapshots_deleted == 15
    assert "every 8 h" not in change.note


def test_a_retention_of_zero_deletes_all_automated_snapshots() -> None:
    change = automated(1, 0, NodeType="dc2.large")

    assert (change.after, change.snapshots_deleted) == ("off", 4)
    assert "deletes all automated snapshots at once" in change.note


def test_nodes_that_cannot_be_without_automated_snapshots_lose_none() -> None:
    change = automated(7, 0, NodeType="ra3.large")

    assert change.snapshots_deleted is None
    assert change.note == "the deployment fails: Redshift cannot switch off automated snapshots of RA3 nodes"


@pytest.mark.parametrize(
    ("before", "after", "words", "direction"),
    [
        (7, 14, "14 d", Direction.BETTER),
        (0, 7, "7 d", Direction.BETTER),
        (7, {"Ref": "Days"}, "unknown", Direction.WORSE),
        ({"Ref": "Days"}, 7, "7 d", Direction.CHANGED),
    ],
)
def test_other_changes_delete_nothing(before: Any, after: Any, words: str, direction: Direction) -> None:
    change = automated(before, after)

    assert (change.after, change.direction, change.snapshots_deleted) == (words, direction, None)


def test_a_shorter_retention_of_copies_is_refused_while_there_are_older_copies() -> None:
    change = change_of(protected(), protected(Copy=copy(automated="7")))

    aspect = aspects(change)[COPIED]
    assert (aspect.direction, aspect.snapshots_deleted) == (Direction.WORSE, None)
    assert "fails while there are older copies, at most 22, and deletes none" in aspect.note
    assert [each.subject for each in findings(change, CheckRule.SNAPSHOTS_LOST)] == [COPIED]


def test_a_shorter_retention_of_copies_deletes_the_older_copies_where_the_user_accepts_that() -> None:
    accepting = copy(automated="7")
    accepting["Properties"]["AcceptLossOfCopies"] = "true"

    change = aspects(change_of(protected(), protected(Copy=accepting)))[COPIED]

    assert change.snapshots_deleted == 22
    assert "older than 7 d at once" in change.note


def test_a_shorter_retention_of_cloudformations_own_copy_deletes_the_older_copies() -> None:
    sides = [stack(Main=sales(DestinationRegion="us-west-2", SnapshotCopyRetentionPeriod=days)) for days in (None, 2)]

    change = aspects(change_of(*sides))[f"{COPIED} (SnapshotCopyRetentionPeriod)"]

    assert (change.before, change.after, change.snapshots_deleted) == ("7 d", "2 d", 16)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("AutomatedSnapshotRetentionPeriod", AUTOMATED),
        ("SnapshotCopyRetentionPeriod", f"{COPIED} (SnapshotCopyRetentionPeriod)"),
        ("ManualSnapshotRetentionPeriod", "retention of manual snapshots that have none of their own"),
    ],
)
def test_a_retention_that_the_template_does_not_have_any_more_deletes_nothing(name: str, what: str) -> None:
    sides = [stack(Main=sales(**{"DestinationRegion": "us-west-2", name: days})) for days in (30, None)]

    change = change_of(*sides)

    assert aspects(change)[what].snapshots_deleted is None
    assert aspects(change)[what].note.startswith("CloudFormation leaves the retention of an existing cluster as it is")
    assert findings(change, CheckRule.SNAPSHOTS_LOST) == []


def test_the_retention_of_a_rule_counts_for_new_snapshots_alone() -> None:
    change = change_of(protected(), protected(Nightly=rule(keep=20)))

    aspect = aspects(change)["retention of manual snapshots of rule nightly"]
    assert (aspect.before, aspect.after, aspect.direction) == ("35 d", "20 d", Direction.WORSE)
    assert aspect.snapshots_deleted is None
    assert aspect.note == "counts for new snapshots only; existing snapshots keep their retention"
    assert findings(change, CheckRule.SNAPSHOTS_LOST) == []


def test_a_rule_keeps_its_copies_for_a_time_of_their_own() -> None:
    change = change_of(protected(), protected(Nightly=rule(keep=35, keep_in_recovery=40)))

    assert aspects(change)["retention of copied manual snapshots of rule nightly"].direction is Direction.BETTER
    assert "retention of manual snapshots of rule nightly" not in aspects(change)


def test_another_source_that_is_as_good_makes_up_for_a_shorter_retention() -> None:
    # GIVEN a second rule that snaps as often and keeps as long WHEN the first one keeps for a shorter time
    weekly = rule(keep=35, name="second")

    change = change_of(protected(Second=weekly), protected(Nightly=rule(keep=20), Second=weekly))

    assert aspects(change)["retention of manual snapshots of rule nightly"].direction is Direction.CHANGED
    assert change.direction is not Direction.WORSE


def test_the_most_days_of_copied_manual_snapshots_count_for_new_copies_alone() -> None:
    change = change_of(protected(), protected(Copy=copy(automated="14", manual="10")))

    aspect = aspects(change)["retention of copied manual snapshots"]
    assert (aspect.before, aspect.after, aspect.direction) == ("for ever", "10 d", Direction.WORSE)
    assert aspect.note == "counts for new copies only; existing copies keep their retention"


def test_the_default_of_manual_snapshots_is_for_ever() -> None:
    change = change_of(stack(Main=sales()), stack(Main=sales(ManualSnapshotRetentionPeriod=30)))

    aspect = aspects(change)["retention of manual snapshots that have none of their own"]
    assert (aspect.before, aspect.after, aspect.direction) == ("for ever", "30 d", Direction.WORSE)
