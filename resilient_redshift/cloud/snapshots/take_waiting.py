"""How long a run waits for a snapshot that is being created, and how often it looks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

    from resilient_redshift.cloud.snapshots.take_run import Run

#: The run looks each minute for half an hour, and each five minutes from then on. A history holds 25,000 events.
LOOK_SECONDS: Final = 60
_LATER_LOOK_SECONDS, _LATER = 300, timedelta(minutes=30)
#: A snapshot is stuck after 12 hours and one hour more for each TiB, 72 hours at most, or after two hours in which it
#: shows no progress.
_LONGEST_HOURS, _MOST_HOURS, _MEGABYTES_OF_AN_HOUR = 12, 72, 1_048_576
_LONGEST_WITHOUT_PROGRESS: Final = timedelta(hours=2)


def waiting_since(run: Run, now: datetime) -> datetime:
    """Since when the run waits."""
    return run.waiting_since or now


def look_seconds(run: Run, now: datetime) -> int:
    """The seconds until the next look."""
    return _LATER_LOOK_SECONDS if now - waiting_since(run, now) >= _LATER else LOOK_SECONDS


def give_up_at(run: Run, now: datetime) -> datetime:
    """Until when the run waits, by the size of the snapshot."""
    hours = _LONGEST_HOURS + int((run.megabytes or 0) // _MEGABYTES_OF_AN_HOUR)
    return waiting_since(run, now) + timedelta(hours=min(_MOST_HOURS, hours))


def is_stuck(run: Run, found: SnapshotTypeDef, now: datetime) -> bool:
    """Whether the run gives the snapshot up. The run notes the size and the progress that the snapshot shows."""
    run.megabytes = found.get("TotalBackupSizeInMegaBytes")
    progress = f"{found.get('BackupProgressInMegaBytes')}/{found.get('EstimatedSecondsToCompletion')}"
    if run.progress_at is None or progress != run.progress:
        run.progress, run.progress_at = progress, now
    return now >= give_up_at(run, now) or now - run.progress_at >= _LONGEST_WITHOUT_PROGRESS
