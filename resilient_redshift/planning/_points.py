"""The recovery points of one cluster: which snapshots certainly exist, in which Region, and how old they can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.recovery_point import SnapshotSource, in_words, newest
from resilient_redshift.planning.sources import BACKUPS, COPIED_MANUAL, automated_source, in_recovery, manual_sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A source of snapshots in one Region.

    Attributes:
        source: what takes the snapshots.
        where: the Region that holds them.
        copied: whether that Region is another one than the cluster's.
        deleted_with_cluster: whether Redshift deletes the snapshots when the cluster is deleted.
        survival_undocumented: AWS does not document whether these snapshots outlive the cluster; we assume it.
        risk: which stack would delete what the snapshots need to be readable.
    """

    source: SnapshotSource
    where: str
    copied: bool = False
    deleted_with_cluster: bool = False
    survival_undocumented: bool = False
    risk: str = ""

    @property
    def loss(self) -> timedelta:
        """The age that the newest snapshot can reach."""
        return self.source.worst_age

    def in_words(self) -> str:
        """The name of the source and its retention."""
        return f"{self.source.name} (kept {in_words(self.source.keep)})"


def best(points: Iterable[Point], age: timedelta = _ZERO, *, within: timedelta = _ZERO) -> Point | None:
    """The point with the smallest loss, among the points that certainly hold a snapshot of at least a given age.

    Args:
        points: the points to choose from.
        age: the least age of the snapshot. Default: any age.
        within: how long after a failure the snapshot must still exist. Default: no longer than the failure itself.
    """
    documented_first = sorted(points, key=lambda point: point.survival_undocumented)
    found = newest((point.source for point in documented_first), age=age, within=within)
    return next((point for point in documented_first if point.source is found), None)


def expired(points: Iterable[Point], within: timedelta) -> str:
    """A note that names the points that certainly exist at a failure, but perhaps no longer some time later.

    Args:
        points: the points to look at.
        within: how long after the failure the snapshot must still exist.

    Returns:
        The note; empty when no such point would lose less than the points that remain.
    """
    candidates = list(points)
    left = best(candidates, within=within)
    gone = [
        point.in_words()
        for point in candidates
        if point.source.survives(_ZERO)
        and not point.source.survives(_ZERO, within=within)
        and (left is None or point.loss < left.loss)
    ]
    if not gone:
        return ""
    return f"not counted, because they may have expired {in_words(within)} after the failure: {', '.join(gone)}"


def points_of(cluster: ClusterPicture, copy_time: timedelta) -> list[Point]:
    """Every source of recovery points that a cluster certainly has.

    The cluster gets a note about each source whose snapshots expire before the next one exists.

    Args:
        cluster: what the templates say about the cluster.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
    """
    home = cluster.region or UNKNOWN_REGION
    manual = manual_sources(cluster.rules, pauses=cluster.pauses)
    # AWS Backup makes no copy of them elsewhere, and AWS does not document whether Redshift's copy includes them
    manual += manual_sources(cluster.backups, pauses=cluster.pauses, kind=BACKUPS)
    points = [Point(source=source, where=home) for source in manual]
    paused = cluster.pauses.longest()
    if cluster.keep_automated:
        source = automated_source(cluster.automated_gap, cluster.keep_automated, paused=paused)
        points.append(Point(source=source, where=home, deleted_with_cluster=True))
    for copy in cluster.copies:
        where = copy.region or UNKNOWN_REGION
        rules = [] if copy.keep_manual is None else in_recovery(cluster.rules, copy.keep_manual)
        sources = manual_sources(rules, pauses=cluster.pauses, delay=copy_time, kind=COPIED_MANUAL)
        points += [Point(source=source, where=where, copied=True, risk=copy.risk) for source in sources]
        if cluster.keep_automated and copy.keep_automated:
            # a pause takes a snapshot; whether Redshift copies that one is not documented, so the one before counts
            gap = cluster.automated_gap * (2 if paused else 1)
            source = automated_source(gap, copy.keep_automated, copied=True, delay=copy_time, paused=paused)
            points.append(Point(source=source, where=where, copied=True, survival_undocumented=True, risk=copy.risk))
    for point in points:
        if not point.source.survives(_ZERO):
            cluster.note(_why_not_certain(point.source, cluster.pauses.why_endless))
    return points


def _why_not_certain(source: SnapshotSource, why_endless: str | None) -> str:
    keep, gap = in_words(source.keep), in_words(source.worst_age + source.paused)
    if source.paused and why_endless is not None:
        return f"{source.name} expire after {keep}: {why_endless}, and a paused cluster takes no snapshot"
    return f"{source.name} expire after {keep}, before the next one exists (up to {gap} later)"
