"""Alarms by their meaning: what breaches, and what missing data means."""

from __future__ import annotations

from resilient_redshift.stack import alarms
from resilient_redshift.stack.alarms import AlarmMetric, plan_metric

AGE = plan_metric("Age", "sales")


def test_a_metric_of_a_plan_is_in_our_namespace_with_the_plan_as_dimension() -> None:
    assert plan_metric("Age", "sales", period=60).properties() == {
        "namespace": "ResilientRedshift",
        "metric_name": "Age",
        "dimensions": [{"name": "Plan", "value": "sales"}],
        "statistic": "Maximum",
        "period": 60,
    }


def test_the_first_failure_breaches_and_missing_data_does_not() -> None:
    alarm = alarms.at_first(AGE)
    assert (alarm["threshold"], alarm["comparison_operator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert (alarm["evaluation_periods"], alarm["treat_missing_data"]) == (1, "notBreaching")


def test_failures_of_several_metrics_are_added_and_a_missing_one_counts_as_none() -> None:
    alarm = alarms.at_first_of(
        [AGE, AlarmMetric(namespace="N", name="B", dimensions={}, statistic="Sum", period=60)], label="l"
    )
    total, first, second = alarm["metrics"]
    assert total == {"id": "total", "expression": "FILL(m0, 0) + FILL(m1, 0)", "label": "l"}
    assert [first["id"], second["id"]] == ["m0", "m1"]
    assert not first["returnData"]
    assert second["metricStat"] == {
        "metric": {"namespace": "N", "metricName": "B", "dimensions": []},
        "period": 60,
        "stat": "Sum",
    }


def test_a_last_value_is_kept_while_data_are_missing() -> None:
    at_least, above = alarms.last_value_at_least(AGE, 2), alarms.last_value_above(AGE, 2)
    assert {at_least["treat_missing_data"], above["treat_missing_data"]} == {"ignore"}
    assert (at_least["comparison_operator"], at_least["threshold"]) == ("GreaterThanOrEqualToThreshold", 2)
    assert (above["comparison_operator"], above["threshold"]) == ("GreaterThanThreshold", 2)


def test_silence_breaches_when_nothing_is_counted_or_nothing_is_reported() -> None:
    alarm = alarms.silent(AGE, periods=3, query_id="runs", label="runs")
    assert alarm["metrics"][0]["expression"] == "FILL(runs, 0)"
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("LessThanThreshold", 1)
    assert (alarm["evaluation_periods"], alarm["treat_missing_data"]) == (3, "breaching")


def test_an_age_that_is_not_reported_is_overdue() -> None:
    alarm = alarms.overdue(AGE, seconds=60, periods=3, query_id="age", label="age")
    filled = int(alarm["metrics"][0]["expression"].removeprefix("FILL(age, ").removesuffix(")"))
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanThreshold", 60)
    assert filled > 100 * 366 * 86400 / 4
    assert alarm["treat_missing_data"] == "breaching"


def test_a_metric_that_is_not_reported_is_as_bad_as_the_threshold() -> None:
    alarm = alarms.at_least_or_missing(AGE, 2, periods=3, query_id="severity", label="severity")
    assert alarm["metrics"][0]["expression"] == "FILL(severity, 2)"
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("GreaterThanOrEqualToThreshold", 2)
    assert (alarm["evaluation_periods"], alarm["treat_missing_data"]) == (3, "breaching")
