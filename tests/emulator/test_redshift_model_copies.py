"""The model: grants, the copy configuration, and what arrives in the other Region."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.redshift_model import Clock, CopyConfig, RedshiftModel, Settings
from tests.emulator.scene import DAY, HERE, HOUR, THERE, code, ids, snapshot


class TestGrants:
    def test_a_grant_lives_in_one_region(self, model: RedshiftModel) -> None:
        # GIVEN a grant in one Region WHEN both are asked THEN only its own knows it
        key = model.given_key(THERE)
        model.client(THERE).create_snapshot_copy_grant(SnapshotCopyGrantName="grant", KmsKeyId=key)
        assert model.client(THERE).describe_snapshot_copy_grants()["SnapshotCopyGrants"][0]["KmsKeyId"] == key
        assert model.client(HERE).describe_snapshot_copy_grants()["SnapshotCopyGrants"] == []
        assert (
            code(model.client(HERE).describe_snapshot_copy_grants, SnapshotCopyGrantName="grant")
            == "SnapshotCopyGrantNotFoundFault"
        )

    @pytest.mark.parametrize("name", ["Grant", "1grant", "grant-", "gr--ant", "gr_ant", "g" * 64])
    def test_bad_names_are_refused(self, model: RedshiftModel, name: str) -> None:
        assert (
            code(model.client(THERE).create_snapshot_copy_grant, SnapshotCopyGrantName=name) == "InvalidParameterValue"
        )

    def test_a_name_is_taken_once(self, model: RedshiftModel) -> None:
        model.given_grant(THERE, "grant")
        assert (
            code(model.client(THERE).create_snapshot_copy_grant, SnapshotCopyGrantName="grant")
            == "SnapshotCopyGrantAlreadyExistsFault"
        )

    @pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
    def test_the_key_must_be_enabled(self, model: RedshiftModel, state: str) -> None:
        key = model.given_key(THERE, state=state)
        assert model.kms_client(THERE).describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == state
        assert (
            code(model.client(THERE).create_snapshot_copy_grant, SnapshotCopyGrantName="g", KmsKeyId=key)
            == "InvalidParameterValue"
        )

    def test_a_key_of_another_region_is_none(self, model: RedshiftModel) -> None:
        key = model.given_key(HERE)
        assert (
            code(model.client(THERE).create_snapshot_copy_grant, SnapshotCopyGrantName="g", KmsKeyId=key)
            == "InvalidParameterValue"
        )
        assert code(model.kms_client(THERE).describe_key, KeyId=key) == "NotFoundException"

    def test_an_alias_is_resolved_when_the_grant_is_made(self, model: RedshiftModel) -> None:
        key = model.given_key(THERE, alias="copies")
        grant = model.client(THERE).create_snapshot_copy_grant(SnapshotCopyGrantName="g", KmsKeyId="alias/copies")[
            "SnapshotCopyGrant"
        ]
        assert grant["KmsKeyId"] == key

    def test_a_grant_in_use_stays(self, copying: RedshiftModel) -> None:
        # GIVEN a grant that a cluster of another Region uses
        copying.given_grant(THERE, "grant")
        copying.world.cluster(HERE, "warehouse").copy = CopyConfig(THERE, 7, -1, "grant")
        delete = copying.client(THERE).delete_snapshot_copy_grant
        # WHEN it is deleted THEN not before the copy is off
        assert code(delete, SnapshotCopyGrantName="grant") == "InvalidSnapshotCopyGrantStateFault"
        copying.client(HERE).disable_snapshot_copy(ClusterIdentifier="warehouse")
        delete(SnapshotCopyGrantName="grant")
        assert copying.grant(THERE, "grant") is None

    def test_a_grant_of_the_same_name_elsewhere_is_free(self, copying: RedshiftModel) -> None:
        copying.given_grant("us-east-1", "grant")
        copying.world.cluster(HERE, "warehouse").copy = CopyConfig(THERE, 7, -1, "grant")
        copying.client("us-east-1").delete_snapshot_copy_grant(SnapshotCopyGrantName="grant")

    def test_a_new_grant_may_stay_unseen(self, model: RedshiftModel) -> None:
        # GIVEN that the next grant is hidden from two looks
        model.given_cluster(HERE, "warehouse")
        model.faults.hide_next_grant(calls=2)
        model.client(THERE).create_snapshot_copy_grant(SnapshotCopyGrantName="grant")
        wanted = {"ClusterIdentifier": "warehouse", "DestinationRegion": THERE, "SnapshotCopyGrantName": "grant"}
        # WHEN Enable and Describe look THEN neither sees it, and the third look does
        assert code(model.client(HERE).enable_snapshot_copy, **wanted) == "SnapshotCopyGrantNotFoundFault"
        assert (
            code(model.client(THERE).describe_snapshot_copy_grants, SnapshotCopyGrantName="grant")
            == "SnapshotCopyGrantNotFoundFault"
        )
        model.client(HERE).enable_snapshot_copy(**wanted)

    def test_a_new_grant_may_stay_unseen_for_a_time(self, model: RedshiftModel) -> None:
        model.faults.hide_next_grant(seconds=90)
        client = model.client(THERE)
        client.create_snapshot_copy_grant(SnapshotCopyGrantName="grant")
        model.clock.advance(89)
        assert client.describe_snapshot_copy_grants()["SnapshotCopyGrants"] == []
        model.clock.advance(1)
        assert len(client.describe_snapshot_copy_grants()["SnapshotCopyGrants"]) == 1


class TestCopyConfiguration:
    def test_enabling_shows_in_describe(self, model: RedshiftModel) -> None:
        # GIVEN a cluster and a grant WHEN copying is enabled with nothing but names
        model.given_cluster(HERE, "warehouse")
        model.given_grant(THERE, "grant")
        model.client(HERE).enable_snapshot_copy(
            ClusterIdentifier="warehouse", DestinationRegion=THERE, SnapshotCopyGrantName="grant"
        )
        # THEN Describe shows the defaults
        assert model.client(HERE).describe_clusters()["Clusters"][0]["ClusterSnapshotCopyStatus"] == {
            "DestinationRegion": THERE,
            "RetentionPeriod": 7,
            "ManualSnapshotRetentionPeriod": -1,
            "SnapshotCopyGrantName": "grant",
        }

    def test_one_destination_at_a_time(self, copying: RedshiftModel) -> None:
        enable = copying.client(HERE).enable_snapshot_copy
        assert code(enable, ClusterIdentifier="warehouse", DestinationRegion=THERE) == "SnapshotCopyAlreadyEnabledFault"
        assert copying.copy_of(HERE, "warehouse") == CopyConfig(THERE, 7, 90, None)

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"DestinationRegion": "eu-nowhere-1"}, "UnknownSnapshotCopyRegionFault"),
            ({"DestinationRegion": HERE}, "UnknownSnapshotCopyRegionFault"),
            ({"RetentionPeriod": 0}, "InvalidRetentionPeriodFault"),
            ({"RetentionPeriod": 36}, "InvalidRetentionPeriodFault"),
            ({"ManualSnapshotRetentionPeriod": 0}, "InvalidRetentionPeriodFault"),
            ({"ManualSnapshotRetentionPeriod": 3654}, "InvalidRetentionPeriodFault"),
            ({"SnapshotCopyGrantName": "none"}, "SnapshotCopyGrantNotFoundFault"),
            ({"ClusterIdentifier": "none"}, "ClusterNotFound"),
        ],
    )
    def test_a_refused_enable_changes_nothing(self, model: RedshiftModel, wrong: dict[str, Any], expected: str) -> None:
        model.given_cluster(HERE, "warehouse")
        params = {"ClusterIdentifier": "warehouse", "DestinationRegion": THERE, **wrong}
        assert code(model.client(HERE).enable_snapshot_copy, **params) == expected
        assert model.copy_of(HERE, "warehouse") is None

    def test_what_is_off_cannot_be_changed(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        client = model.client(HERE)
        assert code(client.disable_snapshot_copy, ClusterIdentifier="warehouse") == "SnapshotCopyAlreadyDisabledFault"
        got = code(client.modify_snapshot_copy_retention_period, ClusterIdentifier="warehouse", RetentionPeriod=5)
        assert got == "SnapshotCopyDisabledFault"

    def test_lowering_the_automated_retention_deletes_copies_at_once(self, copying: RedshiftModel) -> None:
        # GIVEN copies of three ages, of both kinds, and those of a stranger
        cluster, stranger = copying.world.cluster(HERE, "warehouse"), copying.given_cluster(HERE, "stranger")
        for age in (1, 3, 5):
            copying.given_snapshot(THERE, cluster, f"copy:rs:{age}", kind="automated", age_days=age)
        copying.given_snapshot(THERE, cluster, "by-hand", age_days=5)
        copying.given_snapshot(THERE, stranger, "copy:rs:other", kind="automated", age_days=5)
        # WHEN the retention is lowered
        copying.client(HERE).modify_snapshot_copy_retention_period(ClusterIdentifier="warehouse", RetentionPeriod=3)
        # THEN what lies outside is gone, and nothing else
        assert sorted(ids(copying, THERE)) == ["by-hand", "copy:rs:1", "copy:rs:other"]
        assert {why for *_, why in copying.world.deleted_copies} == {"retention lowered"}

    def test_raising_the_automated_retention_keeps_existing_copies_longer(self, copying: RedshiftModel) -> None:
        copying.given_snapshot(
            THERE, copying.world.cluster(HERE, "warehouse"), "copy:rs:old", kind="automated", age_days=6
        )
        copying.client(HERE).modify_snapshot_copy_retention_period(ClusterIdentifier="warehouse", RetentionPeriod=20)
        copying.clock.advance(10 * DAY)
        assert "copy:rs:old" in ids(copying, THERE)
        copying.clock.advance(4 * DAY)
        assert "copy:rs:old" not in ids(copying, THERE)

    def test_the_manual_retention_reaches_new_copies_only(self, copying: RedshiftModel) -> None:
        # GIVEN a copied manual snapshot
        copying.given_snapshot(THERE, copying.world.cluster(HERE, "warehouse"), "old", age_days=5, retention=90)
        # WHEN the manual number falls below its age
        copying.client(HERE).modify_snapshot_copy_retention_period(
            ClusterIdentifier="warehouse", RetentionPeriod=2, Manual=True
        )
        snapshot(copying, "new")
        copying.clock.advance(HOUR)
        # THEN the old one keeps its days, the new one has the new number, and the automated number is as it was
        assert {s.identifier: s.retention for s in copying.snapshots(THERE, kind="manual")} == {"old": 90, "new": 2}
        assert copying.copy_of(HERE, "warehouse") == CopyConfig(THERE, 7, 2, None)

    def test_after_disabling_automated_copies_age_out_and_manual_ones_stay(self, copying: RedshiftModel) -> None:
        cluster = copying.world.cluster(HERE, "warehouse")
        copying.given_snapshot(THERE, cluster, "copy:rs:x", kind="automated", age_days=1)
        copying.given_snapshot(THERE, cluster, "by-hand", age_days=1)
        copying.client(HERE).disable_snapshot_copy(ClusterIdentifier="warehouse")
        assert ids(copying, THERE) == ["by-hand", "copy:rs:x"]
        copying.clock.advance(10 * DAY)
        assert ids(copying, THERE) == ["by-hand"]


class TestCopies:
    def test_a_copy_arrives_later_and_carries_its_lineage(self, copying: RedshiftModel) -> None:
        # GIVEN a snapshot that became available
        made = snapshot(
            copying, "nightly", ManualSnapshotRetentionPeriod=400, Tags=[{"Key": "rule", "Value": "nightly"}]
        )
        copying.clock.advance(300)
        assert ids(copying, THERE) == []
        # WHEN the copy has begun, and when its time has passed
        copying.clock.advance(120)
        client = copying.client(THERE)
        assert client.describe_cluster_snapshots()["Snapshots"][0]["Status"] == "creating"
        copying.clock.advance(HOUR)
        # THEN it tells where it is from and when the data is of, and bears the copy's own retention
        copy = client.describe_cluster_snapshots(ClusterIdentifier="warehouse")["Snapshots"][0]
        assert copy["Status"] == "available"
        assert copy["SourceRegion"] == HERE
        assert copy["SnapshotCreateTime"] == made["SnapshotCreateTime"]
        assert copy["ClusterCreateTime"] == made["ClusterCreateTime"]
        assert copy["ManualSnapshotRetentionPeriod"] == 90
        assert copy["Tags"] == []

    def test_only_new_snapshots_are_copied(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse")
        snapshot(model, "before")
        model.clock.advance(HOUR)
        model.client(HERE).enable_snapshot_copy(ClusterIdentifier="warehouse", DestinationRegion=THERE)
        snapshot(model, "after")
        model.clock.advance(HOUR)
        assert ids(model, THERE) == ["after"]

    def test_automated_copies_bear_a_prefix_and_age_out(self, copying: RedshiftModel) -> None:
        copying.clock.advance(20 * DAY)
        assert 20 <= len(ids(copying, THERE, "automated")) <= 22  # three a day for seven days
        assert all(name.startswith("copy:rs:warehouse-") for name in ids(copying, THERE))

    def test_a_disabled_key_keeps_the_copy_out(self, copying: RedshiftModel) -> None:
        # GIVEN a grant whose key is disabled after copying was enabled
        key = copying.given_key(THERE)
        copying.given_grant(THERE, "grant", key)
        copying.world.cluster(HERE, "warehouse").copy = CopyConfig(THERE, 7, -1, "grant")
        copying.set_key_state(key, "Disabled")
        # WHEN a snapshot is taken THEN it stays where it is until the key is back
        snapshot(copying, "one")
        copying.clock.advance(HOUR)
        assert ids(copying, THERE) == []
        assert copying.world.failed_copies == [(THERE, "one", "key is Disabled")]
        copying.set_key_state(key, "Enabled")
        snapshot(copying, "two")
        copying.clock.advance(HOUR)
        assert [(s.identifier, s.kms_key_id) for s in copying.snapshots(THERE)] == [("two", key)]

    def test_copied_manual_snapshots_count_against_the_quota_there(self) -> None:
        model = RedshiftModel(Clock(), settings=Settings(manual_snapshot_quota=2))
        cluster = model.given_cluster(HERE, "warehouse", copy=CopyConfig(THERE, 7, -1, None))
        for name in "ab":
            model.given_snapshot(THERE, cluster, name)
        snapshot(model, "c")
        model.clock.advance(HOUR)
        assert ids(model, THERE) == ["a", "b"]
        assert model.world.failed_copies == [(THERE, "c", "quota")]

    def test_a_doubtful_belief_can_be_turned_round(self) -> None:
        # GIVEN the other world, in which the final snapshot is copied, with its tags
        model = RedshiftModel(Clock(), settings=Settings(final_snapshot_is_copied=True, copied_manual_prefix="copy:"))
        model.given_cluster(HERE, "warehouse", copy=CopyConfig(THERE, 7, -1, None))
        # WHEN the cluster is deleted THEN it arrives
        model.client(HERE).delete_cluster(ClusterIdentifier="warehouse", FinalClusterSnapshotIdentifier="final")
        model.clock.advance(2 * HOUR)
        assert ids(model, THERE) == ["copy:final"]
