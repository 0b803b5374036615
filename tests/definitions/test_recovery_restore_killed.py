"""Drills that are killed at every state: whoever comes next removes what they left, and nothing else. And failovers, likewise."""

from __future__ import annotations

import pytest

from resilient_redshift.contract import names
from tests.definitions.restore_record import AWAY, CLUSTER, OURS, PREFIX
from tests.definitions.restore_world import RestoreWorld

HOUR = 3600
BYSTANDERS: dict[str, dict[str, str]] = {
    CLUSTER: {},
    "drill-analytics": {"team": "x"},
    f"{PREFIX}theirs": {names.TAG_PLAN: "another-plan"},
}


def a_world() -> RestoreWorld:
    """A site with a leftover of an earlier drill, and others' clusters beside it."""
    world = RestoreWorld()
    world.copied()
    world.drilled(tags=dict(OURS))
    for name, tags in BYSTANDERS.items():
        world.drilled(name, tags=dict(tags))
    return world


def walked(mode: str) -> list[str]:
    """Each state that a run without a fault enters, once, in order."""
    world = a_world() if mode == "drill" else RestoreWorld()
    world.copied("newest", age_hours=0.5)
    run = world.run(world.given(mode))
    assert run.outcome in {"Passed", "Restored"}, run.cause
    return list(dict.fromkeys(run.states))


def nothing_left(world: RestoreWorld) -> None:
    """No cluster of this plan's drills, and everybody else's as it was."""
    assert world.clusters() == sorted(BYSTANDERS)
    assert {name: world.cluster(name).tags for name in BYSTANDERS} == BYSTANDERS


@pytest.mark.parametrize("then", ["cleanup", "drill"])
def test_a_drill_killed_at_any_state_is_cleaned_up_by_the_next_run(then: str) -> None:
    for number, state in enumerate(walked("drill")):
        if number % 2 and then == "drill":
            continue  # the longer way for every other state
        # GIVEN a drill that somebody stops right before this state
        world = a_world()
        world.kill_at(state=state)
        assert world.drill().status == "ABORTED", state
        # WHEN an hour later the next cleaning run, or some day the next drill, comes
        world.clock.advance(HOUR + 60)
        world.copied("later", age_hours=0.5)
        run = world.run(world.given(then, scheduled_time="2026-12-24T05:00:00Z"))
        # THEN nothing of the killed one is left, nor anything else gone
        assert run.outcome == {"cleanup": "Cleaned", "drill": "Passed"}[then], (state, run.cause)
        nothing_left(world)


def test_a_drill_killed_in_the_midst_of_its_polls_is_cleaned_up() -> None:
    # GIVEN a drill that is stopped at its last look at the restore, or at the last one at the deletion WHEN cleaned up
    world = a_world()
    visits = world.drill().states
    repeated = {state for state in visits if visits.count(state) > 2}
    assert repeated
    for state in sorted(repeated):
        world = a_world()
        world.kill_at(visits.count(state), state)
        assert world.drill().status == "ABORTED"
        world.clock.advance(HOUR + 60)
        assert world.cleanup().outcome == "Cleaned", state
        nothing_left(world)


def test_a_cleaning_run_killed_at_any_state_is_made_good_by_the_next() -> None:
    world = a_world()
    for state in dict.fromkeys(world.cleanup().states):
        world = a_world()
        world.kill_at(state=state)
        assert world.cleanup().status == "ABORTED"
        assert world.cleanup().outcome == "Cleaned", state
        nothing_left(world)


def test_a_failover_killed_at_any_state_leaves_what_it_restored() -> None:
    # GIVEN a failover that is stopped right before any state
    for state in walked("failover"):
        world = RestoreWorld()
        world.copied()
        world.kill_at(state=state)
        assert world.failover().status == "ABORTED", state
        stood = world.clusters()
        # WHEN the operator tries again THEN it is restored, or the run says that the target exists, and touches nothing
        run = world.failover()
        assert run.outcome == ("TargetExists" if stood else "Restored"), (state, run.cause)
        # AND under another name it is restored in any case; the first one stands
        if stood:
            assert world.failover(target="restored-again").outcome == "Restored"
            assert world.clusters() == ["restored-again", CLUSTER]
        # AND no cleaning run ever touches a failover's cluster
        world.clock.advance(HOUR + 60)
        kept = world.clusters()
        assert world.cleanup().outcome == "Cleaned"
        assert world.clusters() == kept


def test_a_failover_killed_while_a_drill_runs_lets_later_drills_run() -> None:
    world = RestoreWorld()
    world.copied()
    world.kill_at(5)
    world.failover()
    assert world.drill().outcome == "Passed"
    assert world.model.cluster(AWAY, CLUSTER) is None
