"""What the command ``resilient-redshift`` may be allowed, as statements of IAM policies.

The methods ``grant_*`` of a plan grant these statements, and docs/cli.md shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.endpoint_events import ENDPOINT_WITHDRAWN
from resilient_redshift.contract.names import REPORT_FOLDER
from resilient_redshift.contract.watching import EVENT_SOURCE, READINESS_RIGHTS

if TYPE_CHECKING:
    from collections.abc import Sequence

Statement = dict[str, Any]

#: The parameters that the command reads: plan records, lineages, endpoints and last drills.
PARAMETERS: Final = "parameter/resilient-redshift/*"
#: What ``check`` reads of the hosted zone of a plan's DNS record. The watcher does not read it.
ZONE_RIGHTS: Final = ("route53:GetHostedZone",)

#: What ``switchover`` and ``fence`` change of a cluster. They delete none.
SWITCHOVER_RIGHTS: Final = (
    "redshift:CreateTags",
    "redshift:DeleteTags",
    "redshift:DisableSnapshotCopy",
    "redshift:EnableSnapshotCopy",
    "redshift:ModifyCluster",
    "redshift:PauseCluster",
    "redshift:RebootCluster",
    "redshift:ResumeCluster",
)


def read_status(*, parameters: str, machines: Sequence[str], runs: Sequence[str]) -> list[Statement]:
    """What ``status`` reads, and what watching a run reads.

    Args:
        parameters: the ARN of the library's parameters, in all Regions.
        machines: the ARNs of the state machines.
        runs: the ARNs of their executions.
    """
    redshift = ("redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", "redshift:DescribeSnapshotSchedules")
    return [
        _allow("ReadPlans", ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"), [parameters]),
        _allow("ReadRedshift", redshift, ["*"]),
        # the history of the recovery point's age; IAM lets nobody narrow it to a metric
        _allow("ReadMetrics", ("cloudwatch:GetMetricData",), ["*"]),
        _allow("ListRuns", ("states:ListExecutions",), machines),
        _allow("WatchRuns", ("states:DescribeExecution", "states:GetExecutionHistory"), runs),
    ]


def check(
    *,
    machines: Sequence[str],
    functions: Sequence[str],
    roles: Sequence[str],
    keys: Sequence[str],
    quotas: str,
    zones: Sequence[str] = (),
) -> list[Statement]:
    """What ``check`` reads besides what ``status`` reads, all of it in the recovery Region.

    Args:
        machines: the ARNs of the restore machines.
        functions: the ARNs of the functions that they call.
        roles: the ARNs of the roles of both, and of those that restored clusters get.
        keys: the ARNs of the keys of restored clusters.
        quotas: the ARN of Redshift's quotas.
        zones: the ARNs of the hosted zones of the plans' DNS records. Default: no plan has a record.
    """
    resources = {
        "*": ["*"],
        "quota": [quotas],
        "key": keys,
        "machine": machines,
        "function": functions,
        "role": roles,
    }
    of_region = [
        _allow(f"Check{'Region' if kind == '*' else kind.capitalize()}", actions, resources[kind])
        for kind, actions in READINESS_RIGHTS.items()
    ]
    return [*of_region, _allow("CheckZone", ZONE_RIGHTS, zones)] if zones else of_region


def start_runs(machines: Sequence[str]) -> list[Statement]:
    """What starting a failover, a drill or a snapshot takes. IAM does not see the input of a run.

    Args:
        machines: the ARNs of the state machines.
    """
    return [_allow("StartRuns", ("states:StartExecution",), machines)]


def clean_up(functions: Sequence[str]) -> list[Statement]:
    """What cleaning up after drills by hand takes.

    Args:
        functions: the ARNs of the functions that clean up.
    """
    return [_allow("CleanUp", ("lambda:InvokeFunction",), functions)]


def freeze(snapshots: Sequence[str], frozen: Sequence[str]) -> list[Statement]:
    """What ``freeze`` takes.

    Args:
        snapshots: the ARNs of the clusters' snapshots in the recovery Region.
        frozen: the ARNs of those that ``freeze`` makes. Only these may be tagged and kept for another time: the right
            to keep a snapshot longer is the right to have it deleted.
    """
    return [
        _allow("Freeze", ("redshift:CopyClusterSnapshot",), snapshots),
        _allow("KeepFrozen", ("redshift:CreateTags", "redshift:ModifyClusterSnapshot"), frozen),
    ]


def switch_over(
    *,
    parameters: Sequence[str],
    endpoints: Sequence[str],
    clusters: Sequence[str],
    snapshots: Sequence[str],
    buses: Sequence[str],
) -> list[Statement]:
    """What ``switchover`` and ``fence`` do themselves, besides reading the status and starting the restore machines.

    Args:
        parameters: the ARNs of the parameters that they write: states, locks, fences and lineages.
        endpoints: the ARNs of the published endpoints. They withdraw them, and publish none: the restore machine does.
        clusters: the ARNs of the clusters in both Regions, under their names and under the name of a renamed one.
        snapshots: the ARNs of the snapshots that they take.
        buses: the ARNs of the event buses that learn of a withdrawn endpoint.
    """
    return [
        _allow("WriteSwitchovers", ("ssm:PutParameter", "ssm:DeleteParameter"), parameters),
        _allow("WithdrawEndpoints", ("ssm:DeleteParameter",), endpoints),
        _allow("SwitchClusters", SWITCHOVER_RIGHTS, clusters),
        _allow("TakeLastSnapshots", ("redshift:CreateClusterSnapshot", "redshift:CreateTags"), snapshots),
        # IAM lets nobody narrow DescribeSecurityGroups; CreateSecurityGroup asks for the VPC, too
        _allow("FenceGroups", ("ec2:DescribeSecurityGroups", "ec2:CreateSecurityGroup"), ["*"]),
        {
            **_allow("TellAutomation", ("events:PutEvents",), buses),
            "Condition": {"StringEquals": {"events:source": EVENT_SOURCE, "events:detail-type": ENDPOINT_WITHDRAWN}},
        },
    ]


def describe_cluster() -> list[Statement]:
    """What ``describe-cluster`` reads besides the cluster, to print an existing cluster as Python."""
    actions = (
        "redshift:DescribeClusterParameterGroups",
        "redshift:DescribeClusterParameters",
        "redshift:DescribeLoggingStatus",
    )
    return [_allow("DescribeCluster", actions, ["*"])]


def restore_table(*, clusters: Sequence[str], snapshots: Sequence[str], users: Sequence[str]) -> list[Statement]:
    """What ``restore-table`` takes besides what ``status`` reads.

    Args:
        clusters: the ARNs of the clusters, each in its own Region.
        snapshots: the ARNs of their snapshots there.
        users: the ARNs of the clusters' admin users and databases, in which the command looks at tables.
    """
    return [
        _allow("RestoreTable", ("redshift:RestoreTableFromClusterSnapshot",), [*clusters, *snapshots]),
        _allow("WatchTables", ("redshift:DescribeTableRestoreStatus",), ["*"]),
        *_sql("LookAtTables", ("redshift-data:ExecuteStatement",), clusters, users),
        _allow("ReadAnswers", ("redshift-data:DescribeStatement", "redshift-data:GetStatementResult"), ["*"]),
    ]


def restore_table_from_copies(
    *, clusters: Sequence[str], scratch: Sequence[str], users: Sequence[str], buckets: Sequence[str]
) -> list[Statement]:
    """What ``restore-table --from-copies`` takes besides, with the right to start a failover.

    Args:
        clusters: the ARNs of the clusters that take the tables.
        scratch: the ARNs of scratch clusters, which the command deletes.
        users: the ARNs of the scratch clusters' admin users and databases.
        buckets: the ARNs of the buckets that the files go through.
    """
    return [
        *_sql("UnloadTables", ("redshift-data:ExecuteStatement",), scratch, users),
        _allow("CopyTables", ("redshift-data:BatchExecuteStatement",), clusters),
        _allow("FindStatements", ("redshift-data:ListStatements",), ["*"]),
        _allow("DeleteScratch", ("redshift:DeleteCluster",), scratch),
        _allow("LocateBucket", ("s3:GetBucketLocation",), buckets),
    ]


def _sql(sid: str, actions: Sequence[str], clusters: Sequence[str], users: Sequence[str]) -> list[Statement]:
    """SQL through the Data API with temporary credentials. IAM does not see the SQL."""
    return [_allow(sid, actions, clusters), _allow(f"{sid}As", ("redshift:GetClusterCredentials",), users)]


def audit(*, parameters: str, reports: Sequence[str]) -> list[Statement]:
    """What ``report`` reads besides what ``status`` reads. None of it changes anything.

    IAM lets nobody narrow CloudTrail's look-ups to a resource. The history of composite alarms needs the right on ``*``
    (CloudWatch API, DescribeAlarmHistory).

    Args:
        parameters: the ARN of the library's parameters, in all Regions.
        reports: the ARNs of the buckets that keep reports. Empty: no site has one.
    """
    buckets = [
        _allow("ListReports", ("s3:ListBucket",), reports),
        _allow("ReadReports", ("s3:GetObject",), [f"{bucket}/{REPORT_FOLDER}*" for bucket in reports]),
    ]
    return [
        _allow("ReadSwitchovers", ("ssm:GetParameterHistory",), [parameters]),
        _allow("ReadAlarms", ("cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms"), ["*"]),
        _allow("ReadTrail", ("cloudtrail:LookupEvents",), ["*"]),
        *(buckets if reports else []),
    ]


def _allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
