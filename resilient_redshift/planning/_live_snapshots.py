"""The most snapshots that several schedules can have alive at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules.eventbridge import CronSchedule, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE: Final = timedelta(minutes=1)
#: Weekdays and leap years repeat every 28 years (until 2100).
_CYCLE: Final = 28
_START: Final = datetime(2001, 1, 1, tzinfo=UTC)
#: More firings than this in a cycle are not looked at together: such rules fill any quota by themselves.
_MOST_FIRINGS: Final = 60_000


def most_at_once(kinds: Mapping[tuple[Schedule, timedelta], int], *, room: int) -> int:
    """The most snapshots alive at once.

    Args:
        kinds: each schedule and how long its snapshots are kept, and how many rules have both.
        room: how many fit. Each kind's own worst case is added up first, which is quick and never too low. Only where
            that sum does not fit are the kinds looked at together: a rule for weekdays and one for weekends never peak
            together.
    """
    bound = sum(times * schedule.count_in(keep) for (schedule, keep), times in kinds.items())
    if bound <= room:
        return bound
    together = {kind: times for kind, times in kinds.items() if _repeats(kind[0])}
    # the phase of a rate is unknown, and years that end do not repeat: these stay at their own worst
    apart = sum(times * schedule.count_in(keep) for (schedule, keep), times in kinds.items() if not _repeats(schedule))
    firings = {kind: _firings(kind[0], kind[1]) for kind in together}
    if any(found is None for found in firings.values()):
        return bound
    return min(bound, apart + _sweep([(firings[kind] or [], kind[1], times) for kind, times in together.items()]))


def _repeats(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule) and schedule.calendar.every_year


def _firings(schedule: Schedule, keep: timedelta) -> list[int] | None:
    """The firings of one cycle and of one retention before it, in minutes; None where they are too many to look at."""
    if not isinstance(schedule, CronSchedule):
        return None
    first = (_START - keep).toordinal()
    last = _START.replace(year=_START.year + _CYCLE).toordinal()
    found: list[int] = []
    for day in schedule.calendar.on_or_after(first):
        if day >= last:
            break
        found.extend(day * 1440 + minute for minute in schedule.times)
        if len(found) > _MOST_FIRINGS:
            return None
    return found


def _sweep(kinds: list[tuple[list[int], timedelta, int]]) -> int:
    """Walk through all firings in order and count what is alive; a snapshot lives through its last instant."""
    changes: dict[int, int] = {}
    for firings, keep, times in kinds:
        kept = keep // _MINUTE + 1
        for minute in firings:
            changes[minute] = changes.get(minute, 0) + times
            changes[minute + kept] = changes.get(minute + kept, 0) - times
    alive = most = 0
    for minute in sorted(changes):
        alive += changes[minute]
        most = max(most, alive)
    return most
