"""The contract of the watcher: its parameters, metrics, findings and events.

A watcher is one function in one stack. It runs every 15 minutes unless the stack says otherwise. It watches clusters in
its own Region only. Each of them is a watch, and has a record in Parameter Store.

A name never changes its meaning. A test freezes the metrics, the findings and the schemas.
"""

from __future__ import annotations

from typing import Any, Final

from resilient_redshift.contract.names import DIMENSION_CLUSTER, DIMENSION_PLAN
from resilient_redshift.contract.schemas import WATCHED

WATCH_RECORD_VERSION: Final = 1
HEARTBEAT_VERSION: Final = 1
EVENT_VERSION: Final = 1

#: The folders of the SSM parameters. Each watcher has a folder of its own in ``WATCH_FOLDER`` and ``MEMORY_FOLDER``.
WATCH_FOLDER: Final = "/resilient-redshift/watches/"
MEMORY_FOLDER: Final = "/resilient-redshift/watched/"
HEARTBEAT_FOLDER: Final = "/resilient-redshift/heartbeats/"

# the input of the watcher's function
#: The watcher's id. Each input has it.
INPUT_WATCHER: Final = "watcher"
#: The seconds from one run to the next, as the rule has them. Default: 900. A heartbeat expires after four of them.
INPUT_INTERVAL: Final = "interval_seconds"
#: The name of the one watch to look at for the first time. The answer is ``{"seen": bool}``.
INPUT_FIRST_LOOK: Final = "first_look"
#: True: look only whether CloudWatch shows the data points of the first look.
INPUT_SEEN: Final = "seen"

# the sides of a watch
#: The watch of a plan's cluster in the cluster's own Region.
PRIMARY: Final = "primary"
#: The watch of a plan's copies in the recovery Region.
RECOVERY: Final = "recovery"
#: The watch of a cluster without a plan, in the cluster's own Region.
ALONE: Final = "alone"
SIDES: Final = (PRIMARY, RECOVERY, ALONE)

# Metrics that every run writes. The dimension is ``Plan``, or ``ClusterIdentifier`` for a cluster without a plan.
#: The age of the newest usable recovery point of the watch's Region, in seconds. Without one: the time since the
#: protection began. In the recovery Region this is what a failover would lose.
METRIC_RECOVERY_POINT_AGE: Final = "RecoveryPointAge"
#: The highest severity of the present findings: 0 without a finding, 1 for a warning, 2 for a problem. The unit is
#: None. Only the sides ``recovery`` and ``alone`` write it: the primary's findings travel with its heartbeat.
METRIC_FINDING_SEVERITY: Final = "FindingSeverity"
#: 1 while a paused cluster excuses an old recovery point, absent otherwise. Unit: Count.
METRIC_CLUSTER_PAUSED: Final = "ClusterPaused"
# Metrics that one run a day writes: CloudWatch bills a metric only for the hours that have data.
#: The number of usable recovery points. Unit: Count.
METRIC_RECOVERY_POINTS: Final = "RecoveryPoints"
#: The size of the recovery points that AWS bills, by the rule of the node type's family. Unit: Bytes.
METRIC_BILLABLE_STORAGE: Final = "BillableBackupStorage"
#: The manual snapshots of the Region as a share of the applied quota. No dimension. Unit: Percent.
METRIC_QUOTA_USED: Final = "ManualSnapshotQuotaUsed"
#: The metrics of a watch, with the unit of each.
WATCH_METRICS: Final = {
    METRIC_RECOVERY_POINT_AGE: "Seconds",
    METRIC_FINDING_SEVERITY: "None",
    METRIC_CLUSTER_PAUSED: "Count",
    METRIC_RECOVERY_POINTS: "Count",
    METRIC_BILLABLE_STORAGE: "Bytes",
}

# severities, the values of FindingSeverity
WARNING: Final = "warning"
PROBLEM: Final = "problem"
SEVERITIES: Final = {WARNING: 1, PROBLEM: 2}

#: What a watcher can find, with its severity. The documentation has a section for each (docs/watching.md).
FINDINGS: Final = {
    # the recovery point
    "RecoveryPointOverdue": PROBLEM,  # older than the objective, or none for that long since the protection began
    "RecoveryPointAging": WARNING,  # older than three quarters of the objective, and than the longest gap
    "RuleOverdue": WARNING,  # the newest snapshot of one manual rule is later than its schedule allows
    "LineageChanged": PROBLEM,  # snapshots of another cluster of the same name, or the cluster was replaced
    "SizeDropped": PROBLEM,  # the newest recovery point is far smaller than those before it
    "SnapshotFailed": WARNING,  # a snapshot failed
    "SnapshotStuck": WARNING,  # a snapshot is still being created after far too long
    "ManualSnapshotQuota": WARNING,  # at least 80 % of the applied quota is used, or the quota cannot be read
    # the cluster and its configuration
    "ClusterMissing": PROBLEM,  # deleted or renamed
    "ClusterNeedsAttention": PROBLEM,  # a state that needs somebody
    "ClusterFenced": WARNING,  # a switchover or an operator keeps clients out
    "ClusterStateUnknown": WARNING,  # a state that this release does not know
    "KeyUnavailable": PROBLEM,  # a key is disabled, deleted or going
    "CopyOff": PROBLEM,  # no snapshot is copied
    "CopyElsewhere": PROBLEM,  # snapshots are copied to another Region
    "CopyDrift": PROBLEM,  # grant or retentions of the copy differ
    "ClusterDrift": WARNING,  # automated retention, schedule or relocation differ; a PROBLEM if snapshots stop
    "AssociationPending": WARNING,  # the cluster's snapshot schedule is still being changed, or could not be
    # the way back
    "NotReady": PROBLEM,  # a failover would not start now
    "ReadinessUnknown": WARNING,  # part of the readiness cannot be told
    "FailedOver": WARNING,  # an endpoint is published, and the restored cluster is protected
    "FailedOverUnprotected": PROBLEM,  # what the state of the plan after a failover misses
    "TwoWriters": PROBLEM,  # the primary's cluster may take writes beside the published one
    "DrillFailed": PROBLEM,  # the last drill failed
    "DrillLeftovers": WARNING,  # clusters of drills are left
    # the watch itself
    "PrimarySilent": WARNING,  # the primary's watcher sends no heartbeat
    "CannotTell": WARNING,  # something could not be read; a PROBLEM if the recovery point could not be
}

EVENT_SOURCE: Final = "resilient-redshift"
#: Sent when a finding opens, when its severity changes, and when it closes.
EVENT_DETAIL_TYPE: Final = "Recovery Point Finding"
OPENED: Final = "opened"
CLOSED: Final = "closed"

# IAM: what the code of a watcher calls. ``cloud/watch`` makes no other call; a test compares both.
_LOOKS: Final = (
    "redshift:DescribeClusters",
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeStorage",
    "servicequotas:GetServiceQuota",
    "servicequotas:GetAWSDefaultServiceQuota",
    "cloudwatch:GetMetricData",
)
#: The actions that IAM lets nobody narrow to a resource, by side. The resource is ``*``.
WATCH_ACTIONS_ON_ALL: Final = {
    PRIMARY: (*_LOOKS, "cloudtrail:LookupEvents"),
    RECOVERY: _LOOKS,
    ALONE: (*_LOOKS, "cloudtrail:LookupEvents"),
}
#: The other actions, by what they are for:
#: ``metrics``: on ``*``, with the condition ``cloudwatch:namespace`` equal to ``METRIC_NAMESPACE``;
#: ``events``: on the default event bus of the watcher's Region;
#: ``watches`` and ``memories``: on this watcher's folders, the folder itself without its last slash and all that is in
#: it;
#: ``plans``: on the plan records, lineages, endpoints and drills of the watched plans, in the watcher's Region;
#: ``history``: on the plan records of the side ``recovery``;
#: ``heartbeats_read``: on the heartbeats that the records of the side ``recovery`` name;
#: ``heartbeats_written``: on this watcher's heartbeat in each recovery Region of the side ``primary``;
#: ``keys``: on the declared key of each cluster (``primary``, ``alone``), and on each key of a recovery Region;
#: ``runs``: on the restore machine of each plan of the side ``recovery``.
WATCH_ACTIONS: Final = {
    "metrics": ("cloudwatch:PutMetricData",),
    "events": ("events:PutEvents",),
    "watches": ("ssm:GetParametersByPath",),
    "memories": ("ssm:GetParametersByPath", "ssm:PutParameter"),
    "plans": ("ssm:GetParameters",),
    "history": ("ssm:GetParameterHistory",),
    "heartbeats_read": ("ssm:GetParameters",),
    "heartbeats_written": ("ssm:PutParameter",),
    "keys": ("kms:DescribeKey",),
    "runs": ("states:ListExecutions",),
}
#: What the watcher calls besides to repair a copy, where the record of the side ``primary`` asks for it. The calls that
#: change the copy are those of the copy's custom resource (``provider/copies.py``).
#: ``stack``: on the stack that owns the copy;
#: ``endpoint``: on the endpoint of the plan in the recovery Region;
#: ``grants``: on ``*``, with the key ``replace`` only: the action supports no resource type.
REPAIR_ACTIONS: Final = {
    "stack": ("cloudformation:DescribeStacks",),
    "endpoint": ("ssm:GetParameters",),
    "grants": ("redshift:DescribeSnapshotCopyGrants",),
}

#: What the readiness of a plan reads in the recovery Region, besides what a look at its recovery points reads: the
#: actions by the resources that they need. ``*``: the actions support no resource type (service authorization
#: reference).
READINESS_RIGHTS: Final = {
    "*": (
        "ec2:DescribeSecurityGroups",
        "redshift:DescribeClusterParameterGroups",
        "redshift:DescribeClusterSubnetGroups",
        "redshift:DescribeSnapshotCopyGrants",
        "servicequotas:GetAWSDefaultServiceQuota",
    ),
    # the quotas of Redshift: arn:aws:servicequotas:REGION:ACCOUNT:redshift/*
    "quota": ("servicequotas:GetServiceQuota",),
    # the key that encrypts the restored cluster
    "key": ("kms:DescribeKey",),
    # the restore machine
    "machine": ("states:DescribeStateMachine",),
    # the function that the restore machine calls
    "function": ("lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"),
    # the roles of the restore machine and of its function, and those that the restored cluster gets
    "role": ("iam:GetRole", "iam:SimulatePrincipalPolicy"),
}
#: The same actions, without their resources.
READINESS_ACTIONS: Final = tuple(sorted(action for actions in READINESS_RIGHTS.values() for action in actions))


def watch_folder(watcher: str) -> str:
    """The folder with the records of one watcher's watches."""
    return f"{WATCH_FOLDER}{watcher}/"


def watch_name(watcher: str, watch: str) -> str:
    """The name of the SSM parameter with the record of a watch.

    Args:
        watcher: the watcher's id, which is a hash of its stack's naming path, its account-wide name.
        watch: the plan's name, or the name of a cluster's watch without a plan.
    """
    return watch_folder(watcher) + watch


def memory_name(watcher: str, watch: str) -> str:
    """The name of the SSM parameter in which a watcher remembers a watch from one run to the next."""
    return f"{MEMORY_FOLDER}{watcher}/{watch}"


def heartbeat_name(region: str, watcher: str) -> str:
    """The name of the SSM parameter in the recovery Region that a primary's watcher renews with each run.

    Args:
        region: the primary's Region.
        watcher: the id of the primary's watcher.
    """
    return f"{HEARTBEAT_FOLDER}{region}/{watcher}"


def dimension_of(side: str) -> str:
    """The only dimension of a watch's metrics; its value is the plan's name or the cluster's identifier."""
    return DIMENSION_CLUSTER if side == ALONE else DIMENSION_PLAN


_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_WHOLE: Final = {"type": "integer", "minimum": 1}
_FLAG: Final = {"type": "boolean"}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


#: JSON Schema of the record of a watch, version 1.
WATCH_RECORD_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift watch record",
    **_object(
        {
            "version": {"const": WATCH_RECORD_VERSION},
            "watch": _TEXT,
            "side": {"enum": list(SIDES)},
            "cluster": _object({"identifier": _TEXT, "region": _TEXT}),
            # the name of the plan whose record the watcher reads besides; absent without a plan
            "plan": _TEXT,
            # primary: the Region that gets the heartbeat; recovery: the Region and the watcher that send it
            "heartbeat": _object({"region": _TEXT, "watcher": _TEXT}, "watcher"),
            # without a plan; a plan's record has its own
            "objectives": _object({"recovery_point_seconds": _WHOLE}),
            "watch_for": WATCHED,
            # what the watcher mends by itself: "copy"; with the two keys of a change that could lose something, and
            # the id of the stack that must be the recorded owner of the copy
            "repair": _object({"copy": _FLAG, "replace": _FLAG, "accept_loss_of_copies": _FLAG, "stack": _TEXT}),
        },
        "plan",
        "heartbeat",
        "objectives",
        "watch_for",
        "repair",
    ),
}

#: JSON Schema of a heartbeat, version 1. Without ``all_named``, a plan that is not in ``plans`` is as it should be.
HEARTBEAT_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift heartbeat",
    **_object(
        {
            "version": {"const": HEARTBEAT_VERSION},
            "at": _TIME,
            # after this time the heartbeat says nothing any more
            "expires": _TIME,
            "plans": {
                "type": "object",
                "additionalProperties": _object(
                    {
                        # since when the cluster is paused; or until when its pause excuses an old recovery point
                        "paused_since": _TIME,
                        "excused_until": _TIME,
                        # when that pause began, if it is known
                        "excused_from": _TIME,
                        # the code of each finding, with its severity and its text, cut to 300 characters
                        "findings": {
                            "type": "array",
                            "items": _object({"code": _TEXT, "severity": {"enum": [WARNING, PROBLEM]}, "text": _TEXT}),
                        },
                    },
                    "paused_since",
                    "excused_until",
                    "excused_from",
                    "findings",
                ),
            },
            # whether every plan that the watcher watches is in "plans": they fit unless there are hundreds
            "all_named": _FLAG,
            # how many plans with findings did not fit
            "left_out": _WHOLE,
        },
        "all_named",
        "left_out",
    ),
}

#: JSON Schema of the detail of an event, version 1.
EVENT_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift recovery point finding",
    **_object(
        {
            "version": {"const": EVENT_VERSION},
            "code": {"enum": list(FINDINGS)},
            "severity": {"enum": [WARNING, PROBLEM]},
            "state": {"enum": [OPENED, CLOSED]},
            "since": _TIME,
            "text": _TEXT,
            "what_to_do": _TEXT,
            "watch": _TEXT,
            "side": {"enum": list(SIDES)},
            "plan": _TEXT,
            "cluster": _object({"identifier": _TEXT, "region": _TEXT}),
        },
        "plan",
    ),
}
