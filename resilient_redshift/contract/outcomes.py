"""How runs of the machines end, and which ends are good."""

from __future__ import annotations

from typing import Final

#: How a run of the restore machine ends: its report says it, and the error of a run that fails.
SUCCEEDED: Final = ("Restored", "Passed", "SkippedFailover", "Inconclusive", "Cleaned")
#: Ends a drill well, and fails a failover.
ALREADY_RUNNING: Final = "AlreadyRunning"
#: Of drills, and of the cleaning run.
DRILL_FAILED: Final = ("FailedStale", "FailedSlow", "FailedChecks", "LeftBehind")
RESTORE_FAILED: Final = (
    "RestoredUnverified",
    "NoRecoveryPoint",
    "AmbiguousLineage",
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
#: The ends of a restore, a drill or a cleaning run that brought what was asked for.
GOOD_RESTORE_OUTCOMES: Final = frozenset({"Restored", "Passed", "Cleaned"})
#: The ends of a drill or a cleaning run that prove no failure of the plan.
NOT_FAILED_OUTCOMES: Final = (frozenset(SUCCEEDED) - {"Restored"}) | {ALREADY_RUNNING}

#: The end of a run of the snapshot machine that left a snapshot.
SNAPSHOT_TAKEN: Final = "Taken"
