"""The fields of both cron dialects: what each field allows, and which values its text names (no CDK).

EventBridge: "Cron expressions reference" (EventBridge User Guide). Redshift: "Snapshot schedule format" (Redshift
Management Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules.findings import recorder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.schedules.findings import Finding, Recorder

#: A cron expression of either dialect; the group holds its fields.
CRON: Final = re.compile(r"cron\(([^()]*)\)")

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
        start=1,
    )
}
_WEEKDAYS: Final = {
    name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)
}
_ITEM: Final = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\w+))?")
_SATURDAY: Final = _WEEKDAYS["SAT"]
_SUNDAY: Final = _WEEKDAYS["SUN"]
_WEEKS_OF_A_MONTH: Final = 5
_MOST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a cron expression.

    Attributes:
        name: the field's name in the pages of AWS.
        low: the lowest value.
        high: the highest value.
        wildcards: the wildcards that AWS documents for the field, separated by blanks.
        names: names of values, such as ``JAN``; all in capitals.
        cyclic: whether a range may run over the highest value to the lowest one, such as 20-2 in Hours.
    """

    name: str
    low: int
    high: int
    wildcards: str
    names: Mapping[str, int] = field(default_factory=dict)
    cyclic: bool = True

    @property
    def allowed(self) -> str:
        """The values and wildcards, for an error text."""
        names = f" or {next(iter(self.names))}-{list(self.names)[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}" + (f" with {self.wildcards}" if self.wildcards else "")

    def number(self, text: str) -> int | None:
        """The value that a number or a name means; None for a text that is no value of this field."""
        if text in self.names:
            return self.names[text]
        value = _digits(text)
        return value if value is not None and self.low <= value <= self.high else None


def _digits(text: str) -> int | None:
    """The number that a text of ASCII digits names, otherwise None.

    AWS accepts ASCII digits only, but ``int()`` also accepts the digits of other scripts.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


MINUTES: Final = Field("Minutes", 0, 59, ", - * /")
HOURS: Final = Field("Hours", 0, 23, ", - * /")
DAY_OF_MONTH: Final = Field("Day-of-month", 1, 31, ", - * ? / L W")
MONTH: Final = Field("Month", 1, 12, ", - * /", _MONTHS)
DAY_OF_WEEK: Final = Field("Day-of-week", 1, 7, ", - * ? / L #", _WEEKDAYS)
YEAR: Final = Field("Year", 1970, 2199, ", - * /", cyclic=False)

REDSHIFT_MINUTES: Final = Field("Minutes", 0, 59, "")
REDSHIFT_HOURS: Final = Field("Hours", 0, 23, ", - * /")
REDSHIFT_DAY_OF_WEEK: Final = Field("Day-of-week", 1, 7, ", - * /", _WEEKDAYS)


def values(cron_field: Field, text: str, record: Recorder) -> frozenset[int]:
    """The values that a field's text names: numbers, names, ranges and steps, separated by commas.

    Args:
        cron_field: the field.
        text: the field's text, in capitals.
        record: records each item that is wrong. The result leaves out the values of such an item.
    """
    if "," in text and "," not in cron_field.wildcards:
        record(text, cron_field.allowed, "this field takes no list")
        return frozenset()
    return frozenset(value for item in text.split(",") for value in _item(cron_field, item, record))


def _item(cron_field: Field, item: str, record: Recorder) -> range | list[int]:
    match = _ITEM.fullmatch(item)
    if match is None or (match["first"] == "*" and match["last"]) or not _has_wildcards(cron_field, match):
        record(item, cron_field.allowed, "")
        return []
    first, last = _ends(cron_field, match)
    if first is None or last is None:
        record(item, cron_field.allowed, "")
        return []
    size = cron_field.high - cron_field.low + 1
    step = (_digits(match["step"]) or 0) if match["step"] else 1
    if not 1 <= step <= size:
        record(item, f"a step of 1 to {size}", "")
        return []
    if first > last and cron_field.cyclic:
        # 20-2 in Hours means 20:00 to 2:00; the table of examples in AWS's page has such a range
        return [(value - cron_field.low) % size + cron_field.low for value in range(first, last + size + 1, step)]
    if first > last:
        record(item, "a range from a lower to a higher value", "")
    return range(first, last + 1, step)


def _ends(cron_field: Field, match: re.Match[str]) -> tuple[int | None, int | None]:
    """The first and the last value of an item; None for a text that is no value of the field."""
    if match["first"] == "*":
        return cron_field.low, cron_field.high
    first = cron_field.number(match["first"])
    if match["last"]:
        return first, cron_field.number(match["last"])
    # a start with a step and without an end runs to the highest value: 1/10 in Minutes means 1, 11, ..., 51
    return first, cron_field.high if match["step"] else first


def _has_wildcards(cron_field: Field, match: re.Match[str]) -> bool:
    """Whether AWS documents for this field every wildcard that an item uses."""
    used = ("*" if match["first"] == "*" else "") + ("-" if match["last"] else "") + ("/" if match["step"] else "")
    return all(wildcard in cron_field.wildcards for wildcard in used)


def times_of_day(
    minutes: Field, minutes_text: str, hours: Field, hours_text: str, findings: list[Finding]
) -> tuple[int, ...]:
    """The minutes of the day that a Minutes and an Hours field name together, in rising order.

    Args:
        minutes: the Minutes field of the dialect.
        minutes_text: its text.
        hours: the Hours field of the dialect.
        hours_text: its text.
        findings: the list that takes what is wrong with the two texts.
    """
    minute_values = values(minutes, minutes_text, recorder(minutes.name, findings))
    hour_values = values(hours, hours_text, recorder(hours.name, findings))
    return tuple(sorted(hour * 60 + minute for hour in hour_values for minute in minute_values))


@dataclass(frozen=True, slots=True)
class DaysOfMonth:
    """What a Day-of-month field means.

    Attributes:
        plain: days that match by their number.
        nearest: days whose nearest weekday matches (3W).
        last: whether the last day of the month matches (L).
        last_weekday: whether the last weekday of the month matches (LW).
    """

    plain: frozenset[int]
    nearest: frozenset[int] = frozenset()
    last: bool = False
    last_weekday: bool = False

    def within(self, length: int, first_weekday: int) -> tuple[int, ...]:
        """The days of a month that match.

        Args:
            length: the month's number of days, 28 to 31.
            first_weekday: the weekday of its first day; Sunday is 1.
        """
        days = {day for day in self.plain if day <= length}
        if self.last:
            days.add(length)
        if self.last_weekday:
            days.add(_nearest_weekday(length, length, first_weekday))
        # a month without that day has no weekday nearest to it
        days.update(_nearest_weekday(day, length, first_weekday) for day in self.nearest if day <= length)
        return tuple(sorted(days))


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """What a Day-of-week field means; Sunday is 1.

    Attributes:
        plain: weekdays that match in every week.
        last: weekdays that match on the last such day of the month (6L).
        nth: a weekday and the week of the month in which it matches (3#2); None without such an item.
    """

    plain: frozenset[int]
    last: frozenset[int] = frozenset()
    nth: tuple[int, int] | None = None

    def within(self, length: int, first_weekday: int) -> tuple[int, ...]:
        """The days of a month that match.

        Args:
            length: the month's number of days, 28 to 31.
            first_weekday: the weekday of its first day; Sunday is 1.
        """
        days = set()
        for day in range(1, length + 1):
            weekday = (first_weekday + day - 2) % 7 + 1
            if (
                weekday in self.plain
                or (weekday in self.last and day + 7 > length)
                or (self.nth is not None and (weekday, (day + 6) // 7) == self.nth)
            ):
                days.add(day)
        return tuple(sorted(days))


def _nearest_weekday(day: int, length: int, first_weekday: int) -> int:
    """The weekday (Monday to Friday) of the same month that is nearest to a day."""
    weekday = (first_weekday + day - 2) % 7 + 1
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == _SUNDAY:
        return day + 1 if day < length else day - 2
    return day


def days_of_month(text: str, record: Recorder) -> DaysOfMonth:
    """Read the Day-of-month field of EventBridge.

    Args:
        text: the field's text, in capitals.
        record: records each item that is wrong.
    """
    plain: list[str] = []
    nearest: set[int] = set()
    items = text.split(",")
    for item in items:
        if item in {"L", "LW"}:
            continue
        if item.endswith("W"):
            day = DAY_OF_MONTH.number(item[:-1])
            if day is None:
                record(item, "a day of 1-31 before W, or LW", "W means the weekday nearest to that day")
            else:
                nearest.add(day)
        else:
            plain.append(item)
    return DaysOfMonth(
        values(DAY_OF_MONTH, ",".join(plain), record) if plain else frozenset(),
        frozenset(nearest),
        last="L" in items,
        last_weekday="LW" in items,
    )


def days_of_week(text: str, record: Recorder) -> DaysOfWeek:
    """Read the Day-of-week field of EventBridge.

    Args:
        text: the field's text, in capitals.
        record: records each item that is wrong.
    """
    if "#" in text:
        weekday_text, _, week = text.partition("#")
        weekday = DAY_OF_WEEK.number(weekday_text)
        if weekday is None or week not in {str(number + 1) for number in range(_WEEKS_OF_A_MONTH)}:
            allowed = f"one weekday, #, and a week of 1-{_WEEKS_OF_A_MONTH}"
            record(text, allowed, "a field with # holds one expression only")
            return DaysOfWeek(frozenset())
        return DaysOfWeek(frozenset(), nth=(weekday, int(week)))
    plain: list[str] = []
    last: set[int] = set()
    for item in text.split(","):
        if item == "L":
            # without a weekday, L means the last day of the week
            plain.append(str(_SATURDAY))
        elif item.endswith("L"):
            weekday = DAY_OF_WEEK.number(item[:-1])
            if weekday is None:
                record(item, "a weekday before L", "6L means the last Friday of the month")
            else:
                last.add(weekday)
        else:
            plain.append(item)
    return DaysOfWeek(values(DAY_OF_WEEK, ",".join(plain), record) if plain else frozenset(), frozenset(last))
