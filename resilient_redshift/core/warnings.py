"""Every warning that this library can give, by its stable id.

The ids are a public contract: a release never renames them. docs/warnings.md explains each of them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from aws_cdk import Validations

if TYPE_CHECKING:
    from constructs import IConstruct


class Warn(StrEnum):
    """The ids of recoverable risks. You acknowledge one with ``Validations.of(...).acknowledge(...)``.

    The user can act on each of them: by an argument, or by something outside the app that an acknowledgment then
    records. What nobody can act on is documentation, not a warning.
    """

    AUTOMATED_SNAPSHOTS_OFF = "resilient-redshift:AutomatedSnapshots.Off"
    MANUAL_SNAPSHOT_RULE_FOREVER_FILLS_QUOTA = "resilient-redshift:ManualSnapshotRule.ForeverFillsQuota"
    NOTIFY_KEY_POLICY = "resilient-redshift:Notify.KeyPolicy"
    NOTIFY_TOPIC_POLICY = "resilient-redshift:Notify.TopicPolicy"
    RECOVERY_PLAN_NOT_ORDERED = "resilient-redshift:RecoveryPlan.NotOrdered"
    RECOVERY_PLAN_UNKNOWN_NODE_TYPE = "resilient-redshift:RecoveryPlan.UnknownNodeType"
    RECOVERY_PLAN_UNKNOWN_ROLES = "resilient-redshift:RecoveryPlan.UnknownRoles"
    RESILIENT_CLUSTER_AUDIT_LOGS = "resilient-redshift:ResilientCluster.AuditLogs"
    RESILIENT_CLUSTER_DESTROY = "resilient-redshift:ResilientCluster.Destroy"
    RESILIENT_CLUSTER_MORE_NODES_THAN_NEW = "resilient-redshift:ResilientCluster.MoreNodesThanNew"
    RESILIENT_CLUSTER_SINGLE_ZONE = "resilient-redshift:ResilientCluster.SingleZone"
    RESILIENT_CLUSTER_UNKNOWN_NODE_TYPE = "resilient-redshift:ResilientCluster.UnknownNodeType"
    SNAPSHOT_COPY_AWS_OWNED_KEY = "resilient-redshift:SnapshotCopy.AwsOwnedKey"
    SNAPSHOT_COPY_UNKNOWN_REGION = "resilient-redshift:SnapshotCopy.UnknownRegion"
    SNAPSHOT_SCHEDULE_LONG_GAP = "resilient-redshift:SnapshotSchedule.LongGap"
    STACK_SETTINGS_KEY_POLICY = "resilient-redshift:StackSettings.KeyPolicy"


def warn(construct: IConstruct, warning: Warn, message: str) -> None:
    """Warn of a risk that the user may accept.

    Args:
        construct: the construct that has the risk; the user acknowledges the warning on it or on a parent.
        warning: the warning's id.
        message: the risk, and what the user can do about it.
    """
    Validations.of(construct).add_warning(str(warning), message)
