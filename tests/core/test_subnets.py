"""The subnets that a selection chooses in a VPC, and the number of their Availability Zones."""

from __future__ import annotations

from aws_cdk import aws_ec2 as ec2

from resilient_redshift.core.subnets import select_subnets
from tests.scenes.clusters import new_stack, vpc_of


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
