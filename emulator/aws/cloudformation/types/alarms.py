"""AWS::CloudWatch::Alarm over metric math, which ministack refuses; and alarms that look at their own dimensions only.

An alarm over metric math is kept with its Metrics and can be described; its state is not evaluated (INSUFFICIENT_DATA until somebody sets
it). Nor does missing data change a state: ministack evaluates when data arrives.
"""

from __future__ import annotations

import types
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

_original = provisioners._cw_metric_alarm_record
_evaluate = cloudwatch._evaluate_alarm
#: What ministack wants to see; taken off again.
_STAND_IN = {"MetricName": "-", "Namespace": "-"}
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def record(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Build the alarm's record; with Metrics it has none of the members of a single metric [D] PutMetricAlarm."""
    metrics = properties.get("Metrics")
    if not metrics:
        plain: dict[str, Any] = _original(name, properties)
        return plain
    if properties.get("MetricName"):
        raise ValueError("You must specify either MetricName or Metrics, not both.")
    rest = {key: value for key, value in properties.items() if key != "Metrics"}
    found: dict[str, Any] = _original(name, {**rest, **_STAND_IN})
    for member in _OF_ONE_METRIC:
        found[member] = None
    found["Dimensions"] = []
    found["Metrics"] = metrics
    return found


def evaluate(alarm: dict[str, Any]) -> None:
    """Evaluate an alarm over the data of its very dimensions; ministack's own function takes every dimension of the name."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    key = (alarm.get("Namespace"), alarm.get("MetricName"), dimensions)
    own = {key: cloudwatch._metrics.get(key) or []}
    types.FunctionType(_evaluate.__code__, {**vars(cloudwatch), "_metrics": own})(alarm)


def install() -> None:
    """Replace ministack's builder of alarm records, and what judges them."""
    provisioners._cw_metric_alarm_record = record
    cloudwatch._evaluate_alarm = evaluate
