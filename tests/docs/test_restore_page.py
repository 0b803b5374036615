"""What docs/restore.md says of restores is the code's: outcomes, input, report, parameters, arguments, numbers."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any

import jsonschema
import pytest

import resilient_redshift as rr
from resilient_redshift import definitions
from resilient_redshift.contract import names, outcomes, schemas
from resilient_redshift.recovery import sql_check
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "restore.md"
DEFINITION = json.dumps(definitions.load(definitions.RECOVERY_RESTORE))
CODE = re.compile(r"`([^`]+)`")


def told(heading: str) -> list[str]:
    return [name for row in rows(PAGE, heading) for name in CODE.findall(row.cells[heading])]


def test_the_outcomes_are_those_of_the_records() -> None:
    # GIVEN every outcome WHEN the page is read THEN it tells each once, and which of them end well
    assert sorted(told("outcome")) == sorted(outcomes.RESTORE_OUTCOMES)
    well = {
        CODE.findall(row.cells["outcome"])[0] for row in rows(PAGE, "outcome") if row.cells["the run"] == "succeeds"
    }
    assert well == set(outcomes.SUCCEEDED)


def test_each_outcome_is_one_of_the_definition() -> None:
    assert [
        name for name in outcomes.RESTORE_OUTCOMES if f"'{name}'" not in DEFINITION and f'"{name}' not in DEFINITION
    ] == []


def test_the_fields_of_the_input_are_those_that_the_machine_reads() -> None:
    read = set(re.findall(r"\$i\.(\w+)", DEFINITION))
    assert set(told("field of the input")) == read | {"reason"}


def test_the_parameters_are_those_of_the_records() -> None:
    parameters = (names.lineage_name, names.endpoint_name, names.drills_name)
    assert told("parameter") == [name("<plan>") for name in parameters]
    assert f"`{names.report_key('<plan>', '<run>')}`" in PAGE.read_text()


def test_the_report_that_is_shown_fits_the_schema() -> None:
    [shown] = re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    jsonschema.validate(json.loads(shown), schemas.REPORT_SCHEMA)


def test_each_field_of_the_report_is_told_once() -> None:
    assert sorted(told("field of the report")) == sorted(schemas.REPORT_SCHEMA["properties"])


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("failover", {"Restored", "RestoredUnverified", "TargetExists", "NoCapacity", "QuotaExceeded", "Stuck"}),
        ("drill", {"Passed", "SkippedFailover", "Inconclusive", "FailedStale", "FailedSlow", "FailedChecks"}),
        ("cleanup", {"Cleaned"}),
    ],
)
def test_what_only_one_mode_can_end_with(mode: str, names: set[str]) -> None:
    # GIVEN how the definition turns a failover's end into a drill's WHEN the page is read THEN it tells whose each one is
    of = {CODE.findall(row.cells["outcome"])[0]: row.cells["of"] for row in rows(PAGE, "outcome")}
    assert {name for name, modes in of.items() if modes == mode} == names
    assert set(of.values()) == {"failover", "drill", "cleanup", "failover, drill", "drill, cleanup", "all"}
    settle = json.dumps(definitions.load(definitions.RECOVERY_RESTORE)["States"]["Settle"])
    assert set(re.findall(r"'(\w+)': '(?:FailedChecks|Inconclusive|AlreadyRunning)'", settle)) <= {
        name for name in of if of[name] == "failover"
    }


@pytest.mark.parametrize(
    ("heading", "function"),
    [
        ("argument of `SqlCheck`", rr.SqlCheck.__init__),
        ("argument of `DnsRecord`", rr.DnsRecord.__init__),
    ],
)
def test_the_arguments_are_those_of_the_code(heading: str, function: Any) -> None:
    assert sorted(told(heading)) == sorted({*inspect.signature(function).parameters} - {"self"})


def test_the_checks_are_those_of_the_code() -> None:
    assert [name for name in told("check") if name != "yours"] == list(sql_check.BUILT_IN)


def test_the_numbers_are_the_definitions() -> None:
    # GIVEN the times that the page tells WHEN the definition is read THEN they are its own
    assert "$min([72000, $max([14400, 2 * $record.objectives.recovery_time_seconds])])" in DEFINITION
    assert ": 86400) * 1000" in DEFINITION  # a failover's day
    assert definitions.load(definitions.RECOVERY_RESTORE)["TimeoutSeconds"] == 172_800  # two days
    assert "+ 7200000 : $ladderUntil" in DEFINITION  # the ladder's two hours
    assert '"wait": 300' in DEFINITION  # each five minutes
    assert "[$best[[0..7]]]" in DEFINITION  # eight smaller ones
    assert "<= 20000 ? $full" in DEFINITION  # the longest report


def test_the_tags_of_a_restored_cluster_are_those_of_the_records() -> None:
    text = PAGE.read_text()
    tags = (names.TAG_PLAN, names.TAG_EXECUTION, names.TAG_RESTORED_FROM, names.TAG_DRILL)
    assert [tag for tag in tags if f"`:{tag.partition(':')[2]}`" not in text and f"`{tag}`" not in text] == []
