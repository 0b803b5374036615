"""The existing subnet group and parameter group of a cluster."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_redshift as redshift

from resilient_redshift import ResilientClusterFromSnapshot, ResilientRedshiftError
from tests.scenes.clusters import cluster_of, new_stack, properties_of, vpc_of
from tests.scenes.recovery import template_of

PARAMETERS = {"require_ssl": "true", "enable_user_activity_logging": "true", "search_path": "sales"}


def parameter_group(stack: Any) -> redshift.CfnClusterParameterGroup:
    listed = [{"parameterName": name, "parameterValue": value} for name, value in PARAMETERS.items()]
    return redshift.CfnClusterParameterGroup(
        stack, "Parameters", description="d", parameter_group_family="redshift-1.0", parameters=listed
    )


def test_existing_groups_are_used_and_none_is_made() -> None:
    # GIVEN the names of a subnet group and a parameter group WHEN a cluster gets them
    stack = new_stack()
    cluster = cluster_of(stack, subnet_group="theirs", parameter_group="default.redshift-1.0")
    # THEN it uses them, and the template has no other
    properties = properties_of(stack)
    assert properties["ClusterSubnetGroupName"] == cluster.subnet_group_name == "theirs"
    assert properties["ClusterParameterGroupName"] == cluster.parameter_group_name == "default.redshift-1.0"
    kinds = {resource["Type"] for resource in template_of(stack)["Resources"].values()}
    assert not {"AWS::Redshift::ClusterSubnetGroup", "AWS::Redshift::ClusterParameterGroup"} & kinds
    assert (cluster.subnet_group, cluster.parameter_group) == (None, None)
    # AND nobody assumes what the group sets
    assert cluster._resilient_redshift_facts().parameters is None


def test_the_parameters_of_a_group_of_the_app_are_the_clusters() -> None:
    # GIVEN a group of the app WHEN a restored cluster gets it THEN a plan knows the parameters
    stack = new_stack()
    cluster = ResilientClusterFromSnapshot(
        stack,
        "Born",
        snapshot_identifier="yearend",
        cluster_identifier="born",
        vpc=vpc_of(stack),
        node_type="ra3.large",
        parameter_group=parameter_group(stack),
    )
    assert cluster._resilient_redshift_facts().parameters == PARAMETERS


def test_zones_of_an_existing_group_are_not_checked() -> None:
    # GIVEN a VPC with two Zones, which are too few for Multi-AZ WHEN the cluster has a group of its own THEN AWS decides
    stack = new_stack()
    cluster_of(stack, vpc=vpc_of(stack, zones=2), subnet_group="three-zones", multi_az=True)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"subnet_group": "theirs", "vpc_subnets": ec2.SubnetSelection(one_per_az=True)}, ["vpc_subnets"]),
        (
            {"parameter_group": "theirs", "parameters": {}, "parameter_group_family": "redshift-2.0"},
            ["parameters", "parameter_group_family"],
        ),
        ({"subnet_group": "My Group", "parameter_group": "Parameters!"}, ["subnet_group", "parameter_group"]),
    ],
)
def test_arguments_that_an_existing_group_makes_meaningless_are_refused(
    arguments: dict[str, Any], names: list[str]
) -> None:
    # GIVEN an existing group WHEN an argument contradicts it THEN one error names each of them
    with pytest.raises(ResilientRedshiftError) as caught:
        cluster_of(new_stack(), **arguments)
    assert [problem.split("'")[1] for problem in caught.value.problems] == names
