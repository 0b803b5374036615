"""Executions of the restore machine: what left no report is found, and how far back they reach is said."""

from __future__ import annotations

from tests.cli.report.archive import Past, run_report
from tests.cli.scene import PLAN, RESTORE, record


def test_a_killed_run_is_found_beside_the_reports() -> None:
    # GIVEN a drill with a report in the bucket, and one that timed out and left none
    past = Past()
    past.reported("drill-1", 20)
    past.ran("drill-1", 20, scheduled_time="2026-11-03T06:00:00Z")
    killed = past.ran("drill-2", 10, status="TIMED_OUT", reason="before the release")
    # WHEN reported THEN both are there, the first with both sources, and the second failed and is not mended
    plan = past.plan()
    first, second = plan["runs"]
    assert first["sources"][1] == second["sources"][0].replace("drill-2", "drill-1")
    assert (first["trigger"], second["trigger"]) == ("a schedule", "a person or a program")
    assert (second["outcome"], second["reason"], second["sources"]) == (
        "TIMED_OUT",
        "before the release",
        [killed.arn],
    )
    [failure] = plan["failures"]
    assert (failure["execution"], "mended_by" in failure) == ("drill-2", False)


def test_without_a_bucket_the_runs_are_those_of_ninety_days_and_that_is_said() -> None:
    past = Past(bucket=False)
    past.ran("drill-1", 80, run_report("drill-1", past.ago(80)))
    plan = past.plan()
    assert [run["recovery_point_seconds"] for run in plan["runs"]] == [7200]
    assert plan["limits"][0]["what"] == "runs that ended before 2026-08-25 08:15 UTC"
    assert plan["limits"][0]["why"].endswith("the site has no report bucket")
    # AND a report of the last days has no such limit
    assert past.plan(PLAN, "--since", "90d")["limits"][0]["what"].startswith("when alarms rang")


def test_runs_of_other_plans_and_other_times_are_left_out() -> None:
    # GIVEN a machine that other plans use, too, one of them with a report in the same bucket
    past = Past()
    past.reported("foreign-1", 5, plan="foreign-plan")
    past.ran("foreign-1", 5, plan="foreign-plan")
    past.ran("foreign-2", 5, plan="foreign-plan")
    past.ran("old", 40)
    past.ran("late", 5)
    # WHEN reported for an older time THEN only the run of this plan and this time is there
    plan = past.plan(PLAN, "--since", "60d", "--until", past.ago(30).isoformat())
    assert [run["execution"] for run in plan["runs"]] == ["old"]
    # AND an execution that is known to be another plan's is not described
    past.account.calls.clear()
    past.plan()
    assert {
        params["executionArn"].rpartition(":")[2]
        for _, operation, params in past.account.calls
        if operation.endswith("DescribeExecution")
    } == {"foreign-2", "old", "late"}


def test_a_run_that_ended_a_moment_ago_counts() -> None:
    # GIVEN runs whose ends are some seconds after the time on this machine, by AWS's clocks WHEN reported until now THEN
    # they are there; until a given time they are not
    past = Past()
    late = -5 / 86_400
    past.reported("drill-1", late)
    past.ran("drill-2", late)
    assert [run["execution"] for run in past.plan()["runs"]] == ["drill-1", "drill-2"]
    assert past.plan(PLAN, "--until", past.now.isoformat())["runs"] == []


def test_a_run_at_work_is_running() -> None:
    past = Past()
    run = past.ran("failover-1", 0.01, mode="failover", status="RUNNING")
    run.ended = None
    [shown] = past.plan()["runs"]
    assert (shown["result"], "ended" in shown) == ("running", False)


def test_executions_that_cannot_be_read_are_gaps() -> None:
    # GIVEN a list that is read and descriptions that are denied WHEN reported THEN the gap names the executions
    past = Past(bucket=False)
    past.ran("drill-1", 3)
    past.ran("drill-2", 2)
    past.account.denied = {"stepfunctions:DescribeExecution"}
    plan = past.plan()
    assert plan["runs"] == []
    assert [gap["what"] for gap in plan["gaps"] if "DescribeExecution" in gap["source"]] == [
        "2 executions of the site's restore machine: drill-1, drill-2"
    ]
    # AND a list that is denied is one, too
    past.account.denied = {"stepfunctions:ListExecutions"}
    assert ("the executions of runs", f"states:ListExecutions {RESTORE}") in {
        (gap["what"], gap["source"]) for gap in past.plan()["gaps"]
    }


def test_a_record_without_a_machine_is_a_gap() -> None:
    past = Past()
    past.put_record("us-west-2", {**record("us-west-2"), "machines": {}})
    assert "names a restore machine" in next(
        gap["why"] for gap in past.plan()["gaps"] if gap["what"] == "the executions of runs"
    )
