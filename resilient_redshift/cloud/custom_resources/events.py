"""CloudFormation's request, checked, as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

#: arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/ID
_STACK_ID: Final = re.compile(
    r"arn:(?P<partition>[a-z-]+):cloudformation:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):stack/[^/]+/[^/]+"
)
_REQUEST_TYPES: Final = ("Create", "Update", "Delete")


@dataclass(frozen=True)
class Request:
    """What CloudFormation asks. Partition, Region and account are those in the stack's id."""

    kind: str
    resource_type: str
    stack: str
    logical_id: str
    physical_id: str | None
    properties: Mapping[str, object]
    partition: str
    region: str
    account: str
    raw: Mapping[str, Any]

    def arn(self, resource: str) -> str:
        """Return the ARN of a Redshift resource in this stack's Region and account."""
        return f"arn:{self.partition}:redshift:{self.region}:{self.account}:{resource}"


def parse(event: Mapping[str, Any], allowed_stack: str) -> Request:
    """Check an event: it must be complete, and come from the stack that this handler was made for.

    Args:
        event: the event as Lambda passes it.
        allowed_stack: the id of that stack.

    Raises:
        Refused: the event comes from another stack, is of an unknown kind, or lacks a part.
    """
    stack = event.get("StackId")
    if not allowed_stack or stack != allowed_stack:
        raise Refused(
            f"StackId: got {stack!r}; allowed: {allowed_stack or 'none'!r}; this handler serves its own stack only"
        )
    matched = _STACK_ID.fullmatch(str(stack))
    if matched is None:
        raise Refused(f"StackId: got {stack!r}; allowed: the ARN of a CloudFormation stack")
    kind = event.get("RequestType")
    if kind not in _REQUEST_TYPES:
        raise Refused(f"RequestType: got {kind!r}; allowed: {', '.join(_REQUEST_TYPES)}")
    logical_id = event.get("LogicalResourceId")
    if not isinstance(logical_id, str) or not logical_id:
        raise Refused(f"LogicalResourceId: got {logical_id!r}; allowed: the resource's logical id")
    physical_id = event.get("PhysicalResourceId")
    properties = event.get("ResourceProperties")
    return Request(
        kind=str(kind),
        resource_type=str(event.get("ResourceType")),
        stack=str(stack),
        logical_id=logical_id,
        physical_id=physical_id if isinstance(physical_id, str) else None,
        properties=properties if isinstance(properties, dict) else {},
        partition=matched["partition"],
        region=matched["region"],
        account=matched["account"],
        raw=event,
    )
