"""The IAM actions that each resource type needs, by the kind of resource in the statement.

Tests of the CDK side compare its policies with this table.
"""

from __future__ import annotations

from typing import Final

from resilient_redshift.contract.names import (
    ASSOCIATION_TYPE,
    COPY_TYPE,
    GRANT_TYPE,
    ON_DEPLOY_TYPE,
    SCHEDULE_TYPE,
    WATCH_TYPE,
)

#: Resource type -> kind of resource -> actions. "*" marks actions that support no resource type (service authorization
#: reference). The actions on a key are Redshift's, because Redshift uses a key with the rights of its caller. The
#: handler itself calls only DescribeKey.
ACTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    COPY_TYPE: {
        "cluster": (
            "redshift:CreateTags",
            "redshift:DeleteTags",
            "redshift:DisableSnapshotCopy",
            "redshift:EnableSnapshotCopy",
            "redshift:ModifySnapshotCopyRetentionPeriod",
        ),
        # DescribeClusterSnapshots: the snapshots are in the destination Region, where the cluster's ARN does not exist,
        # so no narrower statement is possible. DescribeClusters: one statement serves all clusters, because the inline
        # policies of a role hold 10,240 characters at most.
        "*": ("redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", "redshift:DescribeSnapshotCopyGrants"),
        # The handler looks at the key of the new grant before a swap, if the role may read that key.
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
    WATCH_TYPE: {"function": ("lambda:InvokeFunction",)},
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
        # Every schedule: another owner made the former schedule of a cluster.
        "snapshotschedule": ("redshift:DescribeSnapshotSchedules",),
    },
}
