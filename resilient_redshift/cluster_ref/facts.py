"""What is known at synth about any cluster: one of ours, an L1, an alpha L2, or one that exists already."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift

from resilient_redshift.core.environment import environment_of
from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.rules.tokens import known, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import IConstruct, IDependable


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterFacts:
    """What is known about a cluster; ``None`` is unknown, never "off".

    Attributes:
        identifier: the chosen identifier; None for a generated one or a token.
        identifier_token: what refers to the cluster inside its stack; orders resources after it where it is ours.
        named_by: the argument that gives the identifier, as the cluster's own construct calls it.
        region: the cluster's Region; None in an environment-agnostic stack.
        account: the cluster's account, likewise.
        encrypted: whether it is encrypted.
        multi_az: whether it runs in two Availability Zones.
        relocation: whether Redshift may move it to another Availability Zone.
        node_type: such as ``ra3.large``.
        number_of_nodes: compute nodes (in each Zone with Multi-AZ).
        parameters: the parameters that were set; empty for none.
        parameter_group_family: such as ``redshift-1.0``.
        port: the port it listens on.
        key: the key that encrypts it, as its definition names it: an ARN, an id, an alias or a token; the ARN where
            the definition refers to a key or an alias of the app.
        native_copy: the Region of copy properties of its own, which CloudFormation drops or mishandles.
        log_exports: the audit logs that go to CloudWatch Logs, of a cluster of ours; of any other the L1 tells.
        dependable: what to depend on to come after the cluster; None where it is not in the app.
        l1: the L1, where the cluster is in the app.
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
    native_copy: str | None = None
    log_exports: tuple[str, ...] | None = None
    dependable: IDependable | None = None
    l1: redshift.CfnCluster | None = None


@runtime_checkable
class KnowsFacts(Protocol):
    """A cluster construct of this library, which keeps its facts and needs no question to jsii."""

    def _resilient_redshift_facts(self) -> ClusterFacts: ...


@runtime_checkable
class NotesCopy(Protocol):
    """A cluster construct that warns of what a snapshot copy would cure."""

    def _resilient_redshift_note_copy(self, reason: str) -> None: ...


def facts_of(cluster: IClusterRef) -> ClusterFacts:
    """What is known at synth about a cluster, at the moment of the call.

    An L2 of the alpha module is read through its L1 (``node.default_child``); anything else is known by its identifier
    alone.
    """
    if isinstance(cluster, KnowsFacts):
        return cluster._resilient_redshift_facts()  # noqa: SLF001 - ours: the protocol above
    if isinstance(cluster, redshift.CfnCluster):
        return _of_l1(cluster, cluster)
    if not hasattr(cluster, "node"):
        problem = f"'cluster' must be a construct, got {cluster!r}; name one with ExistingCluster.from_identifier"
        raise ResilientRedshiftError("cluster", [problem])
    child = cluster.node.default_child
    if isinstance(child, redshift.CfnCluster):
        return _of_l1(child, cluster)
    environment = environment_of(cluster)
    token = _identifier_of(cluster)
    return ClusterFacts(
        identifier=literal(token), identifier_token=token, region=environment.region, account=environment.account
    )


def note_copy(cluster: IClusterRef, reason: str) -> None:
    """Tell a cluster that its snapshots are copied to another Region, and by what: a warning less.

    Args:
        cluster: any cluster; one of ours acknowledges its single-Zone warning, others have none.
        reason: recorded with the acknowledgment, so that a report says why the warning is gone.
    """
    if isinstance(cluster, NotesCopy):
        cluster._resilient_redshift_note_copy(reason)  # noqa: SLF001 - ours: the protocol above


def _identifier_of(cluster: Any) -> str:  # noqa: ANN401 - an imported alpha cluster is no IClusterRef
    if hasattr(cluster, "cluster_ref"):
        return cast("str", cluster.cluster_ref.cluster_identifier)
    return cast("str", cluster.cluster_name)


def _of_l1(l1: redshift.CfnCluster, owner: IConstruct) -> ClusterFacts:
    environment = environment_of(l1)
    nodes = 1 if l1.cluster_type == "single-node" else _number(l1.number_of_nodes)
    multi_az = l1.multi_az
    group = _parameter_group(l1)
    return ClusterFacts(
        identifier=literal(l1.cluster_identifier),
        identifier_token=l1.ref,
        region=environment.region,
        account=environment.account,
        encrypted=_flag(l1.encrypted),
        # what AWS does without the property: one Zone; encryption and relocation changed their defaults over the years
        multi_az=False if multi_az is None else _flag(multi_az),
        relocation=_flag(l1.availability_zone_relocation),
        node_type=literal(l1.node_type),
        number_of_nodes=nodes,
        parameters=None if group is None else _parameters(group),
        parameter_group_family=None if group is None else literal(group.parameter_group_family),
        port=_number(l1.port),
        key=_key(l1.kms_key_id),
        native_copy=l1.destination_region,
        dependable=owner,
        l1=l1,
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and known(value) else None


def _key(named: str | None) -> str | None:
    """The key of a cluster; ``Ref`` of a key is its id and of an alias its name, which no policy can hold."""
    target = _referred(named) if named is not None else None
    if isinstance(target, kms.CfnKey):
        return target.attr_arn
    return _key(target.target_key_id) if isinstance(target, kms.CfnAlias) else named


def _referred(name: str) -> IConstruct | None:
    """What a text refers to, where it is a reference to a construct and nothing else."""
    if known(name):
        return None
    token = cdk.Tokenization.reverse_string(name).first_token
    # a proxy of jsii, which isinstance does not see through
    return cast("cdk.Reference", token).target if token is not None and cdk.Reference.is_reference(token) else None


def _parameter_group(l1: redshift.CfnCluster) -> redshift.CfnClusterParameterGroup | None:
    """The parameter group of a cluster, where it is in the same app."""
    name = l1.cluster_parameter_group_name
    if not isinstance(name, str):
        return None
    if known(name):
        named = (node for node in l1.node.root.node.find_all() if isinstance(node, redshift.CfnClusterParameterGroup))
        here = cdk.Stack.of(l1)
        return next((node for node in named if node.parameter_group_name == name and cdk.Stack.of(node) is here), None)
    target = _referred(name)
    if target is not None and not isinstance(target, redshift.CfnClusterParameterGroup):
        target = target.node.default_child
    return target if isinstance(target, redshift.CfnClusterParameterGroup) else None


def _parameters(group: redshift.CfnClusterParameterGroup) -> Mapping[str, str] | None:
    """The parameters of a group; None where the template computes one of them."""
    found: dict[str, str] = {}
    for parameter in cdk.Stack.of(group).resolve(group.parameters) or []:
        name, value = parameter.get("parameterName"), parameter.get("parameterValue")
        if not isinstance(name, str) or not isinstance(value, str):
            return None
        found[name] = value
    return MappingProxyType(found)
