"""Counts what the evidence says. Pure functions, without AWS."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.outcomes import (
    ALREADY_RUNNING,
    GOOD_RESTORE_OUTCOMES,
    INCONCLUSIVE,
    SKIPPED_FAILOVER,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.report.evidence import Ages, Run

GOOD: Final = "good"
FAILED: Final = "failed"
NO_VERDICT: Final = "no verdict"
RUNNING: Final = "running"
_HOUR: Final = timedelta(hours=1)


def result(run: Run) -> str:
    """What a run proves: ``good``, ``failed``, ``no verdict`` or ``running``.

    A drill that was skipped, that met a lack of capacity, or that another drill made superfluous proves nothing.
    """
    if run.ended is None:
        return RUNNING
    if run.outcome in GOOD_RESTORE_OUTCOMES:
        return GOOD
    if run.outcome in {SKIPPED_FAILOVER, INCONCLUSIVE} or (run.outcome == ALREADY_RUNNING and run.mode == "drill"):
        return NO_VERDICT
    return FAILED


def mended_by(run: Run, runs: Sequence[Run]) -> Run | None:
    """The first good run of the same mode after a failed one. None: there is none yet."""
    after = [
        one
        for one in runs
        if one.mode == run.mode
        and result(one) == GOOD
        and one.ended is not None
        and run.ended is not None
        and one.ended > run.ended
    ]
    return min(after, key=lambda one: (one.ended or one.started, one.execution), default=None)


def within(measured: float | None, objective: float | None) -> bool | None:
    """Whether a measured length is within an objective. None: one of them is not known."""
    return None if measured is None or objective is None else measured <= objective


@dataclass
class Hours:
    """How many hours the recovery point was within the objective.

    Args:
        hours: the hours of the time.
        before_first_data: those before the first hour that has data. Nobody knows whether the plan existed.
        within: those whose highest age is within the objective.
        over: those whose highest age is over the objective.
        over_while_paused: those that are over, too, but while the paused cluster excused it.
        no_data: those without data, after the first hour that has some.
        highest: the highest age of all, in seconds. None: there is no data.
        highest_at: the first hour that has it.
    """

    hours: int = 0
    before_first_data: int = 0
    within: int = 0
    over: int = 0
    over_while_paused: int = 0
    no_data: int = 0
    highest: float | None = None
    highest_at: datetime | None = None

    @property
    def known(self) -> int:
        """The hours that have data."""
        return self.hours - self.before_first_data - self.no_data

    @property
    def judged(self) -> int:
        """The hours that are within the objective or over it."""
        return self.within + self.over + self.over_while_paused


def count_hours(ages: Ages, objective: float | None) -> tuple[Hours, dict[str, Hours]]:
    """Count the hours of the whole time, and of each month, such as ``2026-11``.

    Without an objective, no hour is within it or over it: those with data are counted by ``highest`` only.

    Args:
        ages: the ages.
        objective: the recovery point that is promised, in seconds. None: it is not known.
    """
    whole, months = Hours(), defaultdict[str, Hours](Hours)
    first = min(ages.by_hour, default=ages.end)
    hour = ages.start
    while hour < ages.end:
        for one in (whole, months[f"{hour:%Y-%m}"]):
            _count(one, hour, ages, objective, first)
        hour += _HOUR
    return whole, dict(sorted(months.items()))


def _count(hours: Hours, hour: datetime, ages: Ages, objective: float | None, first: datetime) -> None:
    hours.hours += 1
    age = ages.by_hour.get(hour)
    if age is None:
        if hour < first:
            hours.before_first_data += 1
        else:
            hours.no_data += 1
        return
    if hours.highest is None or age > hours.highest:
        hours.highest, hours.highest_at = age, hour
    if objective is None:
        return
    if age <= objective:
        hours.within += 1
    elif hour in ages.paused:
        hours.over_while_paused += 1
    else:
        hours.over += 1


def percent(part: int, whole: int) -> float | None:
    """A share in percent, rounded down to two digits: only a whole is 100. None: there is nothing to share."""
    return None if whole == 0 else part * 10_000 // whole / 100
