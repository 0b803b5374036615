"""What both cluster constructs are, made new or restored: their resources, their facts and what they tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift.cluster._metrics import ClusterMetrics
from resilient_redshift.cluster._warnings import cluster_warnings
from resilient_redshift.cluster_ref.facts import ClusterFacts
from resilient_redshift.cluster_ref.parameter_groups import (
    check_family,
    check_parameters,
    parameter_group,
    with_enforced,
)
from resilient_redshift.core.arguments import check_key_itself
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.subnets import select_subnets
from resilient_redshift.core.tree import ref_of
from resilient_redshift.core.warnings import Warn
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_cluster_identifier
from resilient_redshift.rules.node_types import (
    check_automated_retention,
    check_node_type,
    check_nodes,
    check_port,
    check_zones,
    family_of,
)
from resilient_redshift.rules.retention import days as whole_days
from resilient_redshift.rules.tokens import known, literal
from resilient_redshift.snapshots.automated import AutomatedSnapshots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces.aws_iam import IRoleRef
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import Keep


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterArguments:
    """What a user said about a cluster; ``ResilientCluster`` tells what each means."""

    vpc: ec2.IVpc
    node_type: str
    number_of_nodes: int
    cluster_identifier: str | None
    vpc_subnets: ec2.SubnetSelection | None
    database_name: str
    master_username: str
    port: int
    encryption_key: IKeyRef | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    automated_snapshots: AutomatedSnapshots | None
    manual_snapshot_retention: Keep
    parameters: Mapping[str, str] | None
    parameter_group_family: str
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
    """The snapshot that a cluster is restored from, as CloudFormation calls it."""

    snapshot_identifier: str
    snapshot_cluster_identifier: str | None
    owner_account: str | None


@jsii.implements(IClusterRef, ec2.IConnectable)
class ClusterBase(ClusterMetrics, cdk.Resource):
    """A provisioned cluster and what it needs.

    Args:
        scope: the scope.
        construct_id: the id in the scope.
        given: what the user said.
        problems: what was found wrong so far; raised with what is found here.
        source: the snapshot to restore from; None makes an empty cluster.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        given: ClusterArguments,
        *,
        problems: Problems,
        source: SnapshotSource | None = None,
    ) -> None:
        automated = given.automated_snapshots or AutomatedSnapshots()
        manual, all_parameters = _check(problems, given, automated)
        stack = stack_of(scope)
        here = stack_environment(stack)
        check_environment(problems, "vpc", given.vpc, here)
        if given.encryption_key is not None:  # a key may lie in another account
            check_key_itself(problems, "encryption_key", given.encryption_key)
            check_environment(problems, "encryption_key", given.encryption_key, here, account=False)
        subnets = select_subnets(given.vpc, given.vpc_subnets)
        check_zones(
            problems,
            given.node_type,
            given.number_of_nodes,
            multi_az=given.multi_az,
            relocation=given.availability_zone_relocation,
            zones=subnets.zones,
        )
        problems.raise_if_any()

        super().__init__(scope, construct_id, physical_name=given.cluster_identifier)
        remember_place(self, stack, scope, construct_id)
        self._encryption_key: IKeyRef = given.encryption_key or kms.Key(
            self,
            "Key",
            description="Encrypts a Redshift cluster, its snapshots and its admin secret",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        self._security_groups = tuple(given.security_groups or [self._own_security_group(given.vpc)])
        self._subnet_group = redshift.CfnClusterSubnetGroup(
            self, "SubnetGroup", description="Subnets of a Redshift cluster", subnet_ids=subnets.ids
        )
        self._parameter_group = parameter_group(self, stack, given.parameter_group_family, all_parameters)
        key_arn = _arn_of(self._encryption_key)
        self._l1 = self._cluster(given, source, automated.days, manual, key_arn)
        self.apply_removal_policy(given.removal_policy)

        self._port = given.port
        self._name: str | None = None  # asked when somebody wants it
        self._connections: ec2.Connections | None = None
        constant = all(map(known, all_parameters.values()))
        self._facts = ClusterFacts(
            identifier=literal(given.cluster_identifier),
            identifier_token="",  # read when somebody asks
            region=here.region,
            account=here.account,
            encrypted=True,
            multi_az=given.multi_az,
            relocation=given.availability_zone_relocation,
            node_type=literal(given.node_type),
            number_of_nodes=given.number_of_nodes if known(given.number_of_nodes) else None,
            parameters=MappingProxyType(all_parameters) if constant else None,
            parameter_group_family=literal(given.parameter_group_family),
            port=given.port if known(given.port) else None,
            key=key_arn,
            log_exports=tuple(given.audit_log_exports),
            dependable=self,
            l1=self._l1,
        )
        self._validations = cdk.Validations.of(self)
        for warning, message in cluster_warnings(
            self._facts,
            removal=given.removal_policy.name,
            automated_days=automated.days,
            audit_logs=given.audit_log_exports,
            restored=source is not None,
        ):
            self._validations.add_warning(warning, message)
        if automated.schedule:
            from resilient_redshift.snapshots.schedule import SnapshotSchedule  # noqa: PLC0415 - Lambda's module is slow

            SnapshotSchedule(self, "SnapshotSchedule", times=automated.schedule, clusters=[self])

    def _cluster(
        self,
        given: ClusterArguments,
        source: SnapshotSource | None,
        automated_days: int,
        manual_days: int,
        key_arn: str,
    ) -> redshift.CfnCluster:
        single = given.number_of_nodes == 1
        family = family_of(given.node_type)
        logs = list(given.audit_log_exports)
        return redshift.CfnCluster(
            self,
            "Resource",
            allow_version_upgrade=True,
            automated_snapshot_retention_period=automated_days,
            availability_zone_relocation=None
            if family and family.relocation is False
            else given.availability_zone_relocation,
            cluster_identifier=given.cluster_identifier,
            cluster_parameter_group_name=ref_of(self._parameter_group),
            cluster_subnet_group_name=self._subnet_group.ref,
            cluster_type="single-node" if single else "multi-node",
            db_name=given.database_name,
            encrypted=True,
            enhanced_vpc_routing=True,
            iam_roles=[role.role_ref.role_arn for role in given.iam_roles] or None,
            kms_key_id=key_arn,
            logging_properties={"logDestinationType": "cloudwatch", "logExports": logs} if logs else None,
            maintenance_track_name=given.maintenance_track_name,
            manage_master_password=True,
            manual_snapshot_retention_period=manual_days,
            master_password_secret_kms_key_id=key_arn,
            master_username=given.master_username,
            # written down where the hardware knows it, so that switching it off takes effect
            multi_az=given.multi_az if given.multi_az or (family and family.multi_az) else None,
            node_type=given.node_type,
            number_of_nodes=None if single else given.number_of_nodes,
            owner_account=source.owner_account if source else None,
            port=given.port,
            preferred_maintenance_window=given.preferred_maintenance_window or settings.MAINTENANCE_WINDOW,
            publicly_accessible=False,
            snapshot_cluster_identifier=source.snapshot_cluster_identifier if source else None,
            snapshot_identifier=source.snapshot_identifier if source else None,
            vpc_security_group_ids=[group.security_group_id for group in self._security_groups],
        )

    @property
    def cluster_identifier(self) -> str:
        """The identifier: a reference inside the stack, the chosen name from another environment."""
        if self._name is None:
            # inside the stack a Ref, across environments the physical name
            self._name = self._get_resource_name_attribute(self._resilient_redshift_facts().identifier_token)
        return self._name

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
            self._facts = replace(self._facts, identifier_token=self._l1.ref)
        return self._facts

    def _resilient_redshift_note_copy(self, reason: str) -> None:
        self._validations.acknowledge(cdk.Acknowledgment(id=Warn.RESILIENT_CLUSTER_SINGLE_ZONE, reason=reason))


def _arn_of(key: IKeyRef) -> str:
    """A key's ARN; the L2 answers in one question, any other reference in two."""
    return key.key_arn if isinstance(key, kms.Key) else key.key_ref.key_arn


def _check(problems: Problems, given: ClusterArguments, automated: AutomatedSnapshots) -> tuple[int, Mapping[str, str]]:
    """Check what needs no CDK; return the days of manual snapshots and all parameters."""
    if given.cluster_identifier is not None:
        check_cluster_identifier(problems, "cluster_identifier", given.cluster_identifier)
    check_node_type(problems, "node_type", given.node_type)
    check_nodes(problems, "number_of_nodes", given.node_type, given.number_of_nodes)
    check_port(problems, "port", given.node_type, given.port)
    settings.check_database_name(problems, given.database_name)
    settings.check_master_username(problems, given.master_username)
    settings.check_audit_logs(problems, given.audit_log_exports)
    settings.check_maintenance_window(problems, given.preferred_maintenance_window or settings.MAINTENANCE_WINDOW)
    _check_removal(problems, given.removal_policy, accept_loss=given.accept_loss_of_cluster)
    if problems.check(
        isinstance(automated, AutomatedSnapshots), "automated_snapshots", automated, "an AutomatedSnapshots"
    ):
        check_automated_retention(problems, "automated_snapshots", automated.days, given.node_type)
    manual = whole_days(
        problems,
        "manual_snapshot_retention",
        given.manual_snapshot_retention,
        minimum=1,
        maximum=MOST_MANUAL_DAYS,
        forever=True,
        why="Redshift API: ManualSnapshotRetentionPeriod",
    )
    check_family(problems, given.parameter_group_family)
    check_parameters(problems, given.parameters or {})
    all_parameters = with_enforced(problems, given.parameters or {})
    groups = given.security_groups
    problems.check(groups != [], "security_groups", groups, "one or more, or None for a new one")
    return manual, all_parameters


def _check_removal(problems: Problems, policy: cdk.RemovalPolicy, *, accept_loss: bool) -> None:
    if policy is cdk.RemovalPolicy.DESTROY:
        why = "it deletes the data and every automated snapshot, and takes no final snapshot"
        problems.check(
            accept_loss is True, "accept_loss_of_cluster", accept_loss, "True with RemovalPolicy.DESTROY", why
        )
