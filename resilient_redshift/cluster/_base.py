"""The base of both cluster constructs, the new cluster and the restored one: resources, facts and warnings."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift.cluster._arguments import derived_settings
from resilient_redshift.cluster._groups import keep_groups, make_groups, wanted_groups
from resilient_redshift.cluster._metrics import ClusterMetrics
from resilient_redshift.cluster._roles import ClusterRoles
from resilient_redshift.cluster._secret import admin_secret
from resilient_redshift.cluster._warnings import cluster_warnings
from resilient_redshift.cluster_ref.facts import ClusterFacts, ClusterPlace
from resilient_redshift.core.arguments import check_key_itself
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.security_groups import check_security_groups
from resilient_redshift.core.tree import key_arn_of
from resilient_redshift.core.warnings import Warn
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules.node_types import check_zones, family_of
from resilient_redshift.rules.tokens import known, literal
from resilient_redshift.stack.conditions import put_out_with
from resilient_redshift.stack.outputs import add_outputs
from resilient_redshift.stack.removal import KEEPING, Declared
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from resilient_redshift.cluster._arguments import ClusterArguments, DerivedSettings, SnapshotSource
    from resilient_redshift.errors import Problems

_TO_REMOVE: Final = "pass removal_policy=RemovalPolicy.DESTROY and accept_loss_of_cluster=True"
_TO_REMOVE_KEY: Final = "pass encryption_key with a key whose removal policy is yours"


@jsii.implements(IClusterRef, ec2.IConnectable)
class ClusterBase(ClusterMetrics, ClusterRoles, cdk.Resource):
    """A provisioned cluster with its key, security group, subnet group, parameter group and snapshot schedule.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        arguments: the arguments of the cluster.
        problems: the problems that the caller has found. They are raised together with the problems of this class.
        source: the snapshot to restore from. Default: an empty cluster is made.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        arguments: ClusterArguments,
        *,
        problems: Problems,
        source: SnapshotSource | None = None,
    ) -> None:
        derived = derived_settings(problems, arguments)
        automated = derived.automated_snapshots
        stack = stack_of(scope)
        here = stack_environment(stack)
        check_environment(problems, "vpc", arguments.vpc, here)
        if arguments.encryption_key is not None:  # the key may be in another account
            check_key_itself(problems, "encryption_key", arguments.encryption_key)
            check_environment(problems, "encryption_key", arguments.encryption_key, here, account=False)
        wanted = wanted_groups(problems, arguments, stack)
        check_security_groups(problems, "security_groups", arguments.security_groups or (), arguments.vpc)
        check_zones(
            problems,
            arguments.node_type,
            arguments.number_of_nodes,
            multi_az=arguments.multi_az,
            relocation=arguments.availability_zone_relocation,
            zones=None if wanted.subnets is None else wanted.subnets.zones,
        )
        problems.raise_if_any()

        super().__init__(scope, construct_id, physical_name=arguments.cluster_identifier)
        remember_place(self, stack, scope, construct_id)
        self._encryption_key: IKeyRef = arguments.encryption_key or self._own_key()
        own_group = None if arguments.security_groups else self._own_security_group(arguments.vpc)
        self._security_groups = tuple(arguments.security_groups or () if own_group is None else [own_group])
        groups = make_groups(self, stack, wanted, arguments.parameter_group_family, derived.parameters)
        self._groups = groups
        self._vpc = arguments.vpc
        key_arn = key_arn_of(self._encryption_key)
        role_arns = [role.role_ref.role_arn for role in arguments.iam_roles]
        self._l1 = self._cluster(arguments, derived, source, key_arn=key_arn, role_arns=role_arns)
        self.apply_removal_policy(arguments.removal_policy)
        SynthChecks.of(stack).keep(self._l1, Declared.of(arguments.removal_policy, to_remove=_TO_REMOVE))
        if arguments.removal_policy in KEEPING:
            keep_groups(groups, arguments.removal_policy)
            if own_group is not None:
                own_group.apply_removal_policy(arguments.removal_policy)

        self._port = arguments.port
        self._name: str | None = None  # the first read of cluster_identifier sets it, because it costs calls to jsii
        self._connections: ec2.Connections | None = None
        self._facts = ClusterFacts(
            identifier=literal(arguments.cluster_identifier),
            identifier_token="",  # the first read of the facts sets it, because it costs a call to jsii
            region=here.region,
            account=here.account,
            encrypted=True,
            multi_az=arguments.multi_az,
            relocation=arguments.availability_zone_relocation,
            node_type=literal(arguments.node_type),
            number_of_nodes=arguments.number_of_nodes if known(arguments.number_of_nodes) else None,
            parameters=groups.parameters.parameters,
            parameter_group_family=groups.parameters.family,
            port=arguments.port if known(arguments.port) else None,
            key=key_arn,
            key_arn=key_arn,
            log_exports=tuple(arguments.audit_log_exports),
            iam_role_arns=tuple(role_arns),
            maintenance_track_name=literal(arguments.maintenance_track_name),
            dependable=self,
            l1=self._l1,
        )
        self._validations = cdk.Validations.of(self)
        for warning, message in cluster_warnings(
            self._facts,
            removal=arguments.removal_policy.name,
            automated_days=automated.days,
            audit_logs=arguments.audit_log_exports,
            restored=source is not None,
        ):
            self._validations.add_warning(warning, message)
        if automated.schedule:
            from resilient_redshift.snapshots.schedule import SnapshotSchedule  # noqa: PLC0415 - it imports aws_lambda, which is slow

            SnapshotSchedule(self, "SnapshotSchedule", times=automated.schedule, clusters=[self])

    def _cluster(
        self,
        arguments: ClusterArguments,
        derived: DerivedSettings,
        source: SnapshotSource | None,
        *,
        key_arn: str,
        role_arns: list[str],
    ) -> redshift.CfnCluster:
        single = arguments.number_of_nodes == 1
        family = family_of(arguments.node_type)
        logs = list(arguments.audit_log_exports)
        return redshift.CfnCluster(
            self,
            "Resource",
            allow_version_upgrade=True,
            automated_snapshot_retention_period=derived.automated_snapshots.days,
            availability_zone_relocation=None
            if family and family.relocation is False
            else arguments.availability_zone_relocation,
            cluster_identifier=arguments.cluster_identifier,
            cluster_parameter_group_name=self._groups.parameters.name,
            cluster_subnet_group_name=self._groups.subnet_group_name,
            cluster_type="single-node" if single else "multi-node",
            db_name=arguments.database_name,
            encrypted=True,
            enhanced_vpc_routing=True,
            iam_roles=role_arns or None,
            kms_key_id=key_arn,
            logging_properties={"logDestinationType": "cloudwatch", "logExports": logs} if logs else None,
            maintenance_track_name=arguments.maintenance_track_name,
            manage_master_password=True,
            manual_snapshot_retention_period=derived.manual_days,
            master_password_secret_kms_key_id=key_arn,
            master_username=arguments.master_username,
            # False is written too, for a family that supports Multi-AZ, so that switching Multi-AZ off takes effect
            multi_az=arguments.multi_az if arguments.multi_az or (family and family.multi_az) else None,
            node_type=arguments.node_type,
            number_of_nodes=None if single else arguments.number_of_nodes,
            owner_account=source.owner_account if source else None,
            port=arguments.port,
            preferred_maintenance_window=arguments.preferred_maintenance_window or settings.MAINTENANCE_WINDOW,
            publicly_accessible=False,
            snapshot_cluster_identifier=source.snapshot_cluster_identifier if source else None,
            snapshot_identifier=source.snapshot_identifier if source else None,
            vpc_security_group_ids=[group.security_group_id for group in self._security_groups],
        )

    @property
    def cluster_identifier(self) -> str:
        """The identifier: a reference inside the stack, and the chosen name in a stack of another environment."""
        if self._name is None:
            # CDK resolves this token to a Ref inside the stack, and to the physical name in another environment
            self._name = self._get_resource_name_attribute(self._resilient_redshift_facts().identifier_token)
        return self._name

    @property
    def cluster_ref(self) -> ClusterReference:
        """The reference that other constructs take."""
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

    @functools.cached_property
    def secret(self) -> secretsmanager.ISecret:
        """The secret that holds the admin's password; ``cluster.secret.grant_read(role)`` lets a role read it.

        With a key that you import or pass as an L1, the role also needs ``kms:Decrypt`` on that key, which CDK does not
        grant. Redshift makes the secret. A restored cluster has another one, which a failover publishes.
        """
        return admin_secret(self, self.admin_secret_arn, self._encryption_key)

    @property
    def encryption_key(self) -> IKeyRef:
        """The key of the cluster, its snapshots and its admin secret."""
        return self._encryption_key

    @property
    def security_groups(self) -> tuple[ec2.ISecurityGroup, ...]:
        """The security groups that you passed, or the new one."""
        return self._security_groups

    @property
    def subnet_group(self) -> redshift.CfnClusterSubnetGroup | None:
        """The subnet group that the cluster made; None where you passed one."""
        return self._groups.subnet_group

    @property
    def subnet_group_name(self) -> str:
        """The name of the subnet group, new or existing."""
        return self._groups.subnet_group_name

    @property
    def parameter_group(self) -> redshift.CfnClusterParameterGroup | None:
        """The new parameter group; None where you passed one. Clusters of the stack with equal parameters share it."""
        return self._groups.parameter_group

    @property
    def parameter_group_name(self) -> str:
        """The name of the parameter group, new or existing."""
        return self._groups.parameters.name

    @property
    def connections(self) -> ec2.Connections:
        """The network connections; ``cluster.connections.allow_default_port_from(...)`` lets a peer connect."""
        if self._connections is None:
            self._connections = ec2.Connections(
                security_groups=list(self._security_groups), default_port=ec2.Port.tcp(self._port)
            )
        return self._connections

    def _own_key(self) -> kms.Key:
        policy = cdk.RemovalPolicy.RETAIN
        key = kms.Key(
            self,
            "Key",
            description="Encrypts a Redshift cluster, its snapshots and its admin secret",
            enable_key_rotation=True,
            removal_policy=policy,
        )
        resource = cast("kms.CfnKey", key.node.default_child)
        SynthChecks.of(self).keep(resource, Declared.of(policy, to_remove=_TO_REMOVE_KEY))
        return key

    def add_outputs(self) -> Mapping[str, cdk.CfnOutput]:
        """Make outputs of the stack with what clients need.

        Returns:
            The outputs ``ClusterIdentifier``, ``EndpointAddress``, ``EndpointPort`` and ``AdminSecretArn`` by these
            names. A second call returns the same outputs. They have the condition that the cluster has.
        """
        outputs = add_outputs(
            self,
            {
                "ClusterIdentifier": (self.cluster_identifier, "the identifier of the Redshift cluster"),
                "EndpointAddress": (self.cluster_endpoint_address, "the host to connect to"),
                "EndpointPort": (self.cluster_endpoint_port, "the port to connect to"),
                "AdminSecretArn": (self.admin_secret_arn, "the secret with the admin's password"),
            },
        )
        put_out_with(self._l1, outputs.values())
        return outputs

    def _own_security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description="Access to a Redshift cluster")

    def _resilient_redshift_facts(self) -> ClusterFacts:
        if not self._facts.identifier_token:
            self._facts = replace(self._facts, identifier_token=self._l1.ref)
        return self._facts

    def _resilient_redshift_place(self) -> ClusterPlace:
        return ClusterPlace(
            vpc=self._vpc,
            subnet_group=self._groups.subnet_group or self._groups.subnet_group_name,
            parameter_group_name=self._groups.parameters.name,
            security_groups=self._security_groups,
            encryption_key=self._encryption_key,
        )

    def _resilient_redshift_note_copy(self, reason: str) -> None:
        self._validations.acknowledge(cdk.Acknowledgment(id=Warn.RESILIENT_CLUSTER_SINGLE_ZONE, reason=reason))
