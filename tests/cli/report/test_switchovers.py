"""Switchovers: the last state of each, from the versions of the parameter."""

from __future__ import annotations

import json
from typing import Any

from resilient_redshift.cli.report.html_page import page
from tests.cli.report.archive import OPERATOR, Past
from tests.cli.scene import PLAN, THERE

NAME = f"/resilient-redshift/switchovers/{PLAN}"


def state(past: Past, name: str, *steps: tuple[str, float], **more: Any) -> dict[str, Any]:
    """A state whose steps last so many hours, one after the other."""
    begins = past.ago(3)
    written = [
        {"name": step, "started": begins.isoformat(), "ended": (begins + past.hours(hours)).isoformat()}
        for step, hours in steps
    ]
    flags = {"rehearsal": False, "fence": False, "fenced": False}
    times = {"started": begins.isoformat(), "steps": written}
    return {"version": 1, "id": name, "plan": PLAN, "by": OPERATOR, "keep_days": 14, **flags, **times, **more}


def test_each_switchover_is_shown_by_its_last_state() -> None:
    # GIVEN a rehearsal that ended and a switchover at work, each in several versions
    past = Past()
    past.switched(
        state(past, "rehearsal-1", rehearsal=True),
        state(past, "rehearsal-1", ("snapshot", 0.5), ("copy", 1), rehearsal=True, outcome="Rehearsed"),
        state(past, "switchover-2", fenced=True, snapshot="sales-switchover-1"),
    )
    first, second = past.plan()["switchovers"]
    assert (first["outcome"], first["rehearsal"], first["by"]) == ("Rehearsed", True, OPERATOR)
    assert [(step["name"], step["seconds"]) for step in first["steps"]] == [("snapshot", 1800), ("copy", 3600)]
    assert first["source"] == f"ssm {NAME} version 2 in {THERE}"
    assert (second["fenced"], second["snapshot"], "outcome" in second) == (True, "sales-switchover-1", False)


def test_a_state_of_a_slower_terminal_does_not_take_the_outcome_away() -> None:
    # GIVEN two terminals with one switchover, of which one writes what it knew after the other one wrote the end
    past = Past()
    past.switched(state(past, "switchover-1", outcome="SwitchedOver"), state(past, "switchover-1"))
    [one] = past.plan()["switchovers"]
    assert one["outcome"] == "SwitchedOver"


def test_the_length_of_an_interrupted_step_is_not_known() -> None:
    # GIVEN a switchover whose command was away during the copy WHEN reported THEN that step has times and no length
    past = Past()
    made = state(past, "switchover-1", ("snapshot", 0.5), ("copy", 1), fenced_at="2026-11-20T08:20:00Z")
    made["steps"][1]["interrupted"] = True
    past.switched({**made, "data_of": "2026-11-20T08:21:00Z", "outcome": "SwitchedOver"})
    [one] = past.plan()["switchovers"]
    assert [step.get("seconds") for step in one["steps"]] == [1800, None]
    assert (one["fenced_at"], one["data_of"]) == ("2026-11-20T08:20:00Z", "2026-11-20T08:21:00Z")
    assert "copy: interrupted" in page(past.made())


def test_a_state_that_is_not_understood_is_a_gap() -> None:
    past = Past()
    past.switched(state(past, "switchover-1", outcome="Restored"))
    past.archive.versions[(THERE, NAME)].append(
        {"Name": NAME, "Version": 2, "Value": "no JSON", "LastModifiedDate": past.ago(1)}
    )
    plan = past.plan()
    assert len(plan["switchovers"]) == 1
    assert [gap["source"] for gap in plan["gaps"] if "switchover" in gap["what"]] == [
        f"ssm {NAME} version 2 in {THERE}"
    ]


def test_a_denied_history_is_a_gap() -> None:
    past = Past()
    past.switched(state(past, "switchover-1"))
    past.account.denied = {"ssm:GetParameterHistory"}
    assert any(gap["what"] == "the switchovers" for gap in past.plan()["gaps"])


def test_a_hundred_versions_are_a_limit() -> None:
    past = Past()
    past.switched(*[state(past, "switchover-1")] * 100)
    plan = past.plan()
    assert any("100 versions" in limit["why"] for limit in plan["limits"])
    assert json.dumps(plan["switchovers"]).count("switchover-1") == 1
