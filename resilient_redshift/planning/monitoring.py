"""What watching costs in a month: metrics, alarms and runs, with prices as arguments (no CDK, no AWS).

The units are those of AWS's price lists (Amazon CloudWatch pricing, AWS Lambda pricing, Amazon EventBridge pricing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import MOST, check_amount, is_whole
from resilient_redshift.planning.storage import HOURS_OF_MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The most hours of a month.
_MOST_HOURS: Final = 744
_MB_OF_GB: Final = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringPrices:
    """Your prices, in any currency; each 0 or more.

    Args:
        metric: a custom metric for a month. CloudWatch bills it by the hours in which it has data.
        alarm_metric: a metric of an alarm for a month, at a resolution of a minute or more.
        composite_alarm: a composite alarm for a month.
        compute: a GB-second of Lambda.
        run: a request of Lambda.
        metric_request: a request of PutMetricData.
        event: an event that is put on a bus of EventBridge. A schedule's own events are free.

    Raises:
        ResilientRedshiftError: for a price that is no number of 0 or more.
    """

    metric: float
    alarm_metric: float
    composite_alarm: float
    compute: float
    run: float
    metric_request: float
    event: float

    def __post_init__(self) -> None:
        """Refuse what is no price."""
        problems = Problems("MonitoringPrices")
        for name in self.__slots__:
            check_amount(problems, name, getattr(self, name))
        problems.raise_if_any()


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringLine:
    """One line of the bill of a month.

    Attributes:
        item: what is billed.
        quantity: how many units.
        price: the price of a unit.
    """

    item: str
    quantity: float
    price: float

    @property
    def cost(self) -> float:
        """Quantity times price."""
        return self.quantity * self.price


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringCost:
    """What watching costs in a month, without any free tier.

    Attributes:
        lines: the lines of the bill.
    """

    lines: tuple[MonitoringLine, ...]

    @property
    def total(self) -> float:
        """The sum of the lines."""
        return sum(line.cost for line in self.lines)


def monitoring_cost(
    *,
    metrics: Sequence[float],
    alarms: Sequence[int],
    composite_alarms: int = 0,
    runs: int = 0,
    prices: MonitoringPrices,
    seconds_per_run: float = 0.0,
    memory_mb: int = 128,
    metric_requests: int = 0,
    events: int = 0,
) -> MonitoringCost:
    """What watching costs in a month of 730 hours.

    Args:
        metrics: for each custom metric, the hours of the month in which it has data; 0 to 744. A metric that is sent
            once a day has data in about 30.
        alarms: for each alarm that is not composite, the number of metrics in it; 1 or more.
        composite_alarms: the number of composite alarms. Default: none.
        runs: the runs of Lambda functions in the month. Default: none.
        prices: your prices.
        seconds_per_run: how long a run takes. Default: 0.
        memory_mb: the memory of the function; 128 to 10240. Default: 128.
        metric_requests: the requests of PutMetricData in the month. Default: none.
        events: the events that are put on a bus in the month. Default: none.

    Raises:
        ResilientRedshiftError: for an argument that is out of range.
    """
    problems = Problems("monitoring_cost")
    hours_are = isinstance(metrics, list | tuple) and all(_is_hours(hours) for hours in metrics)
    problems.check(hours_are, "metrics", metrics, f"a list of hours, each 0 to {_MOST_HOURS}")
    counts_are = isinstance(alarms, list | tuple) and all(is_whole(number, 1, MOST) for number in alarms)
    problems.check(counts_are, "alarms", alarms, "a list of numbers of metrics, each 1 or more")
    counts = {
        "composite_alarms": composite_alarms,
        "runs": runs,
        "metric_requests": metric_requests,
        "events": events,
    }
    for name, count in counts.items():
        problems.check(is_whole(count, 0, MOST), name, count, "a whole number, 0 or more")
    check_amount(problems, "seconds_per_run", seconds_per_run)
    low, high = 128, 10_240
    problems.check(is_whole(memory_mb, low, high), "memory_mb", memory_mb, f"a whole number from {low} to {high}")
    problems.check(isinstance(prices, MonitoringPrices), "prices", prices, "MonitoringPrices")
    problems.raise_if_any()
    gb_seconds = runs * seconds_per_run * memory_mb / _MB_OF_GB
    amounts = (
        ("custom metrics", sum(metrics) / HOURS_OF_MONTH, prices.metric),
        ("metrics in alarms", sum(alarms), prices.alarm_metric),
        ("composite alarms", composite_alarms, prices.composite_alarm),
        ("GB-seconds of Lambda", gb_seconds, prices.compute),
        ("requests of Lambda", runs, prices.run),
        ("requests of PutMetricData", metric_requests, prices.metric_request),
        ("events", events, prices.event),
    )
    return MonitoringCost(
        lines=tuple(MonitoringLine(item=item, quantity=quantity, price=price) for item, quantity, price in amounts)
    )


def _is_hours(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MOST_HOURS
