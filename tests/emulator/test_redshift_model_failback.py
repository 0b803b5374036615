"""The model: what snapshots hold, frozen copies, and the way back to the primary Region."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.redshift_model import ApiError, RedshiftModel, Settings
from tests.emulator.restore_scene import asked, described, ready, restore
from tests.emulator.scene import DAY, HERE, HOUR, THERE

COUNT = "select count(*) from orders"


def freeze(model: RedshiftModel, **params: Any) -> dict[str, Any]:
    """Make the newest copied automated snapshot of THERE permanent."""
    source = [s for s in model.snapshots(THERE, "warehouse", "automated") if s.is_copy][-1].identifier
    given = {"SourceSnapshotIdentifier": source, "TargetSnapshotIdentifier": "frozen", **params}
    found: dict[str, Any] = model.call(THERE, "CopyClusterSnapshot", given)["Snapshot"]
    return found


class TestContent:
    def test_a_snapshot_holds_the_data_of_its_time(self) -> None:
        # GIVEN a snapshot, and rows written after it
        model = ready()
        asked(model, "insert into orders values (1), (2), (3)", region=HERE)
        # WHEN it is restored THEN those rows are not there; they are in a snapshot taken since
        restore(model)
        model.clock.advance(HOUR)
        assert asked(model, COUNT) == {"longValue": 1000}
        assert asked(model, COUNT, region=HERE) == {"longValue": 1003}
        model.call(HERE, "CreateClusterSnapshot", {"ClusterIdentifier": "warehouse", "SnapshotIdentifier": "two"})
        model.clock.advance(HOUR)
        restore(model, "later", "two")
        model.clock.advance(HOUR)
        assert asked(model, COUNT, cluster="later") == {"longValue": 1003}

    def test_a_snapshot_and_its_restore_do_not_follow_what_is_said_later(self) -> None:
        # GIVEN a snapshot of a described warehouse and a restore of it, each described anew afterwards
        model = ready()
        restore(model)
        model.given_content(HERE, "warehouse", {"lost": 1}, {"select 1": 7})
        model.given_content(THERE, "warehouse", answers={"select 1": 8})
        # WHEN the snapshot is restored once more THEN it holds what it held
        restore(model, "again")
        model.clock.advance(HOUR)
        assert asked(model, "select 1", cluster="again") == {"longValue": 1}
        assert asked(model, COUNT, cluster="again") == {"longValue": 1000}

    def test_two_restores_of_one_snapshot_share_nothing(self) -> None:
        model = ready()
        restore(model)
        restore(model, "drill")
        model.clock.advance(HOUR)
        asked(model, "truncate table orders", cluster="drill")
        assert asked(model, COUNT) == {"longValue": 1000}

    def test_prepared_answers_come_along(self) -> None:
        model = ready()
        model.given_content(HERE, "warehouse", answers={"select fresh": True})
        model.call(HERE, "CreateClusterSnapshot", {"ClusterIdentifier": "warehouse", "SnapshotIdentifier": "two"})
        model.clock.advance(HOUR)
        restore(model, snapshot="two")
        model.clock.advance(HOUR)
        assert asked(model, "select fresh") == {"booleanValue": True}


def test_what_was_written_after_the_failover_comes_back_with_the_failback() -> None:
    # GIVEN a failover in whose cluster somebody wrote
    model = ready()
    model.region_down(HERE)
    restore(model)
    model.clock.advance(HOUR)
    asked(model, "insert into orders values (1), (2)")
    # WHEN the primary is back, the restored cluster copies there, and takes a snapshot
    model.region_up(HERE)
    model.given_subnet_group(HERE, "site")
    given = {"ClusterIdentifier": "warehouse", "DestinationRegion": HERE, "ManualSnapshotRetentionPeriod": 30}
    model.call(THERE, "EnableSnapshotCopy", given)
    model.call(THERE, "CreateClusterSnapshot", {"ClusterIdentifier": "warehouse", "SnapshotIdentifier": "back"})
    model.clock.advance(HOUR)
    # THEN its copy in the primary says whence it came and of which lineage it is
    copied = model.call(HERE, "DescribeClusterSnapshots", {"SnapshotIdentifier": "back"})["Snapshots"][0]
    assert (copied["SourceRegion"], copied["ClusterCreateTime"]) == (THERE, described(model)["ClusterCreateTime"])
    # AND restored beside the old one it holds what was written
    home = {"ClusterIdentifier": "warehouse-2", "SnapshotIdentifier": "back", "ClusterSubnetGroupName": "site"}
    model.call(HERE, "RestoreFromClusterSnapshot", home)
    model.clock.advance(HOUR)
    assert asked(model, COUNT, region=HERE, cluster="warehouse-2") == {"longValue": 1002}
    assert asked(model, COUNT, region=HERE) == {"longValue": 1000}


class TestFreeze:
    def test_a_copied_automated_snapshot_becomes_permanent(self) -> None:
        # GIVEN copied automated snapshots and a lost primary
        model = ready()
        model.clock.advance(10 * HOUR)
        model.region_down(HERE)
        newest = [s for s in model.snapshots(THERE, "warehouse", "automated") if s.is_copy][-1]
        # WHEN the newest is frozen and time passes
        frozen = freeze(model, ManualSnapshotRetentionPeriod=365)
        model.clock.advance(30 * DAY)
        # THEN it alone is left, with the data's time, the lineage and its retention; where it came from is gone
        names = {s.identifier for s in model.snapshots(THERE, "warehouse") if s.is_copy or s.kind == "manual"}
        assert names == {"one", "frozen"}
        kept = model.call(THERE, "DescribeClusterSnapshots", {"SnapshotIdentifier": "frozen"})["Snapshots"][0]
        assert kept["SnapshotType"] == "manual"
        assert kept["ManualSnapshotRetentionPeriod"] == 365
        assert (kept["SnapshotCreateTime"], kept["ClusterCreateTime"]) == (
            newest.create_time,
            newest.cluster_create_time,
        )
        assert "SourceRegion" not in kept
        assert frozen["Status"] == "available"

    def test_it_may_keep_where_it_came_from_and_take_time(self) -> None:
        model = ready(Settings(manual_copy_keeps_source_region=True, manual_copy_seconds=600))
        model.clock.advance(10 * HOUR)
        frozen = freeze(model, SourceSnapshotClusterIdentifier="warehouse")
        assert (frozen["SourceRegion"], frozen["Status"]) == (HERE, "creating")
        model.clock.advance(600)
        assert [s.status for s in model.snapshots(THERE) if s.identifier == "frozen"] == ["available"]

    def test_a_frozen_one_is_restored_with_its_data(self) -> None:
        model = ready()
        asked(model, "insert into orders values (1)", region=HERE)
        model.clock.advance(10 * HOUR)
        freeze(model)
        restore(model, snapshot="frozen")
        model.clock.advance(HOUR)
        assert asked(model, COUNT) == {"longValue": 1001}

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"SourceSnapshotIdentifier": "one"}, "InvalidClusterSnapshotState"),
            ({"SourceSnapshotIdentifier": "none"}, "ClusterSnapshotNotFound"),
            ({"SourceSnapshotClusterIdentifier": "people"}, "ClusterSnapshotNotFound"),
            ({"TargetSnapshotIdentifier": "one"}, "ClusterSnapshotAlreadyExists"),
            ({"TargetSnapshotIdentifier": "1st"}, "InvalidParameterValue"),
            ({"ManualSnapshotRetentionPeriod": 0}, "InvalidRetentionPeriodFault"),
        ],
    )
    def test_what_is_wrong_is_refused(self, params: dict[str, Any], code: str) -> None:
        model = ready()
        model.clock.advance(10 * HOUR)
        with pytest.raises(ApiError) as caught:
            freeze(model, **params)
        assert caught.value.code == code

    def test_it_counts_against_the_quota_of_manual_snapshots(self) -> None:
        model = ready(Settings(manual_snapshot_quota=1))
        model.clock.advance(10 * HOUR)
        with pytest.raises(ApiError, match="ClusterSnapshotQuotaExceeded"):
            freeze(model)

    def test_aws_may_want_the_cluster_alive(self) -> None:
        model = ready(Settings(manual_copy_wants_cluster=True))
        model.clock.advance(10 * HOUR)
        with pytest.raises(ApiError, match="ClusterNotFound"):
            freeze(model, SourceSnapshotClusterIdentifier="warehouse")
        freeze(model)
