"""Alarms by their meaning, as properties of ``AWS::CloudWatch::Alarm``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import DIMENSION_PLAN, METRIC_NAMESPACE
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.errors import Problems

_LONGEST_DIMENSION: Final = 255
FIVE_MINUTES: Final = 300
HOUR: Final = 3600


def check_dimension(problems: Problems, argument: str, value: str | None) -> None:
    """Record a problem unless a value can be a dimension of a metric, 1 to 255 characters; None and a token pass.

    Source: CloudWatch API, Dimension.
    """
    ok = value is None or not known(value) or 1 <= len(value) <= _LONGEST_DIMENSION
    problems.check(ok, argument, value, f"1 to {_LONGEST_DIMENSION} characters", "CloudWatch API: Dimension")


def check_metric_name(problems: Problems, name: str, written: Sequence[str]) -> None:
    """Record a problem unless a metric is one that the library writes; a token passes.

    A metric with another name never has data, so that a graph stays empty and an alarm sees nothing.

    Args:
        problems: where to record the problem.
        name: the metric's name.
        written: the names of the metrics that are written.
    """
    ok = not known(name) or name in written
    problems.check(ok, "metric_name", name, f"one of {', '.join(written)}", "no other metric is written")


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmMetric:
    """A metric that an alarm watches.

    Attributes:
        name: the metric's name.
        dimensions: the metric's dimensions, by name.
        statistic: the statistic of a period, such as ``Sum`` or ``Maximum``.
        period: the length of a period, in seconds; CloudWatch stores one data point for each period.
        namespace: the metric's namespace. Default: the library's namespace.
    """

    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int
    namespace: str = METRIC_NAMESPACE

    def properties(self) -> dict[str, Any]:
        """The properties of an alarm on this metric alone."""
        return {
            "namespace": self.namespace,
            "metric_name": self.name,
            "dimensions": self._dimensions(),
            "statistic": self.statistic,
            "period": self.period,
        }

    def query(self, query_id: str) -> dict[str, Any]:
        """The metric as one input of an expression (``MetricDataQuery``)."""
        metric = {"namespace": self.namespace, "metricName": self.name, "dimensions": self._dimensions()}
        return {
            "id": query_id,
            "metricStat": {"metric": metric, "period": self.period, "stat": self.statistic},
            "returnData": False,
        }

    def _dimensions(self) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in self.dimensions.items()]


def plan_metric(name: str, plan: str, *, statistic: str = "Maximum", period: int = HOUR) -> AlarmMetric:
    """A metric of one plan in the library's namespace.

    Args:
        name: the metric's name.
        plan: the plan's name, the value of the metric's only dimension.
        statistic: the statistic of a period. Default: ``Maximum``.
        period: the length of a period, in seconds. Default: one hour.
    """
    return AlarmMetric(name=name, dimensions={DIMENSION_PLAN: plan}, statistic=statistic, period=period)


def at_first(metric: AlarmMetric) -> dict[str, Any]:
    """An alarm that goes into the ALARM state as soon as the metric counts one.

    Missing data does not breach, because such a metric has data only after a failure. An alarm on silence or on age
    watches for a missing *success*.
    """
    return {**metric.properties(), **_AT_FIRST}


def at_first_of(metrics: Sequence[AlarmMetric], *, label: str) -> dict[str, Any]:
    """An alarm that goes into the ALARM state as soon as one of several metrics counts one.

    Args:
        metrics: the metrics that count failures.
        label: the label of the sum of the metrics.
    """
    inputs = [metric.query(f"m{index}") for index, metric in enumerate(metrics)]
    total = " + ".join(f"FILL({query['id']}, 0)" for query in inputs)
    return {"metrics": [{"id": "total", "expression": total, "label": label}, *inputs], **_AT_FIRST}


def last_value_at_least(metric: AlarmMetric, threshold: int = 1) -> dict[str, Any]:
    """An alarm that is in the ALARM state while the last value is at the threshold or above.

    The alarm keeps its state while data is missing. There is no data before the first value, and an alarm on age or on
    silence watches for data that is missing later.
    """
    return {**at_first(metric), "threshold": threshold, "treat_missing_data": "ignore"}


def last_value_above(metric: AlarmMetric, threshold: int) -> dict[str, Any]:
    """An alarm that is in the ALARM state while the last value is above the threshold.

    The alarm keeps its state while data is missing.
    """
    above = {"comparison_operator": "GreaterThanThreshold"}
    return {**last_value_at_least(metric, threshold), **above}


def silent(metric: AlarmMetric, *, periods: int, query_id: str, label: str) -> dict[str, Any]:
    """An alarm that goes into the ALARM state when a metric counts nothing for some periods.

    The expression fills missing data points with 0. Without the filling, an alarm that misses a few data points
    evaluates older data points instead.

    Args:
        metric: counts the event that must happen.
        periods: the number of periods without the event after which the alarm goes into the ALARM state.
        query_id: the id of the metric in the expression.
        label: the label of the filled metric.
    """
    filled = {"id": "filled", "expression": f"FILL({query_id}, 0)", "label": label}
    return {
        "metrics": [filled, metric.query(query_id)],
        "comparison_operator": "LessThanThreshold",
        "threshold": 1,
        "evaluation_periods": periods,
        "treat_missing_data": "breaching",
    }


def overdue(metric: AlarmMetric, *, seconds: int, periods: int, query_id: str, label: str) -> dict[str, Any]:
    """An alarm that goes into the ALARM state when an age exceeds a limit, or when no age is reported.

    Args:
        metric: the age, in seconds.
        seconds: the highest age that is allowed.
        periods: the number of periods in which the age must be too high or missing.
        query_id: the id of the metric in the expression.
        label: the label of the filled metric.
    """
    above = {"comparison_operator": "GreaterThanThreshold"}
    missing = at_least_or_missing(metric, seconds, periods=periods, query_id=query_id, label=label, fill=_NO_AGE)
    return {**missing, **above}


def at_least_or_missing(
    metric: AlarmMetric, threshold: int, *, periods: int, query_id: str, label: str, fill: int | None = None
) -> dict[str, Any]:
    """An alarm that goes into the ALARM state when each of some periods has a value at a threshold or above, or none.

    The expression fills missing data points. Without the filling, an alarm that misses a few data points evaluates
    older data points instead, and is late.

    Args:
        metric: the metric, which always has data while all is well.
        threshold: the lowest value that is wrong.
        periods: the number of periods.
        query_id: the id of the metric in the expression.
        label: the label of the filled metric.
        fill: the value of a period without data. Default: the threshold.
    """
    filler = threshold if fill is None else fill
    return {
        "metrics": [
            {"id": "filled", "expression": f"FILL({query_id}, {filler})", "label": label},
            metric.query(query_id),
        ],
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "threshold": threshold,
        "evaluation_periods": periods,
        "treat_missing_data": "breaching",
    }


_AT_FIRST: Final = {
    "comparison_operator": "GreaterThanOrEqualToThreshold",
    "evaluation_periods": 1,
    "threshold": 1,
    "treat_missing_data": "notBreaching",
}
#: The expression uses this age, in seconds, where no age is reported. It is higher than any objective.
_NO_AGE: Final = 10**9
