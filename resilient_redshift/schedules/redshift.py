"""Redshift's snapshot schedules, which take automated snapshots, and their own dialect of cron (no CDK).

The dialect is ``cron(Minutes Hours Day-of-week)`` and ``rate(N hours)``, in UTC, to the minute. Several definitions
make one schedule. The snapshots of a schedule are at least one hour and at most 24 hours apart. Source: "Snapshot
schedule format" (Redshift Management Guide).
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.limits import LONGEST_SCHEDULE_GAP, MOST_SCHEDULE_VALUES, SHORTEST_SCHEDULE_GAP
from resilient_redshift.schedules import fields
from resilient_redshift.schedules.calendar import MINUTES_OF_WEEK, Calendar, steps
from resilient_redshift.schedules.eventbridge import CronSchedule, RateSchedule, Schedule, longest_gap_of
from resilient_redshift.schedules.findings import Finding, recorder, report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.errors import Problems

_HOUR: Final = timedelta(hours=1)
_MOST_HOURS: Final = LONGEST_SCHEDULE_GAP // _HOUR
_RATE: Final = re.compile(r"rate\((\d{1,2}) hours?\)", re.ASCII)
_FIELDS: Final = "Minutes Hours Day-of-week"
_FORMS: Final = f"cron({_FIELDS}) or rate(N hours)"
_SOURCE: Final = "Redshift Management Guide: snapshot schedule format"


def check_snapshot_schedule(problems: Problems, argument: str, definitions: Sequence[str]) -> tuple[Schedule, ...]:
    """Read the definitions of one snapshot schedule, and record a problem for each thing that is wrong.

    The check compares the cron definitions with each other: together they must fire at least one hour and at most 24
    hours apart. It compares no rate with another definition, because AWS does not document from when a rate counts.

    Args:
        problems: where to record.
        argument: the name under which the user passed the definitions.
        definitions: one or more expressions of Redshift's dialect.

    Returns:
        The schedules of the definitions that are right.
    """
    if not definitions:
        problems.add(argument, definitions, f"at least one of {_FORMS}", _SOURCE)
    schedules = [
        schedule
        for definition in definitions
        if (schedule := check_definition(problems, argument, definition)) is not None
    ]
    if schedules and len(schedules) == len(definitions):
        _check_distances(problems, argument, schedules)
    return tuple(schedules)


def check_definition(
    problems: Problems, argument: str, definition: object, *, arguments: Mapping[str, str] | None = None
) -> Schedule | None:
    """Read one definition of a snapshot schedule, and record a problem for each field that is wrong.

    Args:
        problems: where to record.
        argument: the name under which the user passed the definition.
        definition: an expression of Redshift's dialect; any other value is a problem too.
        arguments: the argument of each field, for a call in which the user passes the fields one by one. Default: the
            user passed the whole definition.

    Returns:
        The schedule; None after a problem.
    """
    if not isinstance(definition, str):
        problems.add(argument, definition, _FORMS, _SOURCE)
        return None
    parsed = _parsed(definition)
    if isinstance(parsed, Schedule):
        return parsed
    report(problems, argument, parsed, arguments=arguments, source=_SOURCE)
    return None


def _check_distances(problems: Problems, argument: str, schedules: Sequence[Schedule]) -> None:
    expressions = ", ".join(schedule.expression for schedule in schedules)
    week = sorted(minute for schedule in schedules for minute in getattr(schedule, "minutes_of_week", None) or ())
    closest = min(steps([*week, week[0] + MINUTES_OF_WEEK])) if week else MINUTES_OF_WEEK
    if timedelta(minutes=closest) < SHORTEST_SCHEDULE_GAP:
        why = f"two snapshots would be {closest} minutes apart, which Redshift refuses"
        problems.add(argument, expressions, "definitions that fire at least one hour apart", why)
    longest = longest_gap_of(schedules)
    if longest > LONGEST_SCHEDULE_GAP:
        why = f"the longest gap would be {longest / _HOUR:g} hours, which Redshift does not support"
        problems.add(argument, expressions, f"definitions that fire at least every {_MOST_HOURS} hours", why)


@lru_cache(maxsize=256)
def _parsed(definition: str) -> Schedule | tuple[Finding, ...]:
    if definition.startswith("rate("):
        match = _RATE.fullmatch(definition)
        hours = int(match[1]) if match else 0
        if not 1 <= hours <= _MOST_HOURS:
            return (Finding("", definition, f"rate(N hours) with N of 1-{_MOST_HOURS}"),)
        return RateSchedule(definition, hours * _HOUR)
    match = fields.CRON.fullmatch(definition)
    if match is None:
        return (Finding("", definition, _FORMS),)
    texts = match[1].upper().split()
    if len(texts) != len(_FIELDS.split()):
        why = f"the expression has {len(texts)}; Redshift's dialect is not EventBridge's"
        return (Finding("", definition, f"three fields: {_FIELDS}", why),)
    minutes, hours_text, weekday = texts
    findings = [
        Finding(cron_field.name, text, f"at most {MOST_SCHEDULE_VALUES} values")
        for cron_field, text in ((fields.REDSHIFT_HOURS, hours_text), (fields.REDSHIFT_DAY_OF_WEEK, weekday))
        if text.count(",") >= MOST_SCHEDULE_VALUES
    ]
    times = fields.times_of_day(fields.REDSHIFT_MINUTES, minutes, fields.REDSHIFT_HOURS, hours_text, findings)
    record = recorder(fields.REDSHIFT_DAY_OF_WEEK.name, findings)
    weekdays = fields.values(fields.REDSHIFT_DAY_OF_WEEK, weekday, record)
    if findings:
        return tuple(findings)
    every_month = frozenset(range(fields.MONTH.low, fields.MONTH.high + 1))
    return CronSchedule(definition, times, Calendar(every_month, fields.DaysOfWeek(weekdays), None))
