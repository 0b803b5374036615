"""What to write instead of a schedule with a time zone, because a rule of EventBridge runs in UTC alone.

A time of the day in a zone with daylight saving time is two times of the day in UTC. One rule cannot have both. Two
rules with months of their own would both run, or neither, around each change. So the user chooses one time in UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_DAILY: Final = re.compile(r"cron\(([0-5]?\d) ([01]?\d|2[0-3]) (\* \* \?|\? \* \*) \*\)")
_UTC_ONLY: Final = "a rule of EventBridge runs in UTC and knows no time zone and no daylight saving time"


def instead_of(expression: str, zone: str | None, *, year: int | None = None) -> str:
    """The reason why a schedule of EventBridge Scheduler is refused, and the UTC schedule to write instead.

    Args:
        expression: the schedule's expression, such as ``cron(0 3 * * ? *)``.
        zone: the name of its time zone, such as ``Europe/Berlin``; None for UTC.
        year: the year whose offsets count. Default: this year.
    """
    if zone in (None, "Etc/UTC", "UTC"):
        return f"write events.Schedule.expression({expression!r})"
    found = _DAILY.fullmatch(expression)
    offsets = _offsets(zone, datetime.now(UTC).year if year is None else year)
    if found is None or not offsets:
        return f"{_UTC_ONLY}: write the times of {zone} in UTC, as events.Schedule.cron(...)"
    minute, hour = int(found[1]), int(found[2])
    local = datetime(2000, 1, 1, hour, minute)  # noqa: DTZ001 - a time of the day
    in_utc = local - offsets[0]
    schedule = f"events.Schedule.cron(minute='{in_utc.minute}', hour='{in_utc.hour}')"
    times = " or ".join(sorted({f"{in_utc + offset:%H:%M}" for offset in offsets}))
    season = ", with daylight saving time" if len(offsets) > 1 else ""
    return f"{_UTC_ONLY}: write {schedule}, which is {times} in {zone}{season}"


def _offsets(zone: str, year: int) -> list[timedelta]:
    """The offsets of a zone from UTC in January and in July, without repetition; empty for a zone nobody knows here."""
    try:
        info = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # no such zone, or no database of zones on this machine
        return []
    offsets = [datetime(year, month, 1, 12, tzinfo=info).utcoffset() for month in (1, 7)]
    return list(dict.fromkeys(offset for offset in offsets if offset is not None))
