"""A function that dies at each of its calls to AWS, and what becomes of a failover, of a drill, and of a clean-up."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

from resilient_redshift.cloud.restore.phases import DELETE_CLUSTER, READ_PLAN, REMOVE_LEFTOVERS, REPORT
from resilient_redshift.contract import names
from tests.cloud.restore.laws import remembered
from tests.cloud.restore.record import CLUSTER, DNS_NAME, DRILL, DRILLS, ENDPOINTS, NODES, OURS, PLAN, ZONE_ID
from tests.cloud.restore.world import RestoreWorld

DNS = {"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}
GOOD = {"failover": "Restored", "drill": "Passed"}
HOUR = 3600
#: After this many deaths in one phase the machine calls the phase ``Crashed``.
MOST_DEATHS = 3


def a_world(mode: str) -> RestoreWorld:
    """A site whose plan uses everything. A former drill left a cluster where a drill runs."""
    world = RestoreWorld(record=DNS)
    world.copied(age_hours=1)
    if mode == "drill":
        world.drilled(tags=dict(OURS))
    world.running("drill", plan="another")
    return world


def started(world: RestoreWorld, mode: str) -> Any:
    return world.run(world.given(mode, copy_to={"region": "eu-west-1"} if mode == "failover" else None))


@functools.cache
def calls_of(mode: str) -> int:
    """How many calls a run makes that nothing disturbs."""
    world = a_world(mode)
    run = started(world, mode)
    assert run.outcome == GOOD[mode], run.cause
    return len(world.calls)


def the_call(world: RestoreWorld, number: int) -> str:
    return f"call {number}, {world.calls[number - 1].operation}"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("mode", list(GOOD))
def test_a_function_that_dies_once_at_any_call_changes_nothing(mode: str, after: bool) -> None:
    # GIVEN a function that dies at one call, before or after the call took effect
    for number in range(1, calls_of(mode) + 1):
        world = a_world(mode)
        world.die_at(number, after=after)
        # WHEN the machine calls the phase again
        run = started(world, mode)
        # THEN the run ends as if nothing had been
        what = the_call(world, number)
        assert run.outcome == GOOD[mode], (what, run.cause)
        assert len(world.asked("RestoreFromClusterSnapshot")) <= 2, what
        if mode == "drill":
            assert world.clusters() == [], what
            assert remembered(world)["last"]["execution"] == run.name, what
            continue
        # AND one cluster exists, with all that a failover gives it
        assert world.clusters() == [CLUSTER], what
        assert {names.TAG_PLAN, names.TAG_EXECUTION, names.TAG_AVAILABLE_SINCE} <= world.cluster().tags.keys(), what
        assert world.cluster().tags[names.TAG_EXECUTION] == run.name, what
        assert world.parameter(ENDPOINTS)["execution"] == run.name, what
        assert world.model.copy_of("us-west-2", CLUSTER) is not None, what


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_function_that_dies_once_counts_no_drill_twice(after: bool) -> None:
    # GIVEN a drill that meets a quota, and a function that dies at one call
    def a_full_site() -> RestoreWorld:
        world = RestoreWorld(node_quota=NODES - 1)
        world.copied()
        world.fakes.parameters[DRILLS] = json.dumps({"since": "2026-11-01T00:00:00.000Z", "inconclusive": 1})
        return world

    undisturbed = a_full_site()
    assert undisturbed.drill().outcome == "Inconclusive"
    for number in range(1, len(undisturbed.calls) + 1):
        world = a_full_site()
        world.die_at(number, after=after)
        # WHEN it runs THEN the memory counts one more drill that proved nothing, and only one
        assert world.drill().outcome == "Inconclusive", the_call(world, number)
        assert remembered(world)["inconclusive"] == 2, the_call(world, number)


@pytest.mark.parametrize("mode", list(GOOD))
def test_a_phase_that_dies_three_times_ends_the_run_by_name(mode: str) -> None:
    # GIVEN a function that dies three times in one phase, after its call took effect
    for number in range(1, calls_of(mode) + 1):
        world = a_world(mode)
        world.die_at(number, after=True, times=MOST_DEATHS)
        # WHEN the machine gives the phase up
        run = started(world, mode)
        what, report = the_call(world, number), world.report(run)
        phase = run.states[run.states.index("Crashed") - 1]
        # THEN the report says in which phase the function died
        said = [report["message"], *report.get("warnings", ())]
        assert any(f"the function died in {phase}: the function died" in text for text in said), (what, said)
        if phase == REPORT:
            # AND a drill whose verdict is not recorded does not pass
            assert run.outcome in {GOOD[mode], "Failed"}, what
            assert run.outcome == "Failed" or mode == "failover" or "last" in remembered(world), what
        else:
            assert run.outcome == ("LeftBehind" if phase == DELETE_CLUSTER else "Failed"), (what, run.cause)
        # AND the topic hears of it, as soon as the run knows the topic
        if phase not in {READ_PLAN, REPORT}:
            assert world.fakes.messages[-1]["Subject"].startswith(run.outcome), what
        # AND after the next clean-up nothing is left of a drill, and all of a failover
        own = world.clusters()
        assert mode == "drill" or own in ([], [CLUSTER]), what
        assert own == [] or mode == "failover" or phase in {READ_PLAN, REMOVE_LEFTOVERS, DELETE_CLUSTER}, what
        world.clock.advance(HOUR + 60)
        world.cleanup()
        assert world.clusters() == ([] if mode == "drill" else own), what


@pytest.mark.parametrize("mode", list(GOOD))
def test_a_crash_is_reported_to_the_topic_and_the_bucket(mode: str) -> None:
    # GIVEN a function that dies three times while the cluster is restored WHEN the run ends
    world = a_world(mode)
    world.before("CreateTags", lambda: world.die_at(0, times=MOST_DEATHS))
    run = started(world, mode)
    # THEN topic and bucket have the same report as the execution
    assert run.outcome == "Failed"
    assert world.fakes.messages[-1]["Subject"] == f"Failed: {mode} of {PLAN}"
    assert names.report_key(PLAN, run.name) in world.fakes.objects
    assert "WaitForCluster" in world.report(run)["message"]


def test_a_cluster_that_a_dead_drill_restored_is_deleted() -> None:
    # GIVEN a function that dies three times right after AWS accepted the restore, before any tag WHEN the run ends
    world = RestoreWorld()
    world.copied()
    world.before("RestoreFromClusterSnapshot", lambda: world.die_at(0, after=True, times=MOST_DEATHS))
    made = []
    world.before("DeleteCluster", lambda: made.append(world.clusters()))
    run = world.drill()
    # THEN the drill deletes the cluster without tags by itself
    assert (run.outcome, made, world.clusters()) == ("Failed", [[DRILL]], [])


@pytest.mark.parametrize("reader", ["PutObject", "Publish"])
def test_a_reader_at_which_the_function_always_dies_is_passed_over(reader: str) -> None:
    # GIVEN a function that dies whenever it hands the report to one reader WHEN failed over
    world = RestoreWorld()
    world.copied()
    for skip in range(40):
        world.before(reader, lambda: world.die_at(0), skip=skip)
    run = world.failover()
    # THEN the run ends, and says which phase could not do its work
    assert run.outcome == "Restored"
    assert len(world.asked(reader)) == MOST_DEATHS
    assert any("died in Report" in text for text in world.report(run)["warnings"])


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_clean_up_that_dies_at_any_call_is_made_good_by_the_next(after: bool) -> None:
    # GIVEN a clean-up that dies at one call
    def a_site() -> RestoreWorld:
        world = RestoreWorld()
        world.drilled(tags=dict(OURS))
        world.running("drill", plan="another")
        return world

    undisturbed = a_site()
    assert undisturbed.cleanup().outcome == "Cleaned"
    for number in range(1, len(undisturbed.calls) + 1):
        world = a_site()
        world.die_at(number, after=after)
        assert world.cleanup().status == "ABORTED", the_call(world, number)
        # WHEN the next one comes THEN nothing is left
        assert world.cleanup().outcome == "Cleaned", the_call(world, number)
        assert world.clusters() == [], the_call(world, number)
