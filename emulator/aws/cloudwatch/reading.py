"""GetMetricData with metric math, over the very dimensions that a query names; ministack's has no expressions.

The first period begins at the start, rounded down to the period; no page ends early, and no MaxDatapoints cuts [D: up to 100,800].
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services import cloudwatch

from emulator.aws.cloudwatch.expressions import Expression
from emulator.aws.cloudwatch.metric_alarms import key_of

if TYPE_CHECKING:
    from emulator.aws.cloudwatch.evaluation import AlarmWatch
    from emulator.aws.cloudwatch.expressions import Values

_original = cloudwatch._get_metric_data


def get_metric_data(watch: AlarmWatch, params: Any, given: dict[str, Any], is_cbor: bool, is_json: bool) -> Any:
    """Answer one request; the Query protocol, which no SDK of ours speaks, is ministack's."""
    if not (is_cbor or is_json):
        return _original(params, given, is_cbor, is_json)
    try:
        results = _results(watch, given)
    except ValueError as error:
        return cloudwatch._error("ValidationError", str(error), 400, use_json=is_json, use_cbor=is_cbor)
    if is_cbor:
        shown = [cloudwatch._cbor_metric_data_result(each) for each in results]
        return cloudwatch._cbor_ok({"MetricDataResults": shown})
    return cloudwatch._json_ok({"MetricDataResults": results})


def _results(watch: AlarmWatch, given: dict[str, Any]) -> list[dict[str, Any]]:
    queries = {str(query["Id"]): query for query in given["MetricDataQueries"]}
    stats = [query["MetricStat"] for query in queries.values() if query.get("MetricStat")]
    period = int(max((int(stat["Period"]) for stat in stats), default=60))
    start, end = (cloudwatch._parse_ts(given[name]) for name in ("StartTime", "EndTime"))
    begin = int(start // period) * period
    length = max(0, -int((begin - end) // period))
    found: dict[str, Values] = {}
    for name in queries:
        _value(watch, name, queries, found, (begin, period, length))
    shown = []
    for name, query in queries.items():
        if query.get("ReturnData", True):
            points = [(begin + index * period, value) for index, value in enumerate(found[name]) if value is not None]
            if given.get("ScanBy") != "TimestampAscending":
                points.reverse()
            times = [dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at, _ in points]
            values = [float(value) for _, value in points]
            label = query.get("Label") or (query.get("MetricStat") or {}).get("Metric", {}).get("MetricName") or name
            row = {"Id": name, "Label": label, "Timestamps": times, "Values": values, "StatusCode": "Complete"}
            shown.append(row)
    return shown


def _value(
    watch: AlarmWatch, name: str, queries: dict[str, Any], found: dict[str, Values], frame: tuple[int, int, int]
) -> None:
    if name in found:
        return
    if name not in queries:
        raise ValueError(f"the expression names {name}, which no query has")
    query, (begin, period, length) = queries[name], frame
    if query.get("MetricStat"):
        stat = query["MetricStat"]
        series = watch.series(key_of(get_region(), stat["Metric"]))
        found[name] = series.row(begin + period * length, period, length, stat["Stat"])[::-1]
        return
    expression = Expression(query["Expression"])
    for needed in expression.names:
        _value(watch, needed, queries, found, frame)
    found[name] = expression.values(found, length)
