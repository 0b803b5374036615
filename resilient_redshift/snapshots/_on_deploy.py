"""A rule's first snapshot, on the day of its deployment, and what it comes after."""

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
    from resilient_redshift.snapshots._machine import SnapshotMachine

#: Written as a tag on the snapshot.
REASON: Final = "first deployment"


@dataclass
class _Cluster:
    """One cluster's copy, and what waits for it; each may be declared first."""

    copy: cdk.CustomResource | None = None
    waiting: list[Node] = field(default_factory=list)


@Remembered
def _clusters(_stack: cdk.Stack) -> dict[str, _Cluster]:
    """The clusters of a stack that have a copy or a first snapshot so far."""
    return {}


def copy_declared(cluster: IClusterRef, facts: ClusterFacts, copy: cdk.CustomResource) -> None:
    """Let first snapshots of a cluster, declared already or later, come after its copy: only then are they copied."""
    found = _cluster(cluster, facts)
    found.copy = copy
    for node in found.waiting:
        node.add_dependency(copy)


def start_on_deploy(
    scope: Construct,
    *,
    cluster: IClusterRef,
    facts: ClusterFacts,
    machine: SnapshotMachine,
    policies: tuple[iam.CfnPolicy, ...],
    given: Mapping[str, Any],
) -> cdk.CustomResource:
    """Start the stack's snapshot machine once for this stack and input, when everything that it needs stands.

    Args:
        scope: the rule.
        cluster: the rule's cluster.
        facts: what is known about it.
        machine: the stack's snapshot machine.
        policies: what the machine needs to take this cluster's snapshots.
        given: the machine's input; whatever it is deployed with for the first time, takes one snapshot.
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
            "Input": json.dumps(given, sort_keys=True, separators=(",", ":")),
        },
        # a Delete would do nothing, so none is sent: it could only fail
        removal_policy=cdk.RemovalPolicy.RETAIN,
        service_timeout=cdk.Duration.minutes(SERVICE_TIMEOUT_MINUTES),
    )
    resource.node.add_dependency(start, *policies)
    if stack_of(cluster) is stack_of(scope):
        found = _cluster(cluster, facts)
        found.waiting.append(resource.node)
        if found.copy is not None:
            resource.node.add_dependency(found.copy)
    return resource


def _cluster(cluster: IClusterRef, facts: ClusterFacts) -> _Cluster:
    """By name where it has one: two constructs may mean one cluster."""
    known = _clusters(stack_of(cluster))
    return known.setdefault(facts.identifier or path_of(cluster), _Cluster())
