"""Subnet groups, parameter groups and settings of clusters in the model of Redshift's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ApiError
from tests.emulator.scene import HERE, THERE

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

CLUSTER = {
    "ClusterIdentifier": "warehouse",
    "NodeType": "ra3.large",
    "NumberOfNodes": 2,
    "MasterUsername": "admin1",
    "ManageMasterPassword": True,
}


def refused(model: RedshiftModel, operation: str, **params: Any) -> str:
    with pytest.raises(ApiError) as caught:
        model.call(HERE, operation, params)
    return caught.value.code


@pytest.fixture
def grouped(model: RedshiftModel) -> RedshiftModel:
    """A cluster in a subnet group and with a parameter group of its own."""
    model.call(
        HERE, "CreateClusterSubnetGroup", {"ClusterSubnetGroupName": "Nets", "Description": "d", "SubnetIds": ["s-1"]}
    )
    model.call(
        HERE,
        "CreateClusterParameterGroup",
        {"ParameterGroupName": "Params", "ParameterGroupFamily": "redshift-1.0", "Description": "d"},
    )
    groups = {"ClusterSubnetGroupName": "nets", "ClusterParameterGroupName": "params"}
    model.call(
        HERE,
        "CreateCluster",
        {**CLUSTER, **groups, "VpcSecurityGroupIds": ["sg-1"], "IamRoles": ["arn:aws:iam::1:role/r"]},
    )
    model.clock.advance(600)
    return model


def shown(model: RedshiftModel) -> dict[str, Any]:
    found: dict[str, Any] = model.call(HERE, "DescribeClusters", {"ClusterIdentifier": "warehouse"})["Clusters"][0]
    return found


def test_a_cluster_shows_its_groups_and_roles(grouped: RedshiftModel) -> None:
    # THEN names are in lower case
    found = shown(grouped)
    assert found["ClusterSubnetGroupName"] == "nets"
    assert found["ClusterParameterGroups"] == [{"ParameterGroupName": "params", "ParameterApplyStatus": "in-sync"}]
    assert found["VpcSecurityGroups"] == [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]
    assert [role["IamRoleArn"] for role in found["IamRoles"]] == ["arn:aws:iam::1:role/r"]
    assert ":secretsmanager:" in found["MasterPasswordSecretArn"]


def test_groups_that_are_not_there_are_refused(model: RedshiftModel) -> None:
    assert refused(model, "CreateCluster", **CLUSTER, ClusterSubnetGroupName="no") == "ClusterSubnetGroupNotFoundFault"
    assert refused(model, "CreateCluster", **CLUSTER, ClusterParameterGroupName="no") == "ClusterParameterGroupNotFound"
    assert refused(model, "DeleteClusterSubnetGroup", ClusterSubnetGroupName="no") == "ClusterSubnetGroupNotFoundFault"


def test_groups_in_use_stay(grouped: RedshiftModel) -> None:
    assert (
        refused(grouped, "DeleteClusterSubnetGroup", ClusterSubnetGroupName="nets")
        == "InvalidClusterSubnetGroupStateFault"
    )
    assert (
        refused(grouped, "DeleteClusterParameterGroup", ParameterGroupName="params")
        == "InvalidClusterParameterGroupState"
    )
    # WHEN the cluster is gone
    grouped.call(HERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})
    grouped.clock.advance(600)
    # THEN they go
    grouped.call(HERE, "DeleteClusterSubnetGroup", {"ClusterSubnetGroupName": "nets"})
    grouped.call(HERE, "DeleteClusterParameterGroup", {"ParameterGroupName": "params"})
    assert grouped.call(HERE, "DescribeClusterSubnetGroups")["ClusterSubnetGroups"] == []


def test_names_are_unique_in_a_region(grouped: RedshiftModel) -> None:
    group = {"ClusterSubnetGroupName": "NETS", "Description": "d", "SubnetIds": ["s-1"]}
    assert refused(grouped, "CreateClusterSubnetGroup", **group) == "ClusterSubnetGroupAlreadyExists"
    grouped.call(THERE, "CreateClusterSubnetGroup", group)


def test_parameters_are_set_reset_and_applied_by_a_reboot(grouped: RedshiftModel) -> None:
    # GIVEN two parameters
    name = {"ParameterGroupName": "params"}
    rows = [{"ParameterName": n, "ParameterValue": "true"} for n in ("require_ssl", "use_fips_ssl")]
    grouped.call(HERE, "ModifyClusterParameterGroup", {**name, "Parameters": rows})
    # WHEN one is reset
    grouped.call(HERE, "ResetClusterParameterGroup", {**name, "Parameters": rows[1:]})
    # THEN the other stays
    found = grouped.call(HERE, "DescribeClusterParameters", name)["Parameters"]
    assert [row["ParameterName"] for row in found] == ["require_ssl"]
    # AND another group waits for a reboot
    grouped.call(
        HERE, "ModifyCluster", {"ClusterIdentifier": "warehouse", "ClusterParameterGroupName": "default.redshift-1.0"}
    )
    grouped.clock.advance(600)
    assert shown(grouped)["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    grouped.call(HERE, "RebootCluster", {"ClusterIdentifier": "warehouse"})
    assert shown(grouped)["ClusterStatus"] == "rebooting"
    grouped.clock.advance(600)
    assert shown(grouped)["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_the_default_parameter_group_is_there_and_stays(model: RedshiftModel) -> None:
    (found,) = model.call(HERE, "DescribeClusterParameterGroups")["ParameterGroups"]
    assert found["ParameterGroupName"] == "default.redshift-1.0"
    assert refused(model, "DeleteClusterParameterGroup", ParameterGroupName="default.redshift-1.0") == (
        "InvalidClusterParameterGroupState"
    )


def test_subnets_are_checked_where_somebody_knows_them(model: RedshiftModel) -> None:
    # GIVEN two VPCs
    model.world.subnet = lambda region, name: {"s-1": ("vpc-1", region + "a"), "s-2": ("vpc-2", region + "b")}.get(name)
    group = {"ClusterSubnetGroupName": "nets", "Description": "d"}
    # WHEN / THEN
    assert refused(model, "CreateClusterSubnetGroup", **group, SubnetIds=["s-9"]) == "InvalidSubnet"
    assert refused(model, "CreateClusterSubnetGroup", **group, SubnetIds=["s-1", "s-2"]) == "InvalidSubnet"
    made = model.call(HERE, "CreateClusterSubnetGroup", {**group, "SubnetIds": ["s-1"]})["ClusterSubnetGroup"]
    assert made["VpcId"] == "vpc-1"


def test_groups_bear_tags(grouped: RedshiftModel) -> None:
    for kind, operation, key in (
        ("subnetgroup:nets", "DescribeClusterSubnetGroups", "ClusterSubnetGroups"),
        ("parametergroup:params", "DescribeClusterParameterGroups", "ParameterGroups"),
    ):
        # WHEN
        grouped.call(
            HERE, "CreateTags", {"ResourceName": grouped.arn(HERE, kind), "Tags": [{"Key": "a", "Value": "b"}]}
        )
        # THEN
        (found,) = grouped.call(HERE, operation, {"TagKeys": ["a"]})[key]
        assert found["Tags"] == [{"Key": "a", "Value": "b"}]
        rows = grouped.call(HERE, "DescribeTags", {"ResourceName": grouped.arn(HERE, kind)})["TaggedResources"]
        assert [row["Tag"]["Key"] for row in rows] == ["a"]


def test_roles_logging_and_size_change(grouped: RedshiftModel) -> None:
    name = {"ClusterIdentifier": "warehouse"}
    # WHEN
    grouped.call(HERE, "EnableLogging", {**name, "LogDestinationType": "cloudwatch", "LogExports": ["userlog"]})
    roles = {"AddIamRoles": ["arn:aws:iam::1:role/new"], "RemoveIamRoles": ["arn:aws:iam::1:role/r"]}
    grouped.call(HERE, "ModifyClusterIamRoles", {**name, **roles})
    grouped.clock.advance(600)
    grouped.call(HERE, "ResizeCluster", {**name, "NumberOfNodes": 4})
    # THEN
    assert shown(grouped)["ClusterStatus"] == "resizing"
    assert shown(grouped)["NumberOfNodes"] == 4
    assert [role["IamRoleArn"] for role in shown(grouped)["IamRoles"]] == ["arn:aws:iam::1:role/new"]
    assert grouped.call(HERE, "DescribeLoggingStatus", name)["LogExports"] == ["userlog"]
    grouped.call(HERE, "DisableLogging", name)
    assert grouped.call(HERE, "DescribeLoggingStatus", name) == {"LoggingEnabled": False}
