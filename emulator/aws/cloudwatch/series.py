"""The datapoints of one metric, by the minute, as CloudWatch stores those of standard resolution [D]."""

from __future__ import annotations

import bisect
import dataclasses
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE: Final = 60
_FIELDS: Final = {"Sum": "total", "SampleCount": "count", "Minimum": "low", "Maximum": "high"}


@dataclasses.dataclass(frozen=True, slots=True)
class Statistics:
    """What one minute or one period adds up to."""

    count: float = 0.0
    total: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")

    def __add__(self, other: Statistics) -> Statistics:
        """Both together."""
        return Statistics(
            self.count + other.count, self.total + other.total, min(self.low, other.low), max(self.high, other.high)
        )

    def value(self, statistic: str) -> float:
        """One statistic by its name in the API.

        Raises:
            ValueError: a statistic that is not modelled: a percentile, for example.
        """
        if statistic == "Average":
            return self.total / self.count
        if statistic not in _FIELDS:
            raise ValueError(f"the emulated CloudWatch has no statistic {statistic}")
        return float(getattr(self, _FIELDS[statistic]))


class Series:
    """The datapoints of one metric with its very dimensions."""

    def __init__(self) -> None:
        """Begin empty."""
        self.minutes: list[int] = []
        self._by_minute: dict[int, Statistics] = {}

    def add(self, timestamp: float, statistics: Statistics) -> None:
        """Take in a datapoint; its minute is what counts."""
        minute = int(timestamp // MINUTE) * MINUTE
        known = self._by_minute.get(minute)
        if known is None:
            bisect.insort(self.minutes, minute)
        self._by_minute[minute] = statistics if known is None else known + statistics

    def within(self, start: int, end: int) -> list[int]:
        """The minutes with data from ``start`` on and before ``end``, oldest first."""
        return self.minutes[bisect.bisect_left(self.minutes, start) : bisect.bisect_left(self.minutes, end)]

    def after(self, moment: int) -> int | None:
        """The first minute with data at ``moment`` or later."""
        index = bisect.bisect_left(self.minutes, moment)
        return self.minutes[index] if index < len(self.minutes) else None

    def row(self, end: int, period: int, length: int, statistic: str) -> list[float | None]:
        """The values of the last ``length`` periods before ``end``, newest first; None where there is no data."""
        found: list[Statistics | None] = [None] * length
        for minute in self.within(end - period * length, end):
            index = (end - minute - 1) // period
            known, new = found[index], self._by_minute[minute]
            found[index] = new if known is None else known + new
        return [None if each is None else each.value(statistic) for each in found]


def statistics_of(points: Iterable[dict[str, Any]], measure: Any) -> Statistics:
    """Add up ministack's points; ``measure`` is its own (SampleCount, Sum, Minimum, Maximum) of one point."""
    found = Statistics()
    for point in points:
        count, total, low, high = measure(point)
        if count > 0:
            found += Statistics(count, total, low, high)
    return found
