"""The IAM actions that each resource type needs, by the resource they stand with; the CDK side compares with this."""

from __future__ import annotations

from typing import Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, ON_DEPLOY_TYPE, SCHEDULE_TYPE

#: Resource type -> kind of resource -> actions. "*" marks actions that support no resource type (service authorization
#: reference); a key's actions are Redshift's, which uses a key with its caller's rights, and DescribeKey ours as well.
ACTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    COPY_TYPE: {
        "cluster": (
            "redshift:CreateTags",
            "redshift:DeleteTags",
            "redshift:DisableSnapshotCopy",
            "redshift:EnableSnapshotCopy",
            "redshift:ModifySnapshotCopyRetentionPeriod",
        ),
        # the snapshots are in the destination Region, where the cluster's ARN does not exist: narrowing would narrow
        # nothing; the clusters once for all, as a role's policies may hold 10,240 characters
        "*": ("redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", "redshift:DescribeSnapshotCopyGrants"),
        # the new grant's key before a swap, where the role may read it
        "key": ("kms:DescribeKey",),
    },
    GRANT_TYPE: {
        "snapshotcopygrant": (
            "redshift:CreateSnapshotCopyGrant",
            "redshift:CreateTags",
            "redshift:DeleteSnapshotCopyGrant",
        ),
        "*": ("redshift:DescribeSnapshotCopyGrants",),
        "key": ("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant", "kms:RevokeGrant"),
    },
    ON_DEPLOY_TYPE: {"statemachine": ("states:StartExecution",)},
    SCHEDULE_TYPE: {
        "snapshotschedule": (
            "redshift:CreateSnapshotSchedule",
            "redshift:CreateTags",
            "redshift:DeleteSnapshotSchedule",
            "redshift:DeleteTags",
            "redshift:DescribeSnapshotSchedules",
            "redshift:ModifySnapshotSchedule",
        ),
    },
    ASSOCIATION_TYPE: {
        "cluster": (
            "redshift:CreateTags",
            "redshift:DeleteTags",
            "redshift:DescribeClusters",
            "redshift:ModifyClusterSnapshotSchedule",
        ),
        # any: a cluster's former schedule is somebody else's
        "snapshotschedule": ("redshift:DescribeSnapshotSchedules",),
    },
}
