"""A Redshift cluster that is born from a named snapshot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk

from resilient_redshift.cluster._base import ClusterArguments, ClusterBase, SnapshotSource
from resilient_redshift.cluster_ref.parameter_groups import FAMILY
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.warnings import Warn, warn
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

    from resilient_redshift.rules.retention import Keep
    from resilient_redshift.snapshots.automated import AutomatedSnapshots

#: Automated ones are called ``rs:...``, their copies ``copy:rs:...``.
_SNAPSHOT: Final = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,254}")
_ACCOUNT: Final = re.compile(r"\d{12}")
_FROZEN: Final = (
    "frozen: changing or removing snapshot_identifier, snapshot_cluster_identifier, owner_account, "
    "cluster_identifier, database_name or master_username, even once the snapshot '{snapshot}' is gone, replaces the "
    "cluster: CloudFormation restores the snapshot again, without anything written since. While '{cluster}' has its "
    "name the replacement fails; under another name clients find old data, and the old cluster runs on outside the "
    "stack"
)
_TAGS: Final = (
    "a restored cluster gets no tags: RestoreFromClusterSnapshot takes none, and later deployments apply only those "
    "that change in the template; tag '{cluster}' once by hand (aws redshift create-tags)"
)


class ResilientClusterFromSnapshot(ClusterBase):
    """A provisioned Redshift cluster, restored from a snapshot when its stack is deployed first.

    The sibling of ``ResilientCluster``, with the same defaults and attributes: encrypted, private, logged, an admin
    password that Redshift makes anew. Only for a cluster that a stack should own for good; a recovery site restores
    with a state machine, which no template can undo.

    **What it was restored from is frozen.** CloudFormation keeps ``SnapshotIdentifier`` as part of what the cluster
    *is*: changing or removing it, ``snapshot_cluster_identifier``, ``owner_account``, ``cluster_identifier``,
    ``database_name``, ``master_username`` or the construct's path asks for a **replacement**, a cluster restored from
    the snapshot *again*, without anything written since. Leave them as they are for as long as the cluster lives, also
    when the snapshot has long gone: nobody looks for it again. Three things stand in the way of a slip: the
    ``cluster_identifier`` is required, so that the new cluster fails on the old one's name and the deployment is rolled
    back; whatever ``removal_policy`` says, a replacement keeps the old cluster (``UpdateReplacePolicy`` is ``Retain``);
    and rule RR006 stops a synth in which an escape hatch changed either. All of these are literals, so that a change is
    seen in the code.

    What CloudFormation does not pass on when it restores: tags; ``database_name`` and ``master_username``, which are
    the snapshot's, whatever is said here (sources: AWS::Redshift::Cluster's published handler; Redshift API,
    RestoreFromClusterSnapshot).

    Args:
        scope: the scope.
        construct_id: the id in the scope.
        snapshot_identifier: the name of a snapshot that is ``available`` in the stack's Region when the stack is
            deployed first: a letter, then letters, digits, hyphens and colons, 255 at most. Prefer a manual one, which
            does not expire while the deployment is tried again.
        cluster_identifier: as for ``ResilientCluster``, but required; nobody may have it when the stack is deployed
            first.
        vpc: as for ``ResilientCluster``, like all that follow but the two that are told.
        node_type: may differ from the snapshot's where Redshift allows it (API, DescribeNodeConfigurationOptions).
        number_of_nodes: likewise. Default: 2.
        snapshot_cluster_identifier: the cluster that the snapshot was taken of; needed where the deploying role may
            restore the snapshots of some clusters only. Default: the snapshot is found by its name alone.
        owner_account: the account, 12 digits, that shares the snapshot. Default: this account.
        vpc_subnets: see there.
        database_name: written into the template, where AWS wants it, and passed to nobody: say the snapshot's. Default:
            ``dev``.
        master_username: likewise. Default: ``warehouse_admin``.
        port: see there. Default: 5440.
        encryption_key: see there. It may differ from the snapshot's, whose key must be usable too.
        security_groups: see there.
        automated_snapshots: see there.
        manual_snapshot_retention: see there.
        parameters: see there; a snapshot holds none.
        parameter_group_family: see there.
        audit_log_exports: see there.
        multi_az: see there.
        availability_zone_relocation: see there.
        iam_roles: see there; a snapshot holds none.
        preferred_maintenance_window: see there.
        maintenance_track_name: see there. An engine older than the snapshot's cannot restore it.
        removal_policy: what happens on deletion: SNAPSHOT; RETAIN or RETAIN_ON_UPDATE_OR_DELETE; or DESTROY, only with
            the second key. On a replacement the old cluster is always kept. Default: SNAPSHOT.
        accept_loss_of_cluster: the second key to DESTROY. Default: not accepted.

    Raises:
        ResilientRedshiftError: when a value breaks a rule above or of ``ResilientCluster``, or when what is frozen is a
            token; all at once, before anything is made.
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
        database_name: str = "dev",
        master_username: str = "warehouse_admin",
        port: int = settings.PORT,
        encryption_key: IKeyRef | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        automated_snapshots: AutomatedSnapshots | None = None,
        manual_snapshot_retention: Keep = FOREVER,
        parameters: Mapping[str, str] | None = None,
        parameter_group_family: str = FAMILY,
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
        _check_chosen(problems, cluster_identifier, database_name, master_username)
        given = ClusterArguments(
            vpc=vpc,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
            cluster_identifier=cluster_identifier,
            vpc_subnets=vpc_subnets,
            database_name=database_name,
            master_username=master_username,
            port=port,
            encryption_key=encryption_key,
            security_groups=security_groups,
            automated_snapshots=automated_snapshots,
            manual_snapshot_retention=manual_snapshot_retention,
            parameters=parameters,
            parameter_group_family=parameter_group_family,
            audit_log_exports=audit_log_exports,
            multi_az=multi_az,
            availability_zone_relocation=availability_zone_relocation,
            iam_roles=iam_roles,
            preferred_maintenance_window=preferred_maintenance_window,
            maintenance_track_name=maintenance_track_name,
            removal_policy=removal_policy,
            accept_loss_of_cluster=accept_loss_of_cluster,
        )
        super().__init__(scope, construct_id, given, problems=problems, source=source)
        # a replacement restores old data: what was written since lives in the old cluster alone
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
        #: The snapshot that it was restored from.
        self.snapshot_identifier = snapshot_identifier
        text = _FROZEN.format(snapshot=snapshot_identifier, cluster=cluster_identifier)
        warn(self, Warn.RESILIENT_CLUSTER_FROM_SNAPSHOT_FROZEN, text)
        warn(self, Warn.RESILIENT_CLUSTER_FROM_SNAPSHOT_TAGS, _TAGS.format(cluster=cluster_identifier))


def _check_source(problems: Problems, source: SnapshotSource) -> None:
    name, cluster, owner = source.snapshot_identifier, source.snapshot_cluster_identifier, source.owner_account
    if _literal(problems, "snapshot_identifier", name):
        ok = isinstance(name, str) and _SNAPSHOT.fullmatch(name) is not None
        allowed = "a snapshot's name (no ARN): a letter, then letters, digits, hyphens and colons, 255 at most"
        problems.check(ok, "snapshot_identifier", name, allowed, "Redshift API: SnapshotIdentifier")
    if cluster is not None and _literal(problems, "snapshot_cluster_identifier", cluster):
        check_cluster_identifier(problems, "snapshot_cluster_identifier", cluster)
    if owner is not None and _literal(problems, "owner_account", owner):
        ok = isinstance(owner, str) and _ACCOUNT.fullmatch(owner) is not None
        problems.check(ok, "owner_account", owner, "an account's 12 digits", "Redshift API: OwnerAccount")


def _check_chosen(problems: Problems, identifier: str, database: str, admin: str) -> None:
    why = "a replacement fails on the old cluster's name, and is rolled back, only where that name is chosen"
    problems.check(identifier is not None, "cluster_identifier", identifier, "chosen", why)
    for argument, value in (
        ("cluster_identifier", identifier),
        ("database_name", database),
        ("master_username", admin),
    ):
        _literal(problems, argument, value)


def _literal(problems: Problems, argument: str, value: str) -> bool:
    why = "a change replaces the cluster by a restore of old data, and nobody would see a token change"
    return problems.check(known(value), argument, "a token", "a literal", why)
