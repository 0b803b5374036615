"""Which copies a shorter retention would delete at once, and the memory that lets a rollback pass.

Lowering the retention of automated copies deletes those out of range at once (Redshift API,
ModifySnapshotCopyRetentionPeriod). While a longer retention is in force, copies live on that the former one would have
deleted by now; the rollback of a raise must be able to take just those. A rollback cannot be told from an edit, so the
raise leaves a note on the cluster: the former days, when, and in which Region: after a swap to another one it says
nothing about the copies there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mypy_boto3_redshift import RedshiftClient

TAG_RAISED: Final = "resilient-redshift:copy-raised"
#: As long as CloudFormation waits for one cluster at most (schema of AWS::Redshift::Cluster: 2160 minutes).
NOTE_HOLDS: Final = timedelta(minutes=2160)
#: Copies that cross the border while we are deciding count as going.
_MARGIN: Final = timedelta(minutes=5)
#: Copies that linger a little beyond their retention must not hinder a raise: it may be a rollback.
_SLACK: Final = timedelta(days=1)
_LOST_ANYWAY: Final = frozenset({"failed", "deleted", "cancelled"})
_NOTE: Final = re.compile(r"([0-9]{1,2})@([0-9T:-]{19}Z)@([a-z0-9-]+)(@swap)?")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Copy:
    """One automated snapshot in the destination Region."""

    identifier: str
    born: datetime


def raised_note(former_days: int, region: str, now: datetime, *, in_place: bool = True) -> str:
    """What a raise writes down."""
    return f"{former_days}@{now.astimezone(UTC).strftime(_TIME)}@{region}{'' if in_place else '@swap'}"


def doomed_days(tags: Mapping[str, str], region: str, now: datetime, *, in_place: bool = True) -> int | None:
    """The retention before a recent raise in a Region: what is older lives only by that raise. None without one.

    Not so where the raise was a swap, which leaves copies alone that were promised a longer life before; its rollback,
    a swap again, does so too, but a change in place would take them.
    """
    matched = _NOTE.fullmatch(tags.get(TAG_RAISED, ""))
    if matched is None or matched[3] != region or (in_place and matched[4]):
        return None
    try:
        when = datetime.strptime(matched[2], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(matched[1]) if timedelta(0) <= now - when <= NOTE_HOLDS else None


def would_go(found: Iterable[Copy], has: int, days: int, doomed: int | None, now: datetime) -> list[Copy]:
    """The copies that lose by ``days`` instead of ``has``, without those that only a recent raise has kept.

    A lower retention deletes what is older than it. A higher one shortens the life of what is older than the lower one
    already, and so has a longer retention of its own, from before a swap or a switch-off: raised and lowered again, by
    a rollback, it would be gone.
    """
    older_than = timedelta(days=days) - _MARGIN if days < has else timedelta(days=has) + _SLACK
    until = timedelta.max if doomed is None else timedelta(days=doomed)
    return sorted((each for each in found if older_than < now - each.born <= until), key=lambda each: each.born)


def in_destination(client: RedshiftClient, identifier: str, source_region: str) -> list[Copy]:
    """Every automated copy of a cluster: by source Region too, since a namesake may live where the copies are."""
    try:
        found = list(_automated(client, ClusterIdentifier=identifier))
    except client.exceptions.ClusterNotFoundFault:
        # the cluster is unknown there, its copies are not: to take none for the answer would lose them uncounted
        found = [each for each in _automated(client) if each.get("ClusterIdentifier") == identifier]
    return [
        Copy(snapshot.get("SnapshotIdentifier", "?"), _born(snapshot))
        for snapshot in found
        if snapshot.get("SourceRegion") == source_region and snapshot.get("Status") not in _LOST_ANYWAY
    ]


def _automated(client: RedshiftClient, **narrowed: str) -> Iterator[Mapping[str, Any]]:
    arguments: dict[str, Any] = {"SnapshotType": "automated", "MaxRecords": 100, **narrowed}
    while True:
        page = client.describe_cluster_snapshots(**arguments)
        yield from cast("list[Mapping[str, Any]]", page.get("Snapshots", []))
        if not page.get("Marker"):
            return
        arguments["Marker"] = page["Marker"]


def _born(snapshot: Mapping[str, Any]) -> datetime:
    """From when the retention may count at the earliest; without any time the copy counts as older than everything."""
    times = [snapshot[name] for name in ("SnapshotCreateTime", "SnapshotRetentionStartTime") if name in snapshot]
    return min(times, default=datetime(2000, 1, 1, tzinfo=UTC))
