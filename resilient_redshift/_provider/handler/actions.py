"""The IAM actions that each resource type needs, by the resource they stand with; the CDK side compares with this."""

from __future__ import annotations

from typing import Final

COPY_TYPE: Final = "Custom::RedshiftSnapshotCopy"
GRANT_TYPE: Final = "Custom::RedshiftSnapshotCopyGrant"

#: Resource type -> kind of resource -> actions. "*" marks actions that support no resource type (service authorization
#: reference); a key's actions are Redshift's, which uses a key with its caller's rights, and DescribeKey ours as well.
ACTIONS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    COPY_TYPE: {
        "cluster": (
            "redshift:CreateTags",
            "redshift:DeleteTags",
            "redshift:DescribeClusters",
            "redshift:DisableSnapshotCopy",
            "redshift:EnableSnapshotCopy",
            "redshift:ModifySnapshotCopyRetentionPeriod",
        ),
        # in the destination Region, where the cluster's ARN does not exist: narrowing it would narrow nothing
        "*": ("redshift:DescribeClusterSnapshots",),
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
}
