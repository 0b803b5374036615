"""A drill of an older recovery point: which one it restores, why, and what its age does not do to verdict and metrics."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.restore import drill_point
from resilient_redshift.cloud.restore.run import Point, Run
from tests.cloud.restore.record import NOW, PLAN, POINT, SCHEDULED
from tests.cloud.restore.world import RestoreWorld

DAY = 86_400


@pytest.fixture
def world() -> RestoreWorld:
    """Five copies, of an hour to five days; the objective is a day."""
    world = RestoreWorld()
    for hours in (1, 24, 48, 72, 120):
        world.copied(f"age-{hours}", age_hours=hours, kind="manual", retention=-1)
    return world


def restored(world: RestoreWorld) -> str:
    return str(world.asked("RestoreFromClusterSnapshot")[-1]["SnapshotIdentifier"])


def test_a_random_point_is_named_with_the_reason(world: RestoreWorld) -> None:
    # GIVEN five copies WHEN a drill restores a random one
    run = world.drill(point="random")
    report = world.report(run)
    # THEN it passes, and the report says which one and why
    assert run.outcome == "Passed"
    assert report["snapshot"]["identifier"] == restored(world)
    assert f"{restored(world)} is a random one of 5 usable recovery points" in report["message"]
    assert report["point"] == "random"


def test_an_old_point_is_no_stale_one(world: RestoreWorld) -> None:
    # GIVEN copies, of which the newest is within the objective WHEN a drill restores one of five days
    run = world.drill(point=4 * DAY)
    # THEN the verdict and the metric are about the newest copy, which is what a failover would lose
    assert (run.outcome, restored(world)) == ("Passed", "age-120")
    assert world.report(run)["recovery_point_seconds"] == 3600
    assert world.fakes.numbers()["DrillRecoveryPoint"] == 3600
    assert "recovery point" not in "".join(world.report(run).get("warnings", []))


@pytest.mark.parametrize("point", ["newest", "random", 2 * DAY], ids=str)
def test_a_stale_newest_copy_fails_every_drill(point: Any) -> None:
    # GIVEN a newest copy that is older than the objective WHEN whichever point is restored THEN the drill says so
    world = RestoreWorld()
    for hours in (POINT // 3600 + 1, 72):
        world.copied(f"age-{hours}", age_hours=hours)
    run = world.drill(point=point)
    assert run.outcome == "FailedStale"
    assert world.fakes.numbers()["DrillRecoveryPoint"] == POINT + 3600
    assert f"recovery point is {POINT + 3600} seconds old" in world.report(run)["message"]


def test_the_newest_point_that_is_old_enough_is_taken(world: RestoreWorld) -> None:
    run = world.drill(point=float(2 * DAY))
    assert restored(world) == "age-48"
    message = world.report(run)["message"]
    assert "age-48 is the newest of 5 usable recovery points that is at least 2 d old" in message


def test_a_point_that_nobody_has_is_no_drill(world: RestoreWorld) -> None:
    # GIVEN a rehearsal of copies of thirty days WHEN the oldest has five THEN nothing younger is passed off as one
    run = world.drill(point=30 * DAY)
    assert run.outcome == "NoRecoveryPoint"
    assert not world.asked("RestoreFromClusterSnapshot")
    assert "is 30 d old; the oldest of 5 is age-120 of" in world.report(run)["message"]


def test_a_drill_that_names_its_snapshot_measures_the_newest_copy(world: RestoreWorld) -> None:
    # GIVEN an operator who drills an old snapshot WHEN it is over THEN the metric does not say that copies are old
    assert world.drill(snapshot="age-120").outcome == "Passed"
    assert world.fakes.numbers()["DrillRecoveryPoint"] == 3600


@pytest.mark.parametrize(
    ("mode", "changes", "said"),
    [
        ("failover", {"point": "random"}, "point is for a drill"),
        ("drill", {"point": "random", "snapshot": "age-1"}, "point is not for a drill that names its snapshot"),
    ],
    ids=["failover", "snapshot"],
)
def test_what_a_point_is_not_for(world: RestoreWorld, mode: str, changes: dict[str, Any], said: str) -> None:
    run = world.do(mode, **changes)
    assert run.outcome == "InvalidRequest"
    assert world.report(run)["message"].startswith(said)


def chosen(name: str, scheduled: str | None) -> int:
    """The index that a drill chooses among seven points."""
    given = {"plan": PLAN, "mode": "drill", "point": "random"} | ({"scheduled_time": scheduled} if scheduled else {})
    run = Run(input=given, execution=f"arn:aws:states:us-west-2:1:execution:restore:{name}", started=NOW)
    one = Point(identifier="", type="automated", created=NOW, lineage=NOW)
    points = [dataclasses.replace(one, created=NOW - dt.timedelta(days=days)) for days in range(7)]
    found = drill_point.choose(points, run)
    assert found is not None
    return found


def test_an_event_that_comes_twice_chooses_the_same_point() -> None:
    # GIVEN one scheduled time WHEN two runs choose THEN both choose the same
    assert chosen("one", SCHEDULED) == chosen("two", SCHEDULED)


def test_every_point_comes_up_in_time() -> None:
    # GIVEN drills by hand and on a schedule WHEN they choose THEN each of the points is chosen sooner or later
    assert {chosen(f"drill-{number}", None) for number in range(60)} == set(range(7))
    days = (f"2026-11-{day:02}T05:00:00Z" for day in range(1, 31))
    assert {chosen("drill", day) for day in days} == set(range(7))
