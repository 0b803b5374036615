"""The most snapshots of several schedules that can exist at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules.calendar import MINUTES_OF_DAY, RHYTHM
from resilient_redshift.schedules.eventbridge import CronSchedule, Schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MINUTE: Final = timedelta(minutes=1)
#: The first day of a cycle of 28 years, in which weekdays and leap years repeat (until 2100). It is a Monday.
_START: Final = datetime(2001, 1, 1, tzinfo=UTC)
_WEEK: Final = timedelta(weeks=1)
_ALL_YEARS: Final = _START.replace(year=_START.year + RHYTHM) - _START
#: A schedule with more firings in a cycle is not compared with others: it counts with its own worst case.
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
    cycle = _cycle(schedule for schedule, _ in kinds)
    apart = 0
    lives: list[tuple[list[int], timedelta, int]] = []
    for (schedule, keep), rules in kinds.items():
        firings = _firings(schedule, keep, cycle)
        if firings is None:
            apart += rules * schedule.count_in(keep)
        else:
            lives.append((firings, keep, rules))
    return min(bound, apart + _sweep(lives))


def _cycle(schedules: Iterable[Schedule]) -> timedelta:
    """The time after which all of the schedules repeat: a week where each of them repeats every week."""
    crons = [schedule for schedule in schedules if isinstance(schedule, CronSchedule) and _repeats(schedule)]
    return _WEEK if all(cron.calendar.weekdays is not None for cron in crons) else _ALL_YEARS


def _repeats(schedule: Schedule) -> bool:
    return isinstance(schedule, CronSchedule) and schedule.calendar.every_year


def _firings(schedule: Schedule, keep: timedelta, cycle: timedelta) -> list[int] | None:
    """The firings, in minutes, of one cycle and of one retention before it.

    Returns:
        The firings; None for a schedule that does not repeat, and for more firings than the limit. The phase of a rate
        is unknown, and years that end do not repeat.
    """
    if not isinstance(schedule, CronSchedule) or not _repeats(schedule):
        return None
    first = (_START - keep).toordinal()
    end = (_START + cycle).toordinal()
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
    lives = ((minute, minute + keep // _MINUTE, rules) for firings, keep, rules in kinds for minute in firings)
    return max((existing for _, existing in existing_over_time(lives)), default=0)


def existing_over_time(lives: Iterable[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """How many snapshots exist, over time.

    Args:
        lives: for each snapshot, the minute at which it is taken, the minute at which it expires, and how many rules
            take it.

    Returns:
        The minutes at which the number changes, and the number from then on; in order of time.
    """
    changes: dict[int, int] = {}
    for taken, expires, rules in lives:
        changes[taken] = changes.get(taken, 0) + rules
        changes[expires + 1] = changes.get(expires + 1, 0) - rules
    existing = 0
    steps = []
    for minute in sorted(changes):
        existing += changes[minute]
        steps.append((minute, existing))
    return steps
