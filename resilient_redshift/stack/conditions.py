"""What belongs to a cluster exists under the same CloudFormation condition as the cluster.

A resource or an output that refers to a cluster which does not exist makes CloudFormation refuse the template.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import jsii
from constructs import IValidation

from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_redshift as redshift
    from constructs import IConstruct


@dataclass(kw_only=True, slots=True)
class ConditionalParts:
    """What belongs to the clusters of one stack.

    Attributes:
        parts: each cluster with a resource of the same stack, or with a construct whose default child is the resource.
        outputs: each cluster with an output of the same stack.
        apart: each cluster with what belongs to it and cannot have the cluster's condition, in words.
    """

    parts: list[tuple[redshift.CfnCluster, IConstruct]] = field(default_factory=list)
    outputs: list[tuple[redshift.CfnCluster, cdk.CfnOutput]] = field(default_factory=list)
    apart: list[tuple[redshift.CfnCluster, str]] = field(default_factory=list)


def exists_with(cluster: redshift.CfnCluster | None, *parts: IConstruct) -> None:
    """Give resources the condition that their cluster has when the app is synthesized. Their own condition stays.

    Args:
        cluster: the cluster; None for a cluster outside the app, which has no condition.
        parts: resources of the cluster's stack, or constructs whose default child is one.
    """
    if cluster is not None:
        parts_of(stack_of(cluster)).parts.extend((cluster, part) for part in parts)


def put_out_with(cluster: redshift.CfnCluster, outputs: Iterable[cdk.CfnOutput]) -> None:
    """Give outputs the condition that their cluster has when the app is synthesized. Their own condition stays.

    Args:
        cluster: the cluster.
        outputs: outputs of the cluster's stack.
    """
    parts_of(stack_of(cluster)).outputs.extend((cluster, output) for output in outputs)


def exists_without(cluster: redshift.CfnCluster | None, what: str) -> None:
    """Let synth refuse a condition of a cluster to which something outside its stack belongs.

    Args:
        cluster: the cluster; None for a cluster outside the app, which has no condition.
        what: what belongs to the cluster and cannot have its condition, in words.
    """
    if cluster is not None:
        parts_of(stack_of(cluster)).apart.append((cluster, what))


def resource_of(part: IConstruct) -> cdk.CfnResource:
    """The resource of a part."""
    return part if isinstance(part, cdk.CfnResource) else cast("cdk.CfnResource", part.node.default_child)


@Remembered
def parts_of(stack: cdk.Stack) -> ConditionalParts:
    """What belongs to the clusters of a stack so far."""
    parts = ConditionalParts()
    stack.node.add_validation(_Inherit(parts))
    return parts


@jsii.implements(IValidation)
class _Inherit:
    """Copies conditions to the parts. CDK validates an app after its Aspects, and before it writes the templates."""

    def __init__(self, parts: ConditionalParts) -> None:
        self._parts = parts

    def validate(self) -> list[str]:
        options: dict[str, Any] = {}
        for cluster, part in self._parts.parts:
            path = path_of(cluster)
            if path not in options:
                options[path] = cluster.cfn_options.condition
            own = resource_of(part).cfn_options if options[path] is not None else None
            if own is not None and own.condition is None:
                own.condition = options[path]
        for cluster, output in self._parts.outputs:
            if output.condition is None:
                output.condition = cluster.cfn_options.condition
        return []
