"""How many manual snapshots live at once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.planning import SnapshotRule, forecast_quota, parse_schedule, protection_tables
from resilient_redshift.planning.quota import most_automated
from resilient_redshift.rules.retention import FOREVER, Forever

NIGHTLY = "cron(0 3 * * ? *)"
HOURLY = "cron(0 * * * ? *)"
MONTHLY = "cron(0 4 1 * ? *)"


def snapshots(schedule: str, keep: int | Forever, name: str = "rule") -> SnapshotRule:
    return SnapshotRule(name=name, schedule=parse_schedule(schedule), keep=keep)


@pytest.mark.parametrize(
    ("rules", "peak"),
    [
        ([], 0),
        ([(NIGHTLY, 7)], 8),  # the expiring one still counts when the eighth is taken
        ([(NIGHTLY, 7), (MONTHLY, 180)], 14),
        ([(NIGHTLY, 7), (NIGHTLY, 7)], 16),
        ([(MONTHLY, FOREVER)], 13),
        ([(MONTHLY, -1)], 13),
        ([(MONTHLY, 3653)], 121),  # a retention in days counts in full
        ([("rate(12 hours)", 5)], 11),
        ([("cron(0 3 1 1 ? 2027)", FOREVER)], 1),
    ],
)
def test_the_peak_of_what_fits(rules: list[tuple[str, int | Forever]], peak: int) -> None:
    forecast = forecast_quota([snapshots(*rule) for rule in rules])

    assert (forecast.peak, forecast.fits, forecast.problem) == (peak, True, None)


def test_the_day_on_which_the_quota_is_reached() -> None:
    # GIVEN one snapshot a day for ever, and a quota of 20: the 20th is taken on day 19
    forecast = forecast_quota([snapshots(NIGHTLY, FOREVER, "nightly")], quota=20)

    # THEN the 21st is refused on day 20
    assert forecast.full_on_day == 20
    assert forecast.peak == 366
    assert forecast.problem == (
        "up to 366 manual snapshots would exist at the same time (nightly 366; FOREVER counts over 365 days), but the quota "
        "of the account and Region is 20: AWS may refuse a snapshot as early as 20 days after the first one"
    )


def test_awss_own_quota_is_700() -> None:
    # GIVEN an hourly rule WHEN it keeps 29 days THEN 697 fit, and a day more is too much
    assert forecast_quota([snapshots(HOURLY, 29)]).fits
    assert forecast_quota([snapshots(HOURLY, 30)]).full_on_day == 30


def test_a_retention_of_years_counts_in_full() -> None:
    # GIVEN a snapshot a day, kept for two years WHEN forecast THEN the 701st is refused in the second year
    forecast = forecast_quota([snapshots(NIGHTLY, 730)])
    assert (forecast.peak, forecast.full_on_day) == (731, 700)


def test_hourly_rules_that_never_peak_together_are_not_added_up() -> None:
    # GIVEN an hourly rule for working days and one for weekends, each kept for three days, of seven clusters
    rules = [snapshots("cron(0 * ? * MON-FRI *)", 3), snapshots("cron(0 * ? * SAT-SUN *)", 3)] * 7
    # WHEN forecast THEN they need the room of seven hourly rules, though the rules' own peaks are 847 together
    assert sum(count for _, count in forecast_quota(rules).by_rule) == 847
    assert forecast_quota(rules).peak <= 700


def test_hourly_and_monthly_rules_are_compared_in_little_time() -> None:
    # GIVEN an hourly rule, whose firings of 28 years are too many to go through, beside rules that never peak together
    rules = [snapshots(HOURLY, 28)]
    rules += [snapshots("cron(0 3 * 1-6 ? *)", 15), snapshots("cron(0 3 * 7-12 ? *)", 15)]
    # WHEN forecast THEN the hourly one counts with its own worst case, and the others are still not added up
    assert forecast_quota(rules, quota=689).fits
    assert not forecast_quota(rules, quota=688).fits


@pytest.mark.parametrize(
    ("schedules", "days", "most"),
    [([], 7, 22), (["rate(12 hours)"], 7, 15), ([NIGHTLY, "cron(0 15 * * ? *)"], 1, 4), ([], 0, 0)],
)
def test_the_most_automated_snapshots_in_a_time(schedules: list[str], days: int, most: int) -> None:
    # GIVEN one snapshot every 8 h without a schedule THEN both ends of the time count, and no time has no snapshot
    assert most_automated([parse_schedule(each) for each in schedules], timedelta(days=days)) == most


def test_a_longer_horizon_lets_more_pile_up() -> None:
    rules = [snapshots(MONTHLY, FOREVER)]

    two_years = forecast_quota(rules, quota=20, horizon=timedelta(days=730))

    assert (two_years.peak, two_years.full_on_day) == (25, 607)  # twenty months with two short Februaries
    assert forecast_quota(rules).fits


def test_another_quota_and_other_snapshots_count() -> None:
    rules = [snapshots(NIGHTLY, 7, "nightly")]

    assert forecast_quota(rules, quota=8).fits
    assert not forecast_quota(rules, quota=7).fits
    assert forecast_quota(rules, quota=10, others=2).peak == 10
    crowded = forecast_quota(rules, quota=10, others=3)
    assert crowded.full_on_day == 7
    assert "(nightly 8, others 3)" in str(crowded.problem)


def test_rules_that_never_peak_together_are_not_added_up() -> None:
    # GIVEN a rule for working days and one for weekends, 10 and 4 a fortnight
    rules = [snapshots("cron(0 3 ? * MON-FRI *)", 14), snapshots("cron(0 3 ? * SAT-SUN *)", 14)]

    # THEN together they are one snapshot a day, though their own peaks are 11 and 5
    assert [count for _, count in forecast_quota(rules).by_rule] == [11, 5]
    assert forecast_quota(rules, quota=15).fits
    assert not forecast_quota(rules, quota=14).fits
    assert forecast_quota(rules, quota=14).peak == 15


def test_seasons_are_not_added_up() -> None:
    rules = [snapshots("cron(0 3 * 1-6 ? *)", 15), snapshots("cron(0 3 * 7-12 ? *)", 15)]

    assert forecast_quota(rules, quota=16).fits


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cron(0 3 * * ? *)", "cron(0 4 1 * ? *)", "cron(0 3 ? * MON-FRI *)", "cron(0 0 L * ? *)"]),
            st.integers(1, 200),
        ),
        max_size=3,
    ),
    st.integers(1, 40),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_no_year_ever_sees_more_than_the_peak(rules: list[tuple[str, int]], quota: int, start: datetime) -> None:
    # GIVEN a year of every rule, lived through snapshot by snapshot
    lives: list[tuple[datetime, datetime]] = []
    for expression, keep in rules:
        moment: datetime | None = start
        while (moment := parse_schedule(expression).next_after(moment or start)) and moment < start + timedelta(
            days=366
        ):
            lives.append((moment, moment + timedelta(days=keep)))
    alive = [sum(born <= at <= dies for born, dies in lives) for at, _ in lives]

    # WHEN forecast
    forecast = forecast_quota([snapshots(*rule) for rule in rules], quota=quota)

    # THEN never more are alive, and none is refused before the day named
    assert max(alive, default=0) <= forecast.peak
    first = min((born for born, _ in lives), default=start)
    refused = [at for (at, _), count in zip(lives, alive, strict=True) if count > quota]
    if refused:
        assert forecast.full_on_day is not None
        assert min(refused) - first >= timedelta(days=forecast.full_on_day - 1)


def test_forty_rules_cost_little() -> None:
    rules = [snapshots(NIGHTLY, 7, f"n{number}") for number in range(20)]
    rules += [snapshots(MONTHLY, 180, f"m{number}") for number in range(20)]

    def cost() -> float:
        start = time.process_time()
        forecast_quota(rules, quota=1000)
        return time.process_time() - start

    assert min(cost() for _ in range(5)) < 0.02


@pytest.mark.parametrize("keep", [1e30, 10**30, 0, 3654, -2, 7.0, "7", True, None, float("nan")])
def test_a_retention_that_redshift_does_not_have_is_refused(keep: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match="SnapshotRule: 'keep' must be 1 to 3653 whole days or FOREVER"):
        snapshots("rate(1 day)", keep)


@pytest.mark.parametrize("value", [1e30, -1, None, "7", True, timedelta.max, timedelta(days=-1)])
def test_numbers_and_lengths_out_of_range_are_refused_together(value: Any) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        forecast_quota([], quota=value, others=value, horizon=value)
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["quota", "others", "horizon"]
    with pytest.raises(ResilientRedshiftError) as caught:
        protection_tables([], noticed_after=[value], expected_copy_time=value)
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["noticed_after", "expected_copy_time"]
