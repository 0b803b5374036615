"""An alarm's definition, read once from ministack's record, and its row of datapoints at a moment."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from ministack.services import cloudwatch

from emulator.aws.cloudwatch.expressions import Expression
from emulator.aws.cloudwatch.judgement import Criteria
from emulator.aws.cloudwatch.series import MINUTE, Series

if TYPE_CHECKING:
    from collections.abc import Iterable

#: (Region, namespace, name, dimensions)
Key = tuple[str, str, str, Any]
_HOUR: Final = 3600
_DAY: Final = 86_400
#: A multi-day alarm is evaluated once an hour over what came before the full hour [D]; three minutes after it, as in AWS's example.
_AFTER_THE_HOUR: Final = 3 * MINUTE


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric and what is taken of it."""

    key: Key
    statistic: str


class MetricAlarm:
    """One alarm over a metric or over metric math.

    Attributes:
        region: its Region.
        record: ministack's record of it, which holds its state.
        metrics: what it reads, by id.
    """

    def __init__(self, region: str, record: dict[str, Any]) -> None:
        """Read ``record``.

        Raises:
            ValueError: metric math that is not modelled.
        """
        self.region = region
        self.record = record
        self.metrics: dict[str, Metric] = {}
        self._expressions: dict[str, Expression] = {}
        self._result = "m"
        self.period = int(record.get("Period") or MINUTE)
        if record.get("Metrics"):
            self._read_queries(record["Metrics"])
        else:
            statistic = record.get("ExtendedStatistic") or record.get("Statistic") or "Average"
            self.metrics["m"] = Metric(key_of(region, record), statistic)
        periods = int(record.get("EvaluationPeriods") or 1)
        self.criteria = Criteria(
            str(record["ComparisonOperator"]),
            float(record["Threshold"]),
            periods,
            int(record.get("DatapointsToAlarm") or periods),
            str(record.get("TreatMissingData") or "missing"),
        )
        self._multi_day = periods * self.period > _DAY

    def _read_queries(self, queries: Iterable[dict[str, Any]]) -> None:
        for query in queries:
            name = str(query["Id"])
            if str(query.get("ReturnData", True)).lower() != "false":
                self._result = name
            if query.get("Expression"):
                self._expressions[name] = Expression(query["Expression"])
                continue
            stat = query["MetricStat"]
            self.period = int(stat["Period"])
            self.metrics[name] = Metric(key_of(self.region, stat["Metric"]), stat["Stat"])

    def moment_after(self, epoch: float) -> int:
        """When it is evaluated for the first time after ``epoch``: every minute, a multi-day alarm every hour [D]."""
        if not self._multi_day:
            return int(epoch // MINUTE) * MINUTE + MINUTE
        return int((epoch - _AFTER_THE_HOUR) // _HOUR) * _HOUR + _HOUR + _AFTER_THE_HOUR

    def row(self, moment: int, series: dict[Key, Series]) -> list[float | None]:
        """The datapoints of the evaluation range at a moment, newest first. The periods end at the moment [D]."""
        length, end = self.criteria.evaluation_range, self._end(moment)
        found = {
            name: series[metric.key].row(end, self.period, length, metric.statistic)[::-1]
            for name, metric in self.metrics.items()
        }
        return self._value(self._result, found, length)[::-1]

    def _value(self, name: str, found: dict[str, list[float | None]], length: int) -> list[float | None]:
        if name not in found:
            expression = self._expressions[name]
            for needed in expression.names:
                self._value(needed, found, length)
            found[name] = expression.values(found, length)
        return found[name]

    def changes_after(self, moment: int, series: dict[Key, Series]) -> int | None:
        """When a datapoint next comes into another period of the evaluation range; None: never, without new data."""
        end = self._end(moment)
        span = self.period * self.criteria.evaluation_range
        found: list[int] = []
        for metric in self.metrics.values():
            known = series[metric.key]
            for minute in known.within(end - span, end):
                index = (end - minute - 1) // self.period
                found.append(minute + (index + 1) * self.period + MINUTE)
            later = known.after(end)
            if later is not None:
                found.append(later + MINUTE)
        return None if not found else self.moment_after(min(found) + moment - end - 1)

    def _end(self, moment: int) -> int:
        return moment - _AFTER_THE_HOUR if self._multi_day else moment


def key_of(region: str, metric: dict[str, Any]) -> Key:
    """The key of a metric as the API spells it."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric.get("Dimensions") or []))
    return region, str(metric.get("Namespace")), str(metric.get("MetricName")), dimensions
