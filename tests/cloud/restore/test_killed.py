"""Drills and failovers that somebody stops before each phase: what they leave, and what the next run does with it."""

from __future__ import annotations

import pytest

from resilient_redshift.contract import names
from tests.cloud.restore.record import AWAY, CLUSTER, OURS, PREFIX
from tests.cloud.restore.world import RestoreWorld

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


def visits(mode: str) -> list[str]:
    """Each phase that a run without a fault visits, in order."""
    world = a_world() if mode == "drill" else RestoreWorld()
    world.copied("newest", age_hours=0.5)
    world.model.faults.next_restores("incompatible-restore")
    run = world.run(world.given(mode))
    assert run.outcome in {"Passed", "Restored"}, run.cause
    return run.states


def nothing_left(world: RestoreWorld) -> None:
    """No cluster of this plan's drills, and everybody else's as it was."""
    assert world.clusters() == sorted(BYSTANDERS)
    assert {name: world.cluster(name).tags for name in BYSTANDERS} == BYSTANDERS


@pytest.mark.parametrize("then", ["cleanup", "drill"])
def test_a_drill_killed_at_any_visit_is_cleaned_up_by_the_next_run(then: str) -> None:
    # the longer way for every other visit
    for number, phase in list(enumerate(visits("drill"), start=1))[:: 2 if then == "drill" else 1]:
        # GIVEN a drill that somebody stops right before it visits a phase
        world = a_world()
        world.model.faults.next_restores("incompatible-restore")
        world.kill_at(number)
        assert world.drill().status == "ABORTED", (number, phase)
        # WHEN the next clean-up comes an hour later, or the next drill some day
        world.model.faults.clear()
        world.clock.advance(HOUR + 60)
        world.copied("later", age_hours=0.5)
        run = world.do(then, scheduled_time="2026-12-24T05:00:00Z")
        # THEN nothing of the killed one is left, and nothing else is gone
        assert run.outcome == {"cleanup": "Cleaned", "drill": "Passed"}[then], (number, phase, run.cause)
        nothing_left(world)


def test_a_failover_killed_at_any_visit_leaves_what_it_restored() -> None:
    # GIVEN a failover that somebody stops right before it visits a phase
    for number, phase in enumerate(visits("failover"), start=1):
        world = RestoreWorld()
        world.copied()
        world.model.faults.next_restores("incompatible-restore")
        world.kill_at(number)
        assert world.failover().status == "ABORTED", (number, phase)
        world.model.faults.clear()
        kept = world.clusters()
        state = world.cluster().status if kept else ""
        failed = state == "incompatible-restore"
        # WHEN the operator tries again THEN it restores, or says that the target exists, and touches nothing
        run = world.failover()
        assert run.outcome == ("TargetExists" if kept else "Restored"), (number, phase, run.cause)
        assert ("--replace-failed" in run.cause) == failed, (number, phase)
        # AND under another name it restores in any case, and the first one is still there
        if kept:
            assert world.failover(target="restored-again").outcome == "Restored"
            assert world.clusters() == ["restored-again", *([] if state == "deleting" else [CLUSTER])]
        # AND no clean-up ever touches a failover's cluster
        world.clock.advance(HOUR + 60)
        kept = world.clusters()
        assert world.cleanup().outcome == "Cleaned"
        assert world.clusters() == kept
        # AND a cluster that failed goes if the operator says so
        if failed:
            assert world.failover(replace_failed=True).outcome == "Restored"


def test_a_failover_killed_while_a_drill_runs_lets_later_drills_run() -> None:
    world = RestoreWorld()
    world.copied()
    world.kill_at(phase="Restore")
    world.failover()
    assert world.drill().outcome == "Passed"
    assert world.model.cluster(AWAY, CLUSTER) is None
