"""The schedules of EventBridge rules: EventBridge's dialect of cron, and exact gaps and counts (no CDK, no AWS).

The dialect is ``cron(Minutes Hours Day-of-month Month Day-of-week Year)`` and ``rate(value unit)``, in UTC, to the
minute ("Cron expressions reference" and "Rate expressions reference", EventBridge User Guide). ``redshift.py`` reads
Redshift's own dialect of three fields, and makes the same :class:`Schedule` from it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.schedules import fields
from resilient_redshift.schedules.calendar import MINUTES_OF_DAY, MINUTES_OF_WEEK, Calendar, instant, steps, to_utc
from resilient_redshift.schedules.findings import Finding, recorder, report

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The longest gap of a schedule that ends, because no firing follows its last one. It is longer than the gap of any
#: schedule that does not end, and a caller can add another length to it without an overflow.
UNBOUNDED: Final = timedelta(days=999_999)

_MINUTE: Final = timedelta(minutes=1)
_UNITS: Final = {"minute": _MINUTE, "hour": timedelta(hours=1), "day": timedelta(days=1)}
_RATE: Final = re.compile(r"rate\((\d{1,5}) (minute|hour|day)(s?)\)", re.ASCII)
_FIELDS: Final = "Minutes Hours Day-of-month Month Day-of-week Year"
_FORMS: Final = f"cron({_FIELDS}) or rate(value unit)"
_SIX: Final = f"six fields: {_FIELDS}"
_RATES: Final = "rate(1 minute), rate(5 minutes), or the same with hour(s) or day(s)"


class Schedule(ABC):
    """When an EventBridge rule or a Redshift snapshot schedule fires. Equal expressions are equal schedules."""

    expression: str

    @abstractmethod
    def shortest_gap(self) -> timedelta:
        """The shortest time between two firings; UNBOUNDED for a schedule that fires only once."""

    @abstractmethod
    def longest_gap(self) -> timedelta:
        """The longest time from a firing to the next; UNBOUNDED for a schedule that ends."""

    @abstractmethod
    def count_in(self, window: timedelta) -> int:
        """The largest number of firings in any window of a length. The first and the last instant belong to the window.

        Args:
            window: the length; 0 or more.

        Raises:
            ValueError: for a negative length.
        """

    @abstractmethod
    def next_after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment, in UTC; None after the last firing.

        AWS counts a rate from the creation of the rule, and that time is unknown here. For a rate, the answer is
        therefore the latest possible time of the next firing.

        Args:
            moment: any time with a time zone.

        Raises:
            ValueError: for a moment without a time zone.
        """

    @property
    def ends_at(self) -> datetime | None:
        """The last firing of all, for a cron expression whose years end; None for every other schedule."""
        return None


@dataclass(frozen=True)
class RateSchedule(Schedule):
    """A schedule that fires at a fixed interval (``every``), from a start that is unknown at synth."""

    expression: str
    every: timedelta

    def shortest_gap(self) -> timedelta:
        """The interval."""
        return self.every

    def longest_gap(self) -> timedelta:
        """The interval."""
        return self.every

    def count_in(self, window: timedelta) -> int:
        """One firing for each whole interval in the window, and one that opens the window."""
        return _whole_minutes(window) // (self.every // _MINUTE) + 1

    def next_after(self, moment: datetime) -> datetime:
        """The latest possible time of the next firing: one interval later."""
        return to_utc(moment) + self.every


@dataclass(frozen=True)
class CronSchedule(Schedule):
    """A schedule that fires at the same times of each matching day. Only the parsers of the two dialects make one."""

    expression: str
    times: tuple[int, ...] = field(repr=False)  # minutes of the day, in rising order
    calendar: Calendar = field(repr=False, compare=False)

    def shortest_gap(self) -> timedelta:
        """The shortest time between two firings; UNBOUNDED for a schedule that fires only once."""
        gaps = steps(self.times)
        if self.calendar.shortest is not None:
            gaps.append(self.calendar.shortest * MINUTES_OF_DAY - (self.times[-1] - self.times[0]))
        return min(gaps) * _MINUTE if gaps else UNBOUNDED

    def longest_gap(self) -> timedelta:
        """The longest time from a firing to the next; UNBOUNDED for a schedule that ends."""
        if self.calendar.ends or self.calendar.longest is None:
            return UNBOUNDED
        over_night = self.calendar.longest * MINUTES_OF_DAY - (self.times[-1] - self.times[0])
        return max([*steps(self.times), over_night]) * _MINUTE

    def count_in(self, window: timedelta) -> int:
        """The largest number of firings in any window of a length, its first and its last instant included."""
        days, rest = divmod(_whole_minutes(window), MINUTES_OF_DAY)
        return max(self._most_firings(days, rest, later=0), self._most_firings(days, rest, later=1))

    def _most_firings(self, days: int, rest: int, *, later: int) -> int:
        """The most firings in windows that close a number of days after the day on which they open.

        Args:
            days: the whole days of the window's length.
            rest: the minutes of the window's length beyond the whole days.
            later: 0 for the windows that close after ``days`` days, 1 for those whose rest runs over midnight.
        """
        # a window that opens at one of the day's times misses the firings before that time; on its last day, the window
        # sees the firings up to the time at which it closes
        ends = [
            (missed, bisect_right(self.times, (opens + rest) % MINUTES_OF_DAY))
            for missed, opens in enumerate(self.times)
            if (opens + rest) // MINUTES_OF_DAY == later
        ]
        if not ends:
            return 0
        most, most_before_a_match = self.calendar.most_in(days + later)
        counts = [most * len(self.times) - min(missed for missed, _ in ends)]
        if most_before_a_match is not None:
            counts.append(most_before_a_match * len(self.times) + max(seen - missed for missed, seen in ends))
        return max(counts)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first firing later than a moment, in UTC; None after the last firing."""
        start = to_utc(moment)
        today = start.toordinal()
        later = bisect_right(self.times, start.hour * 60 + start.minute)
        for day in self.calendar.on_or_after(today):
            if day > today:
                return instant(day, self.times[0])
            if later < len(self.times):
                return instant(day, self.times[later])
        return None

    @property
    def ends_at(self) -> datetime | None:
        """The last firing of all, for years that end before 2199, the last year that cron allows; otherwise None."""
        if self.calendar.last is None or not self.calendar.ends:
            return None
        return instant(self.calendar.last, self.times[-1])

    @cached_property
    def minutes_of_week(self) -> tuple[int, ...] | None:
        """The minutes of the week (Sunday 0:00 is 0) for a schedule that repeats every week, otherwise None."""
        if self.calendar.weekdays is None:
            return None
        return tuple(day * MINUTES_OF_DAY + minute for day in sorted(self.calendar.weekdays) for minute in self.times)


def longest_gap_of(schedules: Iterable[Schedule]) -> timedelta:
    """The longest time in which none of several schedules fires.

    The answer is exact for schedules that repeat every week. For other schedules it may be too long, never too short.

    Args:
        schedules: schedules of either dialect.

    Returns:
        The longest time; UNBOUNDED when there is no schedule, or when every schedule ends.
    """
    gaps = [UNBOUNDED]
    together: set[int] = set()
    for schedule in schedules:
        gaps.append(schedule.longest_gap())
        if isinstance(schedule, CronSchedule) and schedule.minutes_of_week is not None:
            together.update(schedule.minutes_of_week)
    if together:
        week = sorted(together)
        gaps.append(max(steps([*week, week[0] + MINUTES_OF_WEEK])) * _MINUTE)
    return min(gaps)


def parse_schedule(expression: str, *, argument: str = "schedule") -> Schedule:
    """Read the schedule expression of an EventBridge rule.

    Args:
        expression: ``cron(...)`` with six fields, or ``rate(value unit)``.
        argument: the name under which the user passed the expression, for the error text. Default: ``schedule``.

    Raises:
        ResilientRedshiftError: when the text is no such expression, or when the expression never fires. The error names
            every field that is wrong.
    """
    problems = Problems("Schedule")
    schedule = check_schedule(problems, argument, expression)
    problems.raise_if_any()
    if schedule is None:  # pragma: no cover - check_schedule has recorded a problem, and the line above raised it
        raise AssertionError(expression)
    return schedule


def check_schedule(problems: Problems, argument: str, expression: object) -> Schedule | None:
    """Read the schedule expression of an EventBridge rule, and record a problem for each field that is wrong.

    Args:
        problems: where to record.
        argument: the name under which the user passed the expression.
        expression: as for :func:`parse_schedule`; any other value is a problem too.

    Returns:
        The schedule; None after a problem.
    """
    if not isinstance(expression, str):
        problems.add(argument, expression, _FORMS)
        return None
    parsed = _parsed(expression)
    if isinstance(parsed, Schedule):
        return parsed
    report(problems, argument, parsed)
    return None


@lru_cache(maxsize=1024)
def _parsed(expression: str) -> Schedule | tuple[Finding, ...]:
    findings: list[Finding] = []
    schedule: Schedule | None = None
    if expression.startswith("rate("):
        schedule = _rate(expression, findings)
    elif match := fields.CRON.fullmatch(expression):
        schedule = _cron(expression, match[1].split(), findings)
    else:
        findings.append(Finding("", expression, _FORMS))
    return tuple(findings) if findings or schedule is None else schedule


def _rate(expression: str, findings: list[Finding]) -> RateSchedule | None:
    match = _RATE.fullmatch(expression)
    if match is None or int(match[1]) < 1 or (int(match[1]) == 1) == bool(match[3]):
        why = "EventBridge takes the singular for 1 and the plural for more"
        findings.append(Finding("", expression, _RATES, why))
        return None
    return RateSchedule(expression, int(match[1]) * _UNITS[match[2]])


def _cron(expression: str, texts: list[str], findings: list[Finding]) -> CronSchedule | None:
    if len(texts) != len(_FIELDS.split()):
        findings.append(Finding("", expression, _SIX, f"the expression has {len(texts)}"))
        return None
    minutes, hours, day, month, weekday, year = (text.upper() for text in texts)
    days: fields.DaysOfMonth | fields.DaysOfWeek | None = None
    if (day == "?") == (weekday == "?"):
        allowed = "a cron expression with ? in exactly one of Day-of-month and Day-of-week"
        findings.append(Finding("", expression, allowed, f"the two fields are {day!r} and {weekday!r}"))
    elif day == "?":
        days = fields.days_of_week(weekday, recorder(fields.DAY_OF_WEEK.name, findings))
    else:
        days = fields.days_of_month(day, recorder(fields.DAY_OF_MONTH.name, findings))
    times = fields.times_of_day(fields.MINUTES, minutes, fields.HOURS, hours, findings)
    months = fields.values(fields.MONTH, month, recorder(fields.MONTH.name, findings))
    years = fields.values(fields.YEAR, year, recorder(fields.YEAR.name, findings))
    if findings or days is None:
        return None
    every_year = len(years) == fields.YEAR.high - fields.YEAR.low + 1
    calendar = Calendar(months, days, None if every_year else years)
    if calendar.last is None:
        why = "no year of the expression has such a day: it never fires"
        findings.append(Finding("", expression, "a cron expression that fires", why))
    return CronSchedule(expression, times, calendar)


def _whole_minutes(window: timedelta) -> int:
    if window < timedelta(0):
        raise ValueError(f"the length of a window must not be negative, got {window}")
    return window // _MINUTE
