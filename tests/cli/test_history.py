"""Reading a history: what is new, in few and small answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.history import Event, History
from tests.cli.scene import PLAN, RESTORE, THERE, Scene

if TYPE_CHECKING:
    from tests.cli.fakes import Run


@pytest.fixture
def run(scene: Scene) -> Run:
    return scene.account.given_run(RESTORE, "failover-1", plan=PLAN, mode="failover")


@pytest.fixture
def history(scene: Scene, run: Run) -> History:
    return History(Aws(scene.account.session, region=THERE, clock=scene.clock.now), run.arn)


def asked(scene: Scene) -> list[dict[str, Any]]:
    """The looks at the history so far, as they were asked; then they count as seen."""
    found = [params for _, name, params in scene.account.calls if name.endswith("GetExecutionHistory")]
    scene.account.calls.clear()
    return found


def kinds(events: list[Event]) -> list[str]:
    return [event.entered or event.says or event.failed for event in events]


def test_a_phase_is_entered_and_says_something(scene: Scene, run: Run, history: History) -> None:
    # GIVEN a phase that says something, and one that says nothing WHEN read THEN waits and choices are left out
    scene.account.take(run, "Restore", "restoring sales", "WaitForCluster")
    scene.account.take(run, "WaitForCluster", "", "WaitForCluster")
    at = scene.clock.now()
    assert history.news() == [
        Event(at=at, entered="Restore"),
        Event(at=at, says="restoring sales"),
        Event(at=at, entered="WaitForCluster"),
    ]
    assert history.news() == []


@pytest.mark.parametrize(("following", "again"), [("WaitForCluster", True), ("BringBack", False)])
def test_a_phase_that_is_called_again_says_how_far_it_is(
    scene: Scene, run: Run, history: History, following: str, again: bool
) -> None:
    scene.account.take(run, "WaitForCluster", "sales is restoring, 41 %", following)
    assert history.news()[-1].again is again


@pytest.mark.parametrize("end", ["Succeeded", "Failed"])
def test_the_end_says_nothing_because_the_outcome_follows(scene: Scene, run: Run, history: History, end: str) -> None:
    scene.account.take(run, "Report", "Restored", end)
    assert kinds(history.news()) == ["Report"]


def test_a_look_that_finds_nothing_reads_no_data(scene: Scene, run: Run, history: History) -> None:
    # GIVEN a run whose phase waits WHEN looked at again THEN one small answer is read
    scene.account.take(run, "WaitForCluster", "sales is creating", "WaitForCluster")
    history.news()
    asked(scene)
    assert history.news() == []
    [look] = asked(scene)
    assert (look["includeExecutionData"], look["maxResults"]) == (False, 30)


def test_of_a_new_phase_only_its_own_events_are_read_with_data(scene: Scene, run: Run, history: History) -> None:
    # GIVEN a long history WHEN one more phase ends THEN the data of its last events is read, and of no other one
    for _ in range(30):
        scene.account.take(run, "WaitForCluster", "sales is creating", "WaitForCluster")
    history.news()
    asked(scene)
    scene.account.take(run, "WaitForCluster", "sales is available", "BringBack")
    assert kinds(history.news()) == ["WaitForCluster", "sales is available"]
    small, large = asked(scene)
    assert (small["includeExecutionData"], large["includeExecutionData"]) == (False, True)
    assert large["maxResults"] == 5


def test_many_phases_between_two_looks_are_all_read(scene: Scene, run: Run, history: History) -> None:
    # GIVEN a connection that was lost for half an hour WHEN read THEN each state is there, and what the last ones said
    scene.account.take(run, "ReadPlan")
    history.news()
    scene.account.take(run, "Restore", "restoring sales", "WaitForCluster")
    for percent in range(50):
        scene.account.take(run, "WaitForCluster", f"{percent} %", "WaitForCluster")
    found = history.news()
    assert [event.entered for event in found if event.entered] == ["Restore", *["WaitForCluster"] * 50]
    assert [event.says for event in found if event.says] == [f"{percent} %" for percent in range(40, 50)]


def test_of_a_very_long_history_the_beginning_and_the_end_are_read(scene: Scene, run: Run, history: History) -> None:
    scene.account.take(run, "Restore", "restoring sales", "WaitForCluster")
    for _ in range(400):
        scene.account.take(run, "WaitForCluster", "sales is creating", "WaitForCluster")
    scene.account.take(run, "Publish")
    found = [event.entered for event in history.news() if event.entered]
    assert (found[0], found[-1]) == ("Restore", "Publish")
    assert len(asked(scene)) <= 3


def test_what_happens_between_the_two_reads_comes_with_the_next_look(
    scene: Scene, run: Run, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a phase that ends between the read without data and the one with it WHEN read THEN nothing is lost or doubled
    scene.account.take(run, "Restore", "restoring sales", "WaitForCluster")
    real = scene.account._GetExecutionHistory

    def answer(region: str, params: dict[str, Any]) -> dict[str, Any]:
        if params["includeExecutionData"] and len(run.events) == 9:
            scene.account.take(run, "WaitForCluster", "sales is creating", "WaitForCluster")
        return real(region, params)

    monkeypatch.setattr(scene.account, "_GetExecutionHistory", answer)
    assert kinds(history.news()) == ["Restore", "restoring sales"]
    assert kinds(history.news()) == ["WaitForCluster", "sales is creating"]


def test_a_failed_call_of_the_function_is_read_and_an_error_of_a_former_machine_is_not(
    scene: Scene, run: Run, history: History
) -> None:
    # GIVEN a function that died and one that took too long, and a task of a former release that found nothing
    died = {"resourceType": "lambda", "error": "Lambda.Unknown", "cause": "out of\nmemory"}
    scene.account.happen(run, "TaskFailed", taskFailedEventDetails=died)
    late = {"resourceType": "lambda", "error": "States.Timeout"}
    scene.account.happen(run, "TaskTimedOut", taskTimedOutEventDetails=late)
    gone = {"resourceType": "aws-sdk:redshift", "error": "Redshift.ClusterNotFoundException"}
    scene.account.happen(run, "TaskFailed", taskFailedEventDetails=gone)
    # WHEN read THEN the first two are news
    assert kinds(history.news()) == ["Lambda.Unknown out of memory", "States.Timeout"]


@pytest.mark.parametrize("output", ["", "no JSON", '["a list"]', '{"says": ""}', '{"snapshots": []}'])
def test_an_output_that_is_none_of_a_phase_says_nothing(scene: Scene, run: Run, history: History, output: str) -> None:
    # GIVEN a task of a former release WHEN read THEN its state is there, and no words
    scene.account.enter(run, "FindSnapshots")
    details = {"name": "FindSnapshots", "output": output}
    scene.account.happen(run, "TaskStateExited", stateExitedEventDetails=details)
    assert kinds(history.news()) == ["FindSnapshots"]


def test_a_phase_that_has_not_ended_is_read_without_data(scene: Scene, run: Run, history: History) -> None:
    # GIVEN a phase that was entered and goes on WHEN read THEN there is nothing that it said, and no data is asked for
    scene.account.enter(run, "Restore")
    assert kinds(history.news()) == ["Restore"]
    assert [look["includeExecutionData"] for look in asked(scene)] == [False]
