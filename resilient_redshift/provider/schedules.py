"""The provider of snapshot schedules: a role of its own, as that of copies has no room for 20 clusters' schedules too.

Every logical id here is a contract for ever: CloudFormation refuses another ServiceToken for a custom resource that
exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.provider.framework import Provider
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.iam import allow

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam

#: What the handler may do to one schedule, and to one cluster (service authorization reference, Amazon Redshift).
SCHEDULE_ACTIONS: Final = (
    "redshift:CreateSnapshotSchedule",
    "redshift:ModifySnapshotSchedule",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
ASSOCIATION_ACTIONS: Final = (
    "redshift:ModifyClusterSnapshotSchedule",
    "redshift:DescribeClusters",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
#: Only where the removal policy is DESTROY.
END_SCHEDULE_ACTIONS: Final = ("redshift:DeleteSnapshotSchedule",)
#: This only reads. The schedule that a cluster had before is somebody else's, of whatever name.
READ_ACTIONS: Final = ("redshift:DescribeSnapshotSchedules",)


class ScheduleProvider(Provider):
    """Runs the snapshot schedules of one stack, and their associations.

    Args:
        scope: the stack; use :meth:`of`.
        construct_id: fixed, see :attr:`ID`.
    """

    ID = "ResilientRedshiftScheduleProvider"
    SERVES = "snapshot schedules"
    READS = READ_ACTIONS
    READS_REASON = "reads the schedule that a cluster had before ours, whatever its name; it changes nothing"

    def _readable(self) -> str:
        return self._arn("snapshotschedule", "*")

    def schedule_policy(self, *, schedule_identifier: str, destroy: bool = False) -> iam.CfnPolicy:
        """Let the handler make, change and tag one schedule; its custom resource depends on this.

        Args:
            schedule_identifier: the schedule's identifier, literal.
            destroy: whether the handler may delete the schedule. Default: it may not.
        """
        policy_id = f"Schedule{short_hash(schedule_identifier)}"
        if policy_id not in self._policies:
            actions = (*SCHEDULE_ACTIONS, *(END_SCHEDULE_ACTIONS if destroy else ()))
            arn = self._arn("snapshotschedule", schedule_identifier)
            self._policies[policy_id] = self._policy(policy_id, [allow(actions, arn)])
        return self._policies[policy_id]

    def association_policy(self, *, cluster_key: str, cluster_identifier: str) -> iam.CfnPolicy:
        """Let the handler give one cluster a schedule, or another one, or none; its custom resource depends on this.

        Args:
            cluster_key: names the cluster in the construct's id; stable, the same for the same cluster.
            cluster_identifier: the cluster's identifier, a token inside the stack.
        """
        policy_id = f"Association{short_hash(cluster_key)}"
        if policy_id not in self._policies:
            arn = self._arn("cluster", cluster_identifier)
            self._policies[policy_id] = self._policy(policy_id, [allow(ASSOCIATION_ACTIONS, arn)])
        return self._policies[policy_id]
