"""Security groups of another VPC are refused where synth knows both VPCs."""

from __future__ import annotations

import pytest
from aws_cdk import aws_ec2 as ec2

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.core.security_groups import check_security_groups
from resilient_redshift.errors import Problems
from tests.scenes.clusters import cluster_of, new_stack, text_parameter, vpc_of

ANOTHER = r"must be security groups of the VPC vpc-1, got 'Stack/Group, which belongs to vpc-2'"


def problem_of(group: ec2.ISecurityGroup, vpc: ec2.IVpc) -> str:
    problems = Problems("X")
    check_security_groups(problems, "security_groups", [group], vpc)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError as error:
        return str(error)
    return ""


def test_a_group_of_another_vpc_is_refused() -> None:
    # GIVEN two VPCs of the app WHEN the group of one is used in the other THEN both are named; in its own it passes
    stack = new_stack()
    mine, other = ec2.CfnVPC(stack, "Mine"), ec2.CfnVPC(stack, "Other")
    vpcs = [
        ec2.Vpc.from_vpc_attributes(stack, f"{l1.node.id}Vpc", vpc_id=l1.ref, availability_zones=["us-east-1a"])
        for l1 in (mine, other)
    ]
    group = ec2.SecurityGroup(stack, "Group", vpc=vpcs[0])
    assert problem_of(group, vpcs[0]) == ""
    assert "of the VPC Stack/Other, got 'Stack/Group, which belongs to Stack/Mine'" in problem_of(group, vpcs[1])


def test_what_is_not_known_passes() -> None:
    # GIVEN an imported group, and a group whose VPC only the deployment knows WHEN checked THEN both pass
    stack = new_stack()
    vpc = vpc_of(stack)
    unknown = ec2.Vpc.from_vpc_attributes(
        stack, "Unknown", vpc_id=text_parameter(stack), availability_zones=["us-east-1a"]
    )
    assert problem_of(ec2.SecurityGroup.from_security_group_id(stack, "Imported", "sg-1"), vpc) == ""
    assert problem_of(ec2.SecurityGroup(stack, "Group", vpc=unknown), vpc) == ""


def test_a_cluster_refuses_a_group_of_another_vpc() -> None:
    # GIVEN two VPCs with literal ids WHEN a cluster of one gets a group of the other THEN it is refused
    stack = new_stack()
    other = ec2.Vpc.from_vpc_attributes(stack, "Other", vpc_id="vpc-2", availability_zones=["us-east-1a"])
    group = ec2.SecurityGroup(stack, "Group", vpc=other)
    with pytest.raises(ResilientRedshiftError, match=ANOTHER):
        cluster_of(stack, security_groups=[group])
