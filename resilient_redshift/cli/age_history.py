"""The age of the recovery point over the last days, from the metric that the watcher writes in each Region.

A period without data is a gap: the watcher did not run, or could not read the recovery point. It is never shown as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import CliError
from resilient_redshift.contract.names import DIMENSION_PLAN, METRIC_NAMESPACE
from resilient_redshift.contract.watching import METRIC_RECOVERY_POINT_AGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.aws import Answer, Aws
    from resilient_redshift.cli.plans import Plan

DEFAULT_DAYS: Final = 7
#: CloudWatch keeps data of five minutes for 63 days (CloudWatch user guide, "Metrics retention"); a line has 60 places.
MOST_DAYS: Final = 60
_DAY: Final = 86_400
#: The periods to choose from, in seconds. Each is a multiple of 300, as old data needs (CloudWatch API, GetMetricData).
_PERIODS: Final = (1800, 3600, 7200, 10_800, 21_600, 43_200, _DAY)
_MOST_PERIODS: Final = 60
_WHOLE: Final = "Complete"
#: A table has at most this many rows.
_MOST_ROWS: Final = 30


@dataclass(frozen=True, kw_only=True)
class Ages:
    """The ages in one Region.

    Args:
        region: the Region.
        by_time: the highest age of each period that has data, in seconds, by the period's start.
        problem: why they could not be read. Empty: they were.
    """

    region: str
    by_time: Mapping[datetime, float]
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class History:
    """The ages of one plan.

    Args:
        days: how many days.
        period: the length of a period.
        starts: the start of each period, the oldest first.
        here: the ages in the primary Region.
        there: the ages in the recovery Region.
    """

    days: int
    period: timedelta
    starts: Sequence[datetime]
    here: Ages
    there: Ages

    def rows(self) -> list[tuple[datetime, float | None, float | None]]:
        """The rows of a table: the start, and the highest age in each Region. None: a gap."""
        step = next(step for step in range(1, len(self.starts) + 1) if len(self.starts) <= step * _MOST_ROWS)
        chunks = [self.starts[first : first + step] for first in range(0, len(self.starts), step)]
        return [(chunk[0], _highest(self.here, chunk), _highest(self.there, chunk)) for chunk in chunks]


def read(aws: Aws, plans: Sequence[Plan], days: int, now: datetime) -> list[History]:
    """Read the ages of each plan, in both Regions at the same time.

    Args:
        aws: calls to AWS.
        plans: the plans.
        days: how many days: 1 to :data:`MOST_DAYS`.
        now: the time.
    """
    period = next(length for length in _PERIODS if days * _DAY <= length * _MOST_PERIODS)
    last = datetime.fromtimestamp(now.timestamp() // period * period, UTC)
    number = days * _DAY // period
    starts = [last - timedelta(seconds=period * back) for back in reversed(range(number))]
    end = last + timedelta(seconds=period)
    places = [(plan, region) for plan in plans for region in (plan.primary, plan.recovery)]
    window = _Window(start=starts[0], end=end, period=period)
    answers = ask_together([partial(_ages, aws, plan, region, window) for plan, region in places])
    ages = [_in_region(region, answer) for (_, region), answer in zip(places, answers, strict=True)]
    return [
        History(days=days, period=timedelta(seconds=period), starts=starts, here=here, there=there)
        for here, there in zip(ages[::2], ages[1::2], strict=True)
    ]


def _in_region(region: str, answer: Answer[dict[datetime, float]]) -> Ages:
    if answer.problem is not None:
        return Ages(region=region, by_time={}, problem=answer.problem.message)
    return Ages(region=region, by_time=answer.get())


@dataclass(frozen=True, kw_only=True)
class _Window:
    start: datetime
    end: datetime
    period: int

    def period_of(self, moment: datetime) -> datetime:
        """The start of the period that a moment is in."""
        seconds = (moment - self.start).total_seconds() // self.period * self.period
        return self.start + timedelta(seconds=seconds)


def _ages(aws: Aws, plan: Plan, region: str, window: _Window) -> dict[datetime, float]:
    dimension = {"Name": DIMENSION_PLAN, "Value": plan.name}
    metric = {"Namespace": METRIC_NAMESPACE, "MetricName": METRIC_RECOVERY_POINT_AGE, "Dimensions": [dimension]}
    query = {"Id": "age", "MetricStat": {"Metric": metric, "Period": window.period, "Stat": "Maximum"}}
    results: list[dict[str, Any]] = aws.pages(
        region,
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        MetricDataQueries=[query],
        StartTime=window.start,
        EndTime=window.end,
    )
    # a metric may come in several parts; the last one says whether it is whole (CloudWatch API, MetricDataResult)
    status = results[-1].get("StatusCode") if results else "nothing"
    if status != _WHOLE:
        raise CliError(f"cloudwatch:GetMetricData in {region} did not give all data: {status}")
    found: dict[datetime, float] = {}
    for result in results:
        for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
            start = window.period_of(moment)
            found[start] = max(value, found.get(start, value))
    return found


def _highest(ages: Ages, starts: Sequence[datetime]) -> float | None:
    return max((ages.by_time[start] for start in starts if start in ages.by_time), default=None)
