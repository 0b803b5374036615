"""What drills leave behind: the next drill and the hourly clean-up find it, report it and delete it, and nothing else."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from resilient_redshift.contract import names
from tests.cloud.restore.laws import remembered
from tests.cloud.restore.record import (
    AWAY,
    CLUSTER,
    DRILL,
    DRILLS,
    NOW,
    OURS,
    PLAN,
    POINT,
    PREFIX,
)
from tests.cloud.restore.world import RestoreWorld

DAY = 86_400


# Leftovers.


def test_what_an_earlier_drill_left_goes_first() -> None:
    world = RestoreWorld()
    world.copied()
    world.drilled(tags=OURS)
    world.drilled(f"{PREFIX}202610250500", age_hours=2)  # it died before it could tag
    gone = []
    world.before("RestoreFromClusterSnapshot", lambda: gone.append(world.clusters()))
    run = world.drill()
    assert run.outcome == "Passed", run.cause
    assert gone == [[]]
    assert world.clusters() == []
    assert all(f"{PREFIX}202610{day}0500" in json.dumps(run.output) for day in (24, 25))


BYSTANDERS = {
    CLUSTER: {},
    "drill-analytics": {"team": "x"},
    "drill-00000000-202610240500": {},
    "drill-00000000-202610250500": {names.TAG_PLAN: PLAN, names.TAG_DRILL: "true"},
    f"{PREFIX}theirs": {names.TAG_PLAN: "another-plan", names.TAG_DRILL: "true"},
    f"{PREFIX}tagged": {"team": "x"},
    f"x-{PREFIX}x": {},
    "restored-sales": {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-1"},
}


@pytest.mark.parametrize("mode", ["drill", "cleanup"])
def test_nobody_elses_cluster_is_touched(mode: str) -> None:
    # GIVEN clusters whose names or tags come near a drill's WHEN a drill or a clean-up runs THEN all of them are as they were
    world = RestoreWorld(cluster_quota=None, node_quota=None)
    world.copied()
    for name, tags in BYSTANDERS.items():
        world.drilled(name, tags=dict(tags))
    run = world.do(mode)
    assert run.outcome in {"Passed", "Cleaned", "LeftBehind"}
    assert world.clusters() == sorted(BYSTANDERS)
    assert {name: world.cluster(name).tags for name in BYSTANDERS} == BYSTANDERS


def test_a_drills_young_untagged_cluster_is_somebodys_at_work() -> None:
    world = RestoreWorld()
    young = world.drilled(f"{PREFIX}202611240430", age_hours=0.5)
    assert world.cleanup().outcome == "Cleaned"
    assert world.cluster(young.identifier) is young


def test_an_untagged_cluster_stays_while_a_drill_is_at_work() -> None:
    # GIVEN an old cluster without tags, and a drill that may not have been able to tag its own WHEN cleaned THEN it waits for its end
    world = RestoreWorld()
    running = world.running("drill")
    left = world.drilled()
    assert world.cleanup().outcome == "Cleaned"
    assert world.clusters() == [left.identifier]
    running.own_status = "ABORTED"
    world.cleanup()
    assert world.clusters() == []


def test_a_cluster_of_a_running_execution_stays() -> None:
    world = RestoreWorld()
    running = world.running("drill", "drill-at-work")
    cluster = world.drilled(tags={**OURS, names.TAG_EXECUTION: running.name})
    assert world.cleanup().outcome == "Cleaned"
    assert world.clusters() == [cluster.identifier]
    running.own_status = "FAILED"
    assert world.cleanup().outcome == "Cleaned"
    assert world.clusters() == []


# The clean-up.


def test_the_first_clean_up_begins_to_count() -> None:
    # GIVEN no drill ever WHEN the hourly run comes THEN it remembers since when, and the next ones count the age from there
    world = RestoreWorld()
    run = world.cleanup()
    assert (run.status, run.outcome) == ("SUCCEEDED", "Cleaned")
    since = dt.datetime.fromisoformat(remembered(world)["since"])
    assert abs((since - NOW).total_seconds()) < 60
    world.clock.advance(3 * DAY)
    world.cleanup()
    numbers = world.fakes.numbers()
    assert abs(numbers["DrillAge"] - 3 * DAY) < 60
    assert (numbers["DrillFailed"], numbers["DrillLeftBehind"], numbers["DrillsInconclusive"]) == (0, 0, 0)
    assert dt.datetime.fromisoformat(remembered(world)["since"]) == since


@pytest.mark.parametrize(("hours", "failed"), [(1, 0), (POINT / 3600 + 1, 1)])
def test_clean_ups_repeat_the_last_verdict(hours: float, failed: int) -> None:
    world = RestoreWorld()
    world.copied(age_hours=hours)
    drill = world.drill()
    time = world.report(drill)["recovery_time_seconds"]
    world.fakes.published.clear()
    world.clock.advance(2 * DAY)
    world.cleanup()
    numbers = world.fakes.numbers()
    assert set(numbers) == set(names.DRILL_METRICS)
    assert numbers["DrillFailed"] == failed
    assert abs(numbers["DrillAge"] - 2 * DAY) < 600
    assert (numbers["DrillRecoveryTime"], numbers["DrillRecoveryPoint"]) == (time, hours * 3600)
    assert remembered(world)["last"]["execution"] == drill.name


def test_a_clean_up_removes_and_counts() -> None:
    world = RestoreWorld()
    for day in (24, 25):
        world.drilled(f"{PREFIX}202610{day}0500", tags=OURS)
    run = world.cleanup()
    assert run.outcome == "Cleaned"
    assert "2" in world.report(run)["message"]
    assert world.clusters() == []
    assert not world.asked("RestoreFromClusterSnapshot")


@pytest.mark.parametrize("operation", ["DeleteCluster", "PutParameter"])
def test_a_verdict_that_a_drill_writes_meanwhile_stays(operation: str) -> None:
    # GIVEN a drill that ends while the clean-up deletes, or while the clean-up waits to write again
    world = RestoreWorld()
    world.copied()
    drill = world.drill()
    verdict = world.fakes.parameters[DRILLS]
    world.fakes.parameters[DRILLS] = json.dumps({"since": NOW.isoformat(), "inconclusive": 2})
    left = world.drilled(tags=OURS)
    world.before(operation, lambda: world.fakes.parameters.update({DRILLS: verdict}))
    world.fail(operation, "Throttling")
    # WHEN
    assert world.cleanup().outcome == "Cleaned"
    # THEN the memory has the verdict and the leftover, and the metrics are of that verdict
    memory = remembered(world)
    assert list(memory.pop("leftovers")) == [left.identifier]
    assert memory == json.loads(verdict)
    assert memory["last"]["execution"] == drill.name
    assert world.fakes.numbers()["DrillsInconclusive"] == 0


def test_an_idle_clean_up_sends_no_message() -> None:
    # GIVEN nothing to clean WHEN the hourly run comes THEN it sends no message, or an inbox would fill
    world = RestoreWorld()
    world.cleanup()
    assert not world.fakes.messages


def test_garbled_memories_are_begun_anew() -> None:
    world = RestoreWorld()
    for text in ("garbled", "[]", '{"since": 5}', '{"since": "yesterday", "inconclusive": "x"}'):
        world.fakes.parameters[DRILLS] = text
        assert world.cleanup().outcome == "Cleaned", text
        assert world.fakes.numbers()["DrillFailed"] == 0


@pytest.mark.parametrize("mode", ["drill", "cleanup"])
def test_what_cannot_be_deleted_for_a_while_is_deleted_later(mode: str) -> None:
    # GIVEN a leftover in the middle of a change of an hour WHEN it is to go THEN that is waited for
    world = RestoreWorld()
    world.copied()
    left = world.drilled(tags=OURS)
    world.model.faults.busy(AWAY, left.identifier, 3600, "modifying")
    assert world.do(mode).outcome in {"Passed", "Cleaned"}
    if mode == "cleanup":
        world.clock.advance(3600)
        assert world.cleanup().outcome == "Cleaned"
    assert world.clusters() == []


@pytest.mark.parametrize("mode", ["drill", "cleanup"])
@pytest.mark.parametrize("code", ["InvalidClusterState", "AccessDenied"])
def test_what_cannot_be_deleted_at_all_is_reported(mode: str, code: str) -> None:
    # GIVEN a leftover that AWS will not delete WHEN it is to go THEN the run fails within hours and names it
    world = RestoreWorld()
    world.copied()
    left = world.drilled(tags=OURS)
    world.fail("DeleteCluster", code, None)
    started = world.clock.now()
    run = world.do(mode)
    # an hourly clean-up says so as soon as AWS refuses for good, or when two hours are over
    while mode == "cleanup" and run.outcome == "Cleaned":
        world.clock.advance(3600)
        run = world.cleanup()
    assert run.status == "FAILED"
    assert run.outcome in {"LeftBehind", "AccessDenied"}
    assert left.identifier in world.report(run)["leftovers"]
    assert world.fakes.numbers()["DrillLeftBehind"] >= 1
    assert (world.clock.now() - started).total_seconds() < 5 * 3600


def test_a_drills_own_cluster_that_does_not_go_is_left_behind() -> None:
    world = RestoreWorld()
    world.copied()
    world.fail("DeleteCluster", "InvalidClusterState", None)
    run = world.drill()
    assert (run.status, run.outcome) == ("FAILED", "LeftBehind")
    assert world.report(run)["leftovers"] == [DRILL]
    assert world.fakes.numbers()["DrillLeftBehind"] == 1
    assert world.fakes.messages[-1]["Subject"] == f"LeftBehind: drill of {PLAN}"


def test_a_cluster_that_somebody_else_deletes_meanwhile_is_gone_all_the_same() -> None:
    world = RestoreWorld()
    world.copied()
    world.before("DeleteCluster", lambda: world.model.world.clusters.pop((AWAY, DRILL)))
    assert world.drill().outcome == "Passed"
    assert world.clusters() == []
