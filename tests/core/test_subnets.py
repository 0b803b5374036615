"""The subnets that a selection chooses in a VPC, the number of their Availability Zones, and their way out."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from resilient_redshift.core.subnets import select_subnets
from tests.scenes.clusters import new_stack, resources_of, vpc_of


def test_the_subnets_that_a_vpc_prefers_are_asked_once() -> None:
    vpc = vpc_of(new_stack(), zones=2)
    subnets = select_subnets(vpc, None)
    assert (list(subnets.ids), subnets.zones) == (["subnet-us-east-1a", "subnet-us-east-1b"], 2)
    assert select_subnets(vpc, None) is subnets


def test_a_selection_is_not_confused_with_the_preferred_ones() -> None:
    vpc = vpc_of(new_stack())
    select_subnets(vpc, None)
    subnets = select_subnets(vpc, ec2.SubnetSelection(subnet_filters=[ec2.SubnetFilter.by_ids(["subnet-us-east-1c"])]))
    assert (list(subnets.ids), subnets.zones) == (["subnet-us-east-1c"], 1)


def test_subnets_of_an_equal_token_are_in_one_zone() -> None:
    stack = new_stack(None)
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    both = select_subnets(vpc, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))
    one = select_subnets(vpc, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC, one_per_az=True))
    assert (both.zones, one.zones) == (2, 2)


def test_the_way_out_of_subnets_is_their_routes() -> None:
    # GIVEN a new VPC with a NAT gateway WHEN something depends on its subnets' routes THEN it comes after their NAT route
    stack = new_stack()
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    for number, selection in enumerate([None, ec2.SubnetSelection(subnets=vpc.private_subnets)]):
        late = cdk.CfnResource(stack, f"Late{number}", type="A::B::C")
        late.node.add_dependency(*select_subnets(vpc, selection).routes())
    for found in resources_of(stack, "A::B::C"):
        assert [name for name in found["DependsOn"] if "PrivateSubnet1DefaultRoute" in name]
