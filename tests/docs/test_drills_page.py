"""What docs/drills.md says of rehearsals is the code's: arguments, verdicts, metrics, alarms, what is deleted."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache

import aws_cdk as cdk

import app as example
import resilient_redshift as rr
from resilient_redshift import definitions
from resilient_redshift.contract import names, outcomes
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "drills.md"
OPERATING = ROOT / "docs" / "operating.md"
STATES = definitions.load(definitions.RECOVERY_RESTORE)["States"]
CODE = re.compile(r"`([^`]+)`")


def told(heading: str, column: str | None = None) -> list[str]:
    return [name for row in rows(PAGE, heading) for name in CODE.findall(row.cells[column or heading])]


@cache
def alarms() -> list[str]:
    """The descriptions of the alarms on restores, of the example with a rehearsal; nothing is synthesized."""
    app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"])
    _, plan = example.build(app)
    drill = plan.rehearse("OfTheDocs")
    [restore] = [each for each in app.node.find_all() if isinstance(each, rr.RecoveryRestore)]
    found = [*drill.alarms, restore.failures_alarm, *restore.slow_failover_alarms.values()]
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


def test_what_is_no_verdict_is_the_definitions() -> None:
    # GIVEN the drills that leave the last verdict as it is WHEN the page is read THEN they are those of the definition
    stays = {
        CODE.findall(row.cells["a drill ended"])[0]
        for row in rows(PAGE, "a drill ended")
        if row.cells["the last verdict"].startswith("stays")
    }
    remember = json.dumps(STATES["Remember"])
    [kept] = re.findall(r"\$outcome in \[([^\]]*)\] \? \$drills.last", remember)
    assert "$outcome != 'AlreadyRunning'" in json.dumps(STATES["Told"])
    assert stays == {*re.findall(r"'(\w+)'", kept), outcomes.ALREADY_RUNNING}


def test_what_may_be_left_and_removed_is_the_definitions() -> None:
    text = json.dumps(STATES["ListClusters"])
    assert "- 3600000" in text  # an hour old
    assert "7200000" in json.dumps(STATES["NextRemoval"])  # tried for two hours
