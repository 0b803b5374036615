"""A bug in each phase: the run ends by name with the reason, reports to its readers, and deletes what a drill made."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.restore import phases, reporting
from resilient_redshift.cloud.restore.calls import Ended
from resilient_redshift.cloud.restore.phases import DELETE_CLUSTER, MAKE_ROOM, REPLACE_CLUSTER, REPORT
from tests.cloud.restore.laws import remembered
from tests.cloud.restore.record import CLUSTER, DRILL, NODES, OURS, PLAN
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from resilient_redshift.cloud.phases import End, Step
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

WHY = "a bug of ours"
#: The phases of a run in which the first restore fails after AWS accepted it.
USUAL = {
    "failover": [
        *("ReadPlan", "Preflight", "ChooseSnapshot", "Restore", "WaitForCluster", "ReplaceCluster"),
        *("BringBack", "Check", "Publish"),
    ],
    "drill": [
        *("ReadPlan", "RemoveLeftovers", "Preflight", "ChooseSnapshot", "Restore", "WaitForCluster"),
        *("ReplaceCluster", "BringBack", "Check", "Publish", "DeleteCluster"),
    ],
}


def a_world(mode: str) -> RestoreWorld:
    world = RestoreWorld()
    world.bugs = True
    world.copied()
    if mode == "drill":
        world.drilled(tags=dict(OURS))
    world.model.faults.next_restores("incompatible-restore")
    return world


def spoil(monkeypatch: pytest.MonkeyPatch, phase: str, *, late: bool) -> None:
    """Let a phase raise, at once or after it did its work."""
    right = phases.PHASES[phase]

    def wrong(run: Run, aws: Aws) -> Step | End:
        if late:
            with contextlib.suppress(Ended):
                right(run, aws)
        raise RuntimeError(WHY)

    monkeypatch.setattr(phases, "PHASES", {**phases.PHASES, phase: wrong})


def test_these_are_all_the_phases() -> None:
    # GIVEN the phases of these tests WHEN compared with the restore's THEN none is left out
    assert {*USUAL["failover"], *USUAL["drill"], REPORT, MAKE_ROOM} == phases.PHASES.keys()
    for mode, usual in USUAL.items():
        states = a_world(mode).run(RestoreWorld().given(mode)).states
        assert list(dict.fromkeys(states)) == [*usual, REPORT]


@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize(("mode", "phase"), [(mode, phase) for mode, usual in USUAL.items() for phase in usual])
def test_a_bug_in_a_phase_is_an_outcome(monkeypatch: pytest.MonkeyPatch, mode: str, phase: str, late: bool) -> None:
    # GIVEN a phase that raises WHEN run
    spoil(monkeypatch, phase, late=late)
    world = a_world(mode)
    run = world.run(world.given(mode))
    # THEN the run fails, and says where and why
    report = world.report(run)
    assert (run.status, run.outcome) == ("FAILED", "LeftBehind" if phase == DELETE_CLUSTER else "Failed")
    assert f"{phase}: RuntimeError: {WHY}" in " ".join([report["message"], *report.get("warnings", ())])
    # AND the topic hears of it, as soon as the run knows the topic
    if phase != "ReadPlan" or late:
        assert world.fakes.messages[-1]["Subject"] == f"{run.outcome}: {mode} of {PLAN}"
    # AND a drill's cluster is deleted, and a failover's is left as it is
    if mode == "drill":
        assert DRILL not in world.clusters() or phase == DELETE_CLUSTER
        assert remembered(world)["last"]["outcome"] == run.outcome
    else:
        assert world.clusters() in ([], [CLUSTER])


def test_a_cluster_that_a_bug_kept_is_reported_and_goes_with_the_next_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a drill that cannot delete its cluster because of a bug WHEN the next clean-up comes
    spoil(monkeypatch, DELETE_CLUSTER, late=False)
    world = RestoreWorld()
    world.bugs = True
    world.copied()
    run = world.drill()
    assert world.report(run)["leftovers"] == [DRILL]
    assert world.fakes.numbers()["DrillLeftBehind"] == 1
    world.clock.advance(3600)
    # THEN the cluster is gone
    assert world.cleanup().outcome == "Cleaned"
    assert world.clusters() == []


def test_a_bug_while_room_is_made_ends_a_failover(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a quota, and a bug in the phase that deletes drills' clusters WHEN failed over
    spoil(monkeypatch, MAKE_ROOM, late=False)
    world = RestoreWorld(node_quota=NODES - 1)
    world.bugs = True
    world.copied()
    run = world.failover()
    # THEN the run ends by name
    assert run.outcome == "Failed"
    assert f"{MAKE_ROOM}: RuntimeError" in run.cause


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_report_that_cannot_be_built_goes_out_all_the_same(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    # GIVEN a report that cannot be built WHEN run
    def wrong(*_: object) -> None:
        raise RuntimeError(WHY)

    monkeypatch.setattr("resilient_redshift.cloud.restore.reporting._parts", wrong)
    world = RestoreWorld()
    world.bugs = True
    world.copied()
    run = world.run(world.given(mode))
    # THEN a small report names what the run did, and why it is so small, and goes to the readers
    assert run.outcome == "Failed"
    assert "Restored: " in world.report(run)["message"]
    assert WHY in world.report(run)["message"]
    assert world.fakes.messages[-1]["Subject"] == f"Failed: {mode} of {PLAN}"
    assert mode == "failover" or remembered(world)["last"]["outcome"] == "Failed"


@pytest.mark.parametrize("reader", ["_read_drills", "_write_drills", "_put_metrics", "_put_report", "_notify"])
def test_a_bug_at_one_reader_keeps_the_report_from_no_other(monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    # GIVEN a bug in what reports to one reader WHEN a drill ends
    def wrong(*_: object) -> None:
        raise RuntimeError(WHY)

    spoiled = {name: wrong if call.__name__ == reader else call for name, call in reporting._TELL.items()}
    monkeypatch.setattr(reporting, "_TELL", spoiled)
    world = RestoreWorld()
    world.bugs = True
    world.copied()
    run = world.drill()
    # THEN the others have the report, and a drill whose verdict is lost does not pass
    lost = reader in {"_read_drills", "_write_drills", "_put_metrics"}
    assert run.outcome == ("Failed" if lost else "Passed")
    assert bool(world.fakes.messages) == (reader != "_notify")
    assert bool(world.fakes.objects) == (reader != "_put_report")


def test_a_replacement_that_a_bug_stops_leaves_a_failed_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a failed cluster that a bug keeps from deletion WHEN failed over THEN the cluster is there to look at
    spoil(monkeypatch, REPLACE_CLUSTER, late=False)
    world = a_world("failover")
    assert world.failover().outcome == "Failed"
    assert world.clusters() == [CLUSTER]


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_run_that_a_release_changed_under_way_ends_by_name(mode: str) -> None:
    # GIVEN a run whose cluster is being restored WHEN a release with another shape of runs is deployed
    world = RestoreWorld()
    world.copied()
    handle, deployed = world.machine.handle, []

    def of_a_former_release(event: dict[str, Any]) -> dict[str, Any]:
        if event["phase"] == "WaitForCluster" and not deployed:
            deployed.append(event)
            event["run"]["version"] = 0
        return handle(event)

    world.machine.handle = of_a_former_release
    run = world.run(world.given(mode))
    # THEN the run fails, says why and reports, and a drill deletes what it made
    assert run.outcome == "Failed"
    assert "deployed while the run was under way" in run.cause
    assert world.fakes.messages
    assert DRILL not in world.clusters()
