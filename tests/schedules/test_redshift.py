"""Redshift's own schedules, against the examples of its guide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.schedules.eventbridge import longest_gap_of
from resilient_redshift.schedules.redshift import check_definition, check_snapshot_schedule

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("definitions", "longest"),
    [
        (["cron(15 15/2 *)"], 16 * HOUR),  # 15:15, 17:15, 19:15, 21:15, 23:15
        (["cron(0 17 SAT,SUN)", "cron(0 9,17 MON-FRI)"], 24 * HOUR),
        (["cron(30 12/4 *)"], 16 * HOUR),  # 12:30, 16:30, 20:30
        (["cron(30 12 *)"], 24 * HOUR),
        (["cron(0 * *)"], HOUR),
        (["rate(12 hours)"], 12 * HOUR),
        (["rate(1 hour)"], HOUR),
        (["rate(24 hours)", "cron(0 0/6 *)"], 6 * HOUR),
    ],
)
def test_the_guides_examples_are_read(definitions: list[str], longest: timedelta) -> None:
    problems = Problems("SnapshotSchedule")

    schedules = check_snapshot_schedule(problems, "schedule", definitions)

    problems.raise_if_any()
    assert longest_gap_of(schedules) == longest


def test_a_definition_fires_in_utc_on_its_weekdays() -> None:
    (schedule,) = check_snapshot_schedule(Problems("SnapshotSchedule"), "schedule", ["cron(15 15/2 2)"])

    assert schedule.next_after(datetime(2026, 11, 23, 15, 15, tzinfo=UTC)) == datetime(2026, 11, 23, 17, 15, tzinfo=UTC)
    assert schedule.next_after(datetime(2026, 11, 23, 23, 15, tzinfo=UTC)) == datetime(2026, 11, 30, 15, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("definitions", "message"),
    [
        ([], "at least one of cron"),
        (["every night"], r"must be cron\(Minutes Hours Day-of-week\) or rate"),
        (["cron(0 3 * * ? *)"], "the expression has 6; Redshift's dialect is not EventBridge's"),
        (["cron(0/30 3 *)"], "'schedule, Minutes' must be 0-59, got '0/30'"),
        (["cron(* 3 *)"], "'schedule, Minutes' must be 0-59, got '\\*'"),
        (["cron(0,30 3 *)"], "'schedule, Minutes' must be 0-59, got '0,30' .this field takes no list"),
        (["cron(0 24 *)"], "'schedule, Hours' must be 0-23 with , - . /, got '24'"),
        (["cron(0 3 ?)"], "'schedule, Day-of-week' must be 1-7 or SUN-SAT with , - . /, got '\\?'"),
        (["cron(0 3 6L)"], "'schedule, Day-of-week' .*, got '6L'"),
        (["cron(0 " + ",".join(["3"] * 25) + " *)"], "at most 24 values"),
        (["rate(0 hours)"], "N of 1-24, got 'rate.0 hours.'"),
        (["rate(25 hours)"], "N of 1-24"),
        (["rate(2 days)"], "N of 1-24"),
        (["cron(0 12 *)", "cron(30 12 *)"], "two snapshots would be 30 minutes apart"),
        (["cron(30 23 *)", "cron(0 0 *)"], "two snapshots would be 30 minutes apart"),
        (["cron(0 12 *)", "cron(0 12 MON)"], "two snapshots would be 0 minutes apart"),
        (["cron(0 21 MON-FRI)"], "the longest gap would be 72 hours"),
        (["cron(30 0/6 SAT-SUN)", "cron(0 21 MON-FRI)"], "the longest gap would be 26.5 hours"),
        (["cron(0 3 MON)"], "the longest gap would be 168 hours"),
        ([5], "must be cron"),
    ],
)
def test_a_wrong_definition_says_what_is_allowed(definitions: list[str], message: str) -> None:
    problems = Problems("SnapshotSchedule")

    check_snapshot_schedule(problems, "schedule", definitions)

    with pytest.raises(ResilientRedshiftError, match=message):
        problems.raise_if_any()


@pytest.mark.parametrize(
    "definition", ["every night", "rate(2 days)", "cron(0 24 *)", "cron(0 " + ",".join("3" * 25) + " *)"]
)
def test_a_problem_without_a_reason_of_its_own_names_the_page_of_aws(definition: str) -> None:
    problems = Problems("SnapshotSchedule")

    assert check_definition(problems, "schedule", definition) is None

    with pytest.raises(ResilientRedshiftError, match=r"\(Redshift Management Guide: snapshot schedule format\)$"):
        problems.raise_if_any()


def test_a_field_that_the_user_passed_by_itself_is_named_by_its_argument() -> None:
    problems = Problems("SnapshotTimes.cron")

    check_definition(problems, "cron", "cron(0 24 9)", arguments={"Hours": "hour"})

    with pytest.raises(ResilientRedshiftError, match=r"'hour' must be 0-23 .*; 'cron, Day-of-week' must be 1-7"):
        problems.raise_if_any()
