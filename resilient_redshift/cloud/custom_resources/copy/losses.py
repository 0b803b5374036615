"""The copies that a change of retention would delete at once, and the note that lets a rollback pass.

Redshift deletes copies that are out of range at once when the retention of automated copies is lowered (Redshift API,
ModifySnapshotCopyRetentionPeriod). The rollback of a raise lowers the retention too, and must not be refused. So a
raise leaves a note on the cluster: the former days, the time and the Region. The note holds for copies in that Region
only, because a swap may have changed the Region since. docs/decisions/0005 says what follows from that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.redshift import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

TAG_RAISED: Final = "resilient-redshift:copy-raised"
#: How long a note counts: the longest time that CloudFormation waits for one cluster (schema of AWS::Redshift::Cluster:
#: 2160 minutes).
NOTE_HOLDS: Final = timedelta(minutes=2160)
#: A copy that is this close to the border counts as lost, because it may cross the border while the handler decides.
_MARGIN: Final = timedelta(minutes=5)
#: A copy may outlive its retention by this much and not count against a raise, because the raise may be a rollback.
_SLACK: Final = timedelta(days=1)
_LOST_ANYWAY: Final = snapshots.FAILED_STATUSES | {"deleted"}
_NOTE: Final = re.compile(r"([0-9]{1,2})@([0-9T:-]{19}Z)@([a-z0-9-]+)(@swap)?")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Copy:
    """One automated snapshot in the destination Region."""

    identifier: str
    born: datetime


def raised_note(former_days: int, region: str, now: datetime, *, in_place: bool = True) -> str:
    """Return the note of a raise.

    Args:
        former_days: the retention before the raise.
        region: the Region that holds the copies.
        now: the time of the raise.
        in_place: whether the raise is a change in place. Otherwise it is a swap.
    """
    return f"{former_days}@{now.astimezone(UTC).strftime(_TIME)}@{region}{'' if in_place else '@swap'}"


def days_before_raise(tags: Mapping[str, str], region: str, now: datetime, *, in_place: bool = True) -> int | None:
    """Return the retention before a recent raise. Copies that are older exist only because of that raise.

    A raise that was a swap is ignored for changes in place: the swap left older copies with their longer retention, and
    an in-place change would delete them. The rollback of such a raise is a swap again, and leaves them alone.

    Args:
        tags: the cluster's tags.
        region: the Region that holds the copies.
        now: the present time.
        in_place: whether the change that is being judged is a change in place. Otherwise it is a swap.

    Returns:
        The days, or None where there was no such raise.
    """
    matched = _NOTE.fullmatch(tags.get(TAG_RAISED, ""))
    if matched is None or matched[3] != region or (in_place and matched[4]):
        return None
    try:
        raised_at = datetime.strptime(matched[2], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(matched[1]) if timedelta(0) <= now - raised_at <= NOTE_HOLDS else None


def copies_to_lose(
    copies: Iterable[Copy], live_days: int, new_days: int, before_raise: int | None, now: datetime
) -> list[Copy]:
    """Return the copies that a change from ``live_days`` to ``new_days`` would cost, the oldest first.

    A lower retention deletes the copies that are older than it. Raising can cost copies too. A copy that is older than
    the live retention survives only because an earlier configuration kept it longer. The raise overwrites that longer
    retention, so that a rollback of the raise would delete the copy.

    Args:
        copies: the copies that exist.
        live_days: the retention now.
        new_days: the retention after the change.
        before_raise: the retention before a recent raise, or None. Copies that are older than this do not count.
        now: the present time.
    """
    # The rollback of a raise has no margin: a copy that is about to cross the border goes now or in five minutes.
    margin = _MARGIN if before_raise is None or new_days < before_raise else timedelta(0)
    older_than = timedelta(days=new_days) - margin if new_days < live_days else timedelta(days=live_days) + _SLACK
    until = timedelta.max if before_raise is None else timedelta(days=before_raise)
    return sorted((copy for copy in copies if older_than < now - copy.born <= until), key=lambda copy: copy.born)


def in_destination(client: RedshiftClient, identifier: str, source_region: str) -> list[Copy]:
    """Return every automated copy of a cluster.

    The source Region counts too, because a cluster of the same name may exist in the Region that holds the copies.

    Args:
        client: a Redshift client of the destination Region.
        identifier: the cluster's identifier.
        source_region: the cluster's Region.
    """
    try:
        found = snapshots.read_all(client, cluster=identifier, snapshot_type="automated")
    except client.exceptions.ClusterNotFoundFault:
        # The destination Region does not know the cluster, but it may hold copies of it. Without this second look those
        # copies would be lost uncounted.
        everything = snapshots.read_all(client, snapshot_type="automated")
        found = [each for each in everything if each.get("ClusterIdentifier") == identifier]
    return [
        Copy(snapshot.get("SnapshotIdentifier", "?"), _born(snapshot))
        for snapshot in found
        if snapshot.get("SourceRegion") == source_region and snapshot.get("Status") not in _LOST_ANYWAY
    ]


def _born(snapshot: SnapshotTypeDef) -> datetime:
    """Return the earliest time from which the retention may count. A copy without any time counts as very old."""
    times = [snapshot.get("SnapshotCreateTime"), snapshot.get("SnapshotRetentionStartTime")]
    return min((time for time in times if time is not None), default=datetime(2000, 1, 1, tzinfo=UTC))
