"""The VPC in which the functions of a stack run, and what Lambda may do there with their roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from resilient_redshift.core.subnets import select_subnets
from resilient_redshift.stack.compliance import acknowledge
from resilient_redshift.stack.iam import Statement, allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct, IDependable

    from resilient_redshift.stack.settings import StackSettings

#: What Lambda does with a function's role for the function's network interfaces: what the AWS managed policy
#: ``AWSLambdaVPCAccessExecutionRole`` has, version 3, besides the actions of the log.
NETWORK_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
#: The port of AWS's endpoints.
_HTTPS: Final = 443
_WILDCARD: Final = {
    "AwsSolutions-IAM5[Resource::*]": "Lambda makes network interfaces with this role, and their names are not known "
    "before; AWS's own AWSLambdaVPCAccessExecutionRole has the same, and the function's code is denied these actions"
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionNetwork:
    """The VPC in which every function of a stack runs.

    Attributes:
        vpc: the VPC.
        vpc_subnets: the selection of subnets; None for those that the VPC prefers.
        security_groups: the security groups of the functions' network interfaces.
        subnet_ids: the ids of the selected subnets.
        security_group_ids: the ids of the security groups.
        routes: what the subnets' way out depends on. A function must not run before.
    """

    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup]
    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]
    routes: Sequence[IDependable]

    def vpc_config(self) -> dict[str, Any]:
        """The property ``VpcConfig`` of a function."""
        return {"subnetIds": list(self.subnet_ids), "securityGroupIds": list(self.security_group_ids)}


def function_network(scope: Construct, settings: StackSettings) -> FunctionNetwork | None:
    """The network that the settings name; None where they name none.

    Args:
        scope: the parent of the security group, which is made where the settings name none.
        settings: the settings of the stack.
    """
    vpc, vpc_subnets = settings.lambda_vpc, settings.lambda_vpc_subnets
    if vpc is None:
        return None
    subnets = select_subnets(vpc, vpc_subnets)
    security_groups = settings.lambda_security_groups or (_security_group(scope, vpc),)
    return FunctionNetwork(
        vpc=vpc,
        vpc_subnets=vpc_subnets,
        security_groups=security_groups,
        subnet_ids=subnets.ids,
        security_group_ids=[group.security_group_id for group in security_groups],
        routes=subnets.routes(),
    )


def network_policy(scope: Construct) -> iam.CfnManagedPolicy:
    """The policy with which Lambda manages network interfaces, for the roles of all functions of a stack.

    It is a managed policy, because the inline policies of a role have no room for it in a stack of 20 clusters.

    Args:
        scope: the parent of the policy.
    """
    policy = iam.CfnManagedPolicy(
        scope,
        "FunctionNetwork",
        description="resilient_redshift: network interfaces of the functions",
        policy_document=document(network_statements()),
    )
    acknowledge(policy, _WILDCARD)
    return policy


def network_statements() -> list[Statement]:
    """The statements for functions in a VPC. Only Lambda itself may use them.

    AWS puts the key ``lambda:SourceFunctionArn`` into each request that a function's code makes, and into no request
    that Lambda makes with the function's role (Lambda Developer Guide, "Giving Lambda functions access to resources in
    an Amazon VPC").
    """
    mine = {"Condition": {"Null": {"lambda:SourceFunctionArn": "false"}}}
    return [allow(NETWORK_ACTIONS, "*"), {**allow(NETWORK_ACTIONS, "*"), "Effect": "Deny", **mine}]


def _security_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """A security group without ingress. A function opens connections to AWS's endpoints only."""
    group = ec2.SecurityGroup(
        scope,
        "FunctionSecurityGroup",
        vpc=vpc,
        description="Functions of resilient_redshift: to endpoints of AWS, nothing in",
        allow_all_outbound=False,
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(_HTTPS), "endpoints of AWS")
    return group
