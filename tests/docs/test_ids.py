"""Ids, outcomes, arguments and numbers in the docs are the code's: all of them, and no others."""

from __future__ import annotations

import ast
import inspect
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import resilient_redshift as rr
from resilient_redshift import definitions
from resilient_redshift.cloud.redshift.states import UNKNOWN_PATIENCE
from resilient_redshift.cloud.snapshots import take_waiting
from resilient_redshift.cloud.snapshots.take_run import LONGEST_BUSY_SECONDS, Request, Run
from resilient_redshift.contract import names, outcomes, record, schemas
from resilient_redshift.core.warnings import Warn
from resilient_redshift.planning import CHECK_INTERVAL, DEFAULT_HORIZON, DEFAULT_QUOTA, CheckRule
from resilient_redshift.recovery import drill as recovery_drill
from resilient_redshift.recovery import sql_check
from resilient_redshift.rules import cluster_settings as settings
from resilient_redshift.rules import limits
from resilient_redshift.rules import naming as _naming
from resilient_redshift.rules import node_types as _node_types
from resilient_redshift.stack import services as _stack_services
from resilient_redshift.stack.synth_rules import RULES, Rule
from resilient_redshift.watching.dashboard_body import MOST_PLANS
from tests.cloud.snapshots.take_world import TakeWorld
from tests.cloud.snapshots.test_take_run import BEGUN
from tests.docs import app_output
from tests.docs.tables import ROOT, rows

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
WARNINGS = DOCS / "warnings.md"
ERRORS = DOCS / "errors.md"
SNAPSHOTS = DOCS / "manual-snapshots.md"
DEFINITION = definitions.load(definitions.TAKE_SNAPSHOT)
CODE = re.compile(r"`([^`]+)`")


def headings(page: Path) -> list[str]:
    return re.findall(r"^### `([^`]+)`$", page.read_text(), re.MULTILINE)


def test_the_page_of_warnings_has_each_id_once() -> None:
    assert sorted(headings(WARNINGS)) == sorted([*map(str, Warn), *map(str, Rule)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_an_id_that_does_not_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"resilient-redshift:[A-Z]\w+\.\w+", text)) <= set(map(str, Warn))
    assert set(re.findall(r"\bRR\d{3}\b", text)) <= {*map(str, Rule), *map(str, CheckRule)}


@pytest.mark.parametrize("rule", list(Rule))
def test_each_rule_stands_in_its_own_words(rule: Rule) -> None:
    section = WARNINGS.read_text().split(f"### `{rule}`")[1].split("\n### ")[0]
    assert RULES[rule].sentence in section
    assert RULES[rule].fix in section


def test_the_outcomes_are_those_of_the_contract() -> None:
    table = {CODE.findall(row.cells["outcome"])[0]: row for row in rows(SNAPSHOTS, "outcome")}
    assert set(table) == set(outcomes.SNAPSHOT_OUTCOMES)
    well = {name for name, row in table.items() if row.cells["the run"].startswith("succeeds")}
    assert well == {outcomes.SNAPSHOT_TAKEN, *outcomes.SNAPSHOT_SKIPPED}


def test_the_phases_are_the_tasks_of_the_definition() -> None:
    tasks = [name for name, state in DEFINITION["States"].items() if state["Type"] == "Task"]
    assert [CODE.findall(row.cells["phase"])[0] for row in rows(SNAPSHOTS, "phase")] == tasks


def test_the_metrics_are_those_of_the_records() -> None:
    assert {CODE.findall(row.cells["metric"])[0] for row in rows(SNAPSHOTS, "metric")} == set(names.METRICS)


def test_the_tags_on_a_snapshot_are_those_of_the_records() -> None:
    told = {CODE.findall(row.cells["tag on the snapshot"])[0] for row in rows(SNAPSHOTS, "tag on the snapshot")}
    run = Run.from_json({**BEGUN, "input": TakeWorld().given(reason="why")})
    assert told == set(run.tags)


def inputs() -> list[dict[str, Any]]:
    return [json.loads(text) for text in re.findall(r"--input '(\{.*?\})'", SNAPSHOTS.read_text())]


def test_the_input_by_hand_takes_a_snapshot() -> None:
    # GIVEN the input that the page shows WHEN the machine runs with it THEN it takes what the page says
    [given] = inputs()
    world = TakeWorld()
    run = world.machine.run(given)
    assert run.outcome == "Taken"
    assert re.fullmatch(r"sales-nightly-ondemand-\d{8}t\d{6}z", run.output["snapshot_identifier"])


def test_the_output_that_is_shown_has_the_real_fields() -> None:
    [shown] = re.findall(r"^```json\n(.*?)^```$", SNAPSHOTS.read_text(), re.MULTILINE | re.DOTALL)
    assert set(json.loads(shown)) == set(TakeWorld().machine.run(inputs()[0]).output)


def test_the_fields_of_the_input_are_those_that_the_machine_reads() -> None:
    read = {field.name for field in fields(Request)}
    assert {CODE.findall(row.cells["field of the input"])[0] for row in rows(SNAPSHOTS, "field of the input")} == read


def test_the_plan_record_that_is_shown_fits_the_schema() -> None:
    _, section = (DOCS / "recovery.md").read_text().split("\n## The plan record\n")
    [shown] = re.findall(r"^```json\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    jsonschema.validate(json.loads(shown), schemas.PLAN_RECORD_SCHEMA)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_logical_ids_in_commands_are_those_of_the_templates(page: Path) -> None:
    told = set(re.findall(r"--logical-resource-id (\S+)", page.read_text()))
    assert told <= set(app_output.template("Warehouse")["Resources"])


def machine_seconds() -> int:
    return int(DEFINITION["TimeoutSeconds"])


NUMBERS = {
    "manual snapshots in an account and Region": [DEFAULT_QUOTA],
    "days that `FOREVER` counts for in that check": [DEFAULT_HORIZON.days],
    "automated snapshots, days kept": [
        1,
        limits.MOST_AUTOMATED_DAYS,
        _node_types.FAMILIES["dc2"].shortest_automated_retention,
    ],
    "manual snapshots, days kept": [1, 3653],
    "copied automated snapshots, days kept": [1, 35],
    "identifiers of clusters, names of grants, rules and plans": [
        int(re.findall(r"to (\d+)", _naming.LABEL_ALLOWED)[0])
    ],
    "reason of a snapshot on demand": [limits.LONGEST_TAG_VALUE],
    "compute nodes": [_node_types.MOST_NODES],
    "IAM roles of a restored cluster": [limits.MOST_CLUSTER_ROLES],
    "plans on a dashboard": [MOST_PLANS],
    "plan record": [record.PLAN_RECORD_LIMIT],
    "query of a check": [sql_check._LONGEST_SQL],
    "time between two drills of a rehearsal": [recovery_drill._SHORTEST_GAP.days],
    "recovery-point objective": [int(CHECK_INTERVAL.total_seconds() // 60)],
    "longest run of the snapshot machine": [machine_seconds() // 86_400, take_waiting._MOST_HOURS],
    "how long a run waits for a busy cluster": [LONGEST_BUSY_SECONDS // 3600],
    "how long a run waits for a state of the cluster that it does not know": [UNKNOWN_PATIENCE.seconds // 60],
    "dead letters": [_stack_services._DEAD_LETTER_SECONDS // 86_400],
    "logs": [_stack_services._LOG_DAYS],
}


@pytest.mark.parametrize("limit", NUMBERS)
def test_each_number_of_the_limits_is_the_codes(limit: str) -> None:
    [row] = [row for row in rows(DOCS / "limits.md", "limit") if row.cells["limit"] == limit]
    assert [
        int(number.replace(",", "")) for number in re.findall(r"(?<![A-Za-z])\d[\d,]*", row.cells["number"])
    ] == NUMBERS[limit]


#: Where each section's arguments are taken from.
SIGNATURES: dict[str, list[Any]] = {
    "ResilientCluster": [rr.ResilientCluster.__init__, rr.ResilientCluster.add_iam_role],
    "ResilientClusterFromSnapshot": [rr.ResilientClusterFromSnapshot.__init__],
    "ExistingCluster.from_identifier": [rr.ExistingCluster.from_identifier],
    "AutomatedSnapshots, AutomatedSnapshotRetention": [
        rr.AutomatedSnapshots,
        rr.AutomatedSnapshotRetention.__init__,
        rr.AutomatedSnapshotRetention.apply_to,
    ],
    "SnapshotTimes": [rr.SnapshotTimes, rr.SnapshotTimes.every, rr.SnapshotTimes.cron],
    "SnapshotSchedule": [rr.SnapshotSchedule.__init__, rr.SnapshotSchedule.associate],
    "ManualSnapshotRule": [rr.ManualSnapshotRule.__init__, rr.ManualSnapshotRule.on_demand_input],
    "SnapshotCopyGrant": [rr.SnapshotCopyGrant.__init__],
    "SnapshotCopy": [rr.SnapshotCopy.__init__],
    "RecoverySite": [rr.RecoverySite.__init__],
    "RecoverySite.from_attributes": [rr.RecoverySite.from_attributes],
    "RecoverySite.protect": [rr.RecoverySite.protect],
    "RecoveryTiers": [rr.RecoveryTiers.__init__, rr.RecoveryTiers.add_plan],
    "RecoveryPlan.keep_manual_snapshots": [rr.RecoveryPlan.keep_manual_snapshots],
    "RecoveryPlan.grant_read_status, grant_check, grant_start_failover, grant_freeze": [
        rr.RecoveryPlan.grant_read_status,
        rr.RecoveryPlan.grant_check,
        rr.RecoveryPlan.grant_start_failover,
        rr.RecoveryPlan.grant_freeze,
    ],
    "RecoveryPlan.rehearse": [rr.RecoveryPlan.rehearse],
    "RecoveryDashboard": [rr.RecoveryDashboard.__init__],
    "RecoveryRestore": [rr.RecoveryRestore.__init__, rr.RecoveryRestore.add_plan],
    "RecoveryDrill": [rr.RecoveryDrill.__init__],
    "SqlCheck": [rr.SqlCheck.__init__],
    "DnsRecord": [rr.DnsRecord.__init__],
    "Objectives": [rr.Objectives.__init__],
    "RestoreOptions": [rr.RestoreOptions],
    "RecoveryGuardrails": [rr.RecoveryGuardrails.__init__],
    "ResilienceChecks": [rr.ResilienceChecks.__init__],
    "StackSettings": [rr.StackSettings.__init__, rr.StackSettings.apply],
}
TOLD = [
    (row.section, name)
    for row in rows(ERRORS, "argument")
    for name in CODE.findall(row.cells["argument"])
    if row.section in SIGNATURES
]


@pytest.mark.parametrize("section", SIGNATURES)
def test_each_construct_has_a_table_of_errors(section: str) -> None:
    assert section in {told for told, _ in TOLD}


@pytest.mark.parametrize(("section", "argument"), TOLD)
def test_each_argument_on_the_page_of_errors_exists(section: str, argument: str) -> None:
    assert argument in {name for signature in SIGNATURES[section] for name in inspect.signature(signature).parameters}


def raised() -> set[str]:
    """Every argument that the code reports by a literal name."""
    found = set()
    for file in Path(rr.__file__).parent.rglob("*.py"):
        text = file.read_text()
        for node in ast.walk(ast.parse(text)) if "problems." in text else ():
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"add", "check", "check_count"}
            ):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "problems":
                name = node.args[1 if node.func.attr == "check" else 0]
                if isinstance(name, ast.Constant):
                    found.add(str(name.value).removeprefix("restore."))
    return found


@pytest.mark.parametrize("argument", sorted(raised()))
def test_each_argument_that_the_code_reports_is_on_the_page_of_errors(argument: str) -> None:
    assert f"`{argument}`" in ERRORS.read_text()


def test_how_an_error_looks() -> None:
    # GIVEN the page's own code WHEN it runs THEN the error reads as the page shows it
    text = ERRORS.read_text()
    [code] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(compile(code, "errors.md", "exec", dont_inherit=True), namespace)  # noqa: S102
    assert f"```text\n{namespace['shown']}\n```" in text


def test_the_defaults_of_the_cluster_that_errors_name() -> None:
    # GIVEN the audit logs WHEN the page names them THEN they are the code's
    assert all(f"`{log}`" in ERRORS.read_text() for log in settings.AUDIT_LOGS)
