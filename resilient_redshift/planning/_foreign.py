"""Notes about resources of other tools that may protect a cluster and that a template does not let us judge."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, SCHEDULE_TYPE
from resilient_redshift.planning._schedules import NATIVE_SCHEDULE
from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from resilient_redshift.planning.reading.template import Resource

_STATE_MACHINES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})
_FUNCTIONS: Final = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
_PERMISSIONS: Final = frozenset({"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role"})
_SCHEDULE_NAME: Final = re.compile(r"Custom::.*snapshot-?schedule", re.IGNORECASE)
_COPY_NAME: Final = re.compile(r"Custom::.*snapshot-?copy(?!-?grant)", re.IGNORECASE)
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
_CREATE: Final = "createClusterSnapshot"
#: How programs and policies write it: boto3, the command line, the SDKs and IAM.
_CREATE_IN_CODE: Final = re.compile("create_?-?cluster_?-?snapshot", re.IGNORECASE)


def note_about(resource: Resource) -> str | None:
    """A note about a resource that is not ours; None when the resource protects no cluster as far as we can see.

    Args:
        resource: a resource that no other module reads.
    """
    if resource.kind.startswith(_REDSHIFT):
        return _native(resource)
    custom = _CUSTOM.match(resource.kind) is not None and resource.kind != GRANT_TYPE
    text = _text(resource) if custom or resource.kind in _STATE_MACHINES else ""
    copies = resource.kind == COPY_TYPE or _COPY_NAME.match(resource.kind) or "enableSnapshotCopy" in text
    if copies or (custom and '"DestinationRegion"' in text):
        return f"{_named(resource)} is not counted: a template does not show whether its copy is on"
    if _CREATE in text:
        why = "it can take a snapshot, and the template does not show when it does"
        return f"{_named(resource)} is not counted: {why}"
    return None


def may_take_snapshots(resource: Resource) -> str | None:
    """A note about a function or a permission of another tool that may take snapshots; None for another resource.

    Args:
        resource: a resource of a template that has nothing of this library.
    """
    if resource.kind not in _FUNCTIONS | _PERMISSIONS or not _CREATE_IN_CODE.search(_text(resource)):
        return None
    what = "calls" if resource.kind in _FUNCTIONS else "allows"
    return f"{_named(resource)} is not counted: it {what} CreateClusterSnapshot, and the template does not show when"


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
