"""The arguments of a cluster as values, and the checks of them that need no resource of CDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.cluster_ref.parameter_groups import FAMILY, check_family, check_parameters, with_enforced
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules.arns import check_role_count
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_cluster_identifier
from resilient_redshift.rules.node_types import check_automated_retention, check_node_type, check_nodes, check_port
from resilient_redshift.rules.retention import days as whole_days
from resilient_redshift.snapshots.automated import AutomatedSnapshots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_iam import IRoleRef
    from aws_cdk.interfaces.aws_kms import IKeyRef

    from resilient_redshift.cluster_ref.groups import ParameterGroup, SubnetGroup
    from resilient_redshift.errors import Problems
    from resilient_redshift.rules.retention import Keep


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterArguments:
    """The arguments of a cluster; ``ResilientCluster`` documents each of them."""

    vpc: ec2.IVpc
    node_type: str
    number_of_nodes: int
    cluster_identifier: str | None
    vpc_subnets: ec2.SubnetSelection | None
    subnet_group: SubnetGroup | None
    database_name: str
    master_username: str
    port: int
    encryption_key: IKeyRef | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    automated_snapshots: AutomatedSnapshots | None
    manual_snapshot_retention: Keep
    parameters: Mapping[str, str] | None
    parameter_group_family: str
    parameter_group: ParameterGroup | None
    audit_log_exports: Sequence[str]
    multi_az: bool
    availability_zone_relocation: bool | None
    iam_roles: Sequence[IRoleRef]
    preferred_maintenance_window: str | None
    maintenance_track_name: str | None
    removal_policy: cdk.RemovalPolicy
    accept_loss_of_cluster: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotSource:
    """The snapshot that a cluster is restored from, with the names of CloudFormation's properties."""

    snapshot_identifier: str
    snapshot_cluster_identifier: str | None
    owner_account: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DerivedSettings:
    """The settings of a cluster that are derived from its arguments.

    Attributes:
        automated_snapshots: the argument, or its default.
        manual_days: the retention of a manual snapshot that has none of its own, in days; ``FOREVER_DAYS`` for ever.
        parameters: all database parameters, the enforced ones included.
    """

    automated_snapshots: AutomatedSnapshots
    manual_days: int
    parameters: Mapping[str, str]


def derived_settings(problems: Problems, arguments: ClusterArguments) -> DerivedSettings:
    """Derive the settings, and check every argument that can be checked without a resource of CDK.

    Args:
        problems: where to record each problem.
        arguments: the arguments.

    Returns:
        The settings. They are meaningless when a problem was recorded.
    """
    automated = arguments.automated_snapshots or AutomatedSnapshots()
    if arguments.cluster_identifier is not None:
        check_cluster_identifier(problems, "cluster_identifier", arguments.cluster_identifier)
    check_node_type(problems, "node_type", arguments.node_type)
    check_nodes(problems, "number_of_nodes", arguments.node_type, arguments.number_of_nodes)
    check_port(problems, "port", arguments.node_type, arguments.port)
    settings.check_database_name(problems, arguments.database_name)
    settings.check_master_username(problems, arguments.master_username)
    settings.check_audit_logs(problems, arguments.audit_log_exports)
    settings.check_maintenance_window(problems, arguments.preferred_maintenance_window or settings.MAINTENANCE_WINDOW)
    if arguments.maintenance_track_name is not None:
        settings.check_maintenance_track(problems, arguments.maintenance_track_name)
    _check_removal(problems, arguments.removal_policy, accept_loss=arguments.accept_loss_of_cluster)
    check_automated_retention(problems, "automated_snapshots", automated.days, arguments.node_type)
    manual_days = whole_days(
        problems,
        "manual_snapshot_retention",
        arguments.manual_snapshot_retention,
        minimum=1,
        maximum=MOST_MANUAL_DAYS,
        forever=True,
        why="Redshift API: ManualSnapshotRetentionPeriod",
    )
    check_family(problems, arguments.parameter_group_family)
    check_parameters(problems, arguments.parameters or {})
    parameters = with_enforced(problems, arguments.parameters or {})
    _check_groups(problems, arguments)
    check_role_count(problems, "iam_roles", arguments.iam_roles)
    groups = arguments.security_groups
    problems.check(groups != [], "security_groups", groups, "one or more, or None for a new one")
    return DerivedSettings(automated_snapshots=automated, manual_days=manual_days, parameters=parameters)


def _check_groups(problems: Problems, arguments: ClusterArguments) -> None:
    """Record a problem for each argument that an existing group makes meaningless."""
    if arguments.subnet_group is not None:
        got = "a selection"
        problems.check(
            arguments.vpc_subnets is None, "vpc_subnets", got, "left out with subnet_group", "the group has the subnets"
        )
    if arguments.parameter_group is not None:
        why = "the group sets the parameters"
        given, family = arguments.parameters, arguments.parameter_group_family
        problems.check(given is None, "parameters", given, "left out with parameter_group", why)
        problems.check(family == FAMILY, "parameter_group_family", family, "left out with parameter_group", why)


def _check_removal(problems: Problems, policy: cdk.RemovalPolicy, *, accept_loss: bool) -> None:
    if policy is cdk.RemovalPolicy.DESTROY:
        allowed = "True with RemovalPolicy.DESTROY"
        why = "this policy deletes the data and every automated snapshot, and takes no final snapshot"
        problems.check(accept_loss is True, "accept_loss_of_cluster", accept_loss, allowed, why)
