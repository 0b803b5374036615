"""A cluster that this app does not make, as a target for every concern."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
import jsii
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift.cluster_ref.facts import ClusterFacts, facts_of
from resilient_redshift.cluster_ref.parameter_groups import check_family, check_parameters
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import check_cluster_identifier
from resilient_redshift.rules.node_types import check_node_type, check_nodes
from resilient_redshift.rules.tokens import known, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk import aws_redshift_alpha as alpha
    from constructs import Construct

_ALPHA: Final = "aws_cdk.aws_redshift_alpha"


@jsii.implements(IClusterRef)
class ExistingCluster(cdk.Resource):
    """A cluster that this library does not make; it adds no resource.

    Made by :meth:`from_identifier` for what another stack, another tool or a hand made, and by :meth:`from_alpha` for
    the L2 of ``aws_cdk.aws_redshift_alpha``.
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
    ) -> ExistingCluster:
        """Refer to a cluster that another stack, another tool or a hand made.

        Everything but the identifier is optional. What is not told is unknown, and is neither assumed nor checked; a
        recovery plan asks for what it must know.

        Args:
            scope: where the reference stands; the cluster lies in the account and Region of its stack.
            construct_id: the id in the scope.
            cluster_identifier: 1 to 63 lower-case letters, digits and single hyphens; a token is allowed where the
                concern that is attached allows one (a recovery plan needs the text).
            encrypted: whether it is encrypted. Default: unknown.
            multi_az: whether it runs in two Availability Zones. Default: unknown.
            availability_zone_relocation: whether Redshift may move it to another Zone. Default: unknown.
            node_type: such as ``ra3.large``. Default: unknown.
            number_of_nodes: 1 to 128. Default: unknown.
            parameters: the parameters set in its parameter group; an empty mapping for none. Default: unknown.
            parameter_group_family: the family of that group. Default: unknown.

        Returns:
            The reference, an ``IClusterRef``.

        Raises:
            ResilientRedshiftError: when a value is outside its range (Redshift API, CreateCluster).
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
        )
        return cls(scope, construct_id, lambda: facts)

    @classmethod
    def from_alpha(cls, cluster: alpha.Cluster | alpha.ICluster) -> ExistingCluster:
        """Refer to an L2 cluster of ``aws_cdk.aws_redshift_alpha``; install the extra ``resilient-redshift[alpha]``.

        Of a cluster that this app makes, everything that its L1 says is known, at the moment that somebody asks:
        Region, encryption and key, Multi-AZ, relocation, node type and number, parameters, port. Of an imported one
        (``from_cluster_attributes``), name and port are known, and the rest is unknown.

        Args:
            cluster: the alpha cluster. A recovery plan needs one with a literal ``cluster_name``, 1 to 63 lower-case
                letters, digits and single hyphens.

        Returns:
            The reference, an ``IClusterRef``; the same one each time for the same cluster. It stands beside the alpha
            cluster in the tree, and errors name it by the alpha cluster's path.

        Raises:
            ResilientRedshiftError: when the alpha module is not installed, when it is no cluster of that module, or
                when its name is no cluster identifier (Redshift API, CreateCluster).
        """
        _check_alpha(cluster)
        return _reference_to(cluster)

    @property
    def cluster_ref(self) -> ClusterReference:
        """The reference that constructs take."""
        return ClusterReference(cluster_identifier=self._facts().identifier_token)

    @property
    def cluster_identifier(self) -> str:
        """The identifier, as it was given; of an alpha cluster of this app, a reference."""
        return self._facts().identifier_token

    def _resilient_redshift_facts(self) -> ClusterFacts:
        return self._facts()


@Remembered
def _reference_to(cluster: alpha.Cluster | alpha.ICluster) -> ExistingCluster:
    node = cluster.node
    # the cluster's scope, because jsii's proxy of an imported cluster cannot be a scope itself
    scope = cast("Construct", node.scope)
    reference = ExistingCluster(scope, f"{node.id} (ExistingCluster)", lambda: _facts_of_alpha(cluster))
    # both have one path, so that a second owner of the cluster's copy is seen
    path_of.remember(reference, path_of(cluster))
    return reference


def _check_alpha(cluster: object) -> None:
    """Refuse what is no cluster of the alpha module, and a name that Redshift would refuse or write another way."""
    place = getattr(getattr(cluster, "node", None), "path", "")
    problems = Problems(f"{place} (ExistingCluster.from_alpha)" if place else "ExistingCluster.from_alpha")
    try:
        module: Any = import_module(_ALPHA)
    except ImportError:
        allowed = "installed: pip install 'resilient-redshift[alpha]'"
        problems.add(_ALPHA, "no such module", allowed, "the alpha cluster is a class of it")
        problems.raise_if_any()
    owned = isinstance(cluster, module.Cluster)
    # an imported one is of a class that nobody can name: jsii gives it the members of ICluster
    imported = all(hasattr(cluster, member) for member in ("node", "cluster_name", "cluster_endpoint"))
    allowed = f"a Cluster or ICluster of {_ALPHA}"
    why = "a CfnCluster is taken as it is, and any other cluster is named with ExistingCluster.from_identifier"
    if problems.check(owned or imported, "cluster", cluster, allowed, why):
        name = _facts_of_alpha(cast("alpha.ICluster", cluster)).identifier
        if name is not None:
            check_cluster_identifier(problems, "cluster_name", name)
    problems.raise_if_any()


def _facts_of_alpha(cluster: alpha.Cluster | alpha.ICluster) -> ClusterFacts:
    facts = replace(facts_of(cast("IClusterRef", cluster)), named_by="cluster_name")
    if facts.l1 is not None:
        return facts
    port = cluster.cluster_endpoint.port
    return replace(facts, port=int(port) if known(port) else None)
