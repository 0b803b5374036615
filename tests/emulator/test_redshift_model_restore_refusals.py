"""The model: restores that AWS refuses, and with which error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ApiError, RedshiftModel, Settings
from tests.emulator.restore_scene import described, ready, restore
from tests.emulator.scene import HERE, HOUR, THERE

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(model: RedshiftModel, **params: Any) -> str:
    """The error of a restore, which must leave nothing behind."""
    before = set(model.world.clusters)
    with pytest.raises(ApiError) as caught:
        restore(model, **params)
    assert set(model.world.clusters) == before
    return caught.value.code


def _gone(model: RedshiftModel) -> None:
    model.call(THERE, "DeleteClusterSnapshot", {"SnapshotIdentifier": "one"})


def _unfinished(state: str) -> Callable[[RedshiftModel], None]:
    def change(model: RedshiftModel) -> None:
        model.snapshots(THERE)[0].status = state

    return change


def _key_disabled(model: RedshiftModel) -> None:
    key = model.given_key(THERE, key_id="site", state="Disabled")
    model.snapshots(THERE)[0].kms_key_id = key


def _roles_known(model: RedshiftModel) -> None:
    model.world.role = lambda arn: arn.endswith("/known")
    model.world.security_group = lambda region, group: (region, group) == (THERE, "sg-site")


def _nothing(_: RedshiftModel) -> None:
    pass


_ROLE = "arn:aws:iam::111122223333:role/"


@pytest.mark.parametrize(
    ("prepare", "params", "code"),
    [
        (_nothing, {"name": "Warehouse"}, "InvalidParameterValue"),
        (_nothing, {"snapshot": "two"}, "ClusterSnapshotNotFound"),
        (_gone, {}, "ClusterSnapshotNotFound"),
        (_nothing, {"SnapshotClusterIdentifier": "people"}, "ClusterSnapshotNotFound"),
        (_nothing, {"snapshot": None}, "InvalidParameterCombination"),
        (_nothing, {"SnapshotArn": "arn:aws:redshift:eu-west-1:111122223333:snapshot:warehouse/one"}, "InvalidParameterCombination"),
        (_nothing, {"snapshot": None, "SnapshotArn": f"arn:aws:redshift:{HERE}:111122223333:snapshot:warehouse/one"}, "ClusterSnapshotNotFound"),
        (_nothing, {"snapshot": None, "SnapshotArn": f"arn:aws:redshift:{THERE}:444455556666:snapshot:warehouse/one"}, "AccessToSnapshotDenied"),
        (_nothing, {"OwnerAccount": "444455556666"}, "AccessToSnapshotDenied"),
        (_unfinished("creating"), {}, "InvalidClusterSnapshotState"),
        (_unfinished("failed"), {}, "InvalidClusterSnapshotState"),
        (_nothing, {"ClusterSubnetGroupName": "elsewhere"}, "ClusterSubnetGroupNotFoundFault"),
        (_nothing, {"ClusterSubnetGroupName": None}, "InvalidSubnet"),
        (_nothing, {"ClusterParameterGroupName": "elsewhere"}, "ClusterParameterGroupNotFound"),
        (_nothing, {"SnapshotScheduleIdentifier": "elsewhere"}, "SnapshotScheduleNotFound"),
        (_nothing, {"KmsKeyId": "elsewhere"}, "InvalidParameterValue"),
        (_key_disabled, {}, "InvalidParameterValue"),
        (_key_disabled, {"KmsKeyId": "site"}, "InvalidParameterValue"),
        (_nothing, {"Encrypted": False}, "InvalidParameterValue"),
        (_nothing, {"NodeType": "dc2.large"}, "InvalidRestore"),
        (_nothing, {"NumberOfNodes": 16}, "InvalidRestore"),
        (_nothing, {"NumberOfNodes": 17}, "NumberOfNodesPerClusterLimitExceeded"),
        (_nothing, {"NodeType": "ra3.huge"}, "InvalidParameterValue"),
        (_nothing, {"Port": 5460}, "InvalidParameterValue"),
        (_nothing, {"AutomatedSnapshotRetentionPeriod": 0}, "InvalidParameterValue"),
        (_nothing, {"ManualSnapshotRetentionPeriod": 0}, "InvalidParameterValue"),
        (_nothing, {"MasterPasswordSecretKmsKeyId": "site"}, "InvalidParameterCombination"),
        (_nothing, {"MultiAZ": True, "Encrypted": None}, "InvalidParameterCombination"),
        (_nothing, {"MultiAZ": True, "NumberOfNodes": 1}, "UnsupportedOperation"),
        (lambda model: model.given_subnet_group(THERE, "site", "a", "b"), {"MultiAZ": True}, "InvalidVPCNetworkStateFault"),
        (_nothing, {"AvailabilityZone": "eu-west-1f"}, "InvalidVPCNetworkStateFault"),
        (_nothing, {"AvailabilityZone": "eu-central-1a"}, "InvalidParameterValue"),
        (_roles_known, {"IamRoles": [f"{_ROLE}known", f"{_ROLE}lost"]}, "InvalidParameterValue"),
        (_roles_known, {"VpcSecurityGroupIds": ["sg-site", "sg-lost"]}, "InvalidParameterValue"),
        (_nothing, {"MaintenanceTrackName": "fast"}, "InvalidClusterTrack"),
        (_nothing, {"ReservedNodeId": "mine"}, "ReservedNodeNotFound"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_name(
    prepare: Callable[[RedshiftModel], None], params: dict[str, Any], code: str
) -> None:
    # GIVEN a site where one thing is wrong WHEN a restore is asked for THEN AWS says which, and nothing is made
    model = ready()
    prepare(model)
    assert refusal(model, **params) == code


def test_a_name_can_be_taken_once() -> None:
    model = ready()
    restore(model)
    assert refusal(model) == "ClusterAlreadyExists"


def test_the_doubtful_codes_are_settings() -> None:
    # GIVEN a world that answers otherwise
    codes = Settings(
        unusable_key_code="DependentServiceAccessDeniedFault", illegal_nodes_code="UnsupportedOperationFault"
    )
    model = ready(codes)
    # THEN it does
    assert refusal(model, NumberOfNodes=16) == "UnsupportedOperation"
    assert refusal(model, KmsKeyId="elsewhere") == "DependentServiceAccessDenied"


class TestEngines:
    def test_a_snapshot_of_a_newer_engine_is_refused(self) -> None:
        # GIVEN a recovery Region that is a patch behind WHEN it catches up THEN the restore works
        model = ready(Settings(engine_version="1.0.99999", engine_versions={HERE: "1.0.120000"}))
        assert refusal(model) == "InvalidRestore"
        model.settings.engine_versions[THERE] = "1.0.120000"
        restore(model)
        assert described(model)["ClusterRevisionNumber"] == "120000"

    def test_an_older_one_is_restored_by_the_newer_engine(self) -> None:
        model = ready(Settings(engine_versions={HERE: "1.0.9", THERE: "1.0.10"}))
        found = model.call(THERE, "DescribeClusterSnapshots", {"SnapshotIdentifier": "one"})["Snapshots"][0]
        assert found["EngineFullVersion"] == "1.0.9"
        restore(model)
        assert described(model)["ClusterRevisionNumber"] == "10"


class TestQuotas:
    def test_nodes_are_counted_until_a_cluster_is_gone(self) -> None:
        # GIVEN room for five nodes, of which another cluster's restore takes two
        model = ready(Settings(node_quota=5))
        restore(model, "drill")
        # WHEN three or four more are asked for
        assert refusal(model, NumberOfNodes=4) == "NumberOfNodesQuotaExceeded"
        model.clock.advance(HOUR)
        model.call(THERE, "DeleteCluster", {"ClusterIdentifier": "drill", "SkipFinalClusterSnapshot": True})
        assert refusal(model, NumberOfNodes=4) == "NumberOfNodesQuotaExceeded"
        # THEN it works once the other one is gone; the primary's nodes never counted
        model.clock.advance(HOUR)
        restore(model, NumberOfNodes=4)

    def test_clusters_are_counted(self) -> None:
        model = ready(Settings(cluster_quota=1))
        restore(model, "drill")
        assert refusal(model) == "ClusterQuotaExceeded"

    def test_creating_counts_as_well(self) -> None:
        model = ready(Settings(node_quota=3))
        given = {"ClusterIdentifier": "more", "NodeType": "ra3.large", "MasterUsername": "admin", "NumberOfNodes": 2}
        with pytest.raises(ApiError, match="NumberOfNodesQuotaExceeded"):
            model.call(HERE, "CreateCluster", given)


class TestCapacity:
    def test_a_full_zone_is_avoided_by_naming_another(self) -> None:
        # GIVEN the Zone that AWS would take is full
        model = ready()
        model.faults.no_capacity(zones=["eu-west-1a"])
        # WHEN the caller names none, that one, and another THEN only the last works
        assert refusal(model) == "InsufficientClusterCapacity"
        assert refusal(model, AvailabilityZone="eu-west-1a") == "InsufficientClusterCapacity"
        restore(model, AvailabilityZone="eu-west-1b")
        assert described(model)["AvailabilityZone"] == "eu-west-1b"

    def test_aws_may_avoid_it_itself(self) -> None:
        model = ready(Settings(zone_choice_avoids_shortage=True))
        model.faults.no_capacity(zones=["eu-west-1a"])
        assert restore(model)["AvailabilityZone"] == "eu-west-1b"

    def test_a_node_type_or_a_size_can_be_short(self) -> None:
        model = ready()
        model.faults.no_capacity(node_types=["ra3.large"], more_nodes_than=1, region=THERE)
        assert refusal(model) == "InsufficientClusterCapacity"
        restore(model, "small", NumberOfNodes=1)
        restore(model, "other", NodeType="ra3.xlplus")

    def test_it_is_over_after_so_many_calls(self) -> None:
        model = ready()
        model.faults.no_capacity(times=2)
        assert [refusal(model), refusal(model)] == ["InsufficientClusterCapacity"] * 2
        restore(model)

    def test_or_after_a_while(self) -> None:
        model = ready()
        model.faults.no_capacity(seconds=HOUR)
        model.clock.advance(HOUR - 1)
        assert refusal(model) == "InsufficientClusterCapacity"
        model.clock.advance(1)
        restore(model)

    def test_a_call_that_is_wrong_anyway_uses_none_of_it_up(self) -> None:
        model = ready()
        model.faults.no_capacity(times=1)
        refusal(model, ClusterParameterGroupName="elsewhere")
        assert refusal(model) == "InsufficientClusterCapacity"


class TestConfigurations:
    def test_every_pair_on_offer_can_be_restored(self) -> None:
        # GIVEN what AWS offers, page by page
        model = ready(Settings(node_quota=None), number_of_nodes=16)
        pages = model.client(THERE).get_paginator("describe_node_configuration_options")
        found = [
            (option["NodeType"], option["NumberOfNodes"])
            for page in pages.paginate(
                ActionType="restore-cluster", SnapshotIdentifier="one", PaginationConfig={"PageSize": 100}
            )
            for option in page["NodeConfigurationOptionList"]
        ]
        # THEN each one works, none is named twice, and there were pages
        assert len(found) == len(set(found)) > 100
        whole = model.call(
            THERE, "DescribeNodeConfigurationOptions", {"ActionType": "restore-cluster", "SnapshotIdentifier": "one"}
        )
        assert len(whole["NodeConfigurationOptionList"]) == len(found)
        assert ("ra3.large", 16) in found
        for index, (kind, number) in enumerate(sorted(found)[::9]):
            restore(model, f"drill-{index}", NodeType=kind, NumberOfNodes=number)
        snapshot = model.call(THERE, "DescribeClusterSnapshots", {"SnapshotIdentifier": "one"})["Snapshots"][0]
        assert set(snapshot["RestorableNodeTypes"]) == {kind for kind, _ in found}

    def test_its_own_nodes_are_offered_however_full_they_are(self) -> None:
        model = ready(node_type="dc2.large", size_megabytes=9e9)
        given = {"ActionType": "restore-cluster", "SnapshotIdentifier": "one"}
        found = model.call(THERE, "DescribeNodeConfigurationOptions", given)["NodeConfigurationOptionList"]
        assert [(option["NodeType"], option["NumberOfNodes"]) for option in found] == [("dc2.large", 2)]

    def test_they_can_be_filtered_and_set(self) -> None:
        model = ready(Settings(node_configurations=[("ra3.large", 2), ("ra3.large", 4), ("ra3.xlplus", 2)]))
        filters = [
            {"Name": "NodeType", "Values": ["ra3.large"]},
            {"Name": "NumberOfNodes", "Operator": "lt", "Values": ["4"]},
        ]
        given = {"ActionType": "restore-cluster", "SnapshotIdentifier": "one", "Filters": filters}
        found = model.call(THERE, "DescribeNodeConfigurationOptions", given)["NodeConfigurationOptionList"]
        assert [(option["NodeType"], option["NumberOfNodes"]) for option in found] == [("ra3.large", 2)]

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"SnapshotIdentifier": "two"}, "ClusterSnapshotNotFound"),
            ({}, "InvalidParameterCombination"),
            ({"SnapshotIdentifier": "one", "MaxRecords": 20}, "InvalidParameterValue"),
            ({"SnapshotIdentifier": "one", "OwnerAccount": "444455556666"}, "AccessToSnapshotDenied"),
        ],
    )
    def test_what_is_wrong_is_refused(self, params: dict[str, Any], code: str) -> None:
        with pytest.raises(ApiError) as caught:
            ready().call(THERE, "DescribeNodeConfigurationOptions", {"ActionType": "restore-cluster", **params})
        assert caught.value.code == code
