"""When a schedule fires: exact gaps and counts of EventBridge's cron and rate expressions (no CDK, no AWS).

``cron(Minutes Hours Day-of-month Month Day-of-week Year)`` and ``rate(value unit)``, in UTC, to the minute ("Cron
expressions reference" and "Rate expressions reference", EventBridge User Guide). Redshift's own dialect of three fields
makes the same values: ``_snapshot_schedules.py``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.schedules import fields
from resilient_redshift.schedules.calendar import Calendar, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: The longest gap of a schedule that ends: longer than that of any that does not. Adding to it does not overflow.
UNBOUNDED: Final = timedelta(days=999_999)

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = 1440
_UNITS: Final = {"minute": _MINUTE, "hour": timedelta(hours=1), "day": timedelta(days=1)}
_RATE: Final = re.compile(r"rate\((\d{1,5}) (minute|hour|day)(s?)\)", re.ASCII)
_CRON: Final = re.compile(r"cron\(([^()]*)\)")
_FORMS: Final = "cron(Minutes Hours Day-of-month Month Day-of-week Year) or rate(value unit)"
_SIX: Final = "six fields: Minutes Hours Day-of-month Month Day-of-week Year"
_RATES: Final = "rate(1 minute), rate(5 minutes), likewise hour(s) and day(s)"

#: The part of an expression, what was got, what is allowed, why.
Finding = tuple[str, str, str, str]


class Schedule(ABC):
    """When something fires. Equal expressions are equal schedules."""

    expression: str

    @abstractmethod
    def shortest_gap(self) -> timedelta:
        """The shortest time between two firings; UNBOUNDED for a schedule that fires only once."""

    @abstractmethod
    def longest_gap(self) -> timedelta:
        """The longest time from a firing to the next; UNBOUNDED for one that ends: nothing follows its last firing."""

    @abstractmethod
    def count_in(self, window: timedelta) -> int:
        """The largest number of firings in any window of this length, its first and its last instant included."""

    @abstractmethod
    def next_after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment (aware of its zone), in UTC; None when there is none any more.

        A rate counts from the rule's creation, which is unknown here: the answer is then the latest possible one.
        """

    @property
    def ends_at(self) -> datetime | None:
        """The last firing of all, for a cron expression whose years end; None otherwise."""
        return None


@dataclass(frozen=True)
class RateSchedule(Schedule):
    """A firing every so often, counted from an unknown start."""

    expression: str
    every: timedelta

    def shortest_gap(self) -> timedelta:
        """The rate."""
        return self.every

    def longest_gap(self) -> timedelta:
        """The rate."""
        return self.every

    def count_in(self, window: timedelta) -> int:
        """One for each whole interval in the window, and the one that opens it."""
        return _whole_minutes(window) // (self.every // _MINUTE) + 1

    def next_after(self, moment: datetime) -> datetime:
        """The latest possible next firing: one interval later."""
        return _utc(moment) + self.every


@dataclass(frozen=True)
class CronSchedule(Schedule):
    """Firings at the same minutes of each matching day; made by a parser."""

    expression: str
    times: tuple[int, ...] = field(repr=False)  # minutes of the day, rising
    calendar: Calendar = field(repr=False, compare=False)

    def shortest_gap(self) -> timedelta:
        """The shortest time between two firings; UNBOUNDED for a schedule that fires only once."""
        gaps = steps(self.times)
        if self.calendar.shortest is not None:
            gaps.append(self.calendar.shortest * _DAY - (self.times[-1] - self.times[0]))
        return min(gaps) * _MINUTE if gaps else UNBOUNDED

    def longest_gap(self) -> timedelta:
        """The longest time from a firing to the next; UNBOUNDED for one that ends: nothing follows its last firing."""
        if self.calendar.ends or self.calendar.longest is None:
            return UNBOUNDED
        over_night = self.calendar.longest * _DAY - (self.times[-1] - self.times[0])
        return max([*steps(self.times), over_night]) * _MINUTE

    def count_in(self, window: timedelta) -> int:
        """The largest number of firings in any window of this length, its first and its last instant included."""
        days, rest = divmod(_whole_minutes(window), _DAY)
        return max(self._most_firings(days, rest, later=0), self._most_firings(days, rest, later=1))

    def _most_firings(self, days: int, rest: int, *, later: int) -> int:
        """The most firings in windows that close so many days after they open, or one day later."""
        # a window opens at one of the day's times: how many it misses that day, and how many it sees on its last
        ends = [
            (missed, bisect_right(self.times, (opens + rest) % _DAY))
            for missed, opens in enumerate(self.times)
            if (opens + rest) // _DAY == later
        ]
        if not ends:
            return 0
        most, most_before_a_match = self.calendar.most_in(days + later)
        counts = [most * len(self.times) - min(missed for missed, _ in ends)]
        if most_before_a_match is not None:
            counts.append(most_before_a_match * len(self.times) + max(seen - missed for missed, seen in ends))
        return max(counts)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment (aware of its zone), in UTC; None when there is none any more."""
        start = _utc(moment)
        today = start.toordinal()
        later = bisect_right(self.times, start.hour * 60 + start.minute)
        for day in self.calendar.on_or_after(today):
            if day > today:
                return _at(day, self.times[0])
            if later < len(self.times):
                return _at(day, self.times[later])
        return None

    @property
    def ends_at(self) -> datetime | None:
        """The last firing of all, when the years of the expression end before cron's calendar (2199) does."""
        if self.calendar.last is None or not self.calendar.ends:
            return None
        return _at(self.calendar.last, self.times[-1])

    @cached_property
    def minutes_of_week(self) -> tuple[int, ...] | None:
        """The firings of a week (Sunday 0:00 is 0) for a schedule that repeats weekly, otherwise None."""
        if self.calendar.weekdays is None:
            return None
        return tuple(day * _DAY + minute for day in sorted(self.calendar.weekdays) for minute in self.times)


def longest_gap_of(schedules: Iterable[Schedule]) -> timedelta:
    """The longest time without a firing of any of several schedules.

    Exact where they repeat weekly; never too short otherwise.

    Returns:
        UNBOUNDED when there is no schedule, or when every one ends.
    """
    gaps = [UNBOUNDED]
    together: set[int] = set()
    for schedule in schedules:
        gaps.append(schedule.longest_gap())
        if isinstance(schedule, CronSchedule) and schedule.minutes_of_week is not None:
            together.update(schedule.minutes_of_week)
    if together:
        week = sorted(together)
        gaps.append(max(steps([*week, week[0] + 7 * _DAY])) * _MINUTE)
    return min(gaps)


def parse_schedule(expression: str, *, argument: str = "schedule") -> Schedule:
    """Read the schedule expression of an EventBridge rule.

    Args:
        expression: ``cron(...)`` with six fields, or ``rate(value unit)``.
        argument: what the user calls it, for the error text.

    Raises:
        ResilientRedshiftError: when the expression is none, or never fires; every wrong field is named.
    """
    problems = Problems("Schedule")
    schedule = check_schedule(problems, argument, expression)
    problems.raise_if_any()
    if schedule is None:  # pragma: no cover - where there is none, a problem was recorded and raised
        raise AssertionError(expression)
    return schedule


def check_schedule(problems: Problems, argument: str, expression: object) -> Schedule | None:
    """Read the schedule expression of an EventBridge rule, recording each problem; None where there was one."""
    if not isinstance(expression, str):
        problems.add(argument, expression, _FORMS)
        return None
    found = _parsed(expression)
    if isinstance(found, Schedule):
        return found
    report(problems, argument, found)
    return None


def report(problems: Problems, argument: str, found: Iterable[Finding]) -> None:
    """Record what a parser found, each under the argument and the field it concerns."""
    for part, got, allowed, why in found:
        problems.add(f"{argument}, {part}" if part else argument, got, allowed, why)


@lru_cache(maxsize=1024)
def _parsed(expression: str) -> Schedule | tuple[Finding, ...]:
    found: list[Finding] = []
    schedule: Schedule | None = None
    if expression.startswith("rate("):
        schedule = _rate(expression, found)
    elif match := _CRON.fullmatch(expression):
        schedule = _cron(expression, match[1].split(), found)
    else:
        found.append(("", expression, _FORMS, ""))
    return tuple(found) if found or schedule is None else schedule


def _rate(expression: str, found: list[Finding]) -> RateSchedule | None:
    match = _RATE.fullmatch(expression)
    if match is None or int(match[1]) < 1 or (int(match[1]) == 1) == bool(match[3]):
        found.append(("", expression, _RATES, "EventBridge takes the singular for 1 and the plural for more"))
        return None
    return RateSchedule(expression, int(match[1]) * _UNITS[match[2]])


def _cron(expression: str, texts: list[str], found: list[Finding]) -> CronSchedule | None:
    if len(texts) != len(_SIX.split()) - 2:
        found.append(("", expression, _SIX, f"it has {len(texts)}"))
        return None
    minutes, hours, day, month, weekday, year = (text.upper() for text in texts)
    days: fields.DaysOfMonth | fields.DaysOfWeek | None = None
    if (day == "?") == (weekday == "?"):
        why = f"they are {day!r} and {weekday!r}"
        found.append(("", expression, "a cron expression with ? in exactly one of Day-of-month and Day-of-week", why))
    elif day == "?":
        days = fields.days_of_week(weekday, reporter(fields.DAY_OF_WEEK, found))
    else:
        days = fields.days_of_month(day, reporter(fields.DAY_OF_MONTH, found))
    times = times_of_day(fields.MINUTES, minutes, fields.HOURS, hours, found)
    months = fields.values(fields.MONTH, month, reporter(fields.MONTH, found))
    years = fields.values(fields.YEAR, year, reporter(fields.YEAR, found))
    if found or days is None:
        return None
    every_year = len(years) == fields.YEAR.high - fields.YEAR.low + 1
    calendar = Calendar(months, days, None if every_year else years)
    if calendar.last is None:
        found.append(("", expression, "one that fires", "no such day comes in any of its years: it never fires"))
    return CronSchedule(expression, times, calendar)


def reporter(of: fields.Field, found: list[Finding]) -> Callable[[str, str, str], None]:
    """A function that records a finding about one field."""
    return lambda got, allowed, why: found.append((of.name, got, allowed, why))


def times_of_day(  # the same in both dialects
    minutes: fields.Field,
    minutes_text: str,
    hours: fields.Field,
    hours_text: str,
    found: list[Finding],
) -> tuple[int, ...]:
    """The minutes of the day that a Minutes and an Hours field name together."""
    minute_values = fields.values(minutes, minutes_text, reporter(minutes, found))
    hour_values = fields.values(hours, hours_text, reporter(hours, found))
    return tuple(sorted(hour * 60 + minute for hour in hour_values for minute in minute_values))


def _whole_minutes(window: timedelta) -> int:
    if window < timedelta(0):
        raise ValueError(f"a window must not be negative, got {window}")
    return window // _MINUTE


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment must be aware of its time zone, got {moment!r}")
    return moment.astimezone(UTC)


def _at(day: int, minute: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time.min, UTC) + minute * _MINUTE
