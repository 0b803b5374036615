"""What docs/restore.md says of restores is the code's: outcomes, input, report, parameters, arguments, numbers."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import resilient_redshift as rr
from resilient_redshift import definitions
from resilient_redshift.cloud.phases import CRASHED
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.restore import checks, choose, cluster, ladder, leftovers, reporting, run, waiting
from resilient_redshift.cloud.restore.calls import Aws
from resilient_redshift.cloud.restore.phases import PHASES
from resilient_redshift.cloud.restore.request import LONGEST_INPUT, Request
from resilient_redshift.contract import names, outcomes, schemas
from resilient_redshift.recovery import _restore_machine as rights
from tests.cloud.restore.record import NOW, an_input
from tests.cloud.restore.world import RestoreWorld
from tests.docs.tables import ROOT, rows

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "restore.md"
TEXT = PAGE.read_text()
DEFINITION = definitions.load(definitions.RESTORE)
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


def test_the_phases_are_the_tasks_of_the_machine() -> None:
    # GIVEN the phases of the code WHEN the page is read THEN it has each in the order of the definition
    tasks = [name for name, state in DEFINITION["States"].items() if state["Type"] == "Task"]
    assert told("phase") == tasks == [*PHASES, CRASHED]


def test_the_fields_of_the_input_are_those_that_the_machine_reads() -> None:
    assert sorted(told("field of the input")) == sorted(field.name for field in dataclasses.fields(Request))


def test_the_parameters_are_those_of_the_records() -> None:
    parameters = (names.lineage_name, names.endpoint_name, names.drills_name)
    assert told("parameter") == [name("<plan>") for name in parameters]
    assert f"`{names.report_key('<plan>', '<run>')}`" in TEXT


def test_the_report_and_the_event_that_are_shown_fit_their_schemas() -> None:
    report, event = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    jsonschema.validate(json.loads(report), schemas.REPORT_SCHEMA)
    jsonschema.validate(json.loads(event), schemas.ENDPOINT_PUBLISHED_SCHEMA)


def test_each_field_of_the_report_is_told_once() -> None:
    assert sorted(told("field of the report")) == sorted(schemas.REPORT_SCHEMA["properties"])


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("failover", {"Restored", "RestoredUnverified", "TargetExists", "NoCapacity", "QuotaExceeded", "Stuck"}),
        ("drill", {"Passed", "SkippedFailover", "Inconclusive", "FailedStale", "FailedSlow", "FailedChecks"}),
        ("clean-up", {"Cleaned"}),
    ],
)
def test_what_only_one_kind_of_run_can_end_with(mode: str, names: set[str]) -> None:
    # GIVEN how a failover's end becomes a drill's WHEN the page is read THEN it says whose each one is
    of = {CODE.findall(row.cells["outcome"])[0]: row.cells["of"] for row in rows(PAGE, "outcome")}
    assert {name for name, modes in of.items() if modes == mode} == names
    assert set(of.values()) == {"failover", "drill", "clean-up", "failover, drill", "drill, clean-up", "all"}
    assert {name for name, modes in of.items() if modes == "failover"} == {*reporting._OF_A_DRILL, outcomes.STUCK}


def test_the_states_of_a_cluster_that_failed_are_those_of_the_table() -> None:
    # GIVEN the states that need somebody WHEN the page is read THEN it has each, and the key's has a row of its own
    first, key = (CODE.findall(row.cells["the cluster is"]) for row in rows(PAGE, "the cluster is")[:2])
    needing = {state.name for state in states.STATES.values() if state.meaning is states.Meaning.NEEDS_SOMEBODY}
    patterns = [re.escape(text).replace(r"\.\.\.", ".*") for text in first]
    assert {name for name in needing if any(re.fullmatch(each, name) for each in patterns)} == needing - set(key)
    assert key == ["inaccessible-kms-key"]


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
    built_in = checks.queries(run.Run(input=an_input("drill"), started=NOW))
    assert [name for name in told("check") if name != "yours"] == [query.name for query in built_in]


def test_the_numbers_are_the_codes() -> None:
    # GIVEN the numbers of the page WHEN the code is read THEN they are its own
    hours = {
        "A failover gives up after a day": (run.FAILOVER_PATIENCE, 24),
        "five minutes later, for two hours": (ladder.PATIENCE, 2),
        "waits 30 minutes, then `Failed`": (states.UNKNOWN_PATIENCE, 0.5),
    }
    for words, (length, told_hours) in hours.items():
        assert words in TEXT
        assert length.total_seconds() == told_hours * 3600
    assert "each 20 seconds in the first hour, each minute until the sixth, then each five minutes" in TEXT
    restoring = run.Run(started=NOW, restored_at=NOW)
    for waited, pause in ((0.9, 20), (5.9, 60), (6.1, 300)):
        later = Aws(region="", client=str, now=lambda waited=waited: NOW + timedelta(hours=waited))  # type: ignore[misc]
        assert waiting._pause(restoring, later) == pause
    assert ladder.ROUND_SECONDS == 300
    assert (ladder._MOST_SMALLER, "up to eight smaller configurations" in TEXT) == (8, True)
    assert DEFINITION["TimeoutSeconds"] == 172_800  # it took two days
    assert f"The whole input has {LONGEST_INPUT} bytes at most" in TEXT
    assert f"A report above {reporting._LONGEST_REPORT:,} characters" in TEXT


def test_the_limits_are_the_codes() -> None:
    text = (ROOT / "docs" / "limits.md").read_text()
    snapshots, clusters = choose._PAGE * choose._MOST_PAGES, cluster._PAGE * cluster._MOST_PAGES
    assert f"the first {snapshots:,} snapshots of the Region, and at the first {clusters:,} clusters" in text
    assert f"reads {checks._MOST_ROWS:,} rows and {checks._MOST_BYTES:,} bytes of a check's result" in text
    assert (
        f"{run.SHORTEST_DRILL.seconds // 3600} hours, or twice the recovery time; {run.LONGEST_DRILL.seconds // 3600}"
        in text
    )


@pytest.mark.parametrize(("mode", "page"), [("failover", PAGE), ("drill", ROOT / "docs" / "drills.md")])
def test_what_a_run_costs(mode: str, page: Path) -> None:
    # GIVEN a restore of a quarter of an hour WHEN it is run THEN the function is called about as often as the page says
    world = RestoreWorld(restore_seconds=15 * 60)
    world.copied()
    phases = len(world.run(world.given(mode)).states)
    [calls] = re.findall(r"about (\d+) calls of (?:a Lambda|the) function", page.read_text())
    assert abs(phases - int(calls)) < 15
    assert "Each call is 3 state transitions" in TEXT.replace("\n", " ")


def test_the_tags_of_a_restored_cluster_are_those_that_the_role_may_write() -> None:
    [row] = [row for row in rows(PAGE, "a restored cluster has") if row.cells["a restored cluster has"] == "tags"]
    of_both = {*CODE.findall(row.cells["a failover"]), *CODE.findall(row.cells["a drill"])}
    assert {f"resilient-redshift:{tag.rpartition(':')[2]}" for tag in of_both} == set(rights.OWN_TAGS)
    assert "write our five tags on them" in TEXT
    assert len(rights.OWN_TAGS) == 5


def test_a_cluster_without_tags_is_a_leftover_as_late_as_the_pages_say() -> None:
    assert leftovers.BARE_AGE.total_seconds() == 3600
    assert "have no tag at all, are an hour old" in (ROOT / "docs" / "drills.md").read_text()
