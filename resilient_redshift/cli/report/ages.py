"""The age of the recovery point over the months, by the hour, from the metric of the recovery Region's watcher.

CloudWatch keeps data of one hour for 455 days (CloudWatch user guide, "Metrics retention"). An hour without data is a
gap, never an age of 0.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.cli.report.evidence import Ages, grouped
from resilient_redshift.contract.names import DIMENSION_PLAN, METRIC_NAMESPACE
from resilient_redshift.contract.watching import METRIC_CLUSTER_PAUSED, METRIC_RECOVERY_POINT_AGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence

HOUR: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=455)
#: The most plans in one call: it has two metrics of each, and may have 500 (CloudWatch API, GetMetricData).
_AT_ONCE: Final = 100
#: Data points in one answer, which the command waits for (CloudWatch API, GetMetricData: MaxDatapoints).
_POINTS: Final = 100_800
_MOST_PAGES: Final = 200
_WHOLE: Final = "Complete"
_METRICS: Final = {"age": METRIC_RECOVERY_POINT_AGE, "paused": METRIC_CLUSTER_PAUSED}


def read(reading: Reading, evidence: Sequence[Evidence]) -> None:
    """Read the ages of all plans.

    Args:
        reading: the reading.
        evidence: takes what is found.
    """
    window, reach = reading.window, reading.window.at - KEPT
    start, end = _floor(max(window.since, reach)), _floor(window.until)
    for one in evidence if window.since < reach else ():
        what = f"the age of the recovery point before {words.minute(reach)}"
        one.ends(what, "CloudWatch keeps data for 455 days", _source(one.plan))
    if start >= end:
        return
    at_once = max(1, min(_AT_ONCE, _POINTS // ((end - start) // HOUR)))
    groups = [
        (region, group[first : first + at_once])
        for region, group in grouped(evidence, lambda plan: plan.recovery).items()
        for first in range(0, len(group), at_once)
    ]
    answers = ask_together([partial(_ask, reading, region, group, start, end) for region, group in groups])
    for (_, group), answer in zip(groups, answers, strict=True):
        for number, one in enumerate(group):
            try:
                data = _data(answer.get(), number)
            except CliError as problem:
                one.lacks("the age of the recovery point", problem.message, _source(one.plan))
                continue
            if not data["age"]:
                one.lacks_watch(
                    "the age of the recovery point", "the metric has no data in this time", _source(one.plan)
                )
            one.ages = Ages(
                start=start,
                end=end,
                by_hour=data["age"],
                paused=frozenset(hour for hour, value in data["paused"].items() if value > 0),
                source=_source(one.plan),
            )


def _floor(moment: datetime) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // 3600 * 3600, UTC)


def _source(plan: Plan) -> str:
    metric = f"{METRIC_NAMESPACE} {METRIC_RECOVERY_POINT_AGE} {DIMENSION_PLAN}={plan.name}"
    return f"cloudwatch:GetMetricData {metric} in {plan.recovery}"


def _ask(
    reading: Reading, region: str, group: Sequence[Evidence], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    queries = [
        _query(f"{kind}{number}", metric, one.plan.name)
        for number, one in enumerate(group)
        for kind, metric in _METRICS.items()
    ]

    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        times = {"StartTime": start, "EndTime": end}
        return reading.call(region, "cloudwatch", "GetMetricData", MetricDataQueries=queries, **times, **marker)

    return pages(ask, "MetricDataResults", most=_MOST_PAGES)[0]


def _query(identifier: str, metric: str, plan: str) -> dict[str, Any]:
    dimensions = [{"Name": DIMENSION_PLAN, "Value": plan}]
    of = {"Namespace": METRIC_NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": identifier, "MetricStat": {"Metric": of, "Period": 3600, "Stat": "Maximum"}}


def _data(results: Sequence[Mapping[str, Any]], number: int) -> dict[str, dict[datetime, float]]:
    """The data of one plan by metric and hour.

    Raises:
        CliError: they are not whole.
    """
    data: dict[str, dict[datetime, float]] = {}
    for kind in _METRICS:
        parts = [result for result in results if result["Id"] == f"{kind}{number}"]
        # a metric may come in several parts; the last one says whether it is whole (CloudWatch API, MetricDataResult)
        status = parts[-1].get("StatusCode") if parts else "nothing"
        if status != _WHOLE:
            raise CliError(f"CloudWatch did not give all data: {status}")
        found = data.setdefault(kind, {})
        for part in parts:
            for moment, value in zip(part["Timestamps"], part["Values"], strict=True):
                hour = _floor(moment)
                found[hour] = max(value, found.get(hour, value))
    return data
