"""The age of the recovery point by the hour: gaps stay gaps, and what is not whole is not shown."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.cli.report.archive import Past
from tests.cli.scene import PLAN


def test_the_hours_of_thirty_days_are_counted() -> None:
    # GIVEN 30 days of data: 3 h old, one day of 12 h, half of that day in a pause, and a day without data
    past = Past()
    past.aged(30 * 24, 20 * 24, 3)
    past.aged(19 * 24, 0, 3)
    past.aged(12 * 24, 11 * 24, 12)
    past.aged(12 * 24, 11.5 * 24, 1, "ClusterPaused")
    # WHEN reported THEN the figures are those counted by hand: the time ends with the last whole hour
    age = past.plan(PLAN, "--since", "30d")["age"]
    assert (age["from"], age["until"]) == ("2026-10-24T08:00:00Z", "2026-11-23T08:00:00Z")
    assert {
        name: age[name] for name in ("hours", "before_first_data", "within", "over", "over_while_paused", "no_data")
    } == {
        "hours": 720,
        "before_first_data": 0,
        # a data point at 08:15 counts for the hour that began at 08:00: 25 hours touch the day of 12 h, 13 the pause
        "within": 720 - 25 - 23,
        "over": 25 - 13,
        "over_while_paused": 13,
        "no_data": 23,
    }
    assert (age["percent_within"], age["percent_with_data"]) == (96.41, 96.8)
    assert (age["highest_seconds"], age["highest_at"]) == (12 * 3600, "2026-11-11T08:00:00Z")
    assert [month["hours"] for month in age["months"]] == [184, 536]


def test_a_metric_without_data_is_a_gap_and_has_no_share() -> None:
    plan = Past().plan()
    assert "percent_within" not in plan["age"]
    assert plan["age"]["before_first_data"] == 8760
    assert ("the age of the recovery point", "the metric has no data in this time") in {
        (gap["what"], gap["why"]) for gap in plan["gaps"]
    }


@pytest.mark.parametrize("status", ["PartialData", "InternalError"])
def test_data_that_are_not_whole_are_a_gap(status: str) -> None:
    past = Past()
    past.aged(48, 0, 3)
    past.account.metric_status = status
    plan = past.plan()
    assert "age" not in plan
    assert any(gap["why"] == f"CloudWatch did not give all data: {status}" for gap in plan["gaps"])


def test_a_throttled_cloudwatch_is_a_gap_in_the_end() -> None:
    # GIVEN a CloudWatch that throttles every call WHEN reported THEN it was asked five times, and the gap says why
    past = Past()
    past.archive.throttled = {"cloudwatch:GetMetricData": 99}
    plan = past.plan()
    assert "age" not in plan
    assert any("ThrottlingException" in gap["why"] for gap in plan["gaps"])
    assert past.archive.throttled["cloudwatch:GetMetricData"] == 94


def test_what_cloudwatch_keeps_no_longer_is_a_limit_and_no_gap() -> None:
    # GIVEN a time of two years WHEN reported THEN the hours begin 455 days ago, and the limit says so
    past = Past()
    past.aged(48, 0, 3)
    plan = past.plan(PLAN, "--since", "730d")
    assert plan["age"]["hours"] == 455 * 24
    assert {"the age of the recovery point before 2025-08-25 08:15 UTC"} <= {limit["what"] for limit in plan["limits"]}


def test_200_plans_are_asked_in_two_calls() -> None:
    past = Past()
    for number in range(199):
        past.put_bucket(f"plan-{number}", "sales")
    document = past.made("--since", "2d", "--until", (past.now - dt.timedelta(hours=1)).isoformat())
    assert len(document["plans"]) == 200
    assert past.account.operations().count("cloudwatch:GetMetricData") == 2
    # AND the calls of the report itself do not grow with the number of plans: one list for each
    for operation in ("s3:ListObjectsV2", "cloudwatch:DescribeAlarmHistory"):
        assert past.account.operations().count(operation) <= 2
