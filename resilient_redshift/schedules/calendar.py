"""The days on which a cron expression fires, over the whole calendar that one can name (no CDK).

Everything is arithmetic over 1970 to 2199: leap years, months without a day 31 and fifth Sundays of February included.
Nothing is sampled and nothing depends on today's date.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import isleap, monthrange
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LAST_DAY: Final = date(fields.YEAR.high, 12, 31).toordinal()
#: 2100 is no leap year: the only break of the 28-year rhythm of weekdays and leap years between 1970 and 2199.
_BREAK: Final = 2100
_RHYTHM: Final = 28


class Calendar:
    """The matching days of a cron expression, and the distances between them.

    Args:
        months: the matching months.
        days: the rule of Day-of-month or Day-of-week, whichever is not ``?``.
        years: the matching years, or None for every year.
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
        # 14 kinds of year and 28 of month are all there are
        self._kinds_of_year: dict[tuple[bool, int], tuple[int, ...]] = {}
        self._kinds_of_month: dict[tuple[int, int], tuple[int, ...]] = {}
        self._most: dict[int, tuple[int, int | None]] = {}
        self.weekdays = self._weekly()
        #: The last matching day of all (its ordinal), or None where no day ever matches.
        self.last: int | None = None
        #: The shortest and longest distance in days between a matching day and the next; None where only one matches.
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
        # a list of years such as */4 stops at 2198 only because the field does
        return self.longest is None or _LAST_DAY - self.last > self.longest

    def on_or_after(self, day: int) -> Iterator[int]:
        """The matching days (ordinals) from a day on."""
        for year in range(max(date.fromordinal(day).year, fields.YEAR.low), fields.YEAR.high + 1):
            first = date(year, 1, 1).toordinal()
            matching = self._of_year(year)
            for offset in matching[bisect_left(matching, day - first) :]:
                yield first + offset

    def most_in(self, days: int) -> tuple[int, int | None]:
        """The most matching days among so many, counted from a matching one on.

        Returns:
            The most at all, and the most where the day right after them matches too (None where none does).
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
        """Matching days that hold every pattern of so many days, and how many of them to start from."""
        if self.weekdays is not None:
            sunday = date(2023, 1, 1).toordinal()
            matching = [sunday + day for day in range(days + 8) if day % 7 in self.weekdays]
            return matching, len(self.weekdays)
        low, high = fields.YEAR.low, fields.YEAR.high
        years = days // 365 + 2
        if self._years is None and _BREAK + _RHYTHM + years < high:
            # the windows over the border of 2100, and those of a whole rhythm after it, which are those before it too
            low, high = _BREAK - years, _BREAK + _RHYTHM + years
        matching = []
        for year in range(low, high + 1):
            first = date(year, 1, 1).toordinal()
            matching.extend(first + day for day in self._of_year(year))
        return matching, len(matching)

    def _of_year(self, year: int) -> tuple[int, ...]:
        """The matching days of a year, January 1 being 0."""
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
        """The weekdays (Sunday is 0) where the days repeat each week, otherwise None."""
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


def steps(rising: Sequence[int]) -> list[int]:
    """The distances between neighbours."""
    return [later - earlier for earlier, later in pairwise(rising)]
