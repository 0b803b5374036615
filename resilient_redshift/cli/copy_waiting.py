"""Waits until another Region has the copy of a snapshot.

A copy is recognized by what it is of: the cluster, its Region, the time of the data, and ClusterCreateTime. AWS does
not document how it names copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import redshift, words
from resilient_redshift.cli.errors import INTERRUPTED, CliError, ThrottledError, UnreachableError
from resilient_redshift.cloud.redshift.snapshots import FAILED_STATUSES, RecoveryPoint, read_all, same_cluster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.output import Line
    from resilient_redshift.cli.tools import Tools

#: Seconds between two looks: short at first, then longer and longer.
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 30.0
_GROWTH: Final = 1.3
#: After this many seconds of silence a line is written, unless a terminal shows a live one.
_SILENCE: Final = 300.0

AVAILABLE: Final = "available"
FAILED: Final = "failed"
MISSING: Final = "missing"
CREATING: Final = "creating"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The copy of a snapshot, as the other Region has it.

    Args:
        state: ``available``, ``creating``, ``failed``, or ``missing`` for one that has not come yet.
        identifier: its identifier there. Empty if it is missing.
        progress: how far it is, in words. Empty if AWS does not say.
    """

    state: str
    identifier: str = ""
    progress: str = ""


def find(snapshots: Iterable[SnapshotTypeDef], source: RecoveryPoint, source_region: str) -> Copy:
    """The copy of a snapshot among the snapshots of another Region."""
    for snapshot in snapshots:
        point = RecoveryPoint.of(snapshot)
        if point is None or not same_cluster(point.lineage, source.lineage):
            continue
        if point.is_copy(cluster=source.cluster, source_region=source_region, created=source.created):
            state = FAILED if point.status in FAILED_STATUSES else AVAILABLE if point.available else CREATING
            return Copy(state=state, identifier=point.identifier, progress=_progress(snapshot))
    return Copy(state=MISSING)


def wait(tools: Tools, source: RecoveryPoint, *, source_region: str, region: str, timeout: float) -> Copy:
    """Wait until the copy is available or has failed, or until the time is over.

    Args:
        tools: the world around the command.
        source: the snapshot in its own Region.
        source_region: that Region.
        region: the Region that gets the copy.
        timeout: how long to wait, in seconds.

    Returns:
        The copy, as the last look showed it.

    Raises:
        CliError: the user interrupted (130), or the Region may not be read. The copying goes on.
    """
    try:
        with tools.screen.line() as line:
            return _wait(tools, line, source, source_region=source_region, region=region, timeout=timeout)
    except KeyboardInterrupt:
        message = f"stopped watching; the copy of {source.identifier} to {region} goes on"
        raise CliError(message, "'status' shows the copies that are there", status=INTERRUPTED) from None


def _wait(tools: Tools, line: Line, source: RecoveryPoint, *, source_region: str, region: str, timeout: float) -> Copy:
    began, pause = tools.now(), _FIRST_PAUSE
    copy, said, said_at = Copy(state=MISSING), "", began
    while True:
        waited = (tools.now() - began).total_seconds()
        try:
            copy = find(_snapshots(tools.aws, region), source, source_region)
            text = _text(copy, region)
        except (UnreachableError, ThrottledError) as error:
            text = f"{error.message}; trying again"
        line(f"{words.span(waited)}   {text}{copy.progress and f', {copy.progress}'}")
        silent = (tools.now() - said_at).total_seconds() >= _SILENCE and not tools.screen.live
        if text != said or silent:
            tools.screen.say(f"  {words.span(waited):>12}  {text}{copy.progress and f', {copy.progress}'}", hang=16)
            said, said_at = text, tools.now()
        if copy.state in {AVAILABLE, FAILED} or waited >= timeout:
            return copy
        tools.sleep(min(pause, max(1.0, timeout - waited)))
        pause = min(_LONGEST_PAUSE, pause * _GROWTH)


def _snapshots(aws: Aws, region: str) -> list[SnapshotTypeDef]:
    """The manual snapshots of a Region. The call names no cluster: it may fail for one that does not exist there."""
    return read_all(redshift.client(aws, region), snapshot_type="manual")


def _text(copy: Copy, region: str) -> str:
    match copy.state:
        case "missing":
            return f"waiting for the copy in {region}"
        case "creating":
            return f"{copy.identifier} is being copied to {region}"
        case state:
            return f"{copy.identifier} in {region} is {state}"


def _progress(snapshot: SnapshotTypeDef) -> str:
    done, total = snapshot.get("BackupProgressInMegaBytes"), snapshot.get("TotalBackupSizeInMegaBytes")
    left = snapshot.get("EstimatedSecondsToCompletion")
    parts = [f"{min(100, 100 * done / total):.0f} %"] if done and total and snapshot.get("Status") == CREATING else []
    parts += [f"about {words.span(left)} left"] if left and left > 0 else []
    return ", ".join(parts)
