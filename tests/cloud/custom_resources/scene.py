"""Names and helpers that the tests of copies and grants share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ACCOUNT, CopyConfig
from resilient_redshift.cloud.custom_resources import events
from tests.cloud.custom_resources.cloudformation import COPY, GRANT, Resource

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from resilient_redshift.cloud.custom_resources.events import Request
    from tests.cloud.custom_resources.cloudformation import Answer, Stack

HERE = "eu-central-1"
THERE = "eu-west-1"
ELSEWHERE = "us-east-1"
NAME = "sales"
#: The stack of the requests that no handler serves.
STACK = f"arn:aws:cloudformation:{HERE}:{ACCOUNT}:stack/Warehouse/1"
ID = f"snapshot-copy/{NAME}"
OWNER = "resilient-redshift:copy-owner"
OWNER_RESOURCE = "resilient-redshift:copy-owner-resource"
ORIGIN = "resilient-redshift:copy-origin"
RAISED = "resilient-redshift:copy-raised"
FORMER = "resilient-redshift:copy-former"
#: What the construct says of a copy in another Region, and under another grant of the same Region.
AWAY = {"DestinationRegion": ELSEWHERE, "SnapshotCopyGrantName": "away-grant"}
REKEYED = {"SnapshotCopyGrantName": "sales-grant-2"}
DESTROY = {"RemovalPolicy": "destroy"}


def copy(policy: str = "Delete", **changes: Any) -> Resource:
    """A snapshot copy as the construct renders it; None takes a property away."""
    properties = {
        "ClusterIdentifier": NAME,
        "DestinationRegion": THERE,
        "SnapshotCopyGrantName": "sales-grant",
        "RetentionPeriod": "7",
        "ManualSnapshotRetentionPeriod": "-1",
        "RemovalPolicy": "retain",
        "AcceptLossOfCopies": "false",
        **changes,
    }
    return Resource(COPY, {name: value for name, value in properties.items() if value is not None}, policy)


def grant(key: str, policy: str = "Delete", **changes: Any) -> Resource:
    """A snapshot copy grant as the construct renders it."""
    return Resource(
        GRANT, {"SnapshotCopyGrantName": "site-1", "KmsKeyId": key, "RemovalPolicy": "retain", **changes}, policy
    )


def live(days: int = 7, manual: int = -1, region: str = THERE, grant_name: str | None = "sales-grant") -> CopyConfig:
    """A live configuration. By default it is what ``copy()`` wants."""
    return CopyConfig(region, days, manual, grant_name)


def tags(model: RedshiftModel) -> dict[str, str]:
    """Our tags on the cluster."""
    cluster = model.cluster(HERE, NAME)
    assert cluster is not None
    return {name: value for name, value in cluster.tags.items() if name.startswith("resilient-redshift:")}


def mutations(model: RedshiftModel, since: int = 0) -> list[str]:
    """The mutating operations so far."""
    return [call.operation for call in model.mutating_calls(since)]


def owned(stack: Stack, logical_id: str = "Copy", origin: str = "created") -> dict[str, str]:
    """The record of an owner."""
    return {OWNER: stack.id, OWNER_RESOURCE: logical_id, ORIGIN: origin}


def event_of(stack: Stack) -> dict[str, Any]:
    """The event of a Create of ``copy()``, as Lambda passes it."""
    return {
        "RequestType": "Create",
        "ResourceType": COPY,
        "LogicalResourceId": "Copy",
        "StackId": stack.id,
        "ResourceProperties": dict(copy().properties),
    }


def request_of(resource: Resource, kind: str = "Create", logical_id: str = "Copy", **more: Any) -> Request:
    """The parsed request for a resource of ``STACK``; no handler and no AWS takes part."""
    event = {
        "RequestType": kind,
        "ResourceType": resource.type,
        "LogicalResourceId": logical_id,
        "StackId": STACK,
        "ResourceProperties": dict(resource.properties),
    }
    return events.parse({**event, **more}, STACK)


def create(stack: Stack, **changes: Any) -> Answer:
    """Send one Create and nothing else."""
    return stack.handler.send("Create", "Copy", copy(**changes))


def update(stack: Stack, **changes: Any) -> Answer:
    """Send one Update in place and nothing else; the handler never looks at the old properties."""
    return stack.handler.send("Update", "Copy", copy(**changes), PhysicalResourceId=ID, OldResourceProperties={})


def delete(stack: Stack, physical_id: str = ID, **changes: Any) -> Answer:
    """Send one Delete and nothing else."""
    return stack.handler.send("Delete", "Copy", copy(**changes), PhysicalResourceId=physical_id)
