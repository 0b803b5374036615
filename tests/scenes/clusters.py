"""What the cluster tests share: an app that says nothing to nobody, a VPC without resources, and the warnings of a construct."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2

from resilient_redshift import ResilientCluster

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

HERE = cdk.Environment(account="111111111111", region="us-east-1")


def new_app() -> cdk.App:
    """An app that nobody deploys: it copies no asset, which would take half of the time."""
    return cdk.App(analytics_reporting=False, context={"aws:cdk:disable-asset-staging": True})


def new_stack(env: cdk.Environment | None = HERE, *, app: Construct | None = None, name: str = "Stack") -> cdk.Stack:
    return cdk.Stack(app or new_app(), name, env=env)


def vpc_of(scope: Construct, *, zones: int = 3, name: str = "Vpc") -> ec2.IVpc:
    names = [f"us-east-1{letter}" for letter in "abcdef"[:zones]]
    return ec2.Vpc.from_vpc_attributes(
        scope,
        name,
        vpc_id="vpc-1",
        availability_zones=names,
        private_subnet_ids=[f"subnet-{zone}" for zone in names],
    )


def cluster_of(stack: Construct, name: str = "Warehouse", **arguments: Any) -> ResilientCluster:
    arguments.setdefault("node_type", "ra3.large")
    if "vpc" not in arguments:
        found = stack.node.try_find_child("Vpc")
        arguments["vpc"] = found or vpc_of(stack)
    return ResilientCluster(stack, name, **arguments)


def resources_of(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    return [dict(found) for found in assertions.Template.from_stack(stack).find_resources(kind).values()]


def cluster_resource(stack: cdk.Stack) -> dict[str, Any]:
    [found] = resources_of(stack, "AWS::Redshift::Cluster")
    return found


def properties_of(stack: cdk.Stack) -> dict[str, Any]:
    found: dict[str, Any] = cluster_resource(stack)["Properties"]
    return found


def warnings_of(construct: IConstruct) -> dict[str, str]:
    """The warnings on a construct, by id."""
    texts = [str(entry.data) for entry in construct.node.metadata if entry.type == "aws:cdk:warning"]
    found = (re.fullmatch(r"(.*) \[ack: Annotation::(.*)\]", text, re.DOTALL) for text in texts)
    return {match[2]: match[1] for match in found if match}


def text_parameter(stack: cdk.Stack, name: str = "Text") -> str:
    return cdk.CfnParameter(stack, name).value_as_string


def number_parameter(stack: cdk.Stack, name: str = "Number") -> int:
    return cdk.CfnParameter(stack, name, type="Number").value_as_number  # type: ignore[return-value]
