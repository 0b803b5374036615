"""What CloudWatch has of a dashboard: the data of each of its metrics, and the states of its alarms."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from emulator.aws import EmulatedAws

Points = list[tuple[str, int]]

#: A graph of ninety days has 360 points of six hours.
_SHORTEST_PERIOD = 6 * 3600


def read_metrics(aws: EmulatedAws, body: Mapping[str, Any], begin: dt.datetime, end: dt.datetime) -> dict[str, Points]:
    """The data of each metric of a dashboard, by its name and Region, as ``demo.dashboard_picture`` takes them."""
    graphs = [each["properties"] for each in body["widgets"] if each["type"] == "metric"]
    found = {}
    for namespace, name, dimension, value, options in (metric for graph in graphs for metric in graph["metrics"]):
        metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}
        period = max(options["period"], _SHORTEST_PERIOD)
        stat = {"Metric": metric, "Period": period, "Stat": options["stat"]}
        [answer] = aws.client("cloudwatch", options["region"]).get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": stat}],
            StartTime=begin,
            EndTime=end,
            ScanBy="TimestampAscending",
        )["MetricDataResults"]
        times = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in answer["Timestamps"]]
        found[f"{name} {options['region']}"] = [
            (at, round(value)) for at, value in zip(times, answer["Values"], strict=True)
        ]
    return found


def as_json(metrics: Mapping[str, Points], alarms: Mapping[str, str]) -> str:
    """The text of a file of both: a line for each metric, without the points between two of the same value."""
    lines = [f"    {json.dumps(name)}: {json.dumps(_corners(points))}" for name, points in metrics.items()]
    return "\n".join(["{", f'  "alarms": {json.dumps(alarms)},', '  "metrics": {', ",\n".join(lines), "  }", "}", ""])


def _corners(points: Points) -> Points:
    last = len(points) - 1
    return [
        point
        for number, point in enumerate(points)
        if number in {0, last} or not points[number - 1][1] == point[1] == points[number + 1][1]
    ]
