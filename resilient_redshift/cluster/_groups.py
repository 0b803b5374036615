"""The subnet group and the parameter group of a cluster: new ones, or the ones that the user passes."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.groups import ParameterGroupFacts, check_group, name_of, parameter_group_facts
from resilient_redshift.cluster_ref.parameter_groups import parameter_group
from resilient_redshift.core.subnets import checked_subnets
from resilient_redshift.core.tree import ref_of
from resilient_redshift.rules.tokens import known, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from resilient_redshift.cluster._arguments import ClusterArguments
    from resilient_redshift.core.subnets import Subnets
    from resilient_redshift.errors import Problems


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedGroups:
    """The groups that the arguments of a cluster ask for; nothing is made yet.

    Attributes:
        subnets: the subnets of a new subnet group; None with an existing group.
        subnet_group_name: the name of an existing subnet group; None for a new group.
        parameter_group: what synth knows about an existing parameter group; None for a new group.
    """

    subnets: Subnets | None
    subnet_group_name: str | None
    parameter_group: ParameterGroupFacts | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterGroups:
    """The groups of a cluster.

    Attributes:
        subnet_group: the new subnet group; None for an existing one.
        subnet_group_name: its name.
        parameter_group: the new parameter group; None for an existing one.
        parameters: what synth knows about the parameter group, new or existing.
    """

    subnet_group: redshift.CfnClusterSubnetGroup | None
    subnet_group_name: str
    parameter_group: redshift.CfnClusterParameterGroup | None
    parameters: ParameterGroupFacts


def wanted_groups(problems: Problems, arguments: ClusterArguments, stack: cdk.Stack) -> WantedGroups:
    """Find the groups that the arguments ask for, and record each problem with them.

    Args:
        problems: where to record each problem.
        arguments: the arguments of the cluster.
        stack: the cluster's stack.
    """
    subnets, parameters = arguments.subnet_group, arguments.parameter_group
    if subnets is not None:
        check_group(problems, "subnet_group", subnets, stack)
    return WantedGroups(
        subnets=checked_subnets(problems, "vpc_subnets", arguments.vpc, arguments.vpc_subnets)
        if subnets is None
        else None,
        subnet_group_name=None if subnets is None else name_of(subnets),
        parameter_group=None
        if parameters is None
        else parameter_group_facts(problems, "parameter_group", parameters, stack),
    )


def keep_groups(groups: ClusterGroups, policy: cdk.RemovalPolicy) -> None:
    """Keep the new groups of a cluster that CloudFormation keeps.

    Redshift does not delete a group that a cluster uses (Redshift API, DeleteClusterSubnetGroup and
    DeleteClusterParameterGroup), so the deletion of the stack would fail. An import of the cluster needs the groups
    too: another subnet group replaces the cluster.

    Args:
        groups: the groups of the cluster.
        policy: the removal policy of the cluster, one of ``KEEPING``.
    """
    for group in (groups.subnet_group, groups.parameter_group):
        # another cluster of the stack may share the parameter group, and keep it more firmly
        if group is not None and group.cfn_options.deletion_policy is not cdk.CfnDeletionPolicy.RETAIN:
            group.apply_removal_policy(policy)


def make_groups(
    cluster: Construct, stack: cdk.Stack, wanted: WantedGroups, family: str, parameters: Mapping[str, str]
) -> ClusterGroups:
    """Make the groups of a cluster that do not exist yet.

    Args:
        cluster: the cluster's construct.
        stack: its stack.
        wanted: the groups that the arguments ask for.
        family: the family of a new parameter group.
        parameters: all parameters of a new parameter group, sorted by name.
    """
    subnet_group, subnet_group_name = None, wanted.subnet_group_name
    if subnet_group_name is None:
        subnet_group = redshift.CfnClusterSubnetGroup(
            cluster,
            "SubnetGroup",
            description="Subnets of a Redshift cluster",
            subnet_ids=[] if wanted.subnets is None else wanted.subnets.ids,
        )
        subnet_group_name = subnet_group.ref
    new_group, facts = None, wanted.parameter_group
    if facts is None:
        new_group = parameter_group(cluster, stack, family, parameters)
        constant = all(map(known, parameters.values()))
        facts = ParameterGroupFacts(
            name=ref_of(new_group),
            family=literal(family),
            parameters=MappingProxyType(dict(parameters)) if constant else None,
        )
    return ClusterGroups(
        subnet_group=subnet_group,
        subnet_group_name=subnet_group_name,
        parameter_group=new_group,
        parameters=facts,
    )
