"""The protection table uses the snapshot schedule of a cluster, and the longest gap for an unknown schedule."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import ProtectionTable, SynthesizedTemplate, protection_tables
from tests.planning.templates import JSON, cluster


def schedule(*definitions: Any, identifier: str = "often") -> JSON:
    properties = {
        "ScheduleIdentifier": identifier,
        "ScheduleDefinitions": list(definitions),
        "ReplaceExisting": "false",
    }
    return {"Type": "Custom::RedshiftSnapshotSchedule", "Properties": properties}


def association(cluster_identifier: Any = None, identifier: Any = "often", condition: str | None = None) -> JSON:
    properties = {
        "ClusterIdentifier": cluster_identifier or {"Ref": "Warehouse"},
        "ScheduleIdentifier": identifier,
        "ReplaceExisting": "false",
    }
    resource = {"Type": "Custom::RedshiftSnapshotScheduleAssociation", "Properties": properties}
    return {**resource, "Condition": condition} if condition else resource


def table(**resources: JSON) -> ProtectionTable:
    held = {"Warehouse": cluster(AutomatedSnapshotRetentionPeriod=7), **resources}
    return protection_tables([SynthesizedTemplate("Stack", "us-east-1", {"Resources": held})])[0]


def loss(judgement: ProtectionTable) -> str:
    [row] = [row for row in judgement.rows if row.failure == "a Zone"]
    return row.recovery_point


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [(["rate(4 hours)"], "4 h"), (["cron(0 9,17 MON-FRI)", "cron(0 17 SAT,SUN)"], "1 d"), (["cron(0 * *)"], "1 h")],
)
def test_its_longest_gap_counts(definitions: list[str], expected: str) -> None:
    judgement = table(Schedule=schedule(*definitions), Association=association())
    assert loss(judgement) == expected
    assert judgement.notes == ()


def test_a_schedule_without_an_association_changes_no_gap() -> None:
    assert loss(table(Schedule=schedule("rate(4 hours)"))) == "8 h"


@pytest.mark.parametrize(
    "unknown",
    [
        {"Schedule": schedule({"Ref": "Parameter"})},
        {"Schedule": schedule("rate(4 days)")},
        {"Schedule": schedule()},
        {"Schedule": schedule("rate(4 hours)", identifier="other")},
        {},
    ],
)
def test_one_that_is_not_known_leaves_a_day_at_worst(unknown: dict[str, JSON]) -> None:
    judgement = table(Association=association(), **unknown)
    assert loss(judgement) == "1 d"
    assert "the snapshot schedule that Association associates is not known here" in judgement.notes[0]


def test_a_condition_lets_the_longer_gap_count() -> None:
    judgement = table(Schedule=schedule("rate(4 hours)"), Association=association(condition="Prod"))
    assert loss(judgement) == "8 h"
    assert "exists only where condition Prod holds: the longer gap counts" in judgement.notes[0]


def test_a_schedule_of_another_library_may_be_the_clusters() -> None:
    # GIVEN resources with the names of our types, without the properties that only ours have
    theirs = {
        name: {**each, "Properties": {key: value for key, value in each["Properties"].items() if "Replace" not in key}}
        for name, each in {"Theirs": schedule("rate(2 hours)"), "Given": association()}.items()
    }
    # WHEN judged THEN the longest gap counts, because they may give it to the cluster, and the table says so of each
    judgement = table(**theirs)
    assert loss(judgement) == "1 d"
    assert [note.split(" is not counted")[0] for note in judgement.notes] == [
        "Theirs (Custom::RedshiftSnapshotSchedule)",
        "Given (Custom::RedshiftSnapshotScheduleAssociation)",
    ]


def test_copies_come_at_the_same_times() -> None:
    copy = {
        "Type": "Custom::RedshiftSnapshotCopy",
        "Properties": {
            "ClusterIdentifier": {"Ref": "Warehouse"},
            "DestinationRegion": "us-west-2",
            "RetentionPeriod": "7",
            "AcceptLossOfCopies": "false",
        },
    }
    judgement = table(Schedule=schedule("rate(4 hours)"), Association=association(), Copy=copy)
    [row] = [row for row in judgement.rows if row.failure == "the Region"]
    assert row.recovery_point == "5 h"


def test_a_cluster_by_its_name() -> None:
    held = cluster(AutomatedSnapshotRetentionPeriod=7, ClusterIdentifier="sales")
    resources = {"Warehouse": held, "Schedule": schedule("rate(2 hours)"), "Association": association("sales")}
    judgement = protection_tables([SynthesizedTemplate("Stack", "us-east-1", {"Resources": resources})])[0]
    assert loss(judgement) == "2 h"
