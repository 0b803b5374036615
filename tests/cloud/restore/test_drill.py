"""A drill: what it restores, measures, judges and remembers, and that it leaves nothing behind, whatever happens."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names
from tests.cloud.restore.laws import remembered
from tests.cloud.restore.record import (
    AWAY,
    CLUSTER,
    DNS_NAME,
    DRILL,
    DRILLS,
    ENDPOINTS,
    HOME,
    NODE_TYPE,
    NODES,
    NOW,
    PLAN,
    POINT,
    PREFIX,
    TIME,
    ZONE_ID,
)
from tests.cloud.restore.world import RestoreWorld

DAY = 86_400


def test_a_drill_restores_measures_and_deletes() -> None:
    # GIVEN a snapshot of an hour WHEN a drill runs THEN a cluster of the drill's own name was restored and is gone
    world = RestoreWorld(
        record={"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}
    )
    newest = world.copied(age_hours=1)
    seen = {}
    world.before("DeleteCluster", lambda: seen.update(world.cluster(DRILL).tags))
    run = world.drill()
    assert (run.status, run.outcome) == ("SUCCEEDED", "Passed"), run.cause
    assert world.clusters() == []
    [asked] = world.asked("RestoreFromClusterSnapshot")
    assert (asked["ClusterIdentifier"], asked["SnapshotIdentifier"]) == (DRILL, newest.identifier)
    assert asked["AutomatedSnapshotRetentionPeriod"] == 1
    assert "SnapshotScheduleIdentifier" not in asked
    # AND it carried the tags by which it may be deleted
    assert seen == {
        names.TAG_PLAN: PLAN,
        names.TAG_EXECUTION: run.name,
        names.TAG_RESTORED_FROM: newest.identifier,
        names.TAG_DRILL: "true",
    }
    # AND nothing was published, moved or copied for it
    assert ENDPOINTS not in world.fakes.parameters
    assert not world.fakes.names
    assert not world.asked("EnableSnapshotCopy")


def test_a_drill_reports_what_it_measured_and_what_it_cost() -> None:
    world = RestoreWorld(restore_seconds=780)
    world.copied(age_hours=1)
    run = world.drill()
    report = world.report(run)
    assert report["recovery_point_seconds"] == 3600
    assert 780 <= report["recovery_time_seconds"] <= 840
    assert report["overhead_seconds"] <= 60
    assert report["cluster"]["identifier"] == DRILL
    cost = report["cost"]
    assert (cost["node_type"], cost["number_of_nodes"]) == (NODE_TYPE, NODES)
    assert NODES * 0.2 <= cost["node_hours"] <= NODES * 0.5
    assert world.fakes.messages[-1]["Subject"] == f"Passed: drill of {PLAN}"
    assert names.report_key(PLAN, run.name) in world.fakes.objects
    numbers = world.fakes.numbers()
    assert set(numbers) == set(names.DRILL_METRICS)
    assert numbers["DrillFailed"] == numbers["DrillsInconclusive"] == numbers["DrillLeftBehind"] == 0
    assert numbers["DrillRecoveryPoint"] == 3600
    assert numbers["DrillRecoveryTime"] == report["recovery_time_seconds"]
    assert numbers["DrillAge"] <= 600
    assert world.fakes.failed_checks() == {"answers": 0, "tables": 0, "size": 0}
    last = remembered(world)["last"]
    assert (last["outcome"], last["execution"]) == ("Passed", run.name)
    assert len(world.fakes.parameters[DRILLS]) < 4096


@pytest.mark.parametrize("target", [CLUSTER, "restored-x"])
def test_a_drill_takes_no_target(target: str) -> None:
    # GIVEN a target in a drill's input WHEN it runs THEN it is refused, or not heeded
    world = RestoreWorld()
    world.copied()
    run = world.drill(target=target)
    assert run.outcome in {"Passed", "InvalidRequest"}
    assert {asked["ClusterIdentifier"] for asked in world.asked("RestoreFromClusterSnapshot")} <= {DRILL}
    assert world.clusters() == []


def test_a_drill_by_hand_is_named_by_its_start() -> None:
    world = RestoreWorld()
    world.copied()
    assert world.drill(scheduled_time=None).outcome == "Passed"
    assert world.asked("RestoreFromClusterSnapshot")[0]["ClusterIdentifier"] == f"{PREFIX}{NOW:%Y%m%d%H%M}"


def test_a_drill_may_be_smaller() -> None:
    world = RestoreWorld()
    world.copied()
    report = world.report(world.drill(node_type="ra3.large", number_of_nodes=8))
    assert (report["cost"]["node_type"], report["cost"]["number_of_nodes"]) == ("ra3.large", 8)


def test_an_old_sites_drill_fails_as_stale_though_the_restore_works() -> None:
    # GIVEN a site whose copies stopped to arrive WHEN a drill runs THEN it restores, deletes, and fails
    world = RestoreWorld()
    world.copied(age_hours=POINT / 3600 + 1)
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "FailedStale")
    assert all(check["passed"] for check in world.report(run)["checks"])
    assert world.clusters() == []
    numbers = world.fakes.numbers()
    assert (numbers["DrillFailed"], numbers["DrillRecoveryPoint"]) == (1, POINT + 3600)


def test_just_fresh_enough_is_not_stale() -> None:
    world = RestoreWorld()
    world.copied(age_hours=POINT / 3600)
    assert world.drill().outcome == "Passed"


def test_a_drill_without_any_recovery_point_fails() -> None:
    world = RestoreWorld()
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "NoRecoveryPoint")
    assert world.fakes.numbers()["DrillFailed"] == 1
    assert remembered(world)["last"]["outcome"] == "NoRecoveryPoint"


def test_a_drill_that_takes_too_long_fails_as_slow() -> None:
    world = RestoreWorld(restore_seconds=TIME + 60)
    world.copied()
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "FailedSlow")
    assert world.clusters() == []
    assert world.fakes.count(names.METRIC_RTO_MISSED) == 0


def test_a_drill_whose_restore_never_ends_says_what_it_leaves() -> None:
    # GIVEN a restore that is stuck in a state in which AWS deletes nothing WHEN a drill runs THEN it ends and says what is left
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("stuck")
    run = world.drill()
    assert run.status == "FAILED"
    assert run.outcome in {"FailedSlow", "Stuck", "LeftBehind"}
    assert world.report(run)["leftovers"] == [DRILL]
    assert world.fakes.numbers()["DrillLeftBehind"] == 1
    assert run.events < 24_000


def test_a_stale_and_slow_one_is_named_by_its_first_failure() -> None:
    world = RestoreWorld(restore_seconds=TIME + 60)
    world.copied(age_hours=POINT / 3600 + 1)
    assert world.drill().outcome == "FailedStale"
    assert world.clusters() == []


@pytest.mark.parametrize("answer", ["false", {"error": "ERROR: no"}], ids=str)
def test_a_drill_whose_check_fails_deletes_and_fails(answer: Any) -> None:
    sql = "select fresh from x"
    world = RestoreWorld(record={"checks": [{"name": "fresh", "sql": sql, "expected": "true"}]})
    world.model.given_content(HOME, CLUSTER, None, {sql: answer})
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "FailedChecks")
    assert world.clusters() == []
    assert [check["name"] for check in world.report(run)["checks"] if not check["passed"]] == ["fresh"]
    # AND each check is a metric of its own
    assert world.fakes.failed_checks() == {"answers": 0, "tables": 0, "size": 0, "fresh": 1}


def test_a_check_of_any_name_is_a_metric_that_cloudwatch_takes() -> None:
    # GIVEN a record that somebody wrote by hand, with a name that no metric's dimension may have WHEN a drill runs
    world = RestoreWorld(record={"checks": [{"name": "é", "sql": "select 1", "expected": "1"}]})
    world.copied()
    # THEN its verdict is a metric all the same
    assert world.drill().outcome == "Passed"
    assert world.fakes.failed_checks() == {"answers": 0, "tables": 0, "size": 0, "?": 0}


def test_a_drill_that_asked_nothing_and_a_failover_write_no_metric_of_a_check() -> None:
    world = RestoreWorld()
    assert world.drill().outcome == "NoRecoveryPoint"
    world.copied()
    assert world.failover().outcome == "Restored"
    assert world.fakes.failed_checks() == {}


@pytest.mark.parametrize("end", ["incompatible-restore", "hardware-failure"])
def test_a_drill_whose_restores_fail_in_each_way_deletes_and_fails(end: str) -> None:
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores(*[end] * 20)
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "Failed")
    assert world.clusters() == []


# Inconclusive.


@pytest.mark.parametrize("shortage", ["capacity", "quota"])
def test_no_room_is_neither_passed_nor_failed(shortage: str) -> None:
    # GIVEN no room, or a quota that is used up WHEN drills run THEN they are inconclusive, counted, and no verdict
    world = RestoreWorld(**({"node_quota": 2} if shortage == "quota" else {}))
    world.copied()
    before = 0 if shortage == "quota" else 1
    world.fakes.parameters[DRILLS] = json.dumps({"since": iso(NOW - dt.timedelta(days=20)), "inconclusive": before})
    if shortage == "capacity":
        world.model.faults.no_capacity()
    for count in range(before + 1, 3):
        run = world.drill(scheduled_time=f"2026-11-24T0{count}:00:00Z")
        assert (run.status, run.outcome) == ("SUCCEEDED", "Inconclusive")
        numbers = world.fakes.numbers()
        assert (numbers["DrillsInconclusive"], numbers["DrillFailed"]) == (count, 0)
        assert numbers["DrillAge"] >= 20 * DAY
        assert remembered(world)["inconclusive"] == count
    # AND the next one that has room sets it back
    world.model.faults.clear()
    world.model.settings.node_quota = None
    world.copied()
    assert world.drill(scheduled_time="2026-11-24T03:00:00Z").outcome == "Passed"
    assert world.fakes.numbers()["DrillsInconclusive"] == 0
    assert remembered(world)["inconclusive"] == 0


def test_a_drill_takes_no_other_drills_room() -> None:
    # GIVEN another plan's drill in the way WHEN ours finds the quota used up THEN it is inconclusive, the other's stays
    world = RestoreWorld(node_quota=5)
    world.copied()
    other = f"{names.drill_prefix('other-plan', AWAY)}202611240500"
    world.drilled(other, tags={names.TAG_PLAN: "other-plan", names.TAG_DRILL: "true"})
    assert world.drill().outcome == "Inconclusive"
    assert world.clusters() == [other]


# Beside other runs.


@pytest.mark.parametrize("plan", [PLAN, "another"])
def test_a_drill_does_not_begin_while_a_failover_runs(plan: str) -> None:
    world = RestoreWorld()
    world.copied()
    world.fakes.parameters[DRILLS] = json.dumps({"since": iso(NOW - dt.timedelta(days=20)), "inconclusive": 1})
    for _ in range(4):
        world.running("drill", plan="another")
    world.fakes.executions.insert(0, world.running("failover", plan=plan))
    run = world.drill()
    assert (run.status, run.outcome) == ("SUCCEEDED", "SkippedFailover")
    assert not world.asked("RestoreFromClusterSnapshot")
    # AND that is no verdict
    assert "last" not in remembered(world)


@pytest.mark.parametrize("delay", [1, 25, 45, 70])
@pytest.mark.parametrize("plan", [PLAN, "orders"])
def test_a_running_drill_yields_to_a_failover(delay: int, plan: str) -> None:
    # GIVEN a drill under way WHEN a failover starts THEN the failover restores, the drill deletes itself
    world = RestoreWorld(restore_seconds=120)
    world.copied()
    if plan != PLAN:
        world.another_plan(plan)
    drill, failover = world.together((0, world.given("drill")), (delay, world.given("failover", plan=plan)))
    assert failover.outcome == "Restored", failover.cause
    assert (drill.status, drill.outcome) == ("SUCCEEDED", "SkippedFailover")
    assert world.clusters() == [plan if plan != PLAN else CLUSTER]


def test_a_drill_makes_room_for_a_failover_that_needs_it() -> None:
    # GIVEN a quota for one cluster, held by a running drill WHEN a failover starts THEN it gets the room
    world = RestoreWorld(node_quota=NODES, restore_seconds=120)
    world.copied()
    drill, failover = world.together((0, world.given("drill")), (50, world.given("failover")))
    assert failover.outcome == "Restored", failover.cause
    assert drill.outcome in {"SkippedFailover", "Failed"}
    assert world.clusters() == [CLUSTER]


@pytest.mark.parametrize("seed", [None, *range(4)])
def test_of_two_drills_at_once_one_runs(seed: int | None) -> None:
    # GIVEN one event delivered twice WHEN both run, phase by phase in any order THEN one passes, the other does nothing
    world = RestoreWorld()
    world.copied()
    turns = None if seed is None else random.Random(seed)  # noqa: S311
    runs = world.together((0, world.given("drill")), (0, world.given("drill")), turns=turns)
    assert sorted(run.outcome for run in runs) == ["AlreadyRunning", "Passed"], [run.cause for run in runs]
    assert all(run.status == "SUCCEEDED" for run in runs)
    assert world.clusters() == []


def test_a_drill_delivered_again_later_runs_again_or_not_but_leaves_nothing() -> None:
    world = RestoreWorld()
    world.copied()
    world.drill()
    assert world.drill().outcome in {"Passed", "AlreadyRunning"}
    assert world.clusters() == []


@pytest.mark.parametrize("seed", range(4))
def test_the_hourly_cleanup_leaves_a_running_drill_alone(seed: int) -> None:
    # GIVEN a drill, and clean-ups at any moment of it, even between restore and tags WHEN all run THEN the drill passes
    world = RestoreWorld()
    world.copied()
    starts = [(0, world.given("drill")), *((delay, world.cleanup) for delay in (0, 1, 22, 41, 65))]
    drill, *cleanups = world.together(*starts, turns=random.Random(seed))  # noqa: S311
    assert drill.outcome == "Passed", drill.cause
    assert {run.outcome for run in cleanups} == {"Cleaned"}
