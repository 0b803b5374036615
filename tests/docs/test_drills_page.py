"""What docs/drills.md says of rehearsals is the code's: arguments, verdicts, metrics, alarms, what is deleted."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

import app as example
import resilient_redshift as rr
from resilient_redshift.cloud.restore import clean_up, drills, removal, reporting, run
from resilient_redshift.contract import names, outcomes
from tests.cloud.restore.record import NOW, an_input
from tests.cloud.restore.world import RestoreWorld
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "drills.md"
OPERATING = ROOT / "docs" / "operating.md"
CODE = re.compile(r"`([^`]+)`")


def told(heading: str, column: str | None = None) -> list[str]:
    return [name for row in rows(PAGE, heading) for name in CODE.findall(row.cells[column or heading])]


@cache
def alarms() -> list[str]:
    """The descriptions of the alarms on restores, of the example with a rehearsal; nothing is synthesized."""
    app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"])
    _, plan = example.build(app)
    drill = plan.rehearse("OfTheDocs")
    restores = [each for each in app.node.find_all() if isinstance(each, rr.RecoveryRestore)]
    [restore] = [each for each in restores if cdk.Stack.of(each) is cdk.Stack.of(drill)]
    of_clean_up = restore.node.find_child("CleanUp").node.find_all()
    clean_up_alarms = [each for each in of_clean_up if isinstance(each, cloudwatch.CfnAlarm)]
    found = [*drill.alarms, restore.failures_alarm, *clean_up_alarms, *restore.slow_failover_alarms.values()]
    return [str(alarm.alarm_description) for alarm in found]


def as_pattern(begins: str) -> str:
    return re.escape(begins).replace(r"'\.\.\.'", "'[^']*'")


def test_the_arguments_are_those_of_the_code() -> None:
    names = {*inspect.signature(rr.RecoveryPlan.rehearse).parameters} - {"self"}
    assert sorted(told("argument of `plan.rehearse`")) == sorted(names)


def test_the_metrics_are_those_of_the_records() -> None:
    heading = "drill metric (namespace `ResilientRedshift`, dimension `Plan`)"
    assert told(heading) == [*names.DRILL_METRICS, names.METRIC_DRILL_CHECK_FAILED, names.METRIC_RTO_MISSED]


def test_each_alarm_on_restores_is_told_once_and_no_other() -> None:
    # GIVEN a plan with a rehearsal WHEN its alarms are compared with the page THEN each row is one, and each one has a row
    patterns = [as_pattern(text) for text in told("alarm", "its description begins")]
    assert len(patterns) == len(alarms())
    for text in alarms():
        assert len([pattern for pattern in patterns if re.match(pattern, text)]) == 1, text


def test_each_alarm_is_found_on_the_operators_page() -> None:
    page = [as_pattern(CODE.findall(row.cells["it begins with"])[0]) for row in rows(OPERATING, "it begins with")]
    for text in alarms():
        assert len([pattern for pattern in page if re.match(pattern, text)]) == 1, text


def test_what_is_no_verdict_is_the_codes() -> None:
    # GIVEN a memory with a verdict WHEN a drill ends THEN the page says of each outcome whether that verdict stays
    good = {"outcome": "Passed", "message": "", "ended": "2026-11-01T06:00:00Z"}
    memory = {"since": "2026-01-01T00:00:00Z", "inconclusive": 1, "last": good}
    stays = {
        CODE.findall(row.cells["a drill ended"])[0]
        for row in rows(PAGE, "a drill ended")
        if row.cells["the last verdict"].startswith("stays")
    }
    for outcome in {*outcomes.RESTORE_OUTCOMES} - {outcomes.ALREADY_RUNNING}:
        after = drills.remember(memory, {**good, "outcome": outcome, "started": "2026-11-02T06:00:00Z"}) or memory
        assert (after["last"] == good) is (outcome in stays), outcome
        in_a_row = {outcomes.SKIPPED_FAILOVER: 1, outcomes.INCONCLUSIVE: 2}.get(outcome, 0)
        assert after["inconclusive"] == in_a_row
    # AND a drill that another one makes superfluous is not remembered at all
    assert outcomes.ALREADY_RUNNING in stays
    superfluous = run.Run(input=an_input("drill"), started=NOW, outcome=outcomes.ALREADY_RUNNING)
    superfluous.report = reporting.build(superfluous, NOW)
    assert reporting.READ_DRILLS not in reporting._readers(superfluous)


def test_a_leftover_counts_as_left_behind_as_late_as_the_page_says() -> None:
    after = {
        row.cells["who deletes"]: row.cells["a cluster counts as left behind"] for row in rows(PAGE, "who deletes")
    }
    assert removal.PATIENCE.total_seconds() == clean_up.PATIENCE.total_seconds() == 2 * 3600
    assert "after 2 hours" in after["a drill"]
    assert "2 hours after the first clean-up saw it" in after["the clean-up"]


def test_the_outcomes_of_a_clean_up_are_those_of_the_code() -> None:
    # GIVEN the sentence that lists them WHEN read THEN each is one that the code ends with, the good one first
    [listed] = re.findall(r"A clean-up ends ([^:]+):", PAGE.read_text())
    told_outcomes = CODE.findall(listed)
    assert told_outcomes[0] == outcomes.CLEANED
    used = {name for name in vars(clean_up).values() if isinstance(name, str) and name in outcomes.RESTORE_OUTCOMES}
    # the plan's record is read by a function that the restore has, too
    assert {*told_outcomes} == used | {outcomes.RECORD_MISSING, outcomes.RECORD_NOT_UNDERSTOOD}


def test_a_clean_up_makes_as_many_calls_as_the_page_says() -> None:
    world = RestoreWorld()
    world.cleanup()
    world.calls.clear()
    assert world.cleanup().outcome == outcomes.CLEANED
    assert len(world.calls) == 5
    assert "256 MB, five calls of AWS" in PAGE.read_text()
