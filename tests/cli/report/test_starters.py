"""Who started a run: CloudTrail is asked for what it may know, and no longer than needed."""

from __future__ import annotations

from tests.cli.report.archive import EVENTS, OPERATOR, Past, run_report


def test_the_callers_are_named_with_their_events() -> None:
    # GIVEN two runs that CloudTrail knows, behind a start of something else
    past = Past()
    for name, days, caller in (("drill-1", 20, EVENTS), ("drill-2", 10, OPERATOR)):
        past.started_by(past.ran(name, days), caller, f"event-{name}")
    past.archive.trail.append({"EventId": "other", "EventTime": past.ago(15), "CloudTrailEvent": "no JSON"})
    # and one start before both, which nobody needs
    past.archive.trail.append({"EventId": "early", "EventTime": past.ago(20.043), "CloudTrailEvent": "{}"})
    first, second = past.plan()["runs"]
    assert (first["started_by"], first["started_by_source"]) == (EVENTS, "cloudtrail event event-drill-1 in us-west-2")
    assert second["started_by"] == OPERATOR
    # THEN the trail was read from the newest event to the one of the first run, two look-ups a second at most
    assert past.account.operations().count("cloudtrail:LookupEvents") == 3
    assert past.sleeps == [0.5, 0.5]


def test_a_run_that_the_trail_does_not_know_is_a_gap() -> None:
    past = Past()
    past.ran("drill-1", 20)
    plan = past.plan()
    assert "started_by" not in plan["runs"][0]
    [gap] = [gap for gap in plan["gaps"] if gap["what"] == "who started drill-1"]
    assert "CloudTrail has no such event from 2026-11-03 07:10 UTC" in gap["why"]


def test_a_denied_trail_is_a_gap_of_each_plan_and_the_runs_stay() -> None:
    past = Past()
    past.ran("drill-1", 20, run_report("drill-1", past.ago(20)))
    past.account.denied = {"cloudtrail:LookupEvents"}
    plan = past.plan()
    assert len(plan["runs"]) == 1
    assert any("AccessDenied" in gap["why"] for gap in plan["gaps"] if gap["what"] == "who started drill-1")


def test_the_trail_is_not_asked_without_a_run_that_it_may_know() -> None:
    past = Past()
    past.reported("drill-1", 200)
    past.plan()
    assert "cloudtrail:LookupEvents" not in past.account.operations()
