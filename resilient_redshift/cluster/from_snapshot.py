"""A Redshift cluster that is restored from a named snapshot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from resilient_redshift.cluster._arguments import ClusterArguments, SnapshotSource
from resilient_redshift.cluster._base import ClusterBase
from resilient_redshift.cluster_ref.parameter_groups import FAMILY
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules.naming import check_cluster_identifier
from resilient_redshift.rules.retention import FOREVER
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_iam import IRoleRef
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from resilient_redshift.cluster_ref.groups import ParameterGroup, SubnetGroup
    from resilient_redshift.rules.retention import Keep
    from resilient_redshift.snapshots.automated import AutomatedSnapshots

#: The name of a snapshot. An automated one has the name ``rs:...``, and its copy ``copy:rs:...``.
_SNAPSHOT: Final = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,254}")
_ACCOUNT: Final = re.compile(r"\d{12}")


@typed
class ResilientClusterFromSnapshot(ClusterBase):
    """A provisioned Redshift cluster that the first deployment of its stack restores from a snapshot.

    It has the same defaults and attributes as ``ResilientCluster``: it is encrypted, private and logged, and Redshift
    makes a new admin password. Use it only for a cluster that a stack should own for good. A recovery site restores
    with a state machine instead, so that no template can undo the restore.

    **The arguments that name the snapshot and the cluster are frozen.** ``SnapshotIdentifier`` is part of the identity
    of the cluster in CloudFormation. If you change or remove ``snapshot_identifier``, ``snapshot_cluster_identifier``,
    ``owner_account``, ``cluster_identifier``, ``database_name``, ``master_username`` or the construct's path,
    CloudFormation **replaces** the cluster: it restores the snapshot *again*, without anything that was written since.
    Leave these values as they are for as long as the cluster exists, also when the snapshot no longer exists:
    CloudFormation does not look for the snapshot again.

    Three things protect you from a slip. ``cluster_identifier`` is required, so that a replacement
    fails because the old cluster has that name, and CloudFormation rolls the deployment back. A replacement keeps the
    old cluster whatever ``removal_policy`` says, because ``UpdateReplacePolicy`` is ``Retain``. Rule RR006 stops a
    synth in which an escape hatch changed a frozen value or that policy. All frozen values are literals, so that you
    see a change in the code.

    CloudFormation does not pass everything on when it restores. It passes on no tags. ``database_name`` and
    ``master_username`` are those of the snapshot, whatever the template says. Sources: the published handler of
    AWS::Redshift::Cluster; Redshift API, RestoreFromClusterSnapshot.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        snapshot_identifier: the name of a snapshot that is ``available`` in the stack's Region at the first deployment:
            a letter, then letters, digits, hyphens and colons, 255 characters at most. Prefer a manual snapshot. It
            does not expire while you try the deployment again.
        cluster_identifier: as for ``ResilientCluster``, but required. No cluster of the account and Region may have it
            at the first deployment.
        vpc: as for ``ResilientCluster``.
        node_type: as for ``ResilientCluster``. It may differ from the snapshot's where Redshift allows it (Redshift
            API, DescribeNodeConfigurationOptions).
        number_of_nodes: as for ``ResilientCluster``. It may differ from the snapshot's in the same way. Default: 2.
        snapshot_cluster_identifier: the identifier of the cluster that the snapshot is of. It is needed where the
            deploying role may restore the snapshots of some clusters only. Default: Redshift finds the snapshot by its
            name alone.
        owner_account: the account that shares the snapshot, 12 digits. Default: this account.
        vpc_subnets: as for ``ResilientCluster``.
        subnet_group: as for ``ResilientCluster``.
        database_name: the name of the snapshot's database. CloudFormation requires it in the template, but does not
            pass it on. Default: ``dev``.
        master_username: the name of the snapshot's admin user. CloudFormation requires it in the template, but does not
            pass it on. Default: ``warehouse_admin``.
        port: as for ``ResilientCluster``. Default: 5440.
        encryption_key: as for ``ResilientCluster``. It may differ from the snapshot's key, which must be usable too.
        security_groups: as for ``ResilientCluster``.
        automated_snapshots: as for ``ResilientCluster``.
        manual_snapshot_retention: as for ``ResilientCluster``.
        parameters: as for ``ResilientCluster``; a snapshot holds none.
        parameter_group_family: as for ``ResilientCluster``.
        parameter_group: as for ``ResilientCluster``.
        audit_log_exports: as for ``ResilientCluster``.
        multi_az: as for ``ResilientCluster``.
        availability_zone_relocation: as for ``ResilientCluster``.
        iam_roles: as for ``ResilientCluster``; a snapshot holds none.
        preferred_maintenance_window: as for ``ResilientCluster``.
        maintenance_track_name: as for ``ResilientCluster``. An engine that is older than the snapshot's cannot restore
            the snapshot.
        removal_policy: what happens on deletion: SNAPSHOT, RETAIN, RETAIN_ON_UPDATE_OR_DELETE, or DESTROY. A policy
            that keeps the cluster also keeps the groups that the construct makes. DESTROY needs
            ``accept_loss_of_cluster``. A replacement always keeps the old cluster. Default: SNAPSHOT.
        accept_loss_of_cluster: True accepts that DESTROY deletes the data and all automated snapshots. Default: you do
            not accept it.

    Raises:
        ResilientRedshiftError: when a value breaks a rule above or a rule of ``ResilientCluster``, or when a frozen
            value is a token. The error names every such value, and is raised before anything is made.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        snapshot_identifier: str,
        cluster_identifier: str,
        vpc: ec2.IVpc,
        node_type: str,
        number_of_nodes: int = 2,
        snapshot_cluster_identifier: str | None = None,
        owner_account: str | None = None,
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
        problems = Problems(lambda: where(scope, construct_id, "ResilientClusterFromSnapshot"))
        source = SnapshotSource(
            snapshot_identifier=snapshot_identifier,
            snapshot_cluster_identifier=snapshot_cluster_identifier,
            owner_account=owner_account,
        )
        _check_source(problems, source)
        _check_frozen(problems, cluster_identifier, database_name, master_username)
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
        super().__init__(scope, construct_id, arguments, problems=problems, source=source)
        # a replacement restores old data, and only the old cluster has what was written since; RR006 keeps the policy
        self._l1.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN
        frozen = {
            "SnapshotIdentifier": snapshot_identifier,
            "SnapshotClusterIdentifier": snapshot_cluster_identifier,
            "OwnerAccount": owner_account,
            "ClusterIdentifier": cluster_identifier,
            "DBName": database_name,
            "MasterUsername": master_username,
        }
        SynthChecks.of(stack_of(scope)).freeze(self._l1, frozen)
        #: The name of the snapshot that the cluster is restored from.
        self.snapshot_identifier = snapshot_identifier


def _check_source(problems: Problems, source: SnapshotSource) -> None:
    name, cluster, owner = source.snapshot_identifier, source.snapshot_cluster_identifier, source.owner_account
    if _check_literal(problems, "snapshot_identifier", name):
        ok = _SNAPSHOT.fullmatch(name) is not None
        allowed = "a snapshot's name (no ARN): a letter, then letters, digits, hyphens and colons, 255 at most"
        problems.check(ok, "snapshot_identifier", name, allowed, "Redshift API: SnapshotIdentifier")
    if cluster is not None and _check_literal(problems, "snapshot_cluster_identifier", cluster):
        check_cluster_identifier(problems, "snapshot_cluster_identifier", cluster)
    if owner is not None and _check_literal(problems, "owner_account", owner):
        ok = _ACCOUNT.fullmatch(owner) is not None
        problems.check(ok, "owner_account", owner, "an account's 12 digits", "Redshift API: OwnerAccount")


def _check_frozen(problems: Problems, identifier: str, database: str, admin: str) -> None:
    for argument, value in (
        ("cluster_identifier", identifier),
        ("database_name", database),
        ("master_username", admin),
    ):
        _check_literal(problems, argument, value)


def _check_literal(problems: Problems, argument: str, value: str) -> bool:
    """Record a problem when a frozen value is a token; return whether it is a literal."""
    why = "a change replaces the cluster with old data, and nobody would see in the code that a token changed"
    return problems.check(known(value), argument, "a token", "a literal", why)
