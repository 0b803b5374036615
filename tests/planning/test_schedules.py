"""The protection table counts the schedule that a cluster is given, and the longest gap where it cannot know."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import ProtectionTable, SynthesizedTemplate, protection_tables
from tests.planning.templates import JSON, cluster


def schedule(*definitions: Any, identifier: str = "often") -> JSON:
    properties = {"ScheduleIdentifier": identifier, "ScheduleDefinitions": list(definitions)}
    return {"Type": "Custom::RedshiftSnapshotSchedule", "Properties": properties}


def association(cluster_identifier: Any = None, identifier: Any = "often", condition: str | None = None) -> JSON:
    properties = {"ClusterIdentifier": cluster_identifier or {"Ref": "Warehouse"}, "ScheduleIdentifier": identifier}
    found = {"Type": "Custom::RedshiftSnapshotScheduleAssociation", "Properties": properties}
    return {**found, "Condition": condition} if condition else found


def table(**resources: JSON) -> ProtectionTable:
    held = {"Warehouse": cluster(AutomatedSnapshotRetentionPeriod=7), **resources}
    return protection_tables([SynthesizedTemplate("Stack", "us-east-1", {"Resources": held})])[0]


def loss(found: ProtectionTable) -> str:
    [row] = [row for row in found.rows if row.failure == "a Zone"]
    return row.recovery_point


@pytest.mark.parametrize(
    ("definitions", "expected"),
    [(["rate(4 hours)"], "4 h"), (["cron(0 9,17 MON-FRI)", "cron(0 17 SAT,SUN)"], "1 d"), (["cron(0 * *)"], "1 h")],
)
def test_its_longest_gap_counts(definitions: list[str], expected: str) -> None:
    found = table(Schedule=schedule(*definitions), Association=association())
    assert loss(found) == expected
    assert found.notes == ()


def test_a_schedule_without_an_association_counts_for_nobody() -> None:
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
    found = table(Association=association(), **unknown)
    assert loss(found) == "1 d"
    assert "the schedule of automated snapshots that Association gives is not known here" in found.notes[0]


def test_a_condition_lets_the_longer_gap_count() -> None:
    found = table(Schedule=schedule("rate(4 hours)"), Association=association(condition="Prod"))
    assert loss(found) == "8 h"
    assert "exists only where condition Prod holds: the longer gap counts" in found.notes[0]


def test_copies_come_at_the_same_times() -> None:
    copy = {
        "Type": "Custom::RedshiftSnapshotCopy",
        "Properties": {
            "ClusterIdentifier": {"Ref": "Warehouse"},
            "DestinationRegion": "us-west-2",
            "RetentionPeriod": "7",
        },
    }
    found = table(Schedule=schedule("rate(4 hours)"), Association=association(), Copy=copy)
    [row] = [row for row in found.rows if row.failure == "the Region"]
    assert row.recovery_point == "5 h"


def test_a_cluster_by_its_name() -> None:
    held = cluster(AutomatedSnapshotRetentionPeriod=7, ClusterIdentifier="sales")
    resources = {"Warehouse": held, "Schedule": schedule("rate(2 hours)"), "Association": association("sales")}
    found = protection_tables([SynthesizedTemplate("Stack", "us-east-1", {"Resources": resources})])[0]
    assert loss(found) == "2 h"
