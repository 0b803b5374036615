"""What the function that restores may do: lists too long to stand twice, for both baselines."""

from __future__ import annotations

from typing import Final

READ_ANYTHING: Final = [
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "redshift:DescribeClusterParameterGroups",
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusterSubnetGroups",
    "redshift:DescribeClusters",
    "redshift:DescribeNodeConfigurationOptions",
    "redshift-data:DescribeStatement",
    "redshift-data:GetStatementResult",
    "secretsmanager:GetRandomPassword",
]
#: On a drill's cluster; on that of a failover, two more.
DRILL: Final = [
    "redshift:CreateTags",
    "redshift:DeleteCluster",
    "redshift:RestoreFromClusterSnapshot",
    "redshift-data:ExecuteStatement",
]
FAILOVER: Final = ["redshift:EnableLogging", "redshift:EnableSnapshotCopy", *DRILL]
#: On one cluster's snapshots, users and databases.
INSIDE: Final = ["redshift:GetClusterCredentials", "redshift:RestoreFromClusterSnapshot"]
#: What Redshift does with its caller's rights.
SECRETS: Final = [
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UpdateSecret",
]
ANY_KEY: Final = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
OWN_KEY: Final = ["kms:CreateGrant", "kms:Encrypt", "kms:RetireGrant"]
REMEMBER: Final = ["ssm:GetParameter", "ssm:PutParameter"]
OWN_RUNS: Final = ["states:DescribeExecution", "states:ListExecutions"]
_PREFIX: Final = "resilient-redshift:"
#: Tags that the function may write.
TAGS: Final = [f"{_PREFIX}{tag}" for tag in ("plan", "execution", "restored-from", "drill", "available-since")]
#: Outside drills, the function may not delete a cluster that was available once, or that no run made.
SPARED: Final = [
    {"Null": {f"aws:ResourceTag/{_PREFIX}available-since": "false"}},
    {"Null": {f"aws:ResourceTag/{_PREFIX}execution": "true"}},
]
#: The events of a published endpoint alone.
OWN_EVENTS: Final = {
    "StringEquals": {"events:source": "resilient-redshift", "events:detail-type": "Endpoint Published"}
}
