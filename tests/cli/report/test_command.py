"""The command ``report``: its time, its file, its summary, its exit statuses, its calls and its JSON."""

from __future__ import annotations

import ast
import json
import stat
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

import resilient_redshift.cli.report
from resilient_redshift.contract import operator_rights
from resilient_redshift.contract.audit import AUDIT_SCHEMA
from tests.cli.fakes import ACCOUNT
from tests.cli.report.archive import AUDITOR, OPERATOR, Past
from tests.cli.report.test_html_page import story
from tests.cli.scene import HERE, PLAN, RESTORE, THERE, record
from tests.cli.test_screens import in_a_terminal


def whole() -> Past:
    """A plan of which everything can be read."""
    past = Past()
    past.copied(hours=2)
    past.reported("drill-1", 10)
    past.started_by(past.ran("drill-1", 10), OPERATOR, "event-1")
    past.aged(48, 0, 3)
    past.alarmed()
    return past


def test_a_file_and_a_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a plan of which everything is read WHEN reported THEN the page is in a file of its own, for its owner alone
    monkeypatch.chdir(tmp_path)
    result = whole().run("report", PLAN)
    [file] = tmp_path.iterdir()
    assert file.name == "resilient-redshift-report-20261123t081500z.html"
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    # AND the summary is on the terminal, and the status is 0
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()][2] == [PLAN, "fine", "100.00", "%", "1", "0", "0", "0"]
    assert file.name in result.stdout


def test_the_summary_is_at_most_eighty_columns_wide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a plan with gaps WHEN its summary is shown in such a terminal THEN only the name of the file may be longer
    arguments = ("report", PLAN, "--output", str(tmp_path / "r.html"))
    shown = in_a_terminal(story(), monkeypatch, arguments).stdout.splitlines()
    assert [line for line in shown if len(line) > 80 and not line.endswith("r.html")] == []
    assert any(line.startswith("not read: ") for line in shown)


def test_the_summary_of_many_plans_begins_with_those_that_need_somebody(tmp_path: Path) -> None:
    # GIVEN 30 plans, one of them with a failed drill WHEN reported THEN 20 are shown, that one first
    past = whole()
    for number in range(29):
        past.put_record(THERE, record(THERE, f"plan-{number:02}"))
    past.ran("drill-2", 5, plan="plan-28", status="ABORTED")
    shown = past.run("report", "--since", "9d", "--output", str(tmp_path / "r.html")).stdout.splitlines()
    assert shown[2].split()[0] == "plan-28"
    assert "and 10 plans more, which are no worse: see the report" in shown


def test_the_json_keeps_its_schema() -> None:
    for past in (story(), whole(), Past(bucket=False)):
        jsonschema.validate(past.made(), AUDIT_SCHEMA, format_checker=jsonschema.FormatChecker())


def test_json_is_on_standard_output() -> None:
    past = whole()
    assert json.loads(past.run("report", PLAN, "--json").stdout) == past.made()


def test_a_gap_is_status_2_and_is_named() -> None:
    past = whole()
    past.account.denied = {"cloudtrail:LookupEvents"}
    result = past.run("report", PLAN, "--output", "-", "--format", "json")
    assert result.exit_code == 2
    assert "not read: who started drill-1: cloudtrail:LookupEvents in us-west-2: AccessDenied" in result.stderr
    assert json.loads(result.stdout)["made_by"]["arn"] == AUDITOR


def test_a_dead_primary_is_a_gap_and_the_rest_is_whole() -> None:
    past = whole()
    past.account.dark = {HERE}
    plan = past.plan()
    assert plan["present"]["status"] == "unknown"
    assert f"what {HERE} has now" in {gap["what"] for gap in plan["gaps"]}
    assert len(plan["runs"]) == 1
    assert plan["age"]["percent_within"] == 100


def test_a_dead_recovery_region_leaves_nothing_but_gaps() -> None:
    past = whole()
    past.region = HERE
    past.account.dark = {THERE}
    plan = past.plan()
    assert plan["runs"] == []
    assert {"what us-west-2 has now", "when alarms rang", "the switchovers", "the age of the recovery point"} <= {
        gap["what"] for gap in plan["gaps"]
    }
    assert "age" not in plan
    # AND nobody says that the site has no bucket: the record that would name it was not read
    assert "no report bucket" not in json.dumps(plan)
    assert any("names the report bucket, could not be read" in gap["why"] for gap in plan["gaps"])


def test_a_way_home_that_stands_by_lacks_no_watcher() -> None:
    # GIVEN a plan at home and its way home, which has no watcher and no alarms WHEN reported THEN those are limits
    past = whole()
    back, machine = "sales-us-west-2", RESTORE.replace(THERE, HERE)
    recovery = {**record(THERE)["recovery"], "region": HERE}
    home = {"cluster": {"identifier": "sales", "region": THERE, "account": ACCOUNT}, "reverse_of": PLAN, "rules": []}
    past.put_record(HERE, {**record(HERE, back), **home, "recovery": recovery, "machines": {"restore": machine}})
    past.archive.machines.add(machine)
    plan = past.plan(back, "--region", HERE)
    assert (plan["present"]["status"], plan["reverse_of"], plan["gaps"]) == ("standby", PLAN, [])
    assert {"the age of the recovery point", "when alarms rang"} <= {limit["what"] for limit in plan["limits"]}


def test_a_record_that_is_not_understood_is_a_gap_of_the_report() -> None:
    past = whole()
    past.put(THERE, "/resilient-redshift/plans/spoiled", "no JSON")
    document = past.made("--since", "10d")
    assert [plan["plan"] for plan in document["plans"]] == [PLAN]
    [gap] = document["gaps"]
    assert (gap["what"], "spoiled" in gap["why"]) == ("a plan", True)


def test_plans_are_those_named_each_once_in_order() -> None:
    past = whole()
    for name in ("zeta", "alpha"):
        past.put_record(THERE, record(THERE, name))
    assert [plan["plan"] for plan in past.made("zeta", PLAN, "zeta")["plans"]] == [PLAN, "zeta"]
    assert [plan["plan"] for plan in past.made("--since", "2d")["plans"]] == ["alpha", PLAN, "zeta"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "0d"), "'0d' is not 1d to 3653d"),
        (("--since", "4000d"), "'4000d' is not 1d to 3653d"),
        (("--since", "a year"), "'a year' is neither a number of days such as 365d nor a time"),
        (("--until", "2026-11-24"), "--until 2026-11-24T00:00:00Z is in the future; it is 2026-11-23T08:15:00Z"),
        (("--since", "2026-11-02", "--until", "2026-11-01"), "--since 2026-11-02T00:00:00Z must be before the end"),
        (("--json", "--output", "r.json"), "--json is JSON on standard output"),
        (("no-such-plan",), "no plan 'no-such-plan' in us-west-2"),
        (("--output", "/no/such/folder/r.html"), "/no/such/folder/r.html cannot be written: there is no such folder"),
    ],
)
def test_what_cannot_be_reported_is_refused(arguments: tuple[str, ...], says: str) -> None:
    result = whole().run("report", *arguments)
    assert result.exit_code == 2
    assert says in result.output + result.stderr


def test_a_file_that_cannot_be_written_is_refused_before_aws_is_asked() -> None:
    past = whole()
    past.run("report", "--output", "/no/such/folder/r.html")
    assert past.account.operations() == []


def test_the_auditors_policy_names_exactly_the_calls_that_are_made() -> None:
    # GIVEN every call in the source of the report WHEN compared with the auditor's rights THEN they are the same, but
    # for what status reads already, and for the one call that needs no right
    found = set()
    for path in Path(resilient_redshift.cli.report.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
                words = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {":".join(words)} if words else set()
    renamed = {"stepfunctions": "states", "s3:ListObjectsV2": "s3:ListBucket"}
    actions = {renamed.get(one, one).replace("stepfunctions", "states") for one in found}
    statements = [
        *operator_rights.audit(parameters="*", reports=["arn:aws:s3:::reports"]),
        *operator_rights.read_status(parameters="*", machines=["*"], runs=["*"]),
    ]
    allowed = {action for statement in statements for action in statement["Action"]}
    assert actions - allowed == {"sts:GetCallerIdentity"}
    audited = {action for one in operator_rights.audit(parameters="*", reports=["*"]) for action in one["Action"]}
    assert audited <= actions
    # AND none of it changes anything
    assert all(action.split(":")[1].startswith(("Get", "List", "Describe", "Lookup")) for action in allowed)
