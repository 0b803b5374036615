"""The outcomes of the runs of machines and functions, and which of them are good."""

from __future__ import annotations

from typing import Final

_RESTORED: Final = "Restored"
_PASSED: Final = "Passed"
_CLEANED: Final = "Cleaned"

#: The outcomes with which a run of the restore machine succeeds. The report of the run holds the outcome; when a run
#: fails, the outcome is also the error of the execution.
SUCCEEDED: Final = (_RESTORED, _PASSED, "SkippedFailover", "Inconclusive", _CLEANED)
#: Another run of the same plan is at work. A drill with this outcome succeeds, a failover fails.
ALREADY_RUNNING: Final = "AlreadyRunning"
#: The outcomes with which only a drill or the clean-up run fails.
DRILL_FAILED: Final = ("FailedStale", "FailedSlow", "FailedChecks", "LeftBehind")
#: No snapshot can be restored.
NO_RECOVERY_POINT: Final = "NoRecoveryPoint"
#: Snapshots of two clusters with the plan's name exist.
AMBIGUOUS_LINEAGE: Final = "AmbiguousLineage"
#: The outcomes with which any run of the restore machine can fail.
RESTORE_FAILED: Final = (
    "RestoredUnverified",
    NO_RECOVERY_POINT,
    AMBIGUOUS_LINEAGE,
    "TargetExists",
    "NoCapacity",
    "QuotaExceeded",
    "IncompatibleVersion",
    "NotReady",
    "KeyUnavailable",
    "AccessDenied",
    "Stuck",
    "Failed",
    "InvalidRequest",
    "RecordMissing",
    "RecordNotUnderstood",
)
RESTORE_OUTCOMES: Final = (*SUCCEEDED, ALREADY_RUNNING, *DRILL_FAILED, *RESTORE_FAILED)
#: The outcomes of a failover, a drill or a clean-up run that did what its caller asked for.
GOOD_RESTORE_OUTCOMES: Final = frozenset({_RESTORED, _PASSED, _CLEANED})
#: The outcomes of a drill or a clean-up run that do not prove that the plan fails.
NOT_FAILED_OUTCOMES: Final = (frozenset(SUCCEEDED) - {_RESTORED}) | {ALREADY_RUNNING}

#: The outcome of a run of the snapshot machine that made a snapshot.
SNAPSHOT_TAKEN: Final = "Taken"
#: The outcome of a run that made no snapshot, because the cluster stayed busy.
SNAPSHOT_SKIPPED_BUSY: Final = "SkippedBusy"

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
