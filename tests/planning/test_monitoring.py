"""What watching costs in a month."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.planning import MonitoringPrices, monitoring_cost

#: Round numbers of no price list.
PRICES = MonitoringPrices(
    metric=1.0, alarm_metric=0.5, composite_alarm=2.0, compute=0.001, run=0.01, metric_request=0.02, event=0.1
)


def test_each_line_is_quantity_times_price() -> None:
    # WHEN a metric has data all the time and another one in a tenth of the hours, and an alarm has three metrics
    cost = monitoring_cost(
        metrics=[730, 73],
        alarms=[1, 3],
        composite_alarms=1,
        runs=1000,
        seconds_per_run=2.0,
        memory_mb=512,
        metric_requests=100,
        events=5,
        prices=PRICES,
    )

    # THEN
    assert {line.item: pytest.approx(line.cost) for line in cost.lines} == {
        "custom metrics": 1.1,
        "metrics in alarms": 2.0,
        "composite alarms": 2.0,
        "GB-seconds of Lambda": 1.0,
        "requests of Lambda": 10.0,
        "requests of PutMetricData": 2.0,
        "events": 0.5,
    }
    assert cost.total == pytest.approx(18.6)


def test_nothing_costs_nothing() -> None:
    assert monitoring_cost(metrics=[], alarms=[], prices=PRICES).total == 0


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"metrics": [745]}, "metrics"),
        ({"metrics": 3}, "metrics"),
        ({"metrics": [True]}, "metrics"),
        ({"metrics": [float("nan")]}, "metrics"),
        ({"alarms": [0]}, "alarms"),
        ({"alarms": "1"}, "alarms"),
        ({"composite_alarms": -1}, "composite_alarms"),
        ({"runs": 1.5}, "runs"),
        ({"seconds_per_run": float("inf")}, "seconds_per_run"),
        ({"memory_mb": 64}, "memory_mb"),
        ({"prices": 2.0}, "prices"),
    ],
)
def test_an_argument_out_of_range_is_refused(changes: dict[str, Any], argument: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        monitoring_cost(**{"metrics": [730], "alarms": [1], "prices": PRICES, **changes})
    [problem] = caught.value.problems
    assert problem.startswith(f"'{argument}' must be ")


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(ResilientRedshiftError, match="'run' must be a number from 0"):
        MonitoringPrices(metric=1, alarm_metric=1, composite_alarm=1, compute=1, run=-1, metric_request=1, event=1)
