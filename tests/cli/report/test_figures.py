"""The figures equal those that a person counts by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cli.report.evidence import Ages, Run
from resilient_redshift.cli.report.figures import Hours, count_hours, mended_by, percent, result, within

START = dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def ages(*by_hour: float | None, paused: tuple[int, ...] = ()) -> Ages:
    """The age of each hour in hours. None: no data."""
    return Ages(
        start=START,
        end=START + len(by_hour) * HOUR,
        by_hour={START + number * HOUR: age * 3600 for number, age in enumerate(by_hour) if age is not None},
        paused=frozenset(START + number * HOUR for number in paused),
        source="CloudWatch",
    )


def run(name: str, outcome: str, hours: int, mode: str = "drill", *, ended: bool = True) -> Run:
    at = START + hours * HOUR
    return Run(execution=name, mode=mode, outcome=outcome, started=at - HOUR, ended=at if ended else None)


def test_each_hour_counts_once() -> None:
    # GIVEN ten hours: two before the first data, one gap, five within, one over, one over in a pause
    whole, months = count_hours(ages(None, None, 1, 2, None, 10, 11, 12, 3, 4, paused=(7,)), 36000)
    # WHEN counted by hand THEN the figures are these, and the months add up to them
    assert whole == Hours(10, 2, 5, 1, 1, 1, 12 * 3600.0, START + 7 * HOUR)
    assert (whole.known, whole.judged) == (7, 7)
    assert months == {
        "2026-10": Hours(4, 2, 2, 0, 0, 0, 2 * 3600.0, START + 3 * HOUR),
        "2026-11": Hours(6, 0, 3, 1, 1, 1, 12 * 3600.0, START + 7 * HOUR),
    }


def test_without_an_objective_nothing_is_within_it() -> None:
    # GIVEN an objective that is not understood WHEN counted THEN the data are known, and no hour is judged
    whole, _ = count_hours(ages(1, None, 3), None)
    assert (whole.within, whole.over, whole.judged, whole.known, whole.highest) == (0, 0, 0, 2, 3 * 3600)


def test_without_data_nothing_is_said() -> None:
    whole, _ = count_hours(ages(None, None), 36000)
    assert whole == Hours(hours=2, before_first_data=2)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, None), (8759, 8760, 99.98), (8760, 8760, 100.0), (99999, 100000, 99.99), (0, 5, 0.0), (2, 3, 66.66)],
)
def test_a_share_is_rounded_down(part: int, whole: int, expected: float | None) -> None:
    assert percent(part, whole) == expected


@pytest.mark.parametrize(
    ("outcome", "mode", "expected"),
    [
        ("Passed", "drill", "good"),
        ("Restored", "failover", "good"),
        ("Inconclusive", "drill", "no verdict"),
        ("SkippedFailover", "drill", "no verdict"),
        ("AlreadyRunning", "drill", "no verdict"),
        ("AlreadyRunning", "failover", "failed"),
        ("FailedStale", "drill", "failed"),
        ("RestoredUnverified", "failover", "failed"),
        ("TIMED_OUT", "drill", "failed"),
        ("an outcome of tomorrow", "drill", "failed"),
    ],
)
def test_what_a_run_proves(outcome: str, mode: str, expected: str) -> None:
    assert result(run("a", outcome, 1, mode)) == expected
    assert result(run("a", outcome, 1, mode, ended=False)) == "running"


def test_a_failure_is_mended_by_the_next_good_run_of_its_kind() -> None:
    # GIVEN failures among good runs, runs without a verdict and a failover
    first, second, last = run("b", "FailedSlow", 2), run("d", "FailedStale", 5), run("g", "Stuck", 9)
    runs = [
        run("a", "Passed", 1),
        first,
        run("c", "Inconclusive", 3),
        run("e", "Restored", 6, "failover"),
        run("f", "Passed", 7),
        second,
        run("h", "Passed", 8),
        last,
    ]
    # WHEN asked THEN only a later good drill mends a drill, and the last failure is not mended
    assert [one and one.execution for one in (mended_by(failed, runs) for failed in (first, second, last))] == [
        "f",
        "f",
        None,
    ]


def test_what_is_not_known_is_not_judged() -> None:
    assert [within(1, 2), within(2, 2), within(3, 2), within(None, 2), within(1, None)] == [
        True,
        True,
        False,
        None,
        None,
    ]
