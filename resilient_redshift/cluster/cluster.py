"""A new Redshift cluster with safe defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.cluster._arguments import ClusterArguments
from resilient_redshift.cluster._base import ClusterBase
from resilient_redshift.cluster_ref.parameter_groups import FAMILY
from resilient_redshift.core.arguments import where
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules.retention import FOREVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_iam import IRoleRef
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from resilient_redshift.cluster_ref.groups import ParameterGroup, SubnetGroup
    from resilient_redshift.rules.retention import Keep
    from resilient_redshift.snapshots.automated import AutomatedSnapshots


@typed
class ResilientCluster(ClusterBase):
    """A provisioned Redshift cluster: encrypted, private, logged, and snapshotted before it is deleted.

    The construct makes the cluster (child ``Resource``, a ``CfnCluster``), a subnet group, and one parameter group for
    all clusters of the stack with equal parameters. It makes a key and a security group too. It makes none of these
    that you pass.
    Redshift makes the admin's password, keeps it in Secrets Manager and rotates it. The cluster is not public, uses
    enhanced VPC routing, requires TLS, and logs every statement.

    Some changes replace the cluster: another ``cluster_identifier``, ``database_name`` or ``master_username``, and
    moving or renaming the construct. CloudFormation then makes a new, **empty** cluster, and removes the old one as
    ``removal_policy`` says. If you chose the identifier, only a change of the identifier replaces the cluster. The
    other changes fail, because the new cluster cannot have the name of the old one. Everything else changes in place.

    The snapshot that CloudFormation takes on removal always has the name ``<identifier>-final-snapshot``. AWS keeps it,
    and bills it, until you delete it.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        vpc: the VPC, in the account and Region of the stack; a cluster never leaves its VPC.
        node_type: RA3 (``ra3.large``, ``ra3.xlplus``, ``ra3.4xlarge``, ``ra3.16xlarge``), RG (``rg.large``,
            ``rg.xlarge``, ``rg.4xlarge``, ``rg.12xlarge``) or DC2 (``dc2.large``, ``dc2.8xlarge``). A new size of these
            families passes; a new family passes with a warning.
        number_of_nodes: 1 to 128; 1 makes a single-node cluster, which ra3.4xlarge, ra3.16xlarge, rg.xlarge,
            rg.4xlarge, rg.12xlarge and dc2.8xlarge do not allow. A new cluster of ra3.xlplus, rg.large or rg.xlarge has
            at most 16 nodes, one of rg.4xlarge at most 32; more is a warning, because a resize allows it. With
            ``multi_az`` it is the number in each Zone. Default: 2.
        cluster_identifier: 1 to 63 lower-case letters, digits and single hyphens, a letter first. A recovery plan needs
            an identifier that you chose. Default: CloudFormation generates one.
        vpc_subnets: the subnets; in 3 or more Availability Zones for ``multi_az``, 2 for relocation. Default: what the
            VPC prefers: private subnets with egress, else isolated subnets, else public subnets.
        subnet_group: a subnet group that exists already, in ``vpc``, instead of ``vpc_subnets``: its name, a
            ``CfnClusterSubnetGroup``, or the group of ``aws_redshift_alpha``. The library does not know the Zones of
            its subnets, and checks none. Default: a new group with the subnets of ``vpc_subnets``.
        database_name: the name of the first database. Default: ``dev``.
        master_username: the name of the admin user. Default: ``warehouse_admin``.
        port: RA3 and RG: 5431 to 5455 or 8191 to 8215; DC2: 1150 to 65535. Default: 5440.
        encryption_key: the key (no alias) of the cluster, its snapshots and the admin secret, in the Region of the
            stack. Redshift refuses another key while snapshots are copied to another Region. Default: a new key. It
            rotates each year, and is retained when the stack is deleted, because the snapshots need it.
        security_groups: one or more. Default: a new one without ingress and with all egress; open it with
            ``connections``.
        automated_snapshots: when automated snapshots are taken, and how long they are kept. A ``schedule`` in it makes
            a ``SnapshotSchedule`` (child ``SnapshotSchedule``). Default: about every 8 hours, kept for 7 days.
        manual_snapshot_retention: how long a manual snapshot without a retention of its own is kept: 1 to 3653 whole
            days, or FOREVER. Default: FOREVER.
        parameters: database parameters by name, as strings; ``require_ssl`` and ``enable_user_activity_logging`` stay
            ``true``. A change reboots the cluster where the parameter needs it. Default: those two.
        parameter_group_family: such as ``redshift-1.0``. Default: ``redshift-1.0``.
        parameter_group: a parameter group that exists already, instead of ``parameters`` and
            ``parameter_group_family``: its name, a ``CfnClusterParameterGroup``, or the group of
            ``aws_redshift_alpha``. A group of the app must set the two parameters above. Of another group the library
            knows no parameter, so a recovery plan needs ``RestoreOptions(parameters=...)`` or
            ``RestoreOptions(parameter_group=...)``. Default: a group with ``parameters``, shared in the stack.
        audit_log_exports: the audit logs that go to CloudWatch Logs (``/aws/redshift/cluster/<identifier>/...``):
            ``connectionlog``, ``userlog``, ``useractivitylog``; a missing one is a warning. Default: all three.
        multi_az: run in two Availability Zones: RA3 or RG, 2 nodes or more in each. Default: one Zone.
        availability_zone_relocation: whether Redshift may move the cluster to another Zone: RA3 or RG, not with
            ``multi_az``. True or False is written into the template. To switch it on for a cluster that has it off
            reboots that cluster. Default: nothing is written. Redshift then switches it on for a new cluster with
            subnets in several Zones (Redshift management guide, cluster relocation), and leaves an older cluster as it
            is; the library does not count on it.
        iam_roles: roles that the cluster may assume for COPY, UNLOAD and the like, at most 50; ``add_iam_role`` adds
            more. Default: no role.
        preferred_maintenance_window: weekly, 30 minutes or more, in UTC, as ``ddd:hh:mm-ddd:hh:mm``. Default:
            ``sat:10:00-sat:10:30``, a Saturday in every Region.
        maintenance_track_name: such as ``current`` or ``trailing``, without blanks. A recovery Region should not run an
            older engine than this cluster, and ``trailing`` here lowers that risk. Default: ``current``.
        removal_policy: what happens on deletion and replacement: SNAPSHOT, RETAIN, RETAIN_ON_UPDATE_OR_DELETE, or
            DESTROY. A policy that keeps the cluster also keeps the groups that the construct makes, because a cluster
            cannot exist without them. DESTROY needs ``accept_loss_of_cluster``. Default: SNAPSHOT.
        accept_loss_of_cluster: True accepts that DESTROY deletes the data and all automated snapshots. Default: you do
            not accept it.

    Raises:
        ResilientRedshiftError: when a value breaks a rule above. The error names every such value, and is raised before
            anything is made. Tokens pass. Sources: Redshift API, CreateCluster; Redshift management guide (node types,
            Multi-AZ, relocation).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        node_type: str,
        number_of_nodes: int = 2,
        cluster_identifier: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        subnet_group: SubnetGroup | None = None,
        database_name: str = "dev",
        master_username: str = "warehouse_admin",
        port: int = settings.PORT,
        encryption_key: IKeyRef | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        automated_snapshots: AutomatedSnapshots | None = None,
        manual_snapshot_retention: Keep = FOREVER,
        parameters: Mapping[str, str] | None = None,
        parameter_group_family: str = FAMILY,
        parameter_group: ParameterGroup | None = None,
        audit_log_exports: Sequence[str] = settings.AUDIT_LOGS,
        multi_az: bool = False,
        availability_zone_relocation: bool | None = None,
        iam_roles: Sequence[IRoleRef] = (),
        preferred_maintenance_window: str | None = None,
        maintenance_track_name: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.SNAPSHOT,
        accept_loss_of_cluster: bool = False,
    ) -> None:
        arguments = ClusterArguments(
            vpc=vpc,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
            cluster_identifier=cluster_identifier,
            vpc_subnets=vpc_subnets,
            subnet_group=subnet_group,
            database_name=database_name,
            master_username=master_username,
            port=port,
            encryption_key=encryption_key,
            security_groups=security_groups,
            automated_snapshots=automated_snapshots,
            manual_snapshot_retention=manual_snapshot_retention,
            parameters=parameters,
            parameter_group_family=parameter_group_family,
            parameter_group=parameter_group,
            audit_log_exports=audit_log_exports,
            multi_az=multi_az,
            availability_zone_relocation=availability_zone_relocation,
            iam_roles=iam_roles,
            preferred_maintenance_window=preferred_maintenance_window,
            maintenance_track_name=maintenance_track_name,
            removal_policy=removal_policy,
            accept_loss_of_cluster=accept_loss_of_cluster,
        )
        problems = Problems(lambda: where(scope, construct_id, "ResilientCluster"))
        super().__init__(scope, construct_id, arguments, problems=problems)
