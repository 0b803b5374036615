"""The model: restores that succeed, take long, get stuck or fail."""

from __future__ import annotations

import pytest

from emulator.redshift_model import ApiError, RedshiftModel, Settings
from tests.emulator.restore_scene import described, ready, restore, status
from tests.emulator.scene import DAY, HERE, HOUR, THERE


class TestTheWayToAvailable:
    def test_it_is_creating_then_restoring_then_available(self) -> None:
        # GIVEN a restore that was accepted
        model = ready()
        begun = model.clock.now()
        restore(model)
        # WHEN time passes
        seen = []
        for seconds in (0, 60, 719, 1):
            model.clock.advance(seconds)
            seen.append((*status(model), "Endpoint" in described(model)))
        # THEN it comes along as AWS shows it, and the endpoint is there in the end only
        assert seen == [
            ("creating", "Unavailable", "starting", False),
            ("restoring", "Unavailable", "restoring", False),
            ("restoring", "Unavailable", "restoring", False),
            ("available", "Available", "completed", True),
        ]
        # AND it is a lineage of its own
        assert described(model)["ClusterCreateTime"] == begun
        assert described(model, region=HERE)["ClusterCreateTime"] < begun

    def test_how_long_it_takes_is_a_setting_or_one_restores_fate(self) -> None:
        model = ready(Settings(restore_seconds=2 * HOUR))
        model.faults.next_restores(100.0)
        restore(model, "quick")
        restore(model, "slow")
        model.clock.advance(100)
        assert (status(model, "quick")[0], status(model, "slow")[0]) == ("available", "restoring")
        model.clock.advance(2 * HOUR)
        assert status(model, "slow")[0] == "available"

    @pytest.mark.parametrize("fate", ["incompatible-restore", "hardware-failure", "incompatible-network"])
    def test_it_can_end_in_a_failure_and_be_deleted(self, fate: str) -> None:
        # GIVEN a restore that will fail
        model = ready()
        model.faults.next_restores(fate)
        restore(model)
        # WHEN its time is over THEN it says so, and takes no automated snapshot
        model.clock.advance(HOUR)
        assert status(model) == (fate, "Failed", "failed")
        assert "Endpoint" not in described(model)
        model.clock.advance(DAY)
        assert model.snapshots(THERE, "warehouse", "automated")[-1].source_region == HERE
        model.call(THERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})
        model.clock.advance(HOUR)
        assert model.cluster(THERE, "warehouse") is None

    def test_a_stuck_one_stays_and_cannot_be_deleted(self) -> None:
        model = ready()
        model.faults.next_restores("stuck")
        restore(model)
        model.clock.advance(2 * DAY)
        assert status(model) == ("restoring", "Unavailable", "restoring")
        with pytest.raises(ApiError, match="InvalidClusterState"):
            model.call(THERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})

    def test_it_waits_while_its_region_is_lost_and_not_for_the_sources(self) -> None:
        # GIVEN the primary is lost for good, and a restore goes on
        model = ready()
        model.region_down(HERE)
        restore(model)
        model.clock.advance(300)
        # WHEN the recovery Region is lost, too, for an hour
        model.region_down(THERE)
        model.clock.advance(HOUR)
        assert status(model)[0] == "restoring"
        model.region_up(THERE)
        model.clock.advance(600)
        # THEN it ends when that one is back
        assert status(model)[0] == "available"

    def test_figures_of_progress_are_for_dc2(self) -> None:
        # GIVEN a snapshot of DC2 nodes, and one of RA3
        model = ready(node_type="dc2.large", number_of_nodes=4, size_megabytes=78_000.0)
        found = restore(model, Port=5439)
        model.clock.advance(390)
        # THEN the figures move with time
        shown = described(model)["RestoreStatus"]
        assert (shown["ProgressInMegaBytes"], shown["EstimatedTimeToCompletionInSeconds"]) == (39_000, 390)
        assert found["RestoreStatus"]["ProgressInMegaBytes"] == 0
        managed = ready()
        restore(managed)
        assert described(managed)["RestoreStatus"] == {"Status": "starting"}


class TestWhatItIsMadeOf:
    def test_what_a_snapshot_does_not_carry_is_gone(self) -> None:
        # GIVEN a warehouse with everything a cluster can have
        role = "arn:aws:iam::111122223333:role/load"
        model = ready(
            described={"IamRoles": [{"IamRoleArn": role, "ApplyStatus": "in-sync"}], "MasterPasswordSecretArn": "arn:x"}
        )
        model.call(HERE, "EnableLogging", {"ClusterIdentifier": "warehouse", "BucketName": "logs"})
        # WHEN it is restored without saying anything
        restore(model, ClusterParameterGroupName=None, VpcSecurityGroupIds=None)
        model.clock.advance(HOUR)
        found = described(model)
        # THEN tags, copying, roles, schedule, managed password, logging and groups are not there
        assert found["Tags"] == []
        assert found["IamRoles"] == []
        assert not {"ClusterSnapshotCopyStatus", "MasterPasswordSecretArn", "SnapshotScheduleIdentifier"} & set(found)
        assert [group["ParameterGroupName"] for group in found["ClusterParameterGroups"]] == ["default.redshift-1.0"]
        assert model.call(THERE, "DescribeLoggingStatus", {"ClusterIdentifier": "warehouse"}) == {
            "LoggingEnabled": False
        }
        # AND what it does carry is
        assert (found["MasterUsername"], found["DBName"], found["NumberOfNodes"]) == ("warehouse_admin", "dev", 2)

    def test_what_is_said_is_done(self) -> None:
        # GIVEN a key, a role and a schedule in the recovery Region
        model = ready(automated_retention=3)
        key = model.given_key(THERE)
        model.given_schedule(THERE, "often", "rate(2 hours)")
        role = "arn:aws:iam::111122223333:role/load"
        # WHEN all is given
        restore(
            model,
            KmsKeyId=key,
            IamRoles=[role],
            Port=5440,
            NodeType="ra3.xlplus",
            NumberOfNodes=4,
            MultiAZ=True,
            ManageMasterPassword=True,
            AutomatedSnapshotRetentionPeriod=14,
            ManualSnapshotRetentionPeriod=90,
            SnapshotScheduleIdentifier="often",
            AvailabilityZone="eu-west-1b",
            EnhancedVpcRouting=True,
        )
        model.clock.advance(HOUR)
        found = described(model)
        # THEN Describe shows it
        assert (found["KmsKeyId"], found["Endpoint"]["Port"], found["MultiAZ"]) == (key, 5440, "Enabled")
        assert (found["NodeType"], found["NumberOfNodes"]) == ("ra3.xlplus", 4)
        assert (found["AutomatedSnapshotRetentionPeriod"], found["ManualSnapshotRetentionPeriod"]) == (14, 90)
        assert (found["SnapshotScheduleIdentifier"], found["SnapshotScheduleState"]) == ("often", "ACTIVE")
        assert found["MasterPasswordSecretArn"].startswith(
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:redshift!"
        )
        assert [item["IamRoleArn"] for item in found["IamRoles"]] == [role]
        assert found["ClusterSubnetGroupName"] == found["ClusterParameterGroups"][0]["ParameterGroupName"] == "site"
        assert found["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == "sg-site"
        assert (found["AvailabilityZone"], found["EnhancedVpcRouting"]) == ("eu-west-1b", True)

    @pytest.mark.parametrize(
        ("zones", "arguments", "status"),
        [
            ("abc", {}, "enabled"),
            ("a", {}, "disabled"),
            ("abc", {"AvailabilityZoneRelocation": False}, "disabled"),
            ("abc", {"MultiAZ": True}, "disabled"),
        ],
    )
    def test_relocation_is_on_by_default_with_several_zones(
        self, zones: str, arguments: dict[str, bool], status: str
    ) -> None:
        model = ready()
        model.given_subnet_group(THERE, "site", *zones)
        restore(model, **arguments)
        model.clock.advance(HOUR)
        assert described(model)["AvailabilityZoneRelocationStatus"] == status

    def test_it_takes_over_what_nobody_says(self) -> None:
        model = ready(automated_retention=5, port=5450, number_of_nodes=3)
        restore(model)
        found = described(model)
        assert (found["AutomatedSnapshotRetentionPeriod"], found["NumberOfNodes"]) == (5, 3)
        assert model.cluster(THERE, "warehouse").port == 5450  # type: ignore[union-attr]

    def test_an_arn_does_as_well(self) -> None:
        model = ready()
        arn = model.call(THERE, "DescribeClusterSnapshots", {"SnapshotIdentifier": "one"})["Snapshots"][0][
            "SnapshotArn"
        ]
        restore(model, snapshot=None, SnapshotArn=arn)  # type: ignore[arg-type]
        assert described(model)["RestoreStatus"]["Status"] == "starting"


class TestAfterwards:
    def test_it_can_be_tagged_once_it_is_there(self) -> None:
        # GIVEN a restore that has just begun WHEN it is tagged THEN not yet (the worse case), a minute later it is
        model = ready()
        restore(model)
        given = {"ResourceName": model.arn(THERE, "cluster:warehouse"), "Tags": [{"Key": "plan", "Value": "sales"}]}
        with pytest.raises(ApiError, match="InvalidClusterState"):
            model.call(THERE, "CreateTags", given)
        model.clock.advance(60)
        model.call(THERE, "CreateTags", given)
        assert described(model)["Tags"] == [{"Key": "plan", "Value": "sales"}]

    def test_it_takes_automated_snapshots_of_its_own(self) -> None:
        model = ready()
        restore(model)
        model.clock.advance(20 * HOUR)
        own = [s for s in model.snapshots(THERE, "warehouse", "automated") if not s.is_copy]
        assert len(own) == 2
        assert {s.cluster_create_time for s in own} == {described(model)["ClusterCreateTime"]}
        model.call(THERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})
        model.clock.advance(HOUR)
        assert [s for s in model.snapshots(THERE, "warehouse", "automated") if not s.is_copy] == []

    def test_its_name_is_free_again_without_its_logs(self) -> None:
        # GIVEN a restored cluster that writes logs WHEN it is deleted and restored again
        model = ready()
        restore(model)
        with pytest.raises(ApiError, match="InvalidClusterState"):
            model.call(THERE, "EnableLogging", {"ClusterIdentifier": "warehouse", "BucketName": "logs"})
        model.clock.advance(HOUR)
        model.call(THERE, "EnableLogging", {"ClusterIdentifier": "warehouse", "BucketName": "logs"})
        model.call(THERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})
        model.clock.advance(HOUR)
        restore(model)
        # THEN nothing of the former one is left
        assert model.call(THERE, "DescribeLoggingStatus", {"ClusterIdentifier": "warehouse"}) == {
            "LoggingEnabled": False
        }

    def test_a_busy_one_is_deleted_later(self) -> None:
        model = ready()
        restore(model)
        model.clock.advance(HOUR)
        model.faults.busy(THERE, "warehouse", 600)
        given = {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True}
        with pytest.raises(ApiError, match="InvalidClusterState"):
            model.call(THERE, "DeleteCluster", given)
        model.clock.advance(600)
        model.call(THERE, "DeleteCluster", given)
        assert status(model)[0] == "deleting"

    def test_many_are_found_page_by_page(self) -> None:
        model = ready(Settings(node_quota=None))
        for number in range(25):
            restore(model, f"drill-{number}")
        pages = model.client(THERE).get_paginator("describe_clusters").paginate(PaginationConfig={"PageSize": 20})
        names = [[cluster["ClusterIdentifier"] for cluster in page["Clusters"]] for page in pages]
        assert [len(page) for page in names] == [20, 5]
        assert len({name for page in names for name in page}) == 25


def test_throttling_and_lost_answers_reach_restores() -> None:
    # GIVEN one throttled call and one whose answer is lost
    model: RedshiftModel = ready()
    model.faults.throttle()
    model.faults.fail_next("RestoreFromClusterSnapshot", "InternalFailure", after=True)
    # WHEN it is tried again and again THEN the third finds what the second made
    with pytest.raises(ApiError, match="Throttling"):
        restore(model)
    with pytest.raises(ApiError, match="InternalFailure"):
        restore(model)
    with pytest.raises(ApiError, match="ClusterAlreadyExists"):
        restore(model)
    assert status(model)[2] == "starting"
