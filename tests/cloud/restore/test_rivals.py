"""Which other executions a run takes as rivals."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.restore import rivals
from resilient_redshift.cloud.restore.run import Run

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
