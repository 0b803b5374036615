"""The account and Region of a construct."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from resilient_redshift.core.environment import Environment, environment_of, stack_environment
from tests.scenes.clusters import new_stack, vpc_of


def test_the_environment_of_a_stack_is_asked_once() -> None:
    stack = new_stack()
    assert stack_environment(stack) == Environment("111111111111", "us-east-1")
    assert stack_environment(stack) is stack_environment(stack)


def test_an_agnostic_stack_has_no_environment() -> None:
    assert stack_environment(new_stack(None)) == Environment(None, None)


def test_half_an_environment() -> None:
    assert stack_environment(new_stack(cdk.Environment(region="eu-west-1"))) == Environment(None, "eu-west-1")


def test_the_environment_of_a_resource_is_asked_once() -> None:
    vpc = vpc_of(new_stack())
    assert environment_of(vpc) == Environment("111111111111", "us-east-1")
    assert environment_of(vpc) is environment_of(vpc)


def test_an_imported_vpc_is_in_its_own_region() -> None:
    stack = new_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Far", vpc_id="vpc-2", availability_zones=["eu-west-1a"], region="eu-west-1"
    )
    assert environment_of(vpc).region == "eu-west-1"
