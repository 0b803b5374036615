"""Snapshots that EventBridge Scheduler takes by a call of the Redshift API: counted where they are certain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.planning.templates import cluster, copy, row, stack, table

DELETED = "the cluster deleted by mistake"
EACH_TIME = "nightly-<aws.scheduler.execution-id>"


def snapshots(expression: Any = "rate(1 day)", name: Any = EACH_TIME, keep: Any = 30, **properties: Any) -> Any:
    sent = {"ClusterIdentifier": "sales", "SnapshotIdentifier": name, "ManualSnapshotRetentionPeriod": keep}
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:redshift:createClusterSnapshot",
        "Input": json.dumps({key: value for key, value in sent.items() if value is not None}),
    }
    all_properties = {"ScheduleExpression": expression, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": {**all_properties, **properties}}


def judged(schedule: Any, **others: Any) -> Any:
    return table(stack(Warehouse=cluster(ClusterIdentifier="sales", **others), Nightly=schedule))


def test_snapshots_with_a_new_name_each_time_count() -> None:
    judgement = judged(snapshots())

    assert (
        row(judgement, DELETED).protection
        == "restore from the newest of the manual snapshots of rule Nightly (kept 30 d)"
    )
    assert row(judgement, DELETED).recovery_point == "1 d"
    assert judgement.notes == ("schedule Nightly is counted, but nothing sees one of its snapshots fail later",)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        (snapshots(name="nightly"), "always the same, so only the first snapshot succeeds"),
        (snapshots(name="nightly-<aws.scheduler.attempt-number>"), "always the same"),
        (snapshots(name="nightly-<aws.scheduler.scheduled-time>"), "holds a colon"),
        (snapshots(name="1-<aws.scheduler.execution-id>"), "Redshift refuses its snapshot identifier"),
        (snapshots(name="a--<aws.scheduler.execution-id>"), "Redshift refuses its snapshot identifier"),
        (snapshots(name=None), "its snapshot identifier is not known"),
        (snapshots(keep=0), "the retention of its snapshots is not known"),
        (snapshots(keep="soon"), "the retention of its snapshots is not known"),
        (snapshots("at(2027-01-01T00:00:00)"), "it fires only once"),
        (snapshots({"Ref": "When"}), "decided at deployment"),
        (snapshots("cron(0 3 * * ? 2027)"), "its schedule ends"),
        (snapshots(State="DISABLED"), "it is disabled"),
        (snapshots(State={"Ref": "State"}), "whether it is enabled"),
        (snapshots(EndDate="2027-01-01T00:00:00Z"), "a start or an end"),
        (snapshots(ScheduleExpressionTimezone={"Ref": "Zone"}), "its time zone is decided at deployment"),
        ({**snapshots(), "Condition": "Prod"}, "only where condition Prod holds"),
    ],
    ids=[
        "fixed name", "attempt", "time in the name", "digit first", "two hyphens", "no name", "no such retention",
        "no number", "once", "unknown times", "ends", "disabled", "unknown state", "end date", "unknown zone", "condition",
    ],
)  # fmt: skip
def test_snapshots_that_are_not_certain_are_noted_with_the_reason(schedule: Any, why: str) -> None:
    judgement = judged(schedule)

    assert row(judgement, DELETED).protection == "none"
    assert len(judgement.notes) == 1
    assert why in judgement.notes[0]


def test_a_time_window_makes_the_gap_longer() -> None:
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 60}

    assert row(judged(snapshots(FlexibleTimeWindow=window)), DELETED).recovery_point == "1 d 1 h"


@pytest.mark.parametrize(
    ("expression", "zone", "gap"),
    [
        ("cron(0 2 * * ? *)", "Etc/UTC", "1 d"),
        ("cron(0 2 * * ? *)", "Europe/Berlin", "2 d 1 h"),  # 2:00 does not exist on one Sunday of March
        ("rate(1 day)", "Europe/Berlin", "1 d"),
    ],
)
def test_a_change_of_the_clock_can_leave_a_snapshot_out(expression: str, zone: str, gap: str) -> None:
    assert row(judged(snapshots(expression, ScheduleExpressionTimezone=zone)), DELETED).recovery_point == gap


@pytest.mark.parametrize(("default", "kept"), [(None, "for ever"), (5, "5 d")])
def test_without_a_retention_the_clusters_default_counts(default: int | None, kept: str) -> None:
    judgement = judged(snapshots(keep=None), ManualSnapshotRetentionPeriod=default)

    assert f"(kept {kept})" in row(judgement, DELETED).protection


def test_their_copies_are_kept_as_long_as_the_copy_says() -> None:
    # GIVEN daily snapshots that are kept for 2 days, and copies for 20
    only = cluster(ClusterIdentifier="sales", NodeType="dc2.large", AutomatedSnapshotRetentionPeriod=0)
    judgement = table(stack(Warehouse=only, Nightly=snapshots(keep=2), Copy=copy(manual="20")))

    # THEN
    assert "(kept 20 d)" in row(judgement, "the Region").protection


def test_an_unknown_cluster_is_noted_for_each_cluster_of_the_template() -> None:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:redshift:createClusterSnapshot", "Input": {"Ref": "Input"}}

    judgement = judged(snapshots(Target=target))

    assert judgement.notes == ("schedule Nightly is not counted: the name of the cluster is decided at deployment",)


@pytest.mark.parametrize(
    ("action", "noted"), [("disableSnapshotCopy", True), ("modifyCluster", True), ("describeClusters", False)]
)
def test_what_another_call_changes_is_noted(action: str, noted: bool) -> None:
    target = {"Arn": f"arn:aws:scheduler:::aws-sdk:redshift:{action}", "Input": '{"ClusterIdentifier":"sales"}'}

    note = f"what schedule Nightly changes by {action} is not counted"
    assert (note in judged(snapshots(Target=target)).notes) is noted
