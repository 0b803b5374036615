"""The model: manual and automated snapshots of one Region."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.scene import DAY, HERE, HOUR, THERE, code, ids, snapshot

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


class TestManualSnapshots:
    def test_it_is_creating_then_available(self, copying: RedshiftModel) -> None:
        # GIVEN a new snapshot
        assert snapshot(copying, "nightly")["Status"] == "creating"
        describe = copying.client(HERE).describe_cluster_snapshots
        # WHEN half its time has passed THEN it shows its progress; then it is available, kept for ever
        copying.clock.advance(150)
        half = describe(SnapshotIdentifier="nightly")["Snapshots"][0]
        assert (half["Status"], half["EstimatedSecondsToCompletion"]) == ("creating", 150)
        assert 0 < half["BackupProgressInMegaBytes"] < half["TotalBackupSizeInMegaBytes"]
        copying.clock.advance(150)
        done = describe(SnapshotIdentifier="nightly")["Snapshots"][0]
        assert (done["Status"], done["SnapshotType"], done["ManualSnapshotRetentionPeriod"]) == (
            "available",
            "manual",
            -1,
        )

    def test_it_tells_the_clusters_enhanced_vpc_routing(self, copying: RedshiftModel) -> None:
        # GIVEN a cluster with it WHEN its snapshot is copied THEN both tell it, since a restore has it only if asked for
        copying.world.cluster(HERE, "warehouse").described["EnhancedVpcRouting"] = True
        snapshot(copying, "nightly")
        copying.clock.advance(DAY / 4)
        for region in (HERE, THERE):
            found = copying.client(region).describe_cluster_snapshots(SnapshotType="manual")["Snapshots"]
            assert [each["EnhancedVpcRouting"] for each in found] == [True]

    def test_a_name_is_taken_once(self, copying: RedshiftModel) -> None:
        snapshot(copying, "nightly")
        got = code(
            copying.client(HERE).create_cluster_snapshot, ClusterIdentifier="warehouse", SnapshotIdentifier="nightly"
        )
        assert got == "ClusterSnapshotAlreadyExists"

    @pytest.mark.parametrize("name", ["1st", "a--b", "a-", "a:b", "a_b", "a" * 256])
    def test_bad_names_are_refused(self, copying: RedshiftModel, name: str) -> None:
        got = code(copying.client(HERE).create_cluster_snapshot, ClusterIdentifier="warehouse", SnapshotIdentifier=name)
        assert got == "InvalidParameterValue"

    def test_a_second_one_at_the_same_time_is_refused(self, copying: RedshiftModel) -> None:
        snapshot(copying, "one")
        create = copying.client(HERE).create_cluster_snapshot
        assert code(create, ClusterIdentifier="warehouse", SnapshotIdentifier="two") == "InvalidClusterState"

    def test_the_quota_refuses_and_deletes_nothing(self, copying: RedshiftModel) -> None:
        cluster = copying.world.cluster(HERE, "warehouse")
        for number in range(700):
            copying.given_snapshot(HERE, cluster, f"s{number}")
        create = copying.client(HERE).create_cluster_snapshot
        assert code(create, ClusterIdentifier="warehouse", SnapshotIdentifier="more") == "ClusterSnapshotQuotaExceeded"
        assert copying.world.manual_count(HERE) == 700

    def test_it_expires_after_its_own_days(self, copying: RedshiftModel) -> None:
        snapshot(copying, "short", ManualSnapshotRetentionPeriod=10)
        copying.clock.advance(10 * DAY - 1)
        found = copying.client(HERE).describe_cluster_snapshots(SnapshotIdentifier="short")["Snapshots"][0]
        assert found["ManualSnapshotRemainingDays"] == 0
        copying.clock.advance(1)
        assert (
            code(copying.client(HERE).describe_cluster_snapshots, SnapshotIdentifier="short")
            == "ClusterSnapshotNotFound"
        )

    def test_a_retention_that_is_over_needs_force(self, copying: RedshiftModel) -> None:
        # GIVEN a snapshot of 20 days
        copying.given_snapshot(HERE, copying.world.cluster(HERE, "warehouse"), "old", age_days=20)
        modify = copying.client(HERE).modify_cluster_snapshot
        # WHEN 30 days are asked for THEN they stand; 10 days are refused, unless forced: then it goes
        modify(SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=30)
        assert code(modify, SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=10) == "InvalidRetentionPeriodFault"
        assert copying.snapshots(HERE)[0].retention == 30
        modify(SnapshotIdentifier="old", ManualSnapshotRetentionPeriod=10, Force=True)
        assert copying.snapshots(HERE) == []

    def test_only_finished_manual_ones_can_be_deleted(self, copying: RedshiftModel) -> None:
        delete = copying.client(HERE).delete_cluster_snapshot
        copying.given_snapshot(HERE, copying.world.cluster(HERE, "warehouse"), "rs:auto", kind="automated")
        snapshot(copying, "nightly")
        assert code(delete, SnapshotIdentifier="rs:auto") == "InvalidClusterSnapshotState"
        assert code(delete, SnapshotIdentifier="nightly") == "InvalidClusterSnapshotState"
        copying.clock.advance(300)
        assert delete(SnapshotIdentifier="nightly")["Snapshot"]["Status"] == "deleted"
        assert ids(copying, HERE) == ["rs:auto"]

    def test_fates_can_be_prepared(self, copying: RedshiftModel) -> None:
        # GIVEN that the next one fails and the one after never ends
        copying.faults.next_manual_snapshots("failed", "stuck")
        snapshot(copying, "fails")
        copying.clock.advance(HOUR)
        snapshot(copying, "sticks")
        copying.clock.advance(30 * DAY)
        # THEN so it is, and neither was copied
        assert {s.identifier: s.status for s in copying.snapshots(HERE, kind="manual")} == {
            "fails": "failed",
            "sticks": "creating",
        }
        assert ids(copying, THERE, "manual") == []


class TestDescribingSnapshots:
    def test_every_filter_filters(self, copying: RedshiftModel) -> None:
        # GIVEN snapshots of two clusters, two kinds, two ages
        one, two = copying.world.cluster(HERE, "warehouse"), copying.given_cluster(HERE, "other")
        copying.given_snapshot(HERE, one, "new", tags={"rule": "nightly"})
        copying.given_snapshot(HERE, one, "old", age_days=9, tags={"rule": "weekly"})
        copying.given_snapshot(HERE, one, "rs:auto", kind="automated")
        copying.given_snapshot(HERE, two, "stranger")
        client, week_ago = copying.client(HERE), copying.clock.now() - dt.timedelta(days=7)

        def names(**params: Any) -> set[str]:
            return {s["SnapshotIdentifier"] for s in client.describe_cluster_snapshots(**params)["Snapshots"]}

        # THEN each filter alone, and all of them together, leave only what matches
        assert names() == {"new", "old", "rs:auto", "stranger"}
        assert names(ClusterIdentifier="warehouse") == {"new", "old", "rs:auto"}
        assert names(ClusterIdentifier="none") == set()
        assert names(SnapshotType="automated") == {"rs:auto"}
        assert names(StartTime=week_ago, SnapshotType="manual") == {"new", "stranger"}
        assert names(EndTime=week_ago.isoformat()) == {"old"}
        assert names(TagKeys=["rule"]) == {"new", "old"}
        assert names(TagKeys=["rule"], TagValues=["weekly", "monthly"]) == {"old"}
        assert names(ClusterIdentifier="warehouse", ClusterExists=False) == set()
        assert names(SnapshotIdentifier="old") == {"old"}
        assert names(SnapshotArn=copying.arn(HERE, "snapshot:warehouse/new")) == {"new"}

    def test_an_unknown_name_is_an_error_not_an_empty_list(self, copying: RedshiftModel) -> None:
        assert (
            code(copying.client(HERE).describe_cluster_snapshots, SnapshotIdentifier="none")
            == "ClusterSnapshotNotFound"
        )

    def test_name_and_cluster_together_are_refused(self, copying: RedshiftModel) -> None:
        # GIVEN airflow's finding WHEN both are passed THEN it is refused, unless the belief is turned off
        describe = copying.client(HERE).describe_cluster_snapshots
        snapshot(copying, "nightly")
        both = {"SnapshotIdentifier": "nightly", "ClusterIdentifier": "warehouse"}
        assert code(describe, **both) == "InvalidParameterCombination"
        copying.settings.snapshot_and_cluster_filter_clash = False
        assert len(describe(**both)["Snapshots"]) == 1

    def test_pages_hold_everything_once_even_if_one_goes_between(self, copying: RedshiftModel) -> None:
        # GIVEN 45 snapshots, in pages of 20
        cluster, client = copying.world.cluster(HERE, "warehouse"), copying.client(HERE)
        for number in range(45):
            copying.given_snapshot(HERE, cluster, f"s{number}")
        first = client.describe_cluster_snapshots(MaxRecords=20)
        # WHEN one that was seen goes before the next page
        seen = [s["SnapshotIdentifier"] for s in first["Snapshots"]]
        client.delete_cluster_snapshot(SnapshotIdentifier=seen[0])
        marker = first["Marker"]
        while marker:
            answer = client.describe_cluster_snapshots(MaxRecords=20, Marker=marker)
            seen += [s["SnapshotIdentifier"] for s in answer["Snapshots"]]
            marker = answer.get("Marker")
        # THEN none is missed and none comes twice
        assert len(seen) == len(set(seen)) == 45
        assert len(list(client.get_paginator("describe_cluster_snapshots").paginate())) == 1

    @pytest.mark.parametrize("size", [19, 101])
    def test_pages_have_limits(self, model: RedshiftModel, size: int) -> None:
        assert code(model.client(HERE).describe_cluster_snapshots, MaxRecords=size) == "InvalidParameterValue"

    def test_sorting_is_asked_for(self, copying: RedshiftModel) -> None:
        cluster = copying.world.cluster(HERE, "warehouse")
        for age in (3, 1, 2):
            copying.given_snapshot(HERE, cluster, f"d{age}", age_days=age)
        order = [{"Attribute": "CREATE_TIME", "SortOrder": "DESC"}]
        found = copying.client(HERE).describe_cluster_snapshots(ClusterIdentifier="warehouse", SortingEntities=order)[
            "Snapshots"
        ]
        assert [s["SnapshotIdentifier"] for s in found] == ["d1", "d2", "d3"]
        assert (
            code(copying.client(HERE).describe_cluster_snapshots, SortingEntities=order)
            == "InvalidParameterCombination"
        )


class TestAutomatedSnapshots:
    def test_about_every_eight_hours_kept_for_the_retention(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse", automated_retention=2)
        model.clock.advance(10 * DAY + HOUR)
        assert len(ids(model, HERE)) == 6
        assert ids(model, HERE)[-1].startswith("rs:warehouse-2026-12-03-")

    def test_the_newest_one_is_kept_while_none_follows(self, model: RedshiftModel) -> None:
        # GIVEN a cluster with snapshots WHEN it is paused for longer than their retention
        model.given_cluster(HERE, "warehouse", automated_retention=1)
        model.clock.advance(2 * DAY)
        model.client(HERE).pause_cluster(ClusterIdentifier="warehouse")
        model.clock.advance(30 * DAY)
        # THEN one remains
        assert len(ids(model, HERE)) == 1

    def test_retention_zero_deletes_all_where_hardware_allows(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "old", node_type="dc2.large")
        model.given_cluster(HERE, "new")
        model.clock.advance(DAY)
        modify = model.client(HERE).modify_cluster
        assert (
            code(modify, ClusterIdentifier="new", AutomatedSnapshotRetentionPeriod=0) == "InvalidRetentionPeriodFault"
        )
        modify(ClusterIdentifier="old", AutomatedSnapshotRetentionPeriod=0)
        model.clock.advance(DAY)
        assert model.snapshots(HERE, "old") == []
        assert model.snapshots(HERE, "new") != []

    def test_lowering_deletes_at_once(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse", automated_retention=30)
        model.clock.advance(20 * DAY)
        model.client(HERE).modify_cluster(ClusterIdentifier="warehouse", AutomatedSnapshotRetentionPeriod=1)
        assert len(ids(model, HERE)) <= 3

    def test_an_automated_one_becomes_manual_by_copying(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        model.clock.advance(9 * HOUR)
        source = ids(model, HERE)[0]
        copy = model.client(HERE).copy_cluster_snapshot(
            SourceSnapshotIdentifier=source, TargetSnapshotIdentifier="kept"
        )["Snapshot"]
        assert (copy["SnapshotType"], copy["SnapshotIdentifier"]) == ("manual", "kept")
