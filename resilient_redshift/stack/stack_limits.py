"""CloudFormation's limit of resources in one stack, checked before CDK makes the template."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from constructs import IValidation

from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.limits import STACK_RESOURCES_LIMIT
from resilient_redshift.stack.synth_rules import SPLIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

_PARTS_NAMED: Final = 3


@jsii.implements(IValidation)
class ResourceLimit:
    """Stops the synth of a stack with too many resources before CDK does, and says what to split.

    Args:
        stack: the stack.
        may_be_too_large: whether the library has put so much into the stack that it is worth counting. To read all
            nodes of a stack costs some milliseconds for each cluster.
    """

    def __init__(self, stack: cdk.Stack, may_be_too_large: Callable[[], bool]) -> None:
        self._stack = stack
        self._may_be_too_large = may_be_too_large

    def validate(self) -> list[str]:
        """A sentence when the stack has more resources than CloudFormation allows (CloudFormation quotas)."""
        if not self._may_be_too_large():
            return []
        resources = [node for node in self._stack.node.find_all() if isinstance(node, cdk.CfnResource)]
        if len(resources) > STACK_RESOURCES_LIMIT:
            # a nested stack has a template of its own
            resources = [resource for resource in resources if stack_of(resource) is self._stack]
        return [self._message(resources)] if len(resources) > STACK_RESOURCES_LIMIT else []

    def _message(self, resources: list[cdk.CfnResource]) -> str:
        parts = Counter(self._part(resource) for resource in resources)
        largest = ", ".join(f"'{part}' {count}" for part, count in parts.most_common(_PARTS_NAMED))
        return (
            f"the stack has {len(resources)} resources; CloudFormation's limit is {STACK_RESOURCES_LIMIT}. The largest "
            f"parts: {largest}. To mend it, {SPLIT}"
        )

    def _part(self, resource: IConstruct) -> str:
        """The child of the stack that holds a resource."""
        inside = path_of(resource).removeprefix(path_of(self._stack)).lstrip("/")
        return inside.partition("/")[0]
