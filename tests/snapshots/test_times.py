"""Times of automated snapshots: Redshift's dialect. Errors come at once and name the user's arguments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import AutomatedSnapshots, ResilientRedshiftError, SnapshotTimes
from tests.scenes.clusters import new_stack, number_parameter, text_parameter


@pytest.mark.parametrize(
    ("times", "expression"),
    [
        (SnapshotTimes.every(cdk.Duration.hours(1)), "rate(1 hour)"),
        (SnapshotTimes.every(cdk.Duration.minutes(240)), "rate(4 hours)"),
        (SnapshotTimes.every(timedelta(days=1)), "rate(24 hours)"),
        (SnapshotTimes.cron(), "cron(0 * *)"),
        (SnapshotTimes.cron(minute="15", hour="15/2", week_day="MON-FRI"), "cron(15 15/2 MON-FRI)"),
        # alone it leaves a weekend without snapshots; together with another definition it does not have to
        (SnapshotTimes.cron(hour="9,17", week_day="MON-FRI"), "cron(0 9,17 MON-FRI)"),
    ],
)
def test_an_expression_is_redshifts(times: SnapshotTimes, expression: str) -> None:
    assert times.expression == expression
    assert times == SnapshotTimes(expression)


@pytest.mark.parametrize(
    ("interval", "got"),
    [
        (cdk.Duration.hours(25), "1 day 1 hour"),
        (cdk.Duration.minutes(90), "1 hour 30 minutes"),
        (timedelta(0), "datetime.timedelta"),
        ("rate(4 hours)", "'rate"),
        (4, "4"),
    ],
)
def test_an_interval_is_whole_hours_of_one_day(interval: Any, got: str) -> None:
    with pytest.raises(
        ResilientRedshiftError, match=f"'interval' must be a Duration of 1 to 24 whole hours, known at synth, got {got}"
    ):
        SnapshotTimes.every(interval)


def test_an_interval_must_be_known() -> None:
    with pytest.raises(
        ResilientRedshiftError, match="'interval' must be a Duration of 1 to 24 whole hours, known at synth"
    ):
        SnapshotTimes.every(cdk.Duration.hours(number_parameter(new_stack())))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"minute": "0/30"}, "'minute' must be 0-59, got '0/30'"),
        ({"minute": "*"}, r"'minute' must be 0-59, got '\*'"),
        ({"hour": "24"}, "'hour' must be 0-23 with , - . /, got '24'"),
        ({"week_day": "?"}, r"'week_day' must be 1-7 or SUN-SAT with , - . /, got '\?'"),
        ({"hour": "1 2"}, "'hour' must be a text without spaces, known at synth, got '1 2'"),
        ({"minute": "60", "hour": "99"}, "'minute' must be .*'hour' must be"),
    ],
)
def test_an_error_names_the_argument_of_each_wrong_field(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ResilientRedshiftError, match=problem):
        SnapshotTimes.cron(**fields)


@pytest.mark.parametrize("expression", ["cron(0 3 * * ? *)", "rate(1 day)", "nightly", 5])
def test_an_expression_of_another_dialect_is_refused(expression: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match="'expression"):
        SnapshotTimes(expression)


def test_an_expression_must_be_known() -> None:
    with pytest.raises(ResilientRedshiftError, match="'expression' must be rate"):
        SnapshotTimes(text_parameter(new_stack()))


def test_automated_snapshots_hold_their_times() -> None:
    times = SnapshotTimes.every(cdk.Duration.hours(4))
    assert AutomatedSnapshots(schedule=[times]).schedule == (times,)
    assert AutomatedSnapshots().schedule == ()


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ([SnapshotTimes.cron(hour="3", week_day="MON")], "the longest gap would be 168 hours"),
        ([SnapshotTimes.cron(hour="3"), SnapshotTimes.cron(minute="30", hour="3")], "30 minutes apart"),
    ],
)
def test_times_that_do_not_fit_together_are_refused(schedule: Any, problem: str) -> None:
    with pytest.raises(ResilientRedshiftError, match=problem):
        AutomatedSnapshots(schedule=schedule)


def test_a_schedule_without_automated_snapshots_takes_no_effect() -> None:
    with pytest.raises(ResilientRedshiftError, match="'schedule' must be empty with a 'keep' of 0"):
        AutomatedSnapshots(
            keep=timedelta(0),
            schedule=[SnapshotTimes.every(cdk.Duration.hours(4))],
            accept_loss_of_automated_snapshots=True,
        )
