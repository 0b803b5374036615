"""The names that releases, functions and tools share: resource types, tags, metrics, parameters and cluster names.

A name never changes its meaning. A test freezes the tags, metrics and dimensions.
"""

from __future__ import annotations

from typing import Final

from resilient_redshift.rules.naming import short_hash

CLUSTER_TYPE: Final = "AWS::Redshift::Cluster"
COPY_TYPE: Final = "Custom::RedshiftSnapshotCopy"
GRANT_TYPE: Final = "Custom::RedshiftSnapshotCopyGrant"
ON_DEPLOY_TYPE: Final = "Custom::RedshiftSnapshotOnDeploy"
WATCH_TYPE: Final = "Custom::RedshiftRecoveryPointWatch"
SCHEDULE_TYPE: Final = "Custom::RedshiftSnapshotSchedule"
ASSOCIATION_TYPE: Final = "Custom::RedshiftSnapshotScheduleAssociation"

# tags: what each value holds, and on which resource
#: The name of the plan that a manual snapshot, a rule or a drill's cluster belongs to.
TAG_PLAN: Final = "resilient-redshift:plan"
#: The name of the rule that took a manual snapshot; on the snapshot.
TAG_RULE: Final = "resilient-redshift:rule"
#: The days that the copy of a manual snapshot is kept in the recovery Region; ``FOREVER_DAYS`` means for ever.
TAG_KEEP_IN_RECOVERY: Final = "resilient-redshift:keep-in-recovery"
#: The name of the execution that took a manual snapshot or restored a cluster; on the snapshot or the cluster. When the
#: answer of CreateClusterSnapshot is lost, this tag shows whether that execution made the snapshot that exists.
TAG_EXECUTION: Final = "resilient-redshift:execution"
#: The reason why a person took a manual snapshot on demand; on the snapshot.
TAG_REASON: Final = "resilient-redshift:reason"
#: The retention in days that the tiers set on the copy of a manual snapshot; ``FOREVER_DAYS`` means for ever; on the
#: copy.
TAG_TIER_APPLIED: Final = "resilient-redshift:tier-applied"
#: The id of the stack that owns a cluster's snapshot copy; on the cluster.
TAG_COPY_OWNER: Final = "resilient-redshift:copy-owner"
#: The former configuration of a snapshot copy, while the copy is switched off and on; a failed swap returns to it; on
#: the cluster.
TAG_COPY_FORMER: Final = "resilient-redshift:copy-former"
#: The identifier of the snapshot from which the restore function made a cluster; on the cluster.
TAG_RESTORED_FROM: Final = "resilient-redshift:restored-from"
#: When the restore function first saw a failover's cluster available; on the cluster. The function's role cannot delete
#: a failover's cluster that has this tag.
TAG_AVAILABLE_SINCE: Final = "resilient-redshift:available-since"
#: The security group that lets nobody in, while ``resilient-redshift switchover`` or ``fence`` keeps clients out; on
#: the cluster.
TAG_FENCE: Final = "resilient-redshift:fence"
#: ``true`` on a cluster that a drill restored; a drill may delete only a cluster with this tag.
TAG_DRILL: Final = "resilient-redshift:drill"
#: The source Region of a copied automated snapshot; on the manual snapshot that ``resilient-redshift freeze`` made from
#: that copy.
TAG_FROZEN_FROM: Final = "resilient-redshift:frozen-from"

METRIC_NAMESPACE: Final = "ResilientRedshift"

METRIC_SNAPSHOT_TAKEN: Final = "ManualSnapshotTaken"
METRIC_SNAPSHOT_SKIPPED: Final = "ManualSnapshotSkipped"
METRIC_SNAPSHOT_FAILED: Final = "ManualSnapshotFailed"
METRIC_SNAPSHOT_MINUTES: Final = "ManualSnapshotMinutes"
METRIC_SNAPSHOT_SIZE: Final = "ManualSnapshotSize"
METRICS: Final = (
    METRIC_SNAPSHOT_TAKEN,
    METRIC_SNAPSHOT_SKIPPED,
    METRIC_SNAPSHOT_FAILED,
    METRIC_SNAPSHOT_MINUTES,
    METRIC_SNAPSHOT_SIZE,
)
#: Metrics of the function that applies tiers, with the dimension ``Plan``. Each run writes all five. ``TiersApplied``
#: is 1 for a run that ends in the outcome Applied, and 0 for any other run.
METRIC_TIERS_APPLIED: Final = "TiersApplied"
METRIC_COPIES_TIERED: Final = "CopiesTiered"
METRIC_COPIES_RAISED: Final = "CopiesRaised"
METRIC_COPIES_IN_DOUBT: Final = "CopiesInDoubt"
METRIC_COPIES_FAILED: Final = "CopiesFailed"
TIER_METRICS: Final = (
    METRIC_TIERS_APPLIED,
    METRIC_COPIES_TIERED,
    METRIC_COPIES_RAISED,
    METRIC_COPIES_IN_DOUBT,
    METRIC_COPIES_FAILED,
)
#: Metrics of the restore machine, with the dimension ``Plan``. Each drill writes them, and the clean-up run writes them
#: every hour. Missing data therefore means that no run takes place.
METRIC_DRILL_AGE: Final = "DrillAge"
METRIC_DRILL_FAILED: Final = "DrillFailed"
METRIC_DRILL_RECOVERY_TIME: Final = "DrillRecoveryTime"
METRIC_DRILL_RECOVERY_POINT: Final = "DrillRecoveryPoint"
METRIC_DRILLS_INCONCLUSIVE: Final = "DrillsInconclusive"
METRIC_DRILL_LEFT_BEHIND: Final = "DrillLeftBehind"
DRILL_METRICS: Final = (
    METRIC_DRILL_AGE,
    METRIC_DRILL_FAILED,
    METRIC_DRILL_RECOVERY_TIME,
    METRIC_DRILL_RECOVERY_POINT,
    METRIC_DRILLS_INCONCLUSIVE,
    METRIC_DRILL_LEFT_BEHIND,
)
#: 1 for a check that failed, 0 for a check that passed. A drill writes one value for each check that it made, with the
#: dimensions ``Plan`` and ``Check``.
METRIC_DRILL_CHECK_FAILED: Final = "DrillCheckFailed"
#: 1, once, when a failover takes longer than the recovery-time objective of its plan.
METRIC_RTO_MISSED: Final = "RtoMissed"

DIMENSION_CLUSTER: Final = "ClusterIdentifier"
DIMENSION_RULE: Final = "Rule"
DIMENSION_PLAN: Final = "Plan"
DIMENSION_CHECK: Final = "Check"
DIMENSION_OUTCOME: Final = "Outcome"

PLAN_RECORD_FOLDER: Final = "/resilient-redshift/plans/"
#: The folders of the SSM parameters that the restore machine writes in the recovery Region, one for each plan.
LINEAGE_FOLDER: Final = "/resilient-redshift/lineages/"
ENDPOINT_FOLDER: Final = "/resilient-redshift/endpoints/"
DRILLS_FOLDER: Final = "/resilient-redshift/drills/"
#: The folders of the SSM parameters of planned switchovers, one for each plan. The command writes them: the state and
#: the lock in the plan's recovery Region, and the fence in the Region of the plan's cluster.
SWITCHOVER_FOLDER: Final = "/resilient-redshift/switchovers/"
SWITCHOVER_LOCK_FOLDER: Final = "/resilient-redshift/switchover-locks/"
FENCE_FOLDER: Final = "/resilient-redshift/fences/"
#: The first letters of the identifier of every cluster that a drill restores.
DRILL_CLUSTERS: Final = "drill-"
#: The first letters of the identifier of a cluster that a failover restores under another name than the protected
#: cluster's. An operator chooses that name.
RESTORED_CLUSTERS: Final = "restored-"
#: The folder of the reports in a site's bucket.
REPORT_FOLDER: Final = "resilient-redshift/"


def plan_record_name(plan: str) -> str:
    """The name of the SSM parameter that holds a plan's record, the same in both Regions."""
    return PLAN_RECORD_FOLDER + plan


def lineage_name(plan: str) -> str:
    """The name of the SSM parameter that holds the lineage of a plan's cluster.

    The lineage is the cluster's ClusterCreateTime, as the restore machine saw it first or as an operator accepted it.
    """
    return LINEAGE_FOLDER + plan


def endpoint_name(plan: str) -> str:
    """The name of the SSM parameter in which a failover publishes the restored cluster."""
    return ENDPOINT_FOLDER + plan


def drills_name(plan: str) -> str:
    """The name of the SSM parameter that holds the last drill of a plan."""
    return DRILLS_FOLDER + plan


def switchover_name(plan: str) -> str:
    """The name of the SSM parameter that holds the state of a plan's last switchover, or of the one under way."""
    return SWITCHOVER_FOLDER + plan


def switchover_lock_name(plan: str) -> str:
    """The name of the SSM parameter that exists as long as a switchover of the plan is under way."""
    return SWITCHOVER_LOCK_FOLDER + plan


def fence_name(plan: str) -> str:
    """The name of the SSM parameter that holds what the fence of a plan's cluster replaced."""
    return FENCE_FOLDER + plan


def fence_group_name(plan: str) -> str:
    """The name of the security group without ingress that fences a plan's cluster."""
    return f"resilient-redshift-fence-{plan}"


def frozen_snapshot_name(cluster: str, time: str) -> str:
    """The identifier of a manual snapshot that the command ``freeze`` makes.

    Args:
        cluster: the cluster's identifier.
        time: the time of the data: a second run gives the same identifier.
    """
    return f"{cluster}-frozen-{time}"


def report_key(plan: str, execution: str) -> str:
    """The key of a run's report in the bucket of a site."""
    return f"{REPORT_FOLDER}{plan}/{execution}.json"


def drill_prefix(plan: str, region: str) -> str:
    """The first letters of the names of the clusters that one plan's drills restore.

    Two plans never share a prefix, because the name of a plan exists once in an account and Region.
    """
    return f"{DRILL_CLUSTERS}{short_hash('drill', plan, region)}-"
