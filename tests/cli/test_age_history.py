"""The age of the recovery point over the last days: bars, table, gaps, and what could not be read."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from tests.cli.scene import HERE, PLAN, THERE, Scene

HOURS = dt.timedelta(hours=1)


def watched(scene: Scene, region: str, hours: range, age_hours: float, *, every: float = 0.25) -> None:
    """Data points of a watcher that ran so many hours before now."""
    points = scene.account.metrics.setdefault((region, "RecoveryPointAge", PLAN), [])
    for number in range(int(len(hours) / every)):
        at = scene.clock.now() - (hours.stop - number * every) * HOURS
        points.append((at, age_hours * 3600))


def told(scene: Scene, *arguments: str) -> dict[str, Any]:
    [plan] = json.loads(scene.run("status", PLAN, "--history", *arguments, "--json").stdout)["plans"]
    return dict(plan["history"])


def lines(scene: Scene, *arguments: str) -> list[str]:
    return [line.rstrip() for line in scene.run("status", PLAN, "--history", *arguments).output.splitlines()]


def test_the_last_week_is_at_most_eighty_columns_wide(scene: Scene) -> None:
    # GIVEN a week of data WHEN shown THEN there are a bar for three hours and a row for six, and the verdict comes last
    scene.copied(hours=2)
    watched(scene, THERE, range(7 * 24), 3)
    watched(scene, HERE, range(7 * 24), 1)
    shown = lines(scene)
    [there] = [line for line in shown if line.startswith(f"  {THERE} ")]
    assert there == f"  {THERE:<16}|{'▃' * 56}|"
    assert sum(" UTC " in line for line in shown) == 28
    assert max(map(len, shown)) <= 80
    assert shown[-1] == "fine: the newest copy in us-west-2 is 2 h old, within the objective of 10 h"


def test_a_gap_is_a_gap(scene: Scene) -> None:
    # GIVEN a watcher that wrote nothing for a day WHEN shown THEN its bars are blank and its rows are not zero
    watched(scene, THERE, range(2 * 24, 7 * 24), 3)
    watched(scene, THERE, range(24), 3)
    shown = lines(scene)
    [there] = [line for line in shown if line.startswith(f"  {THERE} ")]
    assert there[19:].count(" ") == 7
    assert [line.split("UTC")[1].split() for line in shown if "2026-11-21 15:00 UTC" in line] == [["-", "-", "10", "h"]]
    # AND in JSON a period without data is absent
    [here, there_told] = told(scene)["regions"]
    assert here == {"region": HERE, "ages": []}
    assert len(there_told["ages"]) == 49
    assert {one["age_seconds"] for one in there_told["ages"]} == {3 * 3600}


def test_a_bar_shows_the_highest_age(scene: Scene) -> None:
    # GIVEN one age over the objective among many small ones WHEN shown THEN the bar and the row have the high one
    watched(scene, THERE, range(7 * 24), 1)
    watched(scene, THERE, range(3, 4), 20)
    shown = lines(scene)
    [there] = [line for line in shown if line.startswith(f"  {THERE} ")]
    assert (there.count("█"), there.count("▁")) == (1, 55)
    assert sum(line.endswith("missed") for line in shown) == 1
    assert "  full height     20 h" in shown


def test_a_region_that_does_not_answer_is_said(scene: Scene) -> None:
    # GIVEN a primary Region that is lost WHEN shown THEN the recovery Region's history is whole, and the other is unread
    watched(scene, THERE, range(7 * 24), 3)
    scene.account.dark = {HERE}
    [here, there] = told(scene)["regions"]
    assert HERE in here["problem"]
    assert "ages" not in here
    assert len(there["ages"]) == 56
    assert any(line.startswith(f"  {HERE:<16}cannot be read") for line in lines(scene))


@pytest.mark.parametrize("status", ["PartialData", "InternalError"])
def test_data_that_are_not_whole_are_no_gaps(scene: Scene, status: str) -> None:
    # GIVEN a CloudWatch that could not read all data WHEN shown THEN the history is unread, and no period looks missing
    watched(scene, THERE, range(7 * 24), 3)
    scene.account.metric_status = status
    [_, there] = told(scene)["regions"]
    assert there == {
        "region": THERE,
        "problem": f"cloudwatch:GetMetricData in {THERE} did not give all data: {status}",
    }


@pytest.mark.parametrize(
    ("days", "periods", "seconds"), [(1, 48, 1800), (7, 56, 10_800), (30, 60, 43_200), (60, 60, 86_400)]
)
def test_the_periods_fit_into_a_line(scene: Scene, days: int, periods: int, seconds: int) -> None:
    # GIVEN a number of days WHEN asked for THEN the periods cover all of them
    history = told(scene, str(days))
    assert history["period_seconds"] == seconds
    start, end = (dt.datetime.fromisoformat(history[name]) for name in ("from", "until"))
    assert (end - start).total_seconds() == periods * seconds == days * 86_400


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--history", "0", PLAN), "'0' is not 1 to 60; give a number of days"),
        (("--history", "61", PLAN), "'61' is not 1 to 60"),
        (("--history", PLAN), "write the plan before the option"),
        ((PLAN, "--history", "--output", "prometheus"), "--history does not go with --output prometheus"),
    ],
    ids=["zero", "too many", "the plan", "prometheus"],
)
def test_what_is_no_number_of_days_is_refused(scene: Scene, arguments: tuple[str, ...], says: str) -> None:
    result = scene.run("status", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
