"""AWS::CloudWatch::Alarm over metric math, which ministack refuses. ``emulator/aws/cloudwatch`` evaluates it."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners

_original = provisioners._cw_metric_alarm_record
#: What ministack wants to see; taken off again.
STAND_IN = {"MetricName": "-", "Namespace": "-"}
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
    found: dict[str, Any] = _original(name, {**rest, **STAND_IN})
    return {**found, **over_metrics(metrics)}


def over_metrics(metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """The members of an alarm's record that say what it looks at."""
    return {**dict.fromkeys(_OF_ONE_METRIC), "Dimensions": [], "Metrics": metrics}


def install() -> None:
    """Replace ministack's builder of alarm records."""
    provisioners._cw_metric_alarm_record = record
