"""A cluster that this app does not make, as a target for every concern."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

from resilient_redshift._cluster_facts import ClusterFacts
from resilient_redshift._naming import check_cluster_identifier
from resilient_redshift._network import stack_environment
from resilient_redshift._node_types import check_node_type, check_nodes
from resilient_redshift._parameters import check_family, check_parameters
from resilient_redshift._tokens import known, literal
from resilient_redshift._validation import Problems, where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct


@jsii.implements(IClusterRef)
class ExistingCluster(cdk.Resource):
    """A cluster that exists already, known by its identifier; made by :meth:`from_identifier`. It adds no resource."""

    def __init__(self, scope: Construct, construct_id: str, facts: ClusterFacts) -> None:
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
        return cls(scope, construct_id, facts)

    @property
    def cluster_ref(self) -> ClusterReference:
        """The reference that constructs take."""
        return ClusterReference(cluster_identifier=self._facts.identifier_token)

    @property
    def cluster_identifier(self) -> str:
        """The identifier, as it was given."""
        return self._facts.identifier_token

    def _resilient_redshift_facts(self) -> ClusterFacts:
        return self._facts
