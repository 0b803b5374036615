"""The fields of both cron dialects: what one field allows, and the values that its text names (no CDK).

EventBridge: "Cron expressions reference" (EventBridge User Guide). Redshift: "Snapshot schedule format" (Redshift
Management Guide).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
_SATURDAY: Final = 7
_SUNDAY: Final = 1
_WEEKS_OF_A_MONTH: Final = 5
_MOST_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a cron expression: its name, its range, its names and its wildcards."""

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
        """The value that a number or a name stands for, or None where this field has no such value."""
        if text in self.names:
            return self.names[text]
        value = _digits(text)
        return value if value is not None and self.low <= value <= self.high else None


def _digits(text: str) -> int | None:
    """A number of plain digits; int() alone would take other scripts' digits, which AWS does not."""
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


def values(of: Field, text: str, report: Callable[[str, str, str], None]) -> frozenset[int]:
    """The values that a comma-separated list of numbers, names, ranges and steps stands for."""
    found: set[int] = set()
    if "," in text and "," not in of.wildcards:
        report(text, of.allowed, "this field takes no list")
        return frozenset()
    for item in text.split(","):
        found.update(_item(of, item, report))
    return frozenset(found)


def _item(of: Field, item: str, report: Callable[[str, str, str], None]) -> range | list[int]:
    match = _ITEM.fullmatch(item)
    if match is None or (match["first"] == "*" and match["last"]) or not _has_wildcards(of, match):
        report(item, of.allowed, "")
        return []
    first, last = (of.low, of.high) if match["first"] == "*" else (of.number(match["first"]), None)
    if match["last"]:
        last = of.number(match["last"])
    elif last is None:
        # a start with a step and no end runs to the field's end: 1/10 in Minutes is 1, 11, ..., 51
        last = of.high if match["step"] else first
    if first is None or last is None:
        report(item, of.allowed, "")
        return []
    step = 1
    if match["step"]:
        step = _digits(match["step"]) or 0
        if not 1 <= step <= of.high - of.low + 1:
            report(item, f"a step of 1 to {of.high - of.low + 1}", "")
            return []
    if first > last and of.cyclic:
        # 20-2 in Hours is 20:00 to 2:00; AWS's own table of examples has it
        size = of.high - of.low + 1
        return [(value - of.low) % size + of.low for value in range(first, last + size + 1, step)]
    if first > last:
        report(item, "a range that rises", "")
    return range(first, last + 1, step)


def _has_wildcards(of: Field, match: re.Match[str]) -> bool:
    """Whether the field knows the wildcards that an item uses."""
    used = ("*" if match["first"] == "*" else "") + ("-" if match["last"] else "") + ("/" if match["step"] else "")
    return all(wildcard in of.wildcards for wildcard in used)


@dataclass(frozen=True, slots=True)
class DaysOfMonth:
    """Day-of-month as a rule: plain days, the last day (L), weekdays nearest to a day (3W), the last weekday (LW)."""

    plain: frozenset[int]
    nearest: frozenset[int] = frozenset()
    last: bool = False
    last_weekday: bool = False

    def within(self, length: int, first_weekday: int) -> tuple[int, ...]:
        """The days that match in a month of this length whose day 1 falls on this weekday (Sunday is 1)."""
        days = {day for day in self.plain if day <= length}
        if self.last:
            days.add(length)
        if self.last_weekday:
            days.add(_nearest_weekday(length, length, first_weekday))
        # a month without the day has no nearest weekday either
        days.update(_nearest_weekday(day, length, first_weekday) for day in self.nearest if day <= length)
        return tuple(sorted(days))


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """Day-of-week as a rule: plain weekdays, the last such weekday of the month (6L), its n-th (3#2)."""

    plain: frozenset[int]
    last: frozenset[int] = frozenset()
    nth: tuple[int, int] | None = None

    def within(self, length: int, first_weekday: int) -> tuple[int, ...]:
        """The days that match in a month of this length whose day 1 falls on this weekday (Sunday is 1)."""
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
    """The Monday to Friday nearest to a day, without leaving the month."""
    weekday = (first_weekday + day - 2) % 7 + 1
    if weekday == _SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == _SUNDAY:
        return day + 1 if day < length else day - 2
    return day


def days_of_month(text: str, report: Callable[[str, str, str], None]) -> DaysOfMonth:
    """Read EventBridge's Day-of-month field."""
    plain: list[str] = []
    nearest: set[int] = set()
    items = text.split(",")
    for item in items:
        if item in {"L", "LW"}:
            continue
        if item.endswith("W"):
            day = DAY_OF_MONTH.number(item[:-1])
            if day is None:
                report(item, "a day of 1-31 before W, or LW", "W means the weekday nearest to that day")
            else:
                nearest.add(day)
        else:
            plain.append(item)
    return DaysOfMonth(
        values(DAY_OF_MONTH, ",".join(plain), report) if plain else frozenset(),
        frozenset(nearest),
        last="L" in items,
        last_weekday="LW" in items,
    )


def days_of_week(text: str, report: Callable[[str, str, str], None]) -> DaysOfWeek:
    """Read EventBridge's Day-of-week field."""
    if "#" in text:
        weekday_text, _, week = text.partition("#")
        weekday = DAY_OF_WEEK.number(weekday_text)
        if weekday is None or week not in {str(number + 1) for number in range(_WEEKS_OF_A_MONTH)}:
            report(text, "one weekday, #, and a week of 1-5", "a field with # holds one expression only")
            return DaysOfWeek(frozenset())
        return DaysOfWeek(frozenset(), nth=(weekday, int(week)))
    plain: list[str] = []
    last: set[int] = set()
    for item in text.split(","):
        if item == "L":
            # alone it is the last day of the week
            plain.append(str(_SATURDAY))
        elif item.endswith("L"):
            weekday = DAY_OF_WEEK.number(item[:-1])
            if weekday is None:
                report(item, "a weekday before L", "6L means the last Friday of the month")
            else:
                last.add(weekday)
        else:
            plain.append(item)
    return DaysOfWeek(values(DAY_OF_WEEK, ",".join(plain), report) if plain else frozenset(), frozenset(last))
