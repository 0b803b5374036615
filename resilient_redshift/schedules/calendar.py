"""The days on which a cron expression fires, in all years that a cron expression can name (no CDK).

The years are 1970 to 2199. The arithmetic covers leap years, months without a day 31 and fifth Sundays of February. It
takes no sample of the days, and it does not depend on today's date.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import isleap, monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The minutes of a day and of a week; the times of a schedule are minutes of the day.
MINUTES_OF_DAY: Final = 24 * 60
MINUTES_OF_WEEK: Final = 7 * MINUTES_OF_DAY

_LAST_DAY: Final = date(fields.YEAR.high, 12, 31).toordinal()
#: The weekdays and leap years repeat every 28 years. Between 1970 and 2199, only the year 2100 breaks this rhythm,
#: because it is no leap year.
_BREAK: Final = 2100
RHYTHM: Final = 28


class Calendar:
    """The matching days of a cron expression, and the distances between them.

    Args:
        months: the months that match, 1 to 12.
        days: the Day-of-month or the Day-of-week field, whichever is not ``?``.
        years: the years that match; None for every year.

    Attributes:
        weekdays: the weekdays (Sunday is 0) for a calendar that repeats every week, otherwise None.
        last: the ordinal of the last day of all that matches; None when no day ever matches.
        shortest: the shortest distance in days from a matching day to the next one; None when only one day matches.
        longest: the longest such distance.
    """

    def __init__(
        self,
        months: frozenset[int],
        days: fields.DaysOfMonth | fields.DaysOfWeek,
        years: frozenset[int] | None,
    ) -> None:
        self._months = months
        self._days = days
        self._years = years
        # there are only 14 kinds of year and 28 kinds of month, so each kind is computed once
        self._kinds_of_year: dict[tuple[bool, int], tuple[int, ...]] = {}
        self._kinds_of_month: dict[tuple[int, int], tuple[int, ...]] = {}
        self._most: dict[int, tuple[int, int | None]] = {}
        self.weekdays = self._weekly()
        self.last: int | None = None
        self.shortest: int | None = None
        self.longest: int | None = None
        self._measure()

    @property
    def every_year(self) -> bool:
        """Whether every year matches."""
        return self._years is None

    @property
    def ends(self) -> bool:
        """Whether the matching years end before the calendar does."""
        if self._years is None or self.last is None:
            return False
        # years such as */4 stop at 2198, only because the field allows no later year; the schedule itself does not end
        return self.longest is None or _LAST_DAY - self.last > self.longest

    def on_or_after(self, day: int) -> Iterator[int]:
        """The ordinals of the matching days, from a day on; that day included."""
        for year in range(max(date.fromordinal(day).year, fields.YEAR.low), fields.YEAR.high + 1):
            first = date(year, 1, 1).toordinal()
            matching = self._of_year(year)
            for offset in matching[bisect_left(matching, day - first) :]:
                yield first + offset

    def most_in(self, days: int) -> tuple[int, int | None]:
        """The most matching days in a window that opens on a matching day.

        Args:
            days: the length of the window in days; 0 or more.

        Returns:
            The most matching days of any window, and the most of a window whose next day matches too (None when the
            next day of no window matches).
        """
        if days not in self._most:
            self._most[days] = self._search(days)
        return self._most[days]

    def _search(self, days: int) -> tuple[int, int | None]:
        matching, starts = self._days_to_search(days)
        most = 0
        most_before_a_match: int | None = None
        end = 0
        for start in range(starts):
            border = matching[start] + days
            while end < len(matching) and matching[end] < border:
                end += 1
            if end < len(matching) and matching[end] == border:
                most_before_a_match = max(most_before_a_match or 0, end - start)
            most = max(most, end - start)
        return most, most_before_a_match

    def _days_to_search(self, days: int) -> tuple[list[int], int]:
        """Enough matching days to hold every pattern of a window, and the number of them on which a window opens."""
        if self.weekdays is not None:
            sunday = date(2023, 1, 1).toordinal()
            matching = [sunday + day for day in range(days + 8) if day % 7 in self.weekdays]
            return matching, len(self.weekdays)
        low, high = fields.YEAR.low, fields.YEAR.high
        years = days // 365 + 2
        if self._years is None and _BREAK + RHYTHM + years < high:
            # two sets of windows are enough: those that contain the break of 2100, and those of one whole rhythm after
            # it, which have the same patterns as those before it
            low, high = _BREAK - years, _BREAK + RHYTHM + years
        matching = []
        for year in range(low, high + 1):
            first = date(year, 1, 1).toordinal()
            matching.extend(first + day for day in self._of_year(year))
        return matching, len(matching)

    def _of_year(self, year: int) -> tuple[int, ...]:
        """The matching days of a year; January 1 is 0."""
        if self._years is not None and year not in self._years:
            return ()
        kind = (isleap(year), date(year, 1, 1).weekday())
        if kind not in self._kinds_of_year:
            self._kinds_of_year[kind] = self._of_kind(year)
        return self._kinds_of_year[kind]

    def _of_kind(self, year: int) -> tuple[int, ...]:
        days: list[int] = []
        offset = 0
        for month in range(1, 13):
            first_weekday, length = monthrange(year, month)
            if month in self._months:
                kind = (length, (first_weekday + 1) % 7 + 1)
                if kind not in self._kinds_of_month:
                    self._kinds_of_month[kind] = self._days.within(*kind)
                days.extend(offset + day - 1 for day in self._kinds_of_month[kind])
            offset += length
        return tuple(days)

    def _weekly(self) -> frozenset[int] | None:
        """The weekdays (Sunday is 0) when the matching days repeat every week, otherwise None."""
        if self._years is not None or len(self._months) < fields.MONTH.high:
            return None
        if isinstance(self._days, fields.DaysOfWeek):
            return None if self._days.last or self._days.nth else frozenset(day - 1 for day in self._days.plain)
        return frozenset(range(7)) if len(self._days.plain) == fields.DAY_OF_MONTH.high else None

    def _measure(self) -> None:
        distances: set[int] = set()
        seen: set[tuple[int, ...]] = set()
        for year in range(fields.YEAR.low, fields.YEAR.high + 1):
            days = self._of_year(year)
            if not days:
                continue
            first = date(year, 1, 1).toordinal()
            if self.last is not None:
                distances.add(first + days[0] - self.last)
            if days not in seen:
                seen.add(days)
                distances.update(steps(days))
            self.last = first + days[-1]
        self.shortest = min(distances, default=None)
        self.longest = max(distances, default=None)


def to_utc(moment: datetime) -> datetime:
    """A moment in UTC.

    Raises:
        ValueError: for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"the moment must be aware of its time zone, got {moment!r}")
    return moment.astimezone(UTC)


def instant(day: int, minute: int) -> datetime:
    """The time in UTC of a minute of a day; the day is an ordinal."""
    return datetime.combine(date.fromordinal(day), time.min, UTC) + timedelta(minutes=minute)


def steps(rising: Sequence[int]) -> list[int]:
    """The distances between neighbours of a rising sequence."""
    return [later - earlier for earlier, later in pairwise(rising)]
