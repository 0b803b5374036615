"""What the drills of a plan remember from one to the next, and the metrics that follow from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.restore.checks import Result
from resilient_redshift.cloud.restore.drills import begun, metrics, no_verdict_since, remember
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names, outcomes
from tests.cloud.restore.record import NOW, PLAN

SINCE = "2026-11-01T00:00:00.000Z"
LAST = {"outcome": "Passed", "ended": "2026-11-20T00:00:00.000Z", "execution": "drill-0", "recovery_time_seconds": 60}
VERDICTS = [one for one in outcomes.RESTORE_OUTCOMES if one not in {outcomes.SKIPPED_FAILOVER, outcomes.INCONCLUSIVE}]


def a_report(outcome: str, **changes: Any) -> dict[str, Any]:
    report = {"outcome": outcome, "message": "m" * 400, "execution": "drill-1", "started": iso(NOW), "ended": iso(NOW)}
    lists = {"warnings": ["w"], "snapshot": {"identifier": "s", "type": "manual"}}
    return {**report, **lists, "recovery_point_seconds": 60, **changes}


@pytest.mark.parametrize("outcome", VERDICTS)
def test_a_verdict_replaces_the_last_one_and_ends_the_count(outcome: str) -> None:
    # GIVEN a memory WHEN a drill ends with a verdict
    after = remember({"since": SINCE, "inconclusive": 2, "last": LAST, "leftovers": {"a": SINCE}}, a_report(outcome))
    # THEN the verdict is remembered without its lists, and the rest is kept
    assert after is not None
    assert (after["since"], after["inconclusive"], after["leftovers"]) == (SINCE, 0, {"a": SINCE})
    last = after["last"]
    assert (last["outcome"], last["snapshot"], len(last["message"])) == (outcome, "s", 300)
    assert "warnings" not in last


def test_a_drill_that_proves_nothing_is_counted_and_is_no_verdict() -> None:
    after = remember({"since": SINCE, "inconclusive": 1, "last": LAST}, a_report("Inconclusive"))
    assert after == {"since": SINCE, "inconclusive": 2, "last": LAST}


def test_a_drill_that_yields_changes_nothing() -> None:
    assert remember({"since": SINCE, "inconclusive": 1, "last": LAST}, a_report("SkippedFailover")) is None
    assert remember({}, a_report("SkippedFailover")) == {"since": iso(NOW), "inconclusive": 0}


def values(memory: dict[str, Any], **changes: Any) -> dict[str, float]:
    data = metrics(PLAN, memory, now=NOW, **{"left_behind": 0, **changes})
    return {one["MetricName"]: one["Value"] for one in data if len(one["Dimensions"]) == 1}


def test_a_plan_without_any_drill_grows_old() -> None:
    # GIVEN a plan that is watched, and no drill yet WHEN measured THEN the age counts from then, and nothing failed
    found = values(begun(SINCE), left_behind=2)
    age = (NOW - dt.datetime.fromisoformat(SINCE)).total_seconds()
    assert found == {"DrillAge": age, "DrillFailed": 0, "DrillsInconclusive": 0, "DrillLeftBehind": 2}


@pytest.mark.parametrize(("outcome", "failed"), [("Passed", 0), ("FailedChecks", 1), ("LeftBehind", 1), ("Failed", 1)])
def test_the_last_verdict_is_repeated(outcome: str, failed: int) -> None:
    found = values({"since": SINCE, "inconclusive": 1, "last": {**LAST, "outcome": outcome}})
    assert (found["DrillFailed"], found["DrillRecoveryTime"], found["DrillsInconclusive"]) == (failed, 60, 1)
    assert found["DrillAge"] == (NOW - dt.datetime.fromisoformat(LAST["ended"])).total_seconds()
    assert "DrillRecoveryPoint" not in found


def test_a_memory_that_lost_its_begin_counts_from_the_last_verdict() -> None:
    # GIVEN memories of which a part was spoiled WHEN asked THEN the other part counts, and without any it is not known
    assert no_verdict_since({"last": LAST}) == dt.datetime.fromisoformat(LAST["ended"])  # type: ignore[arg-type]
    assert no_verdict_since({"inconclusive": 1}) is None


def test_an_age_is_never_negative() -> None:
    assert values(begun(iso(NOW + dt.timedelta(hours=1))))["DrillAge"] == 0


def test_each_check_is_a_metric_with_a_name_that_cloudwatch_takes() -> None:
    checks = [
        Result(name=name, sql="", expected="", passed=passed, got=None, error=None)
        for name, passed in (("fresh", True), ("größe", False))
    ]
    data = metrics(PLAN, begun(SINCE), now=NOW, left_behind=0, checks=checks)
    found = {one["Dimensions"][1]["Value"]: one["Value"] for one in data if len(one["Dimensions"]) == 2}
    assert found == {"fresh": 0, "gr??e": 1}
    assert {one["MetricName"] for one in data if len(one["Dimensions"]) == 2} == {names.METRIC_DRILL_CHECK_FAILED}
