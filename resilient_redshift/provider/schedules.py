"""The provider of snapshot schedules, and the rights of its handler on each schedule and cluster.

It is a second provider with a second role, because the role for copies has no room for the schedules of 20 clusters.
The logical ids of all resources here never change, because CloudFormation refuses another ServiceToken for a custom
resource that exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.provider.framework import Provider
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.iam import allow

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam

#: What the handler may do to one schedule (service authorization reference, Amazon Redshift).
SCHEDULE_ACTIONS: Final = (
    "redshift:CreateSnapshotSchedule",
    "redshift:ModifySnapshotSchedule",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
#: What the handler may do to one cluster (service authorization reference, Amazon Redshift).
ASSOCIATION_ACTIONS: Final = (
    "redshift:ModifyClusterSnapshotSchedule",
    "redshift:DescribeClusters",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
#: The handler has this right only where the removal policy is DESTROY.
END_SCHEDULE_ACTIONS: Final = ("redshift:DeleteSnapshotSchedule",)
#: What the handler may read, on every schedule: the earlier schedule of a cluster can have any name and owner.
READ_ACTIONS: Final = ("redshift:DescribeSnapshotSchedules",)


class ScheduleProvider(Provider):
    """Runs the custom resources for the snapshot schedules of one stack and their associations with clusters.

    Use :meth:`of` to get the provider of a stack.

    Args:
        scope: the stack.
        construct_id: always :attr:`ID`.
    """

    ID = "ResilientRedshiftScheduleProvider"
    SERVES = "snapshot schedules"
    READS = READ_ACTIONS
    READS_REASON = "reads the schedule that a cluster had before ours, whatever its name; it changes nothing"

    def _readable(self) -> str:
        return self._arn("snapshotschedule", "*")

    def schedule_policy(self, *, schedule_identifier: str, destroy: bool = False) -> iam.CfnPolicy:
        """Let the handler make, change and tag one schedule.

        Args:
            schedule_identifier: the schedule's literal identifier.
            destroy: whether the handler may delete the schedule. Default: the handler may not delete it.

        Returns:
            The policy. The schedule's custom resource must depend on it.
        """
        policy_id = f"Schedule{short_hash(schedule_identifier)}"
        if policy_id not in self._policies:
            actions = (*SCHEDULE_ACTIONS, *(END_SCHEDULE_ACTIONS if destroy else ()))
            arn = self._arn("snapshotschedule", schedule_identifier)
            self._policies[policy_id] = self._policy(policy_id, [allow(actions, arn)])
        return self._policies[policy_id]

    def association_policy(self, *, cluster_key: str, cluster_identifier: str) -> iam.CfnPolicy:
        """Let the handler set, change and remove the schedule of one cluster.

        Args:
            cluster_key: a text that is always the same for one cluster; the id of the policy comes from it.
            cluster_identifier: the cluster's identifier; a token inside the stack.

        Returns:
            The policy. The association's custom resource must depend on it.
        """
        policy_id = f"Association{short_hash(cluster_key)}"
        if policy_id not in self._policies:
            arn = self._arn("cluster", cluster_identifier)
            self._policies[policy_id] = self._policy(policy_id, [allow(ASSOCIATION_ACTIONS, arn)])
        return self._policies[policy_id]
