"""Whether a source of snapshots that a change takes away or weakens has an equal one after the change."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from resilient_redshift.planning._points import points_of
from resilient_redshift.rules.retention import Forever
from resilient_redshift.schedules.eventbridge import UNBOUNDED

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning._points import Point
    from resilient_redshift.planning.recovery_point import Kept


class Coverage:
    """The sources of snapshots of one cluster before and after a change.

    Args:
        before: the cluster before.
        after: the cluster after.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
    """

    def __init__(self, before: ClusterPicture, after: ClusterPicture, copy_time: timedelta) -> None:
        self._pictures = before, after
        self._copy_time = copy_time

    @cached_property
    def _before(self) -> list[Point]:
        return points_of(self._pictures[0], self._copy_time)

    @cached_property
    def _after(self) -> list[Point]:
        return points_of(self._pictures[1], self._copy_time)

    def lost(self, source: str) -> bool:
        """Whether no source after the change is as good as one before it.

        A source is as good when its snapshots are at most as far apart, are kept at least as long, and outlive the
        cluster if the former ones did.

        Args:
            source: the former source's name, such as ``automated snapshots``.
        """
        return _lost(source, self._before, self._after)

    def gained(self, source: str) -> bool:
        """Whether no source before the change is as good as one after it.

        Args:
            source: the later source's name.
        """
        return _lost(source, self._after, self._before)


def _lost(source: str, points: list[Point], others: list[Point]) -> bool:
    named = [point for point in points if point.source.name == source]
    return not all(any(_as_good(point, other) for other in others) for point in named)


def _as_good(former: Point, point: Point) -> bool:
    return (
        point.copied is former.copied
        and point.source.worst_age <= former.source.worst_age
        and point.source.paused <= former.source.paused
        and _length(point.source.keep) >= _length(former.source.keep)
        and (former.deleted_with_cluster or not point.deleted_with_cluster)
        and (former.survival_undocumented or not point.survival_undocumented)
    )


def _length(keep: Kept) -> timedelta:
    return UNBOUNDED if isinstance(keep, Forever) else keep
