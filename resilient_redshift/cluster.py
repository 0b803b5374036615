"""A Redshift cluster with defaults that survive."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift import _cluster_settings as settings
from resilient_redshift._cluster_facts import ClusterFacts
from resilient_redshift._cluster_metrics import ClusterMetrics
from resilient_redshift._cluster_warnings import cluster_warnings
from resilient_redshift._naming import check_cluster_identifier
from resilient_redshift._network import check_environment, remember_place, select_subnets, stack_environment, stack_of
from resilient_redshift._node_types import (
    check_automated_retention,
    check_node_type,
    check_nodes,
    check_port,
    check_zones,
    family_of,
)
from resilient_redshift._parameters import FAMILY, check_family, check_parameters, parameter_group, with_enforced
from resilient_redshift._tokens import known, literal
from resilient_redshift._tree import ref_of
from resilient_redshift._validation import Problems, check_key_itself, where
from resilient_redshift._warnings import Warn
from resilient_redshift.automated_snapshots import AutomatedSnapshots
from resilient_redshift.retention import FOREVER
from resilient_redshift.retention import days as whole_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces.aws_iam import IRoleRef
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from resilient_redshift.retention import Keep

#: Not 5439, which scanners and compliance packs look for, and inside the range that RA3 and RG nodes allow.
PORT: Final = 5440


@jsii.implements(IClusterRef, ec2.IConnectable)
class ResilientCluster(ClusterMetrics, cdk.Resource):
    """A provisioned Redshift cluster: encrypted, private, logged, and snapshotted before it goes.

    It makes the cluster (child ``Resource``, a ``CfnCluster``), and unless given a key and a security group; a subnet
    group; and one parameter group for all clusters of the stack with equal parameters. Redshift makes the admin's
    password, keeps it in Secrets Manager and rotates it. Not public, enhanced VPC routing, TLS required, every
    statement logged.

    What replaces the cluster (CloudFormation makes a new, **empty** one, then removes the old one as ``removal_policy``
    says): another ``cluster_identifier``, ``database_name`` or ``master_username``, and moving or renaming the
    construct. With a chosen identifier only a change of that identifier gets so far; the others fail, because the new
    cluster cannot have the same name. Everything else changes in place.

    The snapshot that CloudFormation takes on removal is always ``<identifier>-final-snapshot`` and is kept, and billed,
    until somebody deletes it.

    Args:
        scope: the scope.
        construct_id: the id in the scope.
        vpc: the VPC, in the account and Region of the stack; a cluster never leaves its VPC.
        node_type: RA3 (``ra3.large``, ``ra3.xlplus``, ``ra3.4xlarge``, ``ra3.16xlarge``), RG (``rg.large``,
            ``rg.xlarge``, ``rg.4xlarge``, ``rg.12xlarge``) or DC2 (``dc2.large``, ``dc2.8xlarge``). A new size of these
            passes; a new family passes with a warning.
        number_of_nodes: 1 to 128; 1 makes a single-node cluster, which ra3.4xlarge, ra3.16xlarge and dc2.8xlarge do not
            allow. With ``multi_az`` it is the number in each Zone. Default: 2.
        cluster_identifier: 1 to 63 lower-case letters, digits and single hyphens, a letter first. A recovery plan needs
            it chosen. Default: CloudFormation generates one.
        vpc_subnets: which subnets; in 3 or more Availability Zones for ``multi_az``, 2 for relocation. Default: what
            the VPC prefers: private with egress, else isolated, else public.
        database_name: the first database. Default: ``dev``.
        master_username: the admin's name. Default: ``warehouse_admin``.
        port: RA3 and RG: 5431 to 5455 or 8191 to 8215; DC2: 1150 to 65535. Default: 5440.
        encryption_key: the key (no alias) of cluster, snapshots and admin secret, in the Region of the stack; Redshift
            refuses another one while snapshots are copied to another Region. Default: a new one
            that rotates each year and is retained when the stack goes, because snapshots need it.
        security_groups: at least one. Default: a new one without ingress and with all egress; open it with
            ``connections``.
        automated_snapshots: when automated snapshots are taken, and how long they live; with a ``schedule`` of theirs
            a ``SnapshotSchedule`` is made (child ``SnapshotSchedule``). Default: about every 8 hours, 7 days.
        manual_snapshot_retention: how long a manual snapshot lives that does not say itself: 1 to 3653 whole days, or
            FOREVER. Default: FOREVER.
        parameters: database parameters by name, as strings; ``require_ssl`` and ``enable_user_activity_logging`` stay
            ``true``. A change reboots the cluster where the parameter needs it. Default: those two.
        parameter_group_family: Default: ``redshift-1.0``.
        audit_log_exports: which audit logs go to CloudWatch Logs (``/aws/redshift/cluster/<identifier>/...``):
            ``connectionlog``, ``userlog``, ``useractivitylog``; fewer is a warning. Default: all three.
        multi_az: run in two Availability Zones: RA3, 2 nodes or more in each. Default: one Zone.
        availability_zone_relocation: whether Redshift may move the cluster to another Zone: RA3, not with ``multi_az``.
            True or False is written into the template. Default: left to Redshift, and not relied on.
        iam_roles: roles that the cluster may assume for COPY, UNLOAD and the like. Default: none.
        preferred_maintenance_window: weekly, 30 minutes or more, UTC, ``ddd:hh:mm-ddd:hh:mm``. Default:
            ``sat:10:00-sat:10:30``, a Saturday in every Region.
        maintenance_track_name: such as ``current`` or ``trailing``; a recovery Region should not run an older engine,
            so ``trailing`` here lowers that risk. Default: ``current``.
        removal_policy: what happens on deletion and replacement: SNAPSHOT; RETAIN or RETAIN_ON_UPDATE_OR_DELETE; or
            DESTROY, only with the second key. Default: SNAPSHOT.
        accept_loss_of_cluster: the second key to DESTROY, which deletes the data and all automated snapshots. Default:
            not accepted.

    Raises:
        ResilientRedshiftError: when a value breaks a rule above, all at once, before anything is made. Tokens pass.
            Sources: Redshift API, CreateCluster; Redshift management guide (node types, Multi-AZ, relocation).
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
        database_name: str = "dev",
        master_username: str = "warehouse_admin",
        port: int = PORT,
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
        problems = Problems(lambda: where(scope, construct_id, "ResilientCluster"))
        if cluster_identifier is not None:
            check_cluster_identifier(problems, "cluster_identifier", cluster_identifier)
        check_node_type(problems, "node_type", node_type)
        check_nodes(problems, "number_of_nodes", node_type, number_of_nodes)
        check_port(problems, "port", node_type, port)
        settings.check_database_name(problems, database_name)
        settings.check_master_username(problems, master_username)
        settings.check_audit_logs(problems, audit_log_exports)
        window = preferred_maintenance_window or settings.MAINTENANCE_WINDOW
        settings.check_maintenance_window(problems, window)
        _check_removal(problems, removal_policy, accept_loss=accept_loss_of_cluster)
        automated = automated_snapshots or AutomatedSnapshots()
        if problems.check(
            isinstance(automated, AutomatedSnapshots), "automated_snapshots", automated, "an AutomatedSnapshots"
        ):
            check_automated_retention(problems, "automated_snapshots", automated.days, node_type)
        manual = whole_days(
            problems,
            "manual_snapshot_retention",
            manual_snapshot_retention,
            minimum=1,
            maximum=3653,
            forever=True,
            why="Redshift API: ManualSnapshotRetentionPeriod",
        )
        check_family(problems, parameter_group_family)
        check_parameters(problems, parameters or {})
        all_parameters = with_enforced(problems, parameters or {})
        problems.check(security_groups != [], "security_groups", security_groups, "one or more, or None for a new one")

        stack = stack_of(scope)
        here = stack_environment(stack)
        check_environment(problems, "vpc", vpc, here)
        if encryption_key is not None:  # a key may lie in another account
            check_key_itself(problems, "encryption_key", encryption_key)
            check_environment(problems, "encryption_key", encryption_key, here, account=False)
        subnets = select_subnets(vpc, vpc_subnets)
        check_zones(
            problems,
            node_type,
            number_of_nodes,
            multi_az=multi_az,
            relocation=availability_zone_relocation,
            zones=subnets.zones,
        )
        problems.raise_if_any()

        super().__init__(scope, construct_id, physical_name=cluster_identifier)
        remember_place(self, stack, scope, construct_id)
        self._encryption_key: IKeyRef = encryption_key or kms.Key(
            self,
            "Key",
            description="Encrypts a Redshift cluster, its snapshots and its admin secret",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        self._security_groups = tuple(security_groups or [self._own_security_group(vpc)])
        self._subnet_group = redshift.CfnClusterSubnetGroup(
            self, "SubnetGroup", description="Subnets of a Redshift cluster", subnet_ids=subnets.ids
        )
        self._parameter_group = parameter_group(self, stack, parameter_group_family, all_parameters)
        key_arn = _arn_of(self._encryption_key)
        single = number_of_nodes == 1
        family = family_of(node_type)
        self._l1 = redshift.CfnCluster(
            self,
            "Resource",
            allow_version_upgrade=True,
            automated_snapshot_retention_period=automated.days,
            availability_zone_relocation=None
            if family and family.relocation is False
            else availability_zone_relocation,
            cluster_identifier=cluster_identifier,
            cluster_parameter_group_name=ref_of(self._parameter_group),
            cluster_subnet_group_name=self._subnet_group.ref,
            cluster_type="single-node" if single else "multi-node",
            db_name=database_name,
            encrypted=True,
            enhanced_vpc_routing=True,
            iam_roles=[role.role_ref.role_arn for role in iam_roles] or None,
            kms_key_id=key_arn,
            logging_properties={"logDestinationType": "cloudwatch", "logExports": list(audit_log_exports)}
            if audit_log_exports
            else None,
            maintenance_track_name=maintenance_track_name,
            manage_master_password=True,
            manual_snapshot_retention_period=manual,
            master_password_secret_kms_key_id=key_arn,
            master_username=master_username,
            # written down where the hardware knows it, so that switching it off takes effect
            multi_az=multi_az if multi_az or (family and family.multi_az) else None,
            node_type=node_type,
            number_of_nodes=None if single else number_of_nodes,
            port=port,
            preferred_maintenance_window=window,
            publicly_accessible=False,
            vpc_security_group_ids=[group.security_group_id for group in self._security_groups],
        )
        self.apply_removal_policy(removal_policy)

        self._port = port
        self._connections: ec2.Connections | None = None
        constant = all(map(known, all_parameters.values()))
        self._facts = ClusterFacts(
            identifier=literal(cluster_identifier),
            identifier_token="",  # read when somebody asks
            region=here.region,
            account=here.account,
            encrypted=True,
            multi_az=multi_az,
            relocation=availability_zone_relocation,
            node_type=literal(node_type),
            number_of_nodes=number_of_nodes if known(number_of_nodes) else None,
            parameters=MappingProxyType(all_parameters) if constant else None,
            parameter_group_family=literal(parameter_group_family),
            port=port if known(port) else None,
            key=key_arn,
            dependable=self,
            l1=self._l1,
        )
        self._validations = cdk.Validations.of(self)
        for warning, message in cluster_warnings(
            self._facts,
            removal=removal_policy.name,
            automated_days=automated.days,
            audit_logs=audit_log_exports,
        ):
            self._validations.add_warning(warning, message)
        if automated.schedule:
            from resilient_redshift.snapshot_schedule import SnapshotSchedule  # noqa: PLC0415 - Lambda's module is slow

            SnapshotSchedule(self, "SnapshotSchedule", times=automated.schedule, clusters=[self])

    @property
    def cluster_identifier(self) -> str:
        """The identifier: a reference inside the stack, the chosen name from another environment."""
        return self._resilient_redshift_facts().identifier_token

    @property
    def cluster_ref(self) -> ClusterReference:
        """The reference that constructs take."""
        return ClusterReference(cluster_identifier=self.cluster_identifier)

    @property
    def cluster_arn(self) -> str:
        """The cluster's ARN."""
        return self.stack.format_arn(
            service="redshift",
            resource="cluster",
            resource_name=self.cluster_identifier,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def cluster_namespace_arn(self) -> str:
        """The ARN of the cluster's namespace, which datashares and resource policies name."""
        return self._l1.attr_cluster_namespace_arn

    @property
    def cluster_endpoint_address(self) -> str:
        """The DNS name to connect to."""
        return self._l1.attr_endpoint_address

    @property
    def cluster_endpoint_port(self) -> str:
        """The port to connect to, as CloudFormation returns it."""
        return self._l1.attr_endpoint_port

    @property
    def admin_secret_arn(self) -> str:
        """The ARN of the secret in Secrets Manager that holds the admin's password."""
        return self._l1.attr_master_password_secret_arn

    @property
    def encryption_key(self) -> IKeyRef:
        """The key of the cluster, its snapshots and its admin secret."""
        return self._encryption_key

    @property
    def security_groups(self) -> tuple[ec2.ISecurityGroup, ...]:
        """The given security groups, or the cluster's own one."""
        return self._security_groups

    @property
    def subnet_group(self) -> redshift.CfnClusterSubnetGroup:
        """The cluster's subnet group."""
        return self._subnet_group

    @property
    def parameter_group(self) -> redshift.CfnClusterParameterGroup:
        """The parameter group; clusters of the stack with equal parameters share it."""
        return self._parameter_group

    @property
    def connections(self) -> ec2.Connections:
        """Who may connect: ``cluster.connections.allow_default_port_from(...)``."""
        if self._connections is None:
            self._connections = ec2.Connections(
                security_groups=list(self._security_groups), default_port=ec2.Port.tcp(self._port)
            )
        return self._connections

    def _own_security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description="Access to a Redshift cluster")

    def _resilient_redshift_facts(self) -> ClusterFacts:
        if not self._facts.identifier_token:
            # inside the stack a Ref, across environments the physical name
            token = self._get_resource_name_attribute(self._l1.ref)
            self._facts = replace(self._facts, identifier_token=token)
        return self._facts

    def _resilient_redshift_note_copy(self, reason: str) -> None:
        self._validations.acknowledge(cdk.Acknowledgment(id=Warn.RESILIENT_CLUSTER_SINGLE_ZONE, reason=reason))


def _arn_of(key: IKeyRef) -> str:
    """A key's ARN; the L2 answers in one question, any other reference in two."""
    return key.key_arn if isinstance(key, kms.Key) else key.key_ref.key_arn


def _check_removal(problems: Problems, policy: cdk.RemovalPolicy, *, accept_loss: bool) -> None:
    if policy is cdk.RemovalPolicy.DESTROY:
        why = "it deletes the data and every automated snapshot, and takes no final snapshot"
        problems.check(
            accept_loss is True, "accept_loss_of_cluster", accept_loss, "True with RemovalPolicy.DESTROY", why
        )
