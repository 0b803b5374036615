"""The first snapshot of a rule, which its deployment takes, and the order of that snapshot and the cluster's copy."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk

from resilient_redshift.contract.names import ON_DEPLOY_TYPE
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import Construct, Node

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.snapshots.machine import SnapshotMachine

#: The reason that the snapshot has in its tag.
REASON: Final = "first deployment"


@dataclass
class _Cluster:
    """One cluster's copy and first snapshots, declared in any order.

    Attributes:
        copy: the custom resource of the copy; None while the app has declared no copy.
        waiting: the first snapshots, which come after the copy.
    """

    copy: cdk.CustomResource | None = None
    waiting: list[Node] = field(default_factory=list)


@Remembered
def _clusters(_stack: cdk.Stack) -> dict[str, _Cluster]:
    """The clusters of a stack that have a copy or a first snapshot so far."""
    return {}


def copy_declared(cluster: IClusterRef, facts: ClusterFacts, copy: cdk.CustomResource) -> None:
    """Put the first snapshots of a cluster after its copy, because Redshift copies only snapshots taken after that.

    The snapshots may be declared before the copy or after it.

    Args:
        cluster: the cluster.
        facts: what synth knows about the cluster.
        copy: the custom resource of the cluster's copy.
    """
    entry = _cluster(cluster, facts)
    entry.copy = copy
    for node in entry.waiting:
        node.add_dependency(copy)


def start_on_deploy(
    scope: Construct,
    *,
    cluster: IClusterRef,
    facts: ClusterFacts,
    machine: SnapshotMachine,
    policies: tuple[iam.CfnPolicy, ...],
    machine_input: Mapping[str, Any],
) -> cdk.CustomResource:
    """Start the stack's snapshot machine in a deployment, once for each stack and input.

    CloudFormation starts the machine when everything that the machine needs exists.

    Args:
        scope: the rule.
        cluster: the rule's cluster.
        facts: what synth knows about the cluster.
        machine: the stack's snapshot machine.
        policies: the policies that the machine needs to take this cluster's snapshots.
        machine_input: the machine's input. The first deployment of each input takes one snapshot.
    """
    provider = SnapshotProvider.of(scope)
    start = provider.start_policy(machine.state_machine_arn)
    resource = cdk.CustomResource(
        scope,
        "OnDeploy",
        service_token=provider.service_token,
        resource_type=ON_DEPLOY_TYPE,
        properties={
            "StateMachineArn": machine.state_machine_arn,
            "Input": json.dumps(machine_input, sort_keys=True, separators=(",", ":")),
        },
        # the handler has nothing to do on a Delete, and a Delete that CloudFormation sends could fail
        removal_policy=cdk.RemovalPolicy.RETAIN,
        service_timeout=cdk.Duration.minutes(SERVICE_TIMEOUT_MINUTES),
    )
    resource.node.add_dependency(start, *policies)
    if stack_of(cluster) is stack_of(scope):
        entry = _cluster(cluster, facts)
        entry.waiting.append(resource.node)
        if entry.copy is not None:
            resource.node.add_dependency(entry.copy)
    return resource


def _cluster(cluster: IClusterRef, facts: ClusterFacts) -> _Cluster:
    """The entry of a cluster, by its identifier where that is known: two constructs may refer to one cluster."""
    clusters = _clusters(stack_of(cluster))
    return clusters.setdefault(facts.identifier or path_of(cluster), _Cluster())
