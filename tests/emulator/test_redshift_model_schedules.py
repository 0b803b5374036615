"""Snapshot schedules: definitions, associations that take time, and snapshots at the schedule's times."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from emulator.redshift_model import ApiError, schedule_times
from tests.emulator.scene import DAY, HERE, HOUR, THERE, code, ids

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

MONDAY = dt.datetime(2026, 11, 23, 8, 15, tzinfo=dt.UTC)


class TestTimes:
    @pytest.mark.parametrize(
        ("definition", "hours"),
        [
            ("cron(15 15/2 *)", [15.25, 17.25, 19.25, 21.25, 23.25, 39.25]),
            ("cron(30 12 *)", [12.5, 36.5]),
            ("cron(0 8-10 *)", [9, 10, 32]),
            ("cron(0 9,17 MON-FRI)", [9, 17, 33]),
            ("rate(12 hours)", [20.25, 32.25]),
        ],
    )
    def test_it_fires_when_the_guide_says(self, definition: str, hours: list[float]) -> None:
        when, found = MONDAY, []
        for _ in hours:
            when = schedule_times.next_firing([definition], when, MONDAY)
            found.append((when - MONDAY.replace(hour=0, minute=0)).total_seconds() / HOUR)
        assert found == hours

    @pytest.mark.parametrize(
        "definitions",
        [
            [],
            ["cron(0 3 * * ? *)"],
            ["cron(* 3 *)"],
            ["cron(0,30 3 *)"],
            ["cron(0 24 *)"],
            ["cron(0 3 8)"],
            ["rate(25 hours)"],
            ["rate(1 day)"],
            ["cron(0 12 *)", "cron(30 12 *)"],
            ["cron(0 3 MON)"],
        ],
    )
    def test_wrong_definitions_are_refused(self, definitions: list[str]) -> None:
        with pytest.raises(ApiError, match="InvalidSchedule"):
            schedule_times.check(definitions)

    def test_another_word_is_a_type_that_is_not_supported(self) -> None:
        with pytest.raises(ApiError, match="ScheduleDefinitionTypeUnsupported"):
            schedule_times.check(["at(2026-11-23)"])


def test_a_schedule_is_made_found_changed_and_deleted(model: RedshiftModel) -> None:
    client = model.client(HERE)
    made = client.create_snapshot_schedule(
        ScheduleIdentifier="often",
        ScheduleDefinitions=["rate(4 hours)"],
        ScheduleDescription="words",
        Tags=[{"Key": "team", "Value": "dwh"}],
        NextInvocations=2,
    )
    assert [when.hour for when in made["NextInvocations"]] == [12, 16]
    assert code(client.create_snapshot_schedule, ScheduleIdentifier="often", ScheduleDefinitions=["rate(4 hours)"]) == (
        "SnapshotScheduleAlreadyExists"
    )
    client.modify_snapshot_schedule(ScheduleIdentifier="often", ScheduleDefinitions=["rate(6 hours)"])
    [found] = client.describe_snapshot_schedules(TagKeys=["team"])["SnapshotSchedules"]
    assert found["ScheduleDefinitions"] == ["rate(6 hours)"]
    assert (found["ScheduleDescription"], found["AssociatedClusterCount"]) == ("words", 0)
    client.delete_snapshot_schedule(ScheduleIdentifier="often")
    assert client.describe_snapshot_schedules(ScheduleIdentifier="often")["SnapshotSchedules"] == []
    assert code(client.delete_snapshot_schedule, ScheduleIdentifier="often") == "SnapshotScheduleNotFound"
    assert code(client.modify_snapshot_schedule, ScheduleIdentifier="often", ScheduleDefinitions=["rate(6 hours)"]) == (
        "SnapshotScheduleNotFound"
    )


def test_a_dry_run_makes_nothing_and_checks_all(model: RedshiftModel) -> None:
    client = model.client(HERE)
    client.create_snapshot_schedule(ScheduleIdentifier="often", ScheduleDefinitions=["rate(4 hours)"], DryRun=True)
    assert model.schedule(HERE, "often") is None
    assert (
        code(client.create_snapshot_schedule, ScheduleDefinitions=["rate(40 hours)"], DryRun=True) == "InvalidSchedule"
    )


def test_pages_and_regions(model: RedshiftModel) -> None:
    for number in range(25):
        model.given_schedule(HERE, f"s{number}")
    model.given_schedule(THERE, "away")
    client = model.client(HERE)
    first = client.describe_snapshot_schedules(MaxRecords=20)
    second = client.describe_snapshot_schedules(MaxRecords=20, Marker=first["Marker"])
    names = {each["ScheduleIdentifier"] for each in [*first["SnapshotSchedules"], *second["SnapshotSchedules"]]}
    assert names == {f"s{number}" for number in range(25)}


def test_an_association_takes_time_and_replaces_the_default_rhythm(model: RedshiftModel) -> None:
    # GIVEN a cluster that has snapshots every 8 hours
    model.given_cluster(HERE, "warehouse")
    model.given_schedule(HERE, "often", "cron(0 0/4 *)")
    client = model.client(HERE)
    # WHEN it gets a schedule
    client.modify_cluster_snapshot_schedule(ClusterIdentifier="warehouse", ScheduleIdentifier="often")
    [cluster] = client.describe_clusters()["Clusters"]
    assert (cluster["SnapshotScheduleIdentifier"], cluster["SnapshotScheduleState"]) == ("often", "MODIFYING")
    # THEN while that lasts another change is refused
    refused = code(client.modify_cluster_snapshot_schedule, ClusterIdentifier="warehouse", DisassociateSchedule=True)
    assert refused == "InvalidClusterSnapshotScheduleState"
    busy = code(client.modify_snapshot_schedule, ScheduleIdentifier="often", ScheduleDefinitions=["rate(6 hours)"])
    assert busy == "SnapshotScheduleUpdateInProgress"
    # AND then its times hold
    model.clock.advance(60)
    assert client.describe_clusters()["Clusters"][0]["SnapshotScheduleState"] == "ACTIVE"
    model.clock.advance(DAY - 60)
    assert [name[-8:-3] for name in ids(model, HERE, "automated")] == [
        "12-00",
        "16-00",
        "20-00",
        "00-00",
        "04-00",
        "08-00",
    ]


def test_a_schedule_that_a_cluster_has_is_not_deleted_until_it_is_gone(model: RedshiftModel) -> None:
    model.given_cluster(HERE, "warehouse", schedule="often", schedule_state="ACTIVE")
    model.given_schedule(HERE, "often")
    client = model.client(HERE)
    [found] = client.describe_snapshot_schedules(ClusterIdentifier="warehouse")["SnapshotSchedules"]
    assert found["AssociatedClusters"] == [{"ClusterIdentifier": "warehouse", "ScheduleAssociationState": "ACTIVE"}]
    refused = code(client.delete_snapshot_schedule, ScheduleIdentifier="often")
    assert refused == "InvalidClusterSnapshotScheduleState"
    client.modify_cluster_snapshot_schedule(
        ClusterIdentifier="warehouse", ScheduleIdentifier="often", DisassociateSchedule=True
    )
    assert code(client.delete_snapshot_schedule, ScheduleIdentifier="often") == "InvalidClusterSnapshotScheduleState"
    model.clock.advance(60)
    client.delete_snapshot_schedule(ScheduleIdentifier="often")
    # AND the default rhythm is back
    model.clock.advance(17 * HOUR)
    assert len(ids(model, HERE, "automated")) == 2


def test_changed_times_reach_the_clusters_later(model: RedshiftModel) -> None:
    cluster = model.given_cluster(HERE, "warehouse", schedule="often", schedule_state="ACTIVE")
    model.given_schedule(HERE, "often", "rate(24 hours)")
    model.client(HERE).modify_snapshot_schedule(ScheduleIdentifier="often", ScheduleDefinitions=["rate(1 hour)"])
    assert cluster.schedule_state == "MODIFYING"
    model.clock.advance(5 * HOUR)
    assert len(ids(model, HERE, "automated")) == 4


def test_what_is_unknown_is_told(model: RedshiftModel) -> None:
    client = model.client(HERE)
    assert code(client.modify_cluster_snapshot_schedule, ClusterIdentifier="warehouse") == "ClusterNotFound"
    model.given_cluster(HERE, "warehouse")
    asked = {"ClusterIdentifier": "warehouse", "ScheduleIdentifier": "often"}
    assert code(client.modify_cluster_snapshot_schedule, **asked) == "SnapshotScheduleNotFound"
    assert code(client.modify_cluster_snapshot_schedule, ClusterIdentifier="warehouse") == "InvalidParameterCombination"


def test_an_association_may_fail_or_never_end(model: RedshiftModel) -> None:
    cluster = model.given_cluster(HERE, "warehouse")
    model.given_schedule(HERE, "often")
    model.faults.next_associations("FAILED", "stuck")
    client = model.client(HERE)
    for state in ("FAILED", "MODIFYING"):
        client.modify_cluster_snapshot_schedule(ClusterIdentifier="warehouse", ScheduleIdentifier="often")
        model.clock.advance(DAY)
        assert cluster.schedule_state == state


def test_schedules_carry_tags(model: RedshiftModel) -> None:
    model.given_schedule(HERE, "often")
    client = model.client(HERE)
    client.create_tags(ResourceName=model.arn(HERE, "snapshotschedule:often"), Tags=[{"Key": "team", "Value": "dwh"}])
    [found] = client.describe_tags(ResourceType="snapshot schedule")["TaggedResources"]
    assert found["Tag"] == {"Key": "team", "Value": "dwh"}
