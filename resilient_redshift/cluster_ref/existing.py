"""References to clusters that this library does not make. Every concern of the library accepts such a reference."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift.cluster_ref.facts import ClusterFacts, facts_of
from resilient_redshift.cluster_ref.parameter_groups import check_family, check_parameters
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.arns import check_role_arns
from resilient_redshift.rules.cluster_settings import check_audit_logs, check_maintenance_track
from resilient_redshift.rules.naming import check_cluster_identifier
from resilient_redshift.rules.node_types import check_node_type, check_nodes, check_port
from resilient_redshift.rules.tokens import known, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aws_cdk import aws_redshift_alpha as alpha
    from constructs import Construct

_ALPHA: Final = "aws_cdk.aws_redshift_alpha"


@typed
@jsii.implements(IClusterRef)
class ExistingCluster(cdk.Resource):
    """A reference to a cluster that this library does not make. The reference adds no resource to the template.

    Use :meth:`from_identifier` for a cluster that another stack, another tool or a person made. Use :meth:`from_alpha`
    for the L2 cluster of ``aws_cdk.aws_redshift_alpha``.
    """

    def __init__(self, scope: Construct, construct_id: str, facts: Callable[[], ClusterFacts]) -> None:
        super().__init__(scope, construct_id)
        self._facts = facts

    @classmethod
    def from_identifier(
        cls,
        scope: Construct,
        construct_id: str,
        cluster_identifier: str,
        *,
        encrypted: bool | None = None,
        multi_az: bool | None = None,
        availability_zone_relocation: bool | None = None,
        node_type: str | None = None,
        number_of_nodes: int | None = None,
        parameters: Mapping[str, str] | None = None,
        parameter_group_family: str | None = None,
        port: int | None = None,
        iam_role_arns: Sequence[str] | None = None,
        audit_log_exports: Sequence[str] | None = None,
        maintenance_track_name: str | None = None,
    ) -> ExistingCluster:
        """Refer to a cluster that another stack, another tool or a person made.

        You must pass the identifier; every other fact is optional. A fact that you leave out is unknown: the library
        neither assumes it nor checks it. A recovery plan raises an error when it needs a fact that is unknown.

        Args:
            scope: the parent of the reference. The cluster is in the account and Region of the parent's stack.
            construct_id: the id in that scope.
            cluster_identifier: the cluster's name, 1 to 63 lower-case letters, digits and single hyphens. You may pass
                a token where the concern that you attach allows one; a recovery plan needs the literal name.
            encrypted: whether the cluster is encrypted. Default: unknown.
            multi_az: whether the cluster runs in two Availability Zones. Default: unknown.
            availability_zone_relocation: whether Redshift may move the cluster to another Zone. Default: unknown.
            node_type: the node type, such as ``ra3.large``. Default: unknown.
            number_of_nodes: the number of compute nodes, 1 to 128. Default: unknown.
            parameters: the parameters that the cluster's parameter group sets; an empty mapping when the group sets
                none. Default: unknown.
            parameter_group_family: the family of that group, such as ``redshift-1.0``. Default: unknown.
            port: the port that the cluster listens on, 1150 to 65535. Default: unknown.
            iam_role_arns: the ARNs of the IAM roles that the cluster has, at most 50; empty for no role. A recovery
                plan gives them to the restored cluster. Default: unknown; a plan without
                ``RestoreOptions(iam_role_arns)`` then has a warning.
            audit_log_exports: the audit logs that the cluster sends to CloudWatch Logs: some of ``connectionlog``,
                ``userlog`` and ``useractivitylog``; empty for none. A failover sends the same. Default: unknown; a
                failover then sends none.
            maintenance_track_name: the cluster's maintenance track, such as ``current``. Default: unknown; a restored
                cluster has the track of the snapshot.

        Returns:
            The reference, an ``IClusterRef``.

        Raises:
            ResilientRedshiftError: when Redshift would refuse a value (Redshift API, CreateCluster).
        """
        problems = Problems(lambda: where(scope, construct_id, "ExistingCluster"))
        check_cluster_identifier(problems, "cluster_identifier", cluster_identifier)
        if node_type is not None:
            check_node_type(problems, "node_type", node_type)
        if number_of_nodes is not None:
            check_nodes(problems, "number_of_nodes", node_type or "", number_of_nodes)
        if parameters is not None:
            check_parameters(problems, parameters)
        if parameter_group_family is not None:
            check_family(problems, parameter_group_family)
        if port is not None:
            check_port(problems, "port", "", port)  # an older cluster keeps a port outside its family's ranges
        if iam_role_arns is not None:
            check_role_arns(problems, "iam_role_arns", iam_role_arns)
        if audit_log_exports is not None:
            check_audit_logs(problems, audit_log_exports)
        if maintenance_track_name is not None:
            check_maintenance_track(problems, maintenance_track_name)
        problems.raise_if_any()

        constant = all(map(known, (parameters or {}).values()))
        environment = stack_environment(cdk.Stack.of(scope))
        facts = ClusterFacts(
            identifier=literal(cluster_identifier),
            identifier_token=cluster_identifier,
            region=environment.region,
            account=environment.account,
            encrypted=encrypted,
            multi_az=multi_az,
            relocation=availability_zone_relocation,
            node_type=literal(node_type),
            number_of_nodes=number_of_nodes if known(number_of_nodes) else None,
            parameters=MappingProxyType(dict(parameters)) if parameters is not None and constant else None,
            parameter_group_family=literal(parameter_group_family),
            port=port if known(port) else None,
            iam_role_arns=None if iam_role_arns is None else tuple(iam_role_arns),
            log_exports=None if audit_log_exports is None else tuple(audit_log_exports),
            maintenance_track_name=literal(maintenance_track_name),
        )
        return cls(scope, construct_id, lambda: facts)

    @classmethod
    def from_alpha(cls, cluster: alpha.Cluster | alpha.ICluster) -> ExistingCluster:
        """Refer to an L2 cluster of ``aws_cdk.aws_redshift_alpha``. Install the extra ``resilient-redshift[alpha]``.

        When this app makes the cluster, the library reads the cluster's L1: Region, encryption and key, Multi-AZ,
        relocation, node type and number of nodes, parameters, port. The library reads the L1 each time that a construct
        asks, so later changes of the L1 count. Of an imported cluster (``from_cluster_attributes``) the library knows
        the name and the port; every other fact is unknown.

        Args:
            cluster: the alpha cluster. A recovery plan needs a cluster with a literal ``cluster_name``, 1 to 63
                lower-case letters, digits and single hyphens.

        Returns:
            The reference, an ``IClusterRef``. Every call for the same cluster returns the same reference. The reference
            is a sibling of the alpha cluster in the tree, and errors show the alpha cluster's path.

        Raises:
            ResilientRedshiftError: when the alpha module is not installed, when the argument is not a cluster of that
                module, or when the cluster's name is not a cluster identifier (Redshift API, CreateCluster).
        """
        _check_alpha(cluster)
        return _reference_to(cluster)

    @property
    def cluster_ref(self) -> ClusterReference:
        """The reference that other constructs use."""
        return ClusterReference(cluster_identifier=self._facts().identifier_token)

    @property
    def cluster_identifier(self) -> str:
        """The identifier that you passed. For an alpha cluster that this app makes, it is a token."""
        return self._facts().identifier_token

    def _resilient_redshift_facts(self) -> ClusterFacts:
        return self._facts()


@Remembered
def _reference_to(cluster: alpha.Cluster | alpha.ICluster) -> ExistingCluster:
    node = cluster.node
    # the parent is the cluster's scope, because jsii's proxy of an imported cluster cannot be a scope
    scope = cast("Construct", node.scope)
    reference = ExistingCluster(scope, f"{node.id} (ExistingCluster)", lambda: _facts_of_alpha(cluster))
    # the reference has the cluster's path, so that a second owner of the cluster's copy is found
    path_of.remember(reference, path_of(cluster))
    return reference


def _check_alpha(cluster: alpha.Cluster | alpha.ICluster) -> None:
    """Raise an error where the alpha module is missing, and for a name that Redshift would refuse or change."""
    problems = Problems(f"{cluster.node.path} (ExistingCluster.from_alpha)")
    try:
        import_module(_ALPHA)
    except ImportError:
        allowed = "installed: pip install 'resilient-redshift[alpha]'"
        problems.add(_ALPHA, "no such module", allowed, "that module defines the alpha cluster")
        problems.raise_if_any()
    facts = _facts_of_alpha(cluster)
    name = facts.identifier_token if facts.l1 is None else facts.l1.cluster_identifier
    if name is not None:
        check_cluster_identifier(problems, "cluster_name", name)
    problems.raise_if_any()


def _facts_of_alpha(cluster: alpha.Cluster | alpha.ICluster) -> ClusterFacts:
    facts = replace(facts_of(cast("IClusterRef", cluster)), named_by="cluster_name")
    if facts.l1 is not None:
        return facts
    port = cluster.cluster_endpoint.port
    return replace(facts, port=int(port) if known(port) else None)
