"""Following a run: its phases and what they say, lost connections, Ctrl-C, attaching again."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli import follow
from resilient_redshift.cli.output import Screen
from resilient_redshift.cli.steps import WORDS
from tests.cli.restoring import FULL, machine, real, report
from tests.cli.scene import PLAN, RESTORE, Scene, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.cli.output import Line
    from tests.cli.fakes import Run


@pytest.fixture
def ready(scene: Scene) -> Scene:
    scene.copied(hours=2)
    return scene


def shown(output: str) -> list[str]:
    """The lines of phases, without their times."""
    found = (re.match(r" +-?\d[\dmhinds ]*  (\S.*)", line) for line in output.splitlines())
    return [line[1] for line in found if line]


def test_each_phase_is_shown_once_and_what_it_says_when_it_changes(ready: Scene) -> None:
    # GIVEN a machine that waits in a loop WHEN followed THEN each phase is a line, and so is each new thing that it says
    waits = ["sales is creating", "sales is creating", "sales is restoring, 41 %", "sales is restoring, 41 %"]
    loop = [("WaitForCluster", says, "WaitForCluster") for says in waits]
    end = ("WaitForCluster", "sales is available", "BringBack")
    machine(ready, "ReadPlan", ("Restore", "restoring sales", "WaitForCluster"), *loop, end, ends=report(**FULL))
    assert shown(ready.run("failover", PLAN, "--yes").output) == [
        "read the plan",
        "ask Redshift to restore",
        "restoring sales",
        "wait for the cluster",
        "sales is creating",
        "sales is restoring, 41 %",
        "sales is available",
    ]


def test_a_log_has_what_the_real_phases_say(ready: Scene) -> None:
    # GIVEN the real phases WHEN followed without a terminal THEN what they say is a line each time that it changes
    real(ready)
    lines = shown(ready.run("failover", PLAN, "--yes").output)
    begin = lines.index(WORDS["WaitForCluster"])
    assert [line for line in lines[begin + 1 :] if not line.startswith("still running")] == [
        "sales is creating",
        "sales is restoring",
        "sales is available",
        WORDS["BringBack"],
        WORDS["Check"],
        "checking: answers",
        "checking: tables",
        "checking: size",
        WORDS["Publish"],
        "Restored",
        WORDS["Report"],
    ]


def test_a_phase_that_the_run_comes_back_to_is_shown_again(ready: Scene) -> None:
    # GIVEN a restore that fails, and a second one WHEN followed THEN the way is shown as it was
    way = ("Restore", "WaitForCluster", "ReplaceCluster", "Restore", "WaitForCluster")
    machine(ready, *way, ends=report(**FULL))
    ask, wait = "ask Redshift to restore", "wait for the cluster"
    expected = [ask, wait, "delete a cluster whose restore failed", ask, wait]
    assert shown(ready.run("failover", PLAN, "--yes").output) == expected


def test_a_run_of_a_former_release_is_shown_to_its_end(ready: Scene) -> None:
    # GIVEN a run that a former release began, with its states WHEN attached THEN each is shown once, as it is named
    run = ready.account.given_run(RESTORE, "failover-old", plan=PLAN, mode="failover")
    for state in ("FindSnapshots", *["WaitForRestore", "DescribeCluster"] * 5):
        ready.account.enter(run, state)
        details = {"name": state, "output": '{"Clusters": []}'}
        ready.account.happen(run, "TaskStateExited", stateExitedEventDetails=details)
    ready.account.end(run, report(**FULL))
    result = ready.run("failover", PLAN, "--attach", "failover-old")
    assert result.exit_code == 0
    assert shown(result.output) == ["FindSnapshots", "WaitForRestore", "DescribeCluster"]
    assert "sales.example.us-west-2:5439" in result.output


def test_a_history_that_may_not_be_read_is_said_once(ready: Scene) -> None:
    machine(ready, *["WaitForCluster"] * 5, ends=report(**FULL))
    ready.account.denied = {"stepfunctions:GetExecutionHistory"}
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert result.output.count("cannot read the history (AccessDenied); the outcome is shown at the end") == 1


def test_how_far_a_phase_is_stays_in_the_live_line_of_a_terminal(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a terminal WHEN a phase says how far it is THEN the live line has it, and no line of its own
    lines: list[str] = []

    @contextmanager
    def line(_: Screen) -> Iterator[Line]:
        yield lines.append

    monkeypatch.setattr(Screen, "live", property(lambda _: True))
    monkeypatch.setattr(Screen, "line", line)
    loop = [("WaitForCluster", f"sales is restoring, {percent} %", "WaitForCluster") for percent in (10, 20)]
    end = ("WaitForCluster", "sales is available", "BringBack")
    machine(ready, *loop, end, "BringBack", ends=report(**FULL))
    output = ready.run("failover", PLAN, "--yes").output
    assert shown(output) == ["wait for the cluster", "sales is available", WORDS["BringBack"]]
    assert [text.split("   ")[1:] for text in lines] == [
        ["wait for the cluster", "sales is restoring, 10 %"],
        ["wait for the cluster", "sales is restoring, 20 %"],
        ["wait for the cluster", "sales is restoring, 20 %"],
        [WORDS["BringBack"]],
    ]


def test_the_pause_between_looks_grows_to_five_seconds(ready: Scene) -> None:
    machine(ready, *["WaitForCluster"] * 20, ends=report())
    ready.run("failover", PLAN, "--yes")
    assert ready.sleeps[0] == pytest.approx(0.2)
    assert ready.sleeps[-1] == pytest.approx(5.0)
    assert ready.sleeps == sorted(ready.sleeps)
    assert len(ready.sleeps) == 20


def test_a_call_of_the_function_that_failed_is_shown_once(ready: Scene) -> None:
    # GIVEN a function that dies twice of the same WHEN followed THEN that is one line, with the phase
    def go_on(run: Run) -> None:
        if run.polls in {2, 3}:
            ready.account.enter(run, "Restore")
            died = {"resourceType": "lambda", "error": "Lambda.Unknown", "cause": "out of\nmemory"}
            ready.account.happen(run, "TaskFailed", taskFailedEventDetails=died)
        if run.polls == 4:
            ready.account.end(run, report())

    ready.account.on_poll = go_on
    output = ready.run("failover", PLAN, "--yes").output
    assert output.count("ask Redshift to restore: Lambda.Unknown out of memory") == 1


def test_a_lost_connection_is_waited_for(ready: Scene) -> None:
    # GIVEN a connection that is lost for a while WHEN followed THEN it is told once, and the outcome in the end
    machine(ready, "Restore", ends=report(**FULL))
    ready.account.lost["stepfunctions:DescribeExecution"] = 6
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert result.output.count("the execution runs on, trying again") == 1
    assert result.output.count("connected again") == 1


def test_after_long_without_an_answer_nobody_watches(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_PATIENCE", 100.0)
    ready.account.lost["stepfunctions:DescribeExecution"] = 10**6
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "failover-sales-us-east-1-20261123t081500z may run on" in words_of(result)
    assert "--attach failover-sales-us-east-1-20261123t081500z" in words_of(result)
    assert 90 <= sum(ready.sleeps) < 110


def test_expired_credentials_say_how_to_go_on(ready: Scene) -> None:
    ready.account.denied = {"stepfunctions:DescribeExecution"}
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "--attach failover-sales-us-east-1-20261123t081500z" in words_of(result)


def test_ctrl_c_in_the_moment_of_the_start_names_the_run(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a start whose answer does not come WHEN somebody presses Ctrl-C THEN he is told which run may have begun
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    ready.account.lost["stepfunctions:StartExecution"] = 1
    monkeypatch.setattr(ready, "_sleep", stop)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 130
    assert "the start of failover-sales-us-east-1-20261123t081500z; the execution may be running" in words_of(result)


def test_ctrl_c_leaves_it_running_and_says_how_to_attach(ready: Scene) -> None:
    # GIVEN a run WHEN somebody presses Ctrl-C THEN it runs on, and the line that is printed attaches to it
    def go_on(run: Run) -> None:
        if run.polls == 3:
            raise KeyboardInterrupt

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 130
    [run] = ready.account.runs.values()
    assert run.status == "RUNNING"
    again = result.stderr.split("watch it again: ")[1].split()
    assert again[0] == "resilient-redshift"
    machine(ready, *["WaitForCluster"] * 4, ends=report(**FULL))
    ready.region = None
    attached = ready.run(*again[1:])
    assert attached.exit_code == 0
    assert "sales.example.us-west-2:5439" in attached.output
    assert len(ready.account.runs) == 1


def test_attach_finds_the_only_one(ready: Scene) -> None:
    run = ready.account.given_run(RESTORE, "failover-by-rule", plan=PLAN, mode="failover")
    ready.account.given_run(RESTORE, "drill-of-ours", plan=PLAN, mode="drill")
    ready.account.given_run(RESTORE, "failover-other", plan="other", mode="failover")

    def go_on(one: Run) -> None:
        if one is run and one.polls == 3:
            ready.account.end(one, report(**FULL))

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--attach")
    assert result.exit_code == 0
    assert len(ready.account.runs) == 3


def test_attach_by_name_or_arn_to_one_that_is_over_tells_its_outcome(ready: Scene) -> None:
    run = ready.account.given_run(RESTORE, "drill-old", plan=PLAN, mode="drill")
    ready.account.end(run, report("FailedSlow", "drill"), failed=True)
    for name in ("drill-old", run.arn):
        result = ready.run("drill", PLAN, "--attach", name)
        assert result.exit_code == 1
        assert "FailedSlow" in result.output
    assert not ready.sleeps


@pytest.mark.parametrize(
    ("names", "words"),
    [([], "no failover of sales-us-east-1 is under way"), (["a", "b"], "several run: a, b")],
)
def test_attach_to_none_or_several_says_so(ready: Scene, names: list[str], words: str) -> None:
    for name in names:
        ready.account.given_run(RESTORE, name, plan=PLAN, mode="failover")
    result = ready.run("failover", PLAN, "--attach")
    assert result.exit_code == 2
    assert words in words_of(result)


def test_attach_to_a_stranger_says_so(ready: Scene) -> None:
    result = ready.run("failover", PLAN, "--attach", "nobody")
    assert result.exit_code == 2
    assert "there is no execution" in words_of(result)
    assert "may run on" not in words_of(result)


def test_in_a_pipeline_silence_is_broken(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_SILENCE", 30.0)
    machine(ready, *[("WaitForCluster", "sales is creating", "WaitForCluster")] * 30, ends=report())
    output = ready.run("failover", PLAN, "--yes").output
    assert 2 <= output.count("still running: wait for the cluster: sales is creating") <= 4


def test_elapsed_time_is_awss_own(ready: Scene) -> None:
    # GIVEN a workstation whose clock is a day ahead of AWS's WHEN followed THEN times are those of the events
    machine(ready, "Restore", ends=report())
    real: Any = ready.clock.now
    ready.clock_of_tools = lambda: real().replace(day=24)
    output = ready.run("failover", PLAN, "--yes").output
    assert "0 s  ask Redshift to restore" in output
