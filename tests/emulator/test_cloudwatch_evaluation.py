"""When alarms of the emulated CloudWatch change their state: every minute, over periods that end at that minute [D]."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from emulator.redshift_model import ACCOUNT
from tests.emulator.cloudwatch_scene import Watched
from tests.emulator.scene import HERE


@pytest.fixture
def watched() -> Watched:
    return Watched()


def math(expression: str, *metrics: str, period: int = 900) -> list[dict[str, Any]]:
    inputs = [
        {
            "Id": name.lower(),
            "ReturnData": False,
            "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, "Period": period, "Stat": "Maximum"},
        }
        for name in metrics
    ]
    return [{"Id": "e", "Expression": expression}, *inputs]


@pytest.mark.parametrize(
    ("missing", "state"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", None), ("ignore", None)],
)
def test_a_new_alarm_without_data_is_evaluated_within_a_minute(
    watched: Watched, missing: str, state: str | None
) -> None:
    # GIVEN a new alarm, INSUFFICIENT_DATA at first
    watched.alarm(TreatMissingData=missing)
    assert watched.state() == "INSUFFICIENT_DATA"
    # WHEN its first evaluation comes THEN missing data count as said
    watched.advance(10)
    assert watched.changes() == ([] if state is None else [(1, state)])


def test_what_was_reported_before_the_alarm_counts(watched: Watched) -> None:
    # GIVEN a datapoint from before
    watched.put(2)
    watched.advance(3)
    # WHEN / THEN
    watched.alarm()
    watched.advance(1)
    assert watched.changes() == [(4, "ALARM")]


def test_a_datapoint_counts_from_the_next_minute_until_it_leaves_the_evaluation_range(watched: Watched) -> None:
    # GIVEN an alarm on five minutes, and one failure
    watched.alarm(TreatMissingData="notBreaching")
    watched.advance(10.5)
    watched.put(1)
    # WHEN nothing follows
    watched.advance(60)
    # THEN it rings in the minute after, and until three periods are without it: the last real datapoint is the newest
    assert watched.changes() == [(1, "OK"), (11, "ALARM"), (26, "OK")]


def test_periods_end_at_each_minute(watched: Watched) -> None:
    # GIVEN reports each 15 minutes, a minute late once, and an alarm that fills a period without one
    watched.alarm(
        Metrics=math("FILL(m, 9)", "M"),
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )
    for minutes in (15, 15, 16, 14):
        watched.put(0)
        watched.advance(minutes)
    # THEN the minute shows, for CloudWatch looks at the last 15 minutes of every minute
    assert watched.changes() == [(1, "OK"), (46, "ALARM"), (47, "OK")]


def test_three_periods_of_silence_ring_if_they_are_filled(watched: Watched) -> None:
    # GIVEN an age each 15 minutes
    watched.alarm(
        Metrics=math("FILL(m, 1000000000)", "M"),
        EvaluationPeriods=3,
        Threshold=3600,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="breaching",
    )
    for _ in range(8):
        watched.put(60)
        watched.advance(15)
    # WHEN the reports end (the last one at minute 105)
    watched.advance(240)
    # THEN three empty periods after the last datapoint
    assert watched.changes() == [(1, "OK"), (151, "ALARM")]


def test_without_filling_older_datapoints_are_looked_at_first(watched: Watched) -> None:
    # GIVEN the same over the metric itself
    watched.alarm(Period=900, EvaluationPeriods=3, Threshold=3600, TreatMissingData="breaching")
    for _ in range(8):
        watched.put(60)
        watched.advance(15)
    watched.advance(240)
    # THEN it takes five periods: a datapoint that is there keeps the alarm from the last breaching one [D]
    assert watched.changes() == [(1, "OK"), (181, "ALARM")]


def test_an_alarm_looks_at_its_own_dimensions_and_statistic(watched: Watched) -> None:
    # GIVEN an alarm on the sum of one rule
    watched.alarm(Dimensions=[{"Name": "Rule", "Value": "nightly"}], Statistic="Sum", Threshold=3)
    # WHEN the other rule reports THEN nothing
    watched.put(5, Rule="monthly")
    watched.put(5)
    watched.advance(2)
    assert watched.state() == "INSUFFICIENT_DATA"
    # WHEN its own adds up THEN it rings
    watched.put(2, Rule="nightly")
    watched.put(1, Rule="nightly")
    watched.advance(2)
    assert watched.state() == "ALARM"


def test_datapoints_of_the_past_count_in_their_own_period(watched: Watched) -> None:
    watched.alarm(Period=60, EvaluationPeriods=3, DatapointsToAlarm=2)
    watched.advance(10)
    watched.put(1, ago=2)
    watched.put(1, ago=1)
    watched.put(0)
    watched.advance(1)
    assert watched.state() == "ALARM"


def test_a_multi_day_alarm_is_evaluated_once_an_hour(watched: Watched) -> None:
    # GIVEN 26 periods of an hour, and one good datapoint two minutes after nine
    watched.alarm(
        Metrics=math("FILL(m, 0)", "M", period=3600),
        EvaluationPeriods=26,
        ComparisonOperator="LessThanThreshold",
        Threshold=1,
    )
    watched.advance(62)
    watched.put(1)
    # WHEN a week passes
    watched.advance(7 * 1440)
    # THEN it sees whole hours only, three minutes later
    assert watched.changes() == [(3, "ALARM"), (123, "OK"), (120 + 26 * 60 + 3, "ALARM")]


def test_a_state_that_was_set_by_hand_lasts_until_the_next_evaluation(watched: Watched) -> None:
    watched.alarm(TreatMissingData="notBreaching")
    watched.advance(1.5)
    watched.set_state("a", "ALARM")
    watched.advance(5)
    assert watched.changes() == [(1, "OK"), (1.5, "ALARM"), (2, "OK")]


def test_an_alarm_that_is_deleted_or_changed_is_not_evaluated_as_it_was(watched: Watched) -> None:
    # GIVEN two alarms
    watched.alarm("gone", TreatMissingData="breaching")
    watched.alarm(TreatMissingData="breaching")
    # WHEN one is deleted, and the other one asks for more
    watched.delete("AWS::CloudWatch::Alarm", "gone")
    watched.alarm(TreatMissingData="notBreaching")
    watched.advance(10)
    # THEN
    assert watched.changes("gone") == []
    assert watched.changes() == [(1, "OK")]


def test_alarms_of_a_lost_region_stand_still_until_it_is_back(watched: Watched) -> None:
    # GIVEN a Region that is lost
    watched.alarm(TreatMissingData="breaching")
    watched.world.down["eu-central-1"] = watched.world.timeline.gate()
    watched.advance(60)
    assert watched.changes() == []
    # WHEN it is back THEN its alarms are evaluated again
    del watched.world.down["eu-central-1"]
    watched.alarms.watch.region_up()
    watched.advance(1)
    assert watched.changes() == [(61, "ALARM")]


def test_an_alarm_is_looked_at_about_once_a_report(watched: Watched) -> None:
    # GIVEN alarms on metrics that are reported each 15 minutes, and others that never are
    for number in range(3):
        watched.alarm(f"a{number}", Period=900, EvaluationPeriods=3, Threshold=10, TreatMissingData="breaching")
        watched.alarm(f"b{number}", MetricName="Other", TreatMissingData="notBreaching")
    watched.advance(0.1)
    # WHEN ten days pass
    before = watched.world.timeline.jumps
    for _ in range(10 * 96):
        watched.put(1)
        watched.advance(15)
    # THEN time stops for them about once a report, and not at each minute
    assert watched.world.timeline.jumps - before < 1.2 * 10 * 96


def test_put_metric_alarm_changes_the_metrics_of_an_expression(watched: Watched) -> None:
    # GIVEN an alarm over an expression that looks at 15 minutes
    given = {
        "Metrics": math("FILL(m, 1)", "M"),
        "EvaluationPeriods": 3,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "breaching",
    }
    watched.alarm(**given)
    watched.put(0)
    watched.advance(2)
    # WHEN the API gives it periods of two hours THEN it rings after six hours, and not after 45 minutes
    slow = {**given, "AlarmName": "a", "Metrics": math("FILL(m, 1)", "M", period=7200)}
    with request_scope(ACCOUNT, HERE):
        cloudwatch._put_metric_alarm({}, slow, False, True)
    watched.advance(8 * 60)
    assert [(round(at), state) for at, state in watched.changes()] == [(1, "OK"), (361, "ALARM")]
