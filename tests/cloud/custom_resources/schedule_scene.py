"""Names and helpers that the tests of schedules share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cloud.custom_resources.cloudformation import ASSOCIATION, SCHEDULE, Resource
from tests.cloud.custom_resources.scene import HERE, NAME

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Answer, Stack

OFTEN = "oftena1b2c3d4"
SCHEDULE_ID = f"snapshot-schedule/{OFTEN}"
ASSOCIATION_ID = f"snapshot-schedule-association/{NAME}"
FORMER = "resilient-redshift:schedule-former"
TAGS = (
    "resilient-redshift:schedule-owner",
    "resilient-redshift:schedule-owner-resource",
    "resilient-redshift:schedule-origin",
)
REPLACE = {"ReplaceExisting": "true"}


def schedule(policy: str = "Delete", name: str = OFTEN, **changes: Any) -> Resource:
    """A schedule as the construct renders it."""
    properties = {
        "ScheduleIdentifier": name,
        "ScheduleDefinitions": ["rate(4 hours)"],
        "RemovalPolicy": "retain",
        "ReplaceExisting": "false",
        **changes,
    }
    return Resource(SCHEDULE, properties, policy)


def association(policy: str = "Delete", name: str = OFTEN, cluster: str = NAME, **changes: Any) -> Resource:
    """A cluster's schedule as the construct renders it."""
    properties = {
        "ClusterIdentifier": cluster,
        "ScheduleIdentifier": name,
        "RemovalPolicy": "retain",
        "ReplaceExisting": "false",
        **changes,
    }
    return Resource(ASSOCIATION, properties, policy)


def both(
    policy: str = "Delete", name: str = OFTEN, times: list[str] | None = None, **changes: Any
) -> dict[str, Resource]:
    """What one SnapshotSchedule with one cluster renders."""
    more = {} if times is None else {"ScheduleDefinitions": times}
    return {
        "Schedule": schedule(policy, name, **more, **changes),
        "Association": association(policy, name, **changes),
    }


def owned(stack: Stack, resource: str, origin: str = "created") -> dict[str, str]:
    """The record of an owner."""
    return dict(zip(TAGS, (stack.id, resource, origin), strict=True))


def has(model: RedshiftModel, cluster: str = NAME) -> str | None:
    """The schedule that a cluster has."""
    live = model.cluster(HERE, cluster)
    assert live is not None
    return live.schedule


def given(model: RedshiftModel, cluster: Cluster, name: str = OFTEN, *times: str, **tags: str) -> None:
    """The cluster has a schedule already."""
    model.given_schedule(HERE, name, *(times or ("rate(4 hours)",)), tags=dict(tags))
    cluster.schedule, cluster.schedule_state = name, "ACTIVE"


def send(stack: Stack, kind: str, resource: Resource, **more: Any) -> Answer:
    """Send one request and nothing else."""
    logical, physical = ("Schedule", SCHEDULE_ID) if resource.type == SCHEDULE else ("Association", ASSOCIATION_ID)
    if kind != "Create":
        more.setdefault("PhysicalResourceId", physical)
    return stack.handler.send(kind, logical, resource, **more)
