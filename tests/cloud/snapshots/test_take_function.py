"""The function: a bug is an outcome too, a run that is not understood ends with a name, and the real entry works."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resilient_redshift.cloud.phases import FAILED, SUCCEEDED
from resilient_redshift.cloud.snapshots import take, take_function
from resilient_redshift.cloud.snapshots.take import PHASES, REPORT, TAKE, Phases
from tests.cloud.context import Context
from tests.cloud.snapshots.take_world import REGION, TakeWorld
from tests.cloud.snapshots.test_take_run import BEGUN

NOT_TAKEN = [("ManualSnapshotFailed",), ("ManualSnapshotFailed", "Failed")]


@pytest.mark.parametrize("phase", sorted({*PHASES} - {REPORT}))
def test_a_bug_in_a_phase_fails_the_run_and_is_published(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a run that goes through each phase, and a bug in one of them
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")
    monkeypatch.setitem(take.PHASES, phase, broken)  # type: ignore[arg-type]
    run = world.run()
    # THEN
    assert (run.status, run.outcome) == ("FAILED", "Failed")
    assert "ZeroDivisionError: a bug" in run.cause
    assert run.states[-1] == REPORT
    assert world.metrics.names() == NOT_TAKEN


def test_a_bug_in_the_report_leaves_the_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(take.PHASES, REPORT, broken)  # type: ignore[arg-type]
    run = TakeWorld().run()
    assert run.outcome == "Taken"
    assert run.output["message"].endswith("is available; ZeroDivisionError: a bug")


@pytest.mark.parametrize("run", [{}, {"version": 99}, {"version": 1}, None, "run"])
@pytest.mark.parametrize("phase", [TAKE, REPORT, "Crashed"])
def test_a_run_that_is_not_understood_fails(run: Any, phase: str) -> None:
    # GIVEN what no release of ours passes from phase to phase WHEN it arrives THEN the machine gets an answer
    answer = TakeWorld().handle({"phase": phase, "run": run})
    assert (answer["next"], answer["error"], answer["wait_seconds"]) == (FAILED, "Failed", 0)
    assert json.loads(answer["cause"]) == answer["report"]


def test_a_phase_that_does_not_exist_fails_the_run() -> None:
    answer = TakeWorld().handle({"phase": "Elsewhere", "run": BEGUN})
    assert answer["next"] == REPORT
    assert "KeyError: 'Elsewhere'" in answer["run"]["message"]


def test_an_input_that_is_not_understood_names_what_is_allowed() -> None:
    world = TakeWorld()
    run = world.run(keep_days=None)
    assert run.outcome == "InvalidRequest"
    assert "keep_days (-1 or 1 to 3653)" in json.loads(run.cause)["message"]
    assert world.asked == []


def test_the_cause_of_a_failed_run_is_its_report() -> None:
    world = TakeWorld(manual_snapshot_quota=0)
    run = world.run()
    assert json.loads(run.cause) == {
        "outcome": "QuotaExceeded",
        "cluster_identifier": "sales",
        "rule": "nightly",
        "message": "the quota of manual snapshots of this account and Region is used up by 0 of them; nothing was deleted",
        "joined": False,
        "snapshot_identifier": "",
        "megabytes": 0,
    }


def test_whoever_follows_a_run_reads_what_it_waits_for() -> None:
    world = TakeWorld()
    run = world.run()
    assert run.says[:2] == [
        "waiting for sales-nightly-20261124t0300z",
        "sales-nightly-20261124t0300z is creating, about 4 minutes left",
    ]
    assert run.says[-1] == "Taken"


def test_the_real_entry_calls_the_functions_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the entry that Lambda calls, in the Region of its ARN
    world = TakeWorld()
    asked: list[tuple[str, str]] = []

    def client(service: str, region: str) -> Any:
        asked.append((service, region))
        return getattr(world.surroundings, service)

    monkeypatch.setattr(take_function, "client", client)
    context = Context(f"arn:aws:lambda:{REGION}:111122223333:function:snapshots")
    # WHEN the first phase is called THEN the snapshot is there
    answer = take_function.take_snapshot({"phase": TAKE, "run": BEGUN}, context)
    assert answer["next"] == take.WAIT
    assert len(world.manual()) == 1
    assert asked == [("redshift", REGION), ("cloudwatch", REGION)]


def test_each_line_of_the_log_says_phase_execution_and_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    TakeWorld().run()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["execution"].rsplit(":", 1)[0] for line in lines} == {BEGUN["execution"].rsplit(":", 1)[0]}
    assert [line["next"] for line in lines[:-1]] == [line["phase"] for line in lines[1:]]
    assert (lines[-1]["message"], lines[-1]["outcome"]) == ("run ended", "Taken")


def test_a_run_that_succeeds_has_its_report_as_its_output() -> None:
    answer = take_function.take_snapshot_in(
        {"phase": "Crashed", "run": {**taken(), "outcome": "SkippedPaused"}, "crash": {"Error": "E", "Cause": "c"}},
        TakeWorld().surroundings,
    )
    assert (answer["next"], answer["report"]["outcome"]) == (SUCCEEDED, "SkippedPaused")


def taken() -> dict[str, Any]:
    """A run after its first phase, as JSON."""
    run: dict[str, Any] = TakeWorld().handle({"phase": TAKE, "run": BEGUN})["run"]
    return run


def broken(_phases: Phases) -> None:
    raise ZeroDivisionError("a bug")
