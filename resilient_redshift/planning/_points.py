"""The recovery points of one cluster: which snapshots certainly exist, in which Region, and how old they can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.recovery_point import (
    Kept,
    SnapshotSource,
    in_words,
    kept_days,
)
from resilient_redshift.rules.retention import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture, Copy

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A source of snapshots in one Region.

    Attributes:
        source: what takes the snapshots.
        where: the Region that holds them.
        delay: how long a snapshot takes to reach that Region.
        copied: whether that Region is another one than the cluster's.
        deleted_with_cluster: whether Redshift deletes the snapshots when the cluster is deleted.
        survival_undocumented: AWS does not document whether these snapshots outlive the cluster; we assume it.
    """

    source: SnapshotSource
    where: str
    delay: timedelta = _ZERO
    copied: bool = False
    deleted_with_cluster: bool = False
    survival_undocumented: bool = False

    @property
    def loss(self) -> timedelta:
        """The age that the newest snapshot can reach."""
        return self.source.gap + self.delay

    def in_words(self) -> str:
        """The name of the source and its retention."""
        return f"{self.source.name} (kept {in_words(self.source.keep)})"


def best(points: Iterable[Point], age: timedelta = _ZERO) -> Point | None:
    """The point with the smallest loss, among the points that certainly hold a snapshot of at least a given age.

    Args:
        points: the points to choose from.
        age: the least age of the snapshot. Default: any age.
    """
    certain = [point for point in points if point.source.survives(age)]
    return min(certain, key=lambda point: (point.loss, point.survival_undocumented), default=None)


def points_of(cluster: ClusterPicture, copy_time: timedelta) -> list[Point]:
    """Every source of recovery points that a cluster certainly has.

    The cluster gets a note about each source whose snapshots expire before the next one exists.

    Args:
        cluster: what the templates say about the cluster.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
    """
    home = cluster.region or UNKNOWN_REGION
    points = [
        Point(
            source=SnapshotSource(name=f"manual snapshots of rule {rule.name}", gap=rule.gap, keep=rule.keep),
            where=home,
        )
        for rule in cluster.rules
    ]
    if cluster.keep_automated:
        source = SnapshotSource(
            name="automated snapshots",
            gap=cluster.automated_gap,
            keep=kept_days(cluster.keep_automated),
            keeps_newest=True,
        )
        points.append(Point(source=source, where=home, deleted_with_cluster=True))
    for copy in cluster.copies:
        points += _copied(cluster, copy, copy_time)
    for point in points:
        if not point.source.survives(_ZERO):
            keep, gap = in_words(point.source.keep), in_words(point.source.gap)
            cluster.note(f"{point.source.name} expire after {keep}, before the next one exists (up to {gap} later)")
    return points


def _copied(cluster: ClusterPicture, copy: Copy, copy_time: timedelta) -> list[Point]:
    where = copy.region or UNKNOWN_REGION
    points = []
    for rule in cluster.rules if copy.keep_manual is not None else ():
        keep = _shorter(rule.keep_in_recovery, kept_days(copy.keep_manual or 0))
        source = SnapshotSource(name=f"copied manual snapshots of rule {rule.name}", gap=rule.gap, keep=keep)
        points.append(Point(source=source, where=where, delay=copy_time, copied=True))
    if cluster.keep_automated and copy.keep_automated:
        keep = kept_days(copy.keep_automated)
        source = SnapshotSource(name="copied automated snapshots", gap=cluster.automated_gap, keep=keep)
        points.append(Point(source=source, where=where, delay=copy_time, copied=True, survival_undocumented=True))
    return points


def _shorter(one: Kept, other: Kept) -> Kept:
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return min(one, other)
    return other if one is FOREVER else one
