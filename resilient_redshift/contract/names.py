"""The names that releases, functions and tools share: resource types, tags, metrics, parameters and cluster names.

A name never changes its meaning. A test freezes them.
"""

from __future__ import annotations

from typing import Final

from resilient_redshift.rules.naming import short_hash

CLUSTER_TYPE: Final = "AWS::Redshift::Cluster"
COPY_TYPE: Final = "Custom::RedshiftSnapshotCopy"
GRANT_TYPE: Final = "Custom::RedshiftSnapshotCopyGrant"
ON_DEPLOY_TYPE: Final = "Custom::RedshiftSnapshotOnDeploy"
SCHEDULE_TYPE: Final = "Custom::RedshiftSnapshotSchedule"
ASSOCIATION_TYPE: Final = "Custom::RedshiftSnapshotScheduleAssociation"

#: The plan that a manual snapshot, a rule or a drill's cluster belongs to (its name).
TAG_PLAN: Final = "resilient-redshift:plan"
#: The rule that took a manual snapshot (its name).
TAG_RULE: Final = "resilient-redshift:rule"
#: How many days a copied manual snapshot is kept in the recovery Region; -1 means for ever.
TAG_KEEP_IN_RECOVERY: Final = "resilient-redshift:keep-in-recovery"
#: The execution of the snapshot machine that took a manual snapshot (its name): tells a lost answer from a stranger's.
TAG_EXECUTION: Final = "resilient-redshift:execution"
#: Why a manual snapshot was taken on demand.
TAG_REASON: Final = "resilient-redshift:reason"
#: How many days a copied manual snapshot was given once its rule's tier was applied; -1 means for ever. On the copy.
TAG_TIER_APPLIED: Final = "resilient-redshift:tier-applied"
#: The stack (its id) that owns a cluster's snapshot copy; on the cluster.
TAG_COPY_OWNER: Final = "resilient-redshift:copy-owner"
#: The configuration to return to while a snapshot copy is being swapped; on the cluster.
TAG_COPY_FORMER: Final = "resilient-redshift:copy-former"
#: The snapshot (its identifier) that a cluster was restored from by the restore machine; on the cluster.
TAG_RESTORED_FROM: Final = "resilient-redshift:restored-from"
#: ``true`` on a cluster that a drill restored: only such a one may a drill delete.
TAG_DRILL: Final = "resilient-redshift:drill"
#: The source Region of the copied automated snapshot that ``resilient-redshift freeze`` made a manual snapshot of.
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
#: Of the machine that applies tiers, with the dimension ``Plan``: each run tells all four, so that silence is seen.
METRIC_COPIES_TIERED: Final = "CopiesTiered"
METRIC_COPIES_RAISED: Final = "CopiesRaised"
METRIC_COPIES_IN_DOUBT: Final = "CopiesInDoubt"
METRIC_COPIES_FAILED: Final = "CopiesFailed"
TIER_METRICS: Final = (
    METRIC_COPIES_TIERED,
    METRIC_COPIES_RAISED,
    METRIC_COPIES_IN_DOUBT,
    METRIC_COPIES_FAILED,
)
#: Of the restore machine, with the dimension ``Plan``: told by each drill, and hourly by a cleaning run, so that
#: missing data means that nobody looks.
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
#: 1 or 0, told by a drill for each check that it made, with the dimensions ``Plan`` and ``Check``.
METRIC_DRILL_CHECK_FAILED: Final = "DrillCheckFailed"
#: 1, once, when a failover takes longer than the recovery time that the plan promises.
METRIC_RTO_MISSED: Final = "RtoMissed"

DIMENSION_CLUSTER: Final = "ClusterIdentifier"
DIMENSION_RULE: Final = "Rule"
DIMENSION_PLAN: Final = "Plan"
DIMENSION_CHECK: Final = "Check"
DIMENSION_OUTCOME: Final = "Outcome"

PLAN_RECORD_FOLDER: Final = "/resilient-redshift/plans/"
#: What the restore machine writes, one SSM parameter for each plan in the recovery Region.
LINEAGE_FOLDER: Final = "/resilient-redshift/lineages/"
ENDPOINT_FOLDER: Final = "/resilient-redshift/endpoints/"
DRILLS_FOLDER: Final = "/resilient-redshift/drills/"
#: What begins the name of every cluster that a drill of ours restores, and of a failover's with a chosen name.
DRILL_CLUSTERS: Final = "drill-"
RESTORED_CLUSTERS: Final = "restored-"
#: Where reports lie in a site's bucket.
REPORT_FOLDER: Final = "resilient-redshift/"


def plan_record_name(plan: str) -> str:
    """The name of the SSM parameter that holds a plan's record, the same in both Regions."""
    return PLAN_RECORD_FOLDER + plan


def lineage_name(plan: str) -> str:
    """The name of the SSM parameter that holds the ClusterCreateTime of a plan's cluster, as first seen or accepted."""
    return LINEAGE_FOLDER + plan


def endpoint_name(plan: str) -> str:
    """The name of the SSM parameter where a failover publishes the restored cluster."""
    return ENDPOINT_FOLDER + plan


def drills_name(plan: str) -> str:
    """The name of the SSM parameter that holds a plan's last drill."""
    return DRILLS_FOLDER + plan


def report_key(plan: str, execution: str) -> str:
    """The key of a run's report in a site's bucket."""
    return f"{REPORT_FOLDER}{plan}/{execution}.json"


def drill_prefix(plan: str, region: str) -> str:
    """What begins the names of the clusters of one plan's drills; a plan's name is one plan's in account and Region."""
    return f"{DRILL_CLUSTERS}{short_hash('drill', plan, region)}-"
