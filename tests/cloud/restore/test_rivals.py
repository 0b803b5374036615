"""Which other executions a run takes as rivals."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.restore import rivals
from resilient_redshift.cloud.restore.run import Run
from tests.cloud.restore.fakes import Started
from tests.cloud.restore.record import NOW
from tests.cloud.restore.world import RestoreWorld

OTHERS = {
    "drill-ours": {"mode": "drill", "plan": "sales"},
    "failover-ours": {"mode": "failover", "plan": "sales"},
    "failover-theirs": {"mode": "failover", "plan": "crm"},
    "strange": {},
}


def a_run(mode: str) -> Run:
    others = {name: rivals.what_it_does(given) for name, given in OTHERS.items()}
    return Run(input={"plan": "sales", "mode": mode}, started=dt.datetime(2026, 11, 24, tzinfo=dt.UTC), others=others)


@pytest.mark.parametrize(
    ("mode", "same", "failovers"),
    [
        ("failover", ["failover-ours"], []),
        ("drill", ["drill-ours"], [("failover-ours", "sales"), ("failover-theirs", "crm")]),
    ],
)
def test_the_same_of_this_plan_is_a_rival_and_any_failover_is_one_of_a_drill(
    mode: str, same: list[str], failovers: list[tuple[str, str]]
) -> None:
    # GIVEN executions of both modes and of two plans WHEN a run looks THEN it finds its rivals among them
    run = a_run(mode)
    assert rivals.of_this_plan(run) == same
    assert rivals.drills_of_this_plan(run) == ["drill-ours"]
    assert rivals.failovers(run) == failovers


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("failover-crm-20261124t030000z", "failover crm"),
        ("drill-crm-us-east-1-20261124t030000z", "drill crm-us-east-1"),
        # of this plan, or of one whose long name begins alike
        ("failover-sales-20261124t030000z", None),
        ("failover-sal-20261124t030000z", None),
        # a rule's, or somebody's
        ("8a7c1f0e-1d2c", None),
        ("failover-crm", None),
        ("snapshot-crm-20261124t030000z", None),
    ],
)
def test_a_name_of_the_command_says_what_a_run_of_another_plan_does(name: str, what: str | None) -> None:
    # GIVEN the name of an execution WHEN a run of sales sees it THEN the name is enough, but for what may be of sales
    assert rivals.by_name(name, "sales") == what


def test_a_failover_among_thirty_others_reads_the_input_of_none() -> None:
    # GIVEN thirty failovers of other plans, all under way, and AWS that throttles whoever reads an input
    world = RestoreWorld()
    world.copied()
    for number in range(30):
        name = f"failover-other{number}-20261124t030000z"
        world.fakes.executions.append(
            Started(name, {"plan": f"other{number}", "mode": "failover"}, NOW, own_status="RUNNING")
        )
    world.fail("DescribeExecution", "ThrottlingException")
    # WHEN one more runs THEN it restores, and asked about none of them
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    assert not world.asked("DescribeExecution")


def test_a_failover_reads_few_inputs_of_runs_whose_names_say_nothing() -> None:
    # GIVEN thirty runs that somebody named by hand WHEN a failover looks THEN it reads ten at most, and restores
    world = RestoreWorld()
    world.copied()
    for number in range(30):
        world.fakes.executions.append(
            Started(f"by-hand-{number}", {"plan": f"other{number}", "mode": "failover"}, NOW, own_status="RUNNING")
        )
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    assert len(world.asked("DescribeExecution")) == 10
