"""Redshift's own schedules of automated snapshots: ``cron(Minutes Hours Day-of-week)`` and ``rate(N hours)`` (no CDK).

"Snapshot schedule format" (Redshift Management Guide): UTC, to the minute, never closer than one hour, never further
apart than 24 hours; several definitions make one schedule.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resilient_redshift.schedules import fields
from resilient_redshift.schedules.calendar import Calendar, steps
from resilient_redshift.schedules.eventbridge import (
    CronSchedule,
    Finding,
    RateSchedule,
    Schedule,
    longest_gap_of,
    report,
    reporter,
    times_of_day,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.errors import Problems

_CLOSEST: Final = timedelta(hours=1)
_FURTHEST: Final = timedelta(hours=24)
_MOST_VALUES: Final = 24
_WEEK: Final = 7 * 1440
_RATE: Final = re.compile(r"rate\((\d{1,2}) hours?\)", re.ASCII)
_CRON: Final = re.compile(r"cron\(([^()]*)\)")
_THREE: Final = "three fields: Minutes Hours Day-of-week"
_FORMS: Final = "cron(Minutes Hours Day-of-week) or rate(N hours)"


def check_snapshot_schedule(problems: Problems, argument: str, definitions: Sequence[str]) -> tuple[Schedule, ...]:
    """Read the definitions of one snapshot schedule, recording each problem.

    Args:
        problems: where to record.
        argument: what the user calls the definitions.
        definitions: at least one expression of Redshift's dialect.

    Returns:
        The definitions that could be read. When a rate starts to count is unknown, so that only cron definitions are
        checked against each other.
    """
    if not definitions:
        problems.add(argument, definitions, f"at least one of {_FORMS}")
    schedules: list[Schedule] = []
    for definition in definitions:
        found = read_definition(definition) if isinstance(definition, str) else (("", repr(definition), _FORMS, ""),)
        if isinstance(found, Schedule):
            schedules.append(found)
        else:
            report(problems, argument, found)
    if schedules and len(schedules) == len(definitions):
        _check_distances(problems, argument, schedules)
    return tuple(schedules)


def _check_distances(problems: Problems, argument: str, schedules: Sequence[Schedule]) -> None:
    shown = ", ".join(schedule.expression for schedule in schedules)
    week = sorted(minute for schedule in schedules for minute in getattr(schedule, "minutes_of_week", None) or ())
    closest = min(steps([*week, week[0] + _WEEK])) if week else _WEEK
    if timedelta(minutes=closest) < _CLOSEST:
        allowed = "definitions that fire at least one hour apart"
        problems.add(
            argument, shown, allowed, f"two snapshots would be {closest} minutes apart, which Redshift refuses"
        )
    longest = longest_gap_of(schedules)
    if longest > _FURTHEST:
        hours = longest / timedelta(hours=1)
        allowed = "definitions that fire at least every 24 hours"
        problems.add(
            argument, shown, allowed, f"the longest gap would be {hours:g} hours, which Redshift does not support"
        )


@lru_cache(maxsize=256)
def read_definition(definition: str) -> Schedule | tuple[Finding, ...]:
    """Read one definition by itself; what is wrong with it where it is none."""
    if definition.startswith("rate("):
        match = _RATE.fullmatch(definition)
        hours = int(match[1]) if match else 0
        if not 1 <= hours <= _FURTHEST // _CLOSEST:
            return (("", definition, "rate(N hours) with N of 1-24", ""),)
        return RateSchedule(definition, timedelta(hours=hours))
    match = _CRON.fullmatch(definition)
    if match is None:
        return (("", definition, _FORMS, ""),)
    texts = match[1].upper().split()
    if len(texts) != len(_THREE.split()) - 2:
        return (("", definition, _THREE, f"it has {len(texts)}; Redshift's dialect is not EventBridge's"),)
    found: list[Finding] = []
    minutes, hours_text, weekday = texts
    for of, text in ((fields.REDSHIFT_HOURS, hours_text), (fields.REDSHIFT_DAY_OF_WEEK, weekday)):
        if text.count(",") >= _MOST_VALUES:
            found.append((of.name, text, f"at most {_MOST_VALUES} values", ""))
    times = times_of_day(fields.REDSHIFT_MINUTES, minutes, fields.REDSHIFT_HOURS, hours_text, found)
    weekdays = fields.values(fields.REDSHIFT_DAY_OF_WEEK, weekday, reporter(fields.REDSHIFT_DAY_OF_WEEK, found))
    if found:
        return tuple(found)
    every_month = frozenset(range(fields.MONTH.low, fields.MONTH.high + 1))
    return CronSchedule(definition, times, Calendar(every_month, fields.DaysOfWeek(weekdays), None))
