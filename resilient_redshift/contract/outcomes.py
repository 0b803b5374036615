"""The outcomes of the runs of machines and functions, and which of them are good."""

from __future__ import annotations

from typing import Final

#: A failover restored the cluster, and every check passed.
RESTORED: Final = "Restored"
#: A drill restored the cluster within the objectives, and every check passed.
PASSED: Final = "Passed"
#: A failover is under way, so the drill ended.
SKIPPED_FAILOVER: Final = "SkippedFailover"
#: A drill met a lack of capacity or a quota, which proves nothing about the plan.
INCONCLUSIVE: Final = "Inconclusive"
#: A clean-up run left nothing behind.
CLEANED: Final = "Cleaned"
#: The outcomes with which a run of the restore machine or a clean-up run succeeds. The report of the run holds the
#: outcome; when a run fails, the outcome is also the error of the execution.
SUCCEEDED: Final = (RESTORED, PASSED, SKIPPED_FAILOVER, INCONCLUSIVE, CLEANED)
#: Another run of the same plan is at work. A drill with this outcome succeeds, a failover fails.
ALREADY_RUNNING: Final = "AlreadyRunning"
#: The restore works, but the recovery point is older than the objective.
FAILED_STALE: Final = "FailedStale"
#: The restore takes longer than the objective.
FAILED_SLOW: Final = "FailedSlow"
#: A check failed in a drill.
FAILED_CHECKS: Final = "FailedChecks"
#: Clusters of drills could not be deleted.
LEFT_BEHIND: Final = "LeftBehind"
#: The outcomes with which only a drill or a clean-up run fails.
DRILL_FAILED: Final = (FAILED_STALE, FAILED_SLOW, FAILED_CHECKS, LEFT_BEHIND)
#: A check failed in a failover. The cluster is kept.
RESTORED_UNVERIFIED: Final = "RestoredUnverified"
#: No snapshot can be restored.
NO_RECOVERY_POINT: Final = "NoRecoveryPoint"
#: Snapshots of two clusters with the plan's name exist.
AMBIGUOUS_LINEAGE: Final = "AmbiguousLineage"
#: A cluster that is not of this run has the name.
TARGET_EXISTS: Final = "TargetExists"
NO_CAPACITY: Final = "NoCapacity"
QUOTA_EXCEEDED: Final = "QuotaExceeded"
#: Redshift cannot restore the snapshot, nor the next older one.
INCOMPATIBLE_VERSION: Final = "IncompatibleVersion"
#: Something that a restore needs is missing in the Region.
NOT_READY: Final = "NotReady"
KEY_UNAVAILABLE: Final = "KeyUnavailable"
ACCESS_DENIED: Final = "AccessDenied"
#: The cluster is still being restored after a day.
STUCK: Final = "Stuck"
FAILED: Final = "Failed"
INVALID_REQUEST: Final = "InvalidRequest"
RECORD_MISSING: Final = "RecordMissing"
RECORD_NOT_UNDERSTOOD: Final = "RecordNotUnderstood"
#: The outcomes with which any run of the restore machine can fail.
RESTORE_FAILED: Final = (
    RESTORED_UNVERIFIED,
    NO_RECOVERY_POINT,
    AMBIGUOUS_LINEAGE,
    TARGET_EXISTS,
    NO_CAPACITY,
    QUOTA_EXCEEDED,
    INCOMPATIBLE_VERSION,
    NOT_READY,
    KEY_UNAVAILABLE,
    ACCESS_DENIED,
    STUCK,
    FAILED,
    INVALID_REQUEST,
    RECORD_MISSING,
    RECORD_NOT_UNDERSTOOD,
)
RESTORE_OUTCOMES: Final = (*SUCCEEDED, ALREADY_RUNNING, *DRILL_FAILED, *RESTORE_FAILED)
#: The outcomes of a failover, a drill or a clean-up run that did what its caller asked for.
GOOD_RESTORE_OUTCOMES: Final = frozenset({RESTORED, PASSED, CLEANED})
#: How a warning of each failover begins. The restore machine asks nothing of the primary Region.
PRIMARY_NOT_ASKED: Final = "nobody asked the primary"

#: The outcome of a run of the snapshot machine that made a snapshot.
SNAPSHOT_TAKEN: Final = "Taken"
#: The outcome of a run that made no snapshot, because the cluster stayed busy.
SNAPSHOT_SKIPPED_BUSY: Final = "SkippedBusy"
#: The outcome of a run that made no snapshot, because the cluster is paused.
SNAPSHOT_SKIPPED_PAUSED: Final = "SkippedPaused"
#: The outcome of a run that made no snapshot, because the rule's next one is due.
SNAPSHOT_SKIPPED_LATE: Final = "SkippedLate"
#: The outcomes with which a run of the snapshot machine succeeds without a snapshot.
SNAPSHOT_SKIPPED: Final = (SNAPSHOT_SKIPPED_BUSY, SNAPSHOT_SKIPPED_PAUSED, SNAPSHOT_SKIPPED_LATE)
#: The outcomes with which a run of the snapshot machine fails.
SNAPSHOT_NO_CLUSTER: Final = "SkippedNoCluster"
SNAPSHOT_NAME_TAKEN: Final = "NameTaken"
SNAPSHOT_QUOTA_EXCEEDED: Final = "QuotaExceeded"
SNAPSHOT_FAILED: Final = "Failed"
SNAPSHOT_STUCK: Final = "Stuck"
SNAPSHOT_ACCESS_DENIED: Final = "AccessDenied"
SNAPSHOT_INVALID_REQUEST: Final = "InvalidRequest"
SNAPSHOT_OUTCOMES: Final = (
    SNAPSHOT_TAKEN,
    *SNAPSHOT_SKIPPED,
    SNAPSHOT_NO_CLUSTER,
    SNAPSHOT_NAME_TAKEN,
    SNAPSHOT_QUOTA_EXCEEDED,
    SNAPSHOT_FAILED,
    SNAPSHOT_STUCK,
    SNAPSHOT_ACCESS_DENIED,
    SNAPSHOT_INVALID_REQUEST,
)

#: The outcomes of a run that applies retention tiers. Only the first one is a success.
TIERS_APPLIED: Final = "Applied"
TIERS_FAILED: Final = "Failed"
TIERS_ACCESS_DENIED: Final = "AccessDenied"
TIERS_UNFINISHED: Final = "Unfinished"
TIERS_RECORD_MISSING: Final = "RecordMissing"
TIERS_RECORD_NOT_UNDERSTOOD: Final = "RecordNotUnderstood"
TIERS_INVALID_REQUEST: Final = "InvalidRequest"
TIERS_OUTCOMES: Final = (
    TIERS_APPLIED,
    TIERS_FAILED,
    TIERS_ACCESS_DENIED,
    TIERS_UNFINISHED,
    TIERS_RECORD_MISSING,
    TIERS_RECORD_NOT_UNDERSTOOD,
    TIERS_INVALID_REQUEST,
)
