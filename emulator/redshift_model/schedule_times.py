"""When Redshift's own schedules fire: a reading of the guide of its own, so that the library's cannot agree with itself alone.

Rules are [D] "Snapshot schedule format" of the management guide unless marked otherwise.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from emulator.redshift_model.errors import api_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.redshift_model.errors import ApiError

_DAY, _WEEK = 1440, 7 * 1440
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST_LIST = 24
_LONGEST_RATE = 24
_CLOSEST = 60


def _wrong(definition: str, why: str) -> ApiError:
    return api_error("InvalidScheduleFault", f"The schedule definition {definition} is not valid: {why}.")


def _numbers(definition: str, text: str, low: int, high: int) -> set[int]:
    """Wildcards ``, - * /`` of one field."""
    parts = text.split(",")
    if len(parts) > _LONGEST_LIST:
        raise _wrong(definition, f"{text} has more than {_LONGEST_LIST} values")
    found: set[int] = set()
    for part in parts:
        begin, _, step = part.partition("/")
        if step and not step.isdigit():
            raise _wrong(definition, f"the step of {part}")
        first, _, last = begin.partition("-")
        if begin == "*":
            ends = (low, high)
        elif first.isdigit() and (not last or last.isdigit()):
            ends = (int(first), int(last or (high if step else first)))
        else:
            raise _wrong(definition, part)
        if not low <= ends[0] <= ends[1] <= high:
            raise _wrong(definition, f"{part} is outside {low}-{high}")
        found.update(range(ends[0], ends[1] + 1, int(step or 1)))
    return found


def week(definition: str) -> set[int]:
    """Minutes of a week (Sunday 0:00 is 0) of one ``cron(Minutes Hours Day-of-week)``, UTC."""
    found = re.fullmatch(r"cron\((\S+) (\S+) (\S+)\)", definition)
    if found is None:
        raise _wrong(definition, "cron takes three fields: Minutes Hours Day-of-week")
    minutes, hours, weekdays = found.groups()
    if not minutes.isdigit():  # no wildcards and no list in Minutes
        raise _wrong(definition, f"minutes {minutes}")
    for number, name in enumerate(_DAYS, 1):
        weekdays = weekdays.upper().replace(name, str(number))
    [minute] = _numbers(definition, minutes, 0, 59)
    hour_values = _numbers(definition, hours, 0, 23)
    days = _numbers(definition, weekdays, 1, 7)
    return {(day - 1) * _DAY + hour * 60 + minute for day in days for hour in hour_values}


def hours(definition: str) -> int:
    """The N of ``rate(N hours)``, 1 to 24."""
    found = re.fullmatch(r"rate\((\d+) hours?\)", definition)
    if found is None or not 1 <= int(found[1]) <= _LONGEST_RATE:
        raise _wrong(definition, "a rate is rate(N hours) with N of 1 to 24")
    return int(found[1])


def check(definitions: Sequence[str]) -> None:
    """Refuse what Redshift refuses: wrong forms, snapshots closer than an hour or further apart than a day.

    That a rate is not measured against the other definitions is a guess, as is each code: InvalidSchedule for wrong values,
    ScheduleDefinitionTypeUnsupported [S: it exists] for a word other than cron and rate.
    """
    if not definitions:
        raise api_error("InvalidScheduleFault", "A schedule needs at least one definition.")
    together: list[int] = []
    for definition in definitions:
        if definition.startswith("rate("):
            hours(definition)
        elif definition.startswith("cron("):
            together += week(definition)
        else:
            raise api_error("ScheduleDefinitionTypeUnsupportedFault", f"The definition {definition} is not supported.")
    if together:
        ordered = sorted(together)
        gaps = [later - earlier for earlier, later in zip(ordered, [*ordered[1:], ordered[0] + _WEEK], strict=True)]
        shown = ", ".join(definitions)
        if min(gaps) < _CLOSEST:
            raise _wrong(shown, "snapshots would be less than one hour apart")
        if max(gaps) > _DAY and not any(each.startswith("rate(") for each in definitions):
            raise _wrong(shown, "snapshots would be more than 24 hours apart")


def next_firing(definitions: Sequence[str], after: dt.datetime, anchor: dt.datetime) -> dt.datetime:
    """The first firing later than ``after``; rates count from ``anchor``, when the cluster got the schedule (guess)."""
    found: list[dt.datetime] = []
    minute = after.replace(second=0, microsecond=0)
    # Python's Monday is 0, the schedule's Sunday
    sunday = minute - dt.timedelta(days=(minute.weekday() + 1) % 7, hours=minute.hour, minutes=minute.minute)
    for definition in definitions:
        if definition.startswith("rate("):
            every = dt.timedelta(hours=hours(definition))
            found.append(anchor + every * ((after - anchor) // every + 1))
            continue
        minutes = week(definition)
        times = [sunday + dt.timedelta(minutes=m + w * _WEEK) for w in (0, 1) for m in minutes]
        found.append(min(when for when in times if when > after))
    return min(found)
