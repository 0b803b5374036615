"""Schedules and rules that change."""

from __future__ import annotations

from typing import Any

from resilient_redshift.planning.changes.comparison import Direction
from tests.planning.changes.templates import aspects, backed_up, change_of, protected, sales
from tests.planning.templates import rule, stack

GAP = "gap between automated snapshots"
NIGHTLY = "manual snapshots of rule nightly"


def scheduled(*definitions: str) -> Any:
    schedule = {
        "Type": "Custom::RedshiftSnapshotSchedule",
        "Properties": {"ScheduleIdentifier": "s", "ScheduleDefinitions": [*definitions], "ReplaceExisting": "false"},
    }
    association = {
        "Type": "Custom::RedshiftSnapshotScheduleAssociation",
        "Properties": {"ClusterIdentifier": "sales", "ScheduleIdentifier": "s", "ReplaceExisting": "false"},
    }
    return stack(Main=sales(), Schedule=schedule, Association=association)


def test_a_longer_gap_between_automated_snapshots_is_worse() -> None:
    change = aspects(change_of(stack(Main=sales()), scheduled("rate(24 hours)")))[GAP]

    assert (change.before, change.after) == ("at most 8 h (no schedule)", "at most 1 d (rate(24 hours))")
    assert change.direction is Direction.WORSE


def test_other_times_with_the_same_gap_are_a_mere_change() -> None:
    change = change_of(scheduled("rate(8 hours)"), stack(Main=sales()))

    assert aspects(change)[GAP].direction is Direction.CHANGED
    assert change.direction is Direction.CHANGED


def test_a_rule_that_is_gone_is_worse_and_its_snapshots_stay() -> None:
    change = aspects(change_of(protected(), protected(Nightly=None)))[NIGHTLY]

    assert (change.before, change.after) == ("at most 1 d apart, kept 35 d", "-")
    assert (change.direction, change.note) == (Direction.WORSE, "existing snapshots stay until their retention ends")


def test_a_rule_that_is_disabled_says_so() -> None:
    change = aspects(change_of(protected(), protected(Nightly=rule(keep=35, state="DISABLED"))))[NIGHTLY]

    assert change.note.startswith("rule nightly is not counted: it is disabled; ")


def test_a_renamed_rule_makes_nothing_better_or_worse() -> None:
    change = change_of(protected(), protected(Nightly=rule(keep=35, name="daily")))

    assert [each.direction for what, each in aspects(change).items() if what.startswith("manual")] == [
        Direction.CHANGED,
        Direction.CHANGED,
    ]
    assert change.direction is Direction.CHANGED


def test_a_rule_that_fires_less_often_is_worse_and_one_that_fires_more_often_better() -> None:
    daily, weekly = protected(), protected(Nightly=rule(keep=35, schedule="cron(0 3 ? * 2 *)"))

    assert aspects(change_of(daily, weekly))[NIGHTLY].direction is Direction.WORSE
    assert aspects(change_of(weekly, daily))[NIGHTLY].direction is Direction.BETTER


def test_another_hour_of_a_rule_is_a_mere_change() -> None:
    later = protected(Nightly=rule(keep=35, schedule="cron(0 4 * * ? *)"))

    change = aspects(change_of(protected(), later))["times of manual snapshots of rule nightly"]

    assert (change.before, change.after) == ("cron(0 3 * * ? *)", "cron(0 4 * * ? *)")
    assert change.direction is Direction.CHANGED


def test_a_new_rule_is_better() -> None:
    assert aspects(change_of(protected(Nightly=None), protected()))[NIGHTLY].direction is Direction.BETTER


def test_a_plan_of_aws_backup_is_compared_as_a_rule_is() -> None:
    gone = aspects(change_of(stack(Main=sales(), **backed_up()), stack(Main=sales())))
    shorter = backed_up(Lifecycle={"DeleteAfterDays": 7})
    kept = aspects(change_of(stack(Main=sales(), **backed_up()), stack(Main=sales(), **shorter)))

    assert gone["snapshots of AWS Backup of rule daily"].direction is Direction.WORSE
    assert kept["retention of snapshots of AWS Backup of rule daily"].after == "7 d"
    assert kept["recovery points in us-east-1"].after == "at most 4 automated, 8 manual"
