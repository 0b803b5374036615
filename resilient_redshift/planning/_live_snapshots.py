"""The most snapshots of several schedules that can exist at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules.calendar import MINUTES_OF_DAY, RHYTHM
from resilient_redshift.schedules.eventbridge import CronSchedule, Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE: Final = timedelta(minutes=1)
#: The first day of a cycle of 28 years, in which weekdays and leap years repeat (until 2100).
_START: Final = datetime(2001, 1, 1, tzinfo=UTC)
#: A schedule with more firings in a cycle is not compared with others, because its own snapshots fill any quota.
_MOST_FIRINGS: Final = 60_000


def most_at_once(kinds: Mapping[tuple[Schedule, timedelta], int], *, room: int) -> int:
    """The most snapshots that exist at the same time.

    The function first adds up the worst case of each kind. That sum is quick, and never too low. When the sum is larger
    than the room, the function counts the firings of all kinds together, because kinds need not peak at the same time:
    a rule for weekdays and one for weekends never do.

    Args:
        kinds: the number of rules for each pair of a schedule and a retention.
        room: how many snapshots fit.
    """
    bound = sum(rules * schedule.count_in(keep) for (schedule, keep), rules in kinds.items())
    if bound <= room:
        return bound
    together = {kind: rules for kind, rules in kinds.items() if _repeats(kind[0])}
    # the phase of a rate is unknown, and years that end do not repeat: such kinds count with their own worst case
    apart = sum(rules * schedule.count_in(keep) for (schedule, keep), rules in kinds.items() if not _repeats(schedule))
    lives: list[tuple[list[int], timedelta, int]] = []
    for (schedule, keep), rules in together.items():
        firings = _firings(schedule, keep)
        if firings is None:
            return bound
        lives.append((firings, keep, rules))
    return min(bound, apart + _sweep(lives))


def _repeats(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule) and schedule.calendar.every_year


def _firings(schedule: Schedule, keep: timedelta) -> list[int] | None:
    """The firings, in minutes, of one cycle and of one retention before it; None for more than the limit."""
    if not isinstance(schedule, CronSchedule):
        return None
    first = (_START - keep).toordinal()
    end = _START.replace(year=_START.year + RHYTHM).toordinal()
    firings: list[int] = []
    for day in schedule.calendar.on_or_after(first):
        if day >= end:
            break
        firings.extend(day * MINUTES_OF_DAY + minute for minute in schedule.times)
        if len(firings) > _MOST_FIRINGS:
            return None
    return firings


def _sweep(kinds: list[tuple[list[int], timedelta, int]]) -> int:
    """Go through all firings in order of time, and count the snapshots that exist.

    A snapshot still exists at the instant at which it expires.

    Args:
        kinds: the firings in minutes, the retention, and the number of rules that have both.
    """
    changes: dict[int, int] = {}
    for firings, keep, rules in kinds:
        life = keep // _MINUTE + 1
        for minute in firings:
            changes[minute] = changes.get(minute, 0) + rules
            changes[minute + life] = changes.get(minute + life, 0) - rules
    existing = most = 0
    for minute in sorted(changes):
        existing += changes[minute]
        most = max(most, existing)
    return most
