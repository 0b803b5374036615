"""Notes about resources of other tools that may protect a cluster and that a template does not let us judge."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import (
    ASSOCIATION_TYPE,
    COPY_TYPE,
    GRANT_TYPE,
    ON_DEPLOY_TYPE,
    SCHEDULE_TYPE,
    WATCH_TYPE,
)
from resilient_redshift.planning._scheduler import SCHEDULER_SCHEDULE
from resilient_redshift.planning._schedules import NATIVE_SCHEDULE
from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

_STATE_MACHINES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})
_FUNCTIONS: Final = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
_PERMISSIONS: Final = frozenset({"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"})
_SCHEDULE_NAME: Final = re.compile(r"Custom::.*snapshot-?schedule", re.IGNORECASE)
_COPY_NAME: Final = re.compile(r"Custom::.*snapshot-?copy(?!-?grant)", re.IGNORECASE)
#: Types of this library that neither copy nor take snapshots again and again.
_WITHOUT_COPIES: Final = frozenset({GRANT_TYPE, ON_DEPLOY_TYPE, WATCH_TYPE})
_CUSTOM: Final = re.compile(r"Custom::|AWS::CloudFormation::CustomResource$")
_REDSHIFT: Final = "AWS::Redshift::"
#: The types of AWS::Redshift that protect no cluster by themselves, or that other modules read.
_READ_OR_HARMLESS: Final = frozenset(
    {
        "Cluster",
        "ClusterParameterGroup",
        "ClusterSecurityGroup",
        "ClusterSecurityGroupIngress",
        "ClusterSubnetGroup",
        "EndpointAccess",
        "EndpointAuthorization",
        "EventSubscription",
        "Integration",
        "ScheduledAction",
        "SnapshotCopyGrant",
        "SnapshotSchedule",
    }
)
_SNAPSHOT: Final = "Snapshot"
_PAUSES: Final = "aws-sdk:redshift:pauseCluster"
#: How programs and policies write it: boto3, the command line, the SDKs and IAM.
_OF_A_CLUSTER: Final = re.compile("cluster_?identifier|redshift", re.IGNORECASE)
_ENABLE_IN_CODE: Final = re.compile("enable_?-?snapshot_?-?copy", re.IGNORECASE)
_CREATE_IN_CODE: Final = re.compile("create_?-?cluster_?-?snapshot", re.IGNORECASE)


def note_about(resource: Resource) -> str | None:
    """A note about a resource that is not ours; None when the resource protects no cluster as far as we can see.

    Args:
        resource: a resource that no other module reads.
    """
    if resource.kind.startswith(_REDSHIFT):
        return _native(resource)
    if makes_copies(resource):
        return f"{_named(resource)} is not counted: a template does not show whether its copy is on"
    if _CREATE_IN_CODE.search(_code(resource)):
        why = "it can take a snapshot, and the template does not show when it does"
        return f"{_named(resource)} is not counted: {why}"
    return None


def makes_copies(resource: Resource) -> bool:
    """Whether a resource that is not ours may copy the snapshots of a cluster."""
    if resource.kind == COPY_TYPE or _COPY_NAME.match(resource.kind):
        return True
    text = _code(resource)
    custom = _CUSTOM.match(resource.kind) is not None and '"DestinationRegion"' in text and _OF_A_CLUSTER.search(text)
    return bool(custom) or _ENABLE_IN_CODE.search(text) is not None


def second_writer(resource: Resource, cluster: ClusterPicture) -> str:
    """A warning about a resource of another tool that may switch off a copy of ours; empty for another cluster's.

    Args:
        resource: a resource that may copy the snapshots of a cluster.
        cluster: a cluster of the same template with a copy of ours.
    """
    text, holder = _text(resource), cluster.resource
    names = () if holder is None else (holder.logical_id, holder.literal("ClusterIdentifier"))
    if not any(name is not None and f'"{name}"' in text for name in names):
        return ""
    return f"{_named(resource)} may copy the cluster's snapshots, too: it can switch the copy of this library off"


def _code(resource: Resource) -> str:
    """What a resource that can call AWS says; empty for another resource."""
    custom = _CUSTOM.match(resource.kind) is not None and resource.kind not in _WITHOUT_COPIES
    return _text(resource) if custom or resource.kind in _STATE_MACHINES | _FUNCTIONS else ""


def takes_snapshots(resource: Resource) -> bool:
    """Whether a resource that is not ours shows a call of CreateClusterSnapshot."""
    callers = resource.kind in _STATE_MACHINES | _FUNCTIONS | {SCHEDULER_SCHEDULE} or _CUSTOM.match(resource.kind)
    return bool(callers) and _CREATE_IN_CODE.search(_text(resource)) is not None


def permits_snapshots(resource: Resource) -> str | None:
    """A note about a permission to take snapshots, when the template does not show who takes them; otherwise None.

    Args:
        resource: a resource of a template that has nothing of this library.
    """
    if resource.kind not in _PERMISSIONS or not _CREATE_IN_CODE.search(_text(resource)):
        return None
    why = "it allows CreateClusterSnapshot, and the template does not show who takes snapshots, or when"
    return f"{_named(resource)} is not counted: {why}"


def may_schedule(resource: Resource) -> bool:
    """Whether a resource that is not ours may give a snapshot schedule to a cluster."""
    if resource.kind in {NATIVE_SCHEDULE, SCHEDULE_TYPE, ASSOCIATION_TYPE} or _SCHEDULE_NAME.match(resource.kind):
        return True
    return _CUSTOM.match(resource.kind) is not None and "modifyClusterSnapshotSchedule" in _text(resource)


def _native(resource: Resource) -> str | None:
    kind = resource.kind.removeprefix(_REDSHIFT)
    if kind in _READ_OR_HARMLESS:
        return None
    if kind == _SNAPSHOT:
        why = "it is taken once, and CloudFormation deletes it with its stack unless a DeletionPolicy retains it"
        return f"snapshot {resource.logical_id} is not counted: {why}"
    return f"{_named(resource)} is not counted: what this type does is not known"


def _named(resource: Resource) -> str:
    return f"{resource.logical_id} ({resource.kind})"


def may_pause(resource: Resource) -> bool:
    """Whether a resource is a state machine that pauses a cluster; the template does not show when."""
    return resource.kind in _STATE_MACHINES and _PAUSES in _text(resource)


def _text(resource: Resource) -> str:
    """Everything that the properties say, as one text in which quotation marks are not escaped."""
    try:
        text = json.dumps(values.mapping(resource.properties), default=str)
    except (TypeError, ValueError, RecursionError):
        return ""
    return text.replace("\\", "")
