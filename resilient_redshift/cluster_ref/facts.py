"""What synth knows about a cluster: a cluster of this library, an L1, an alpha L2, or a cluster that exists already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, cast, runtime_checkable

import aws_cdk as cdk
from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.parameter_groups import parameters_of
from resilient_redshift.core.environment import environment_of
from resilient_redshift.core.references import referred
from resilient_redshift.rules.naming import stored_identifier
from resilient_redshift.rules.tokens import known, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import IConstruct, IDependable

#: How CDK encodes a list that is a token.
_ENCODED_LIST: Final = "#{Token["


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterFacts:
    """What synth knows about a cluster. ``None`` means that the fact is unknown; it never means "off".

    Attributes:
        identifier: the literal identifier as AWS stores it, in lower case; None for a generated identifier or a token.
        identifier_token: the value that names the cluster inside its stack. For a cluster of the app it is a reference,
            so that CloudFormation makes each resource that uses it after the cluster.
        named_by: the name that the cluster's own construct has for the argument with the identifier.
        region: the cluster's Region; None in an environment-agnostic stack.
        account: the cluster's account; None in an environment-agnostic stack.
        encrypted: whether the cluster is encrypted.
        multi_az: whether the cluster runs in two Availability Zones.
        relocation: whether Redshift may move the cluster to another Availability Zone.
        node_type: the node type, such as ``ra3.large``.
        number_of_nodes: the number of compute nodes; with Multi-AZ, the number in each Zone.
        parameters: the parameters that the parameter group sets; empty when the group sets none.
        parameter_group_family: the family of the parameter group, such as ``redshift-1.0``.
        port: the port on which the cluster listens.
        key: the key that encrypts the cluster, as the cluster's definition holds it: an ARN, an id, an alias or a
            token. ``source_key`` finds the key's ARN.
        key_arn: the ARN of that key, where a construct that knows the key says it.
        native_copy: the destination Region that the cluster's own copy properties name. CloudFormation drops these
            properties or mishandles them.
        log_exports: the audit logs that a cluster of this library sends to CloudWatch Logs; None for any other cluster,
            whose L1 holds them.
        iam_role_arns: the ARNs of the IAM roles that the cluster's definition gives it, tokens included.
        maintenance_track_name: the maintenance track that the cluster's definition names, such as ``trailing``.
        dependable: the construct on which a resource depends to come after the cluster; None for a cluster outside the
            app.
        l1: the cluster's L1; None for a cluster outside the app.
    """

    identifier: str | None
    identifier_token: str
    region: str | None
    account: str | None
    named_by: str = "cluster_identifier"
    encrypted: bool | None = None
    multi_az: bool | None = None
    relocation: bool | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None
    parameters: Mapping[str, str] | None = None
    parameter_group_family: str | None = None
    port: int | None = None
    key: str | None = None
    key_arn: str | None = None
    native_copy: str | None = None
    log_exports: tuple[str, ...] | None = None
    iam_role_arns: tuple[str, ...] | None = None
    maintenance_track_name: str | None = None
    dependable: IDependable | None = None
    l1: redshift.CfnCluster | None = None


@runtime_checkable
class KnowsFacts(Protocol):
    """A cluster construct of this library. It keeps its facts itself, so reading them costs no question to jsii."""

    def _resilient_redshift_facts(self) -> ClusterFacts: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterPlace:
    """What a cluster of this library runs with, so that a restored one can run with the same.

    Attributes:
        vpc: the VPC.
        subnet_group: the subnet group, or the name of one that exists already.
        parameter_group_name: the name of the parameter group.
        security_groups: the security groups.
        encryption_key: the key.
    """

    vpc: ec2.IVpc
    subnet_group: redshift.CfnClusterSubnetGroup | str
    parameter_group_name: str
    security_groups: tuple[ec2.ISecurityGroup, ...]
    encryption_key: IKeyRef


@runtime_checkable
class KnowsPlace(Protocol):
    """A cluster construct of this library that makes, or is given, all that it runs with."""

    def _resilient_redshift_place(self) -> ClusterPlace: ...


def place_of(cluster: IClusterRef) -> ClusterPlace | None:
    """What a cluster runs with. None for a cluster that this library does not make."""
    return cluster._resilient_redshift_place() if isinstance(cluster, KnowsPlace) else None  # noqa: SLF001 - the protocol above


@runtime_checkable
class NotesCopy(Protocol):
    """A cluster construct with a warning that a snapshot copy makes unnecessary."""

    def _resilient_redshift_note_copy(self, reason: str) -> None: ...


def facts_of(cluster: IClusterRef) -> ClusterFacts:
    """What synth knows about a cluster at the moment of the call.

    The facts of an L2 of the alpha module come from its L1 (``node.default_child``). Of any other construct only the
    identifier is known.
    """
    if isinstance(cluster, KnowsFacts):
        return cluster._resilient_redshift_facts()  # noqa: SLF001 - the protocol above
    if isinstance(cluster, redshift.CfnCluster):
        return _of_l1(cluster, cluster)
    child = cluster.node.default_child
    if isinstance(child, redshift.CfnCluster):
        return _of_l1(child, cluster)
    environment = environment_of(cluster)
    token = _identifier_of(cluster)
    return ClusterFacts(
        identifier=_stored(token), identifier_token=token, region=environment.region, account=environment.account
    )


def note_copy(cluster: IClusterRef, reason: str) -> None:
    """Acknowledge the single-Zone warning of a cluster whose snapshots are copied to another Region.

    Args:
        cluster: any cluster. Only a cluster of this library has that warning.
        reason: the reason of the acknowledgment, which CDK's reports show.
    """
    if isinstance(cluster, NotesCopy):
        cluster._resilient_redshift_note_copy(reason)  # noqa: SLF001 - the protocol above


def _identifier_of(cluster: Any) -> str:  # noqa: ANN401 - an imported alpha cluster is no IClusterRef
    if hasattr(cluster, "cluster_ref"):
        return cast("str", cluster.cluster_ref.cluster_identifier)
    return cast("str", cluster.cluster_name)


def _of_l1(l1: redshift.CfnCluster, owner: IConstruct) -> ClusterFacts:
    environment = environment_of(l1)
    nodes = 1 if l1.cluster_type == "single-node" else _number(l1.number_of_nodes)
    multi_az = l1.multi_az
    group = parameter_group_of(l1)
    return ClusterFacts(
        identifier=_stored(l1.cluster_identifier),
        identifier_token=l1.ref,
        region=environment.region,
        account=environment.account,
        encrypted=_flag(l1.encrypted),
        # without this property AWS uses one Zone; AWS has changed its defaults of encryption and relocation over the
        # years
        multi_az=False if multi_az is None else _flag(multi_az),
        relocation=_flag(l1.availability_zone_relocation),
        node_type=literal(l1.node_type),
        number_of_nodes=nodes,
        parameters=None if group is None else parameters_of(group),
        parameter_group_family=None if group is None else literal(group.parameter_group_family),
        port=_number(l1.port),
        key=l1.kms_key_id,
        native_copy=l1.destination_region,
        iam_role_arns=_role_arns(l1),
        maintenance_track_name=literal(l1.maintenance_track_name),
        dependable=owner,
        l1=l1,
    )


def _stored(identifier: str | None) -> str | None:
    name = literal(identifier)
    return None if name is None else stored_identifier(name)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and known(value) else None


def _role_arns(l1: redshift.CfnCluster) -> tuple[str, ...]:
    """The roles of a cluster. A list that CDK makes later, such as that of the alpha L2, is read as it is now."""
    roles = l1.iam_roles or ()
    if not any(_ENCODED_LIST in role for role in roles):
        return tuple(roles)
    made: list[Any] = cdk.Stack.of(l1).resolve(roles) or []
    return tuple(role if isinstance(role, str) else cdk.Token.as_string(role) for role in made)


def parameter_group_of(l1: redshift.CfnCluster) -> redshift.CfnClusterParameterGroup | None:
    """The parameter group of a cluster; None where the group is not in the same app."""
    name = l1.cluster_parameter_group_name
    if not isinstance(name, str):
        return None
    if known(name):
        named = (node for node in l1.node.root.node.find_all() if isinstance(node, redshift.CfnClusterParameterGroup))
        here = cdk.Stack.of(l1)
        return next((node for node in named if node.parameter_group_name == name and cdk.Stack.of(node) is here), None)
    target = referred(name)
    if target is not None and not isinstance(target, redshift.CfnClusterParameterGroup):
        target = target.node.default_child
    return target if isinstance(target, redshift.CfnClusterParameterGroup) else None
