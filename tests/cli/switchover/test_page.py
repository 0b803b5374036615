"""docs/switchover.md: the screens that it shows in a terminal of 80 columns, its JSON, and the calls of its policy."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cli import output
from resilient_redshift.cli.output import Screen
from resilient_redshift.contract.switchovers import FENCE_SCHEMA, SWITCHOVER_SCHEMA
from resilient_redshift.contract.understood import understand
from tests.cli.scene import HERE, PLAN, THERE
from tests.cli.switchover.warehouse import BACK, Warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[3] / "docs" / "switchover.md").read_text()
TEXTS = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POLICY = json.loads(re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[-1])


def realistic(warehouse: Warehouse) -> None:
    """Steps that take as long as in life."""
    settings = warehouse.model.world.settings
    settings.modify_seconds, settings.snapshot_seconds, settings.copy_start_seconds = 120, 300, 60
    settings.copy_seconds, settings.restore_starting_seconds, settings.restore_seconds = 1800, 60, 720


def screens() -> Iterator[str]:
    """What the page shows, in its order."""
    warehouse = Warehouse()
    realistic(warehouse)
    yield warehouse.switchover("--rehearse").output
    yield warehouse.switchover("--fence").output
    warehouse.prepare_way_home()
    warehouse.clock.advance(3600)
    yield warehouse.switchover("--fence", "--dry-run", plan=BACK).output
    stopped = Warehouse()
    stopped.account.on_call = _interrupt
    yield stopped.switchover("--fence").stderr
    stopped.account.on_call = lambda _region, _operation, _done: None
    yield stopped.switchover("--unfence").output
    stopped.publish(THERE, PLAN, "failover-1")
    yield stopped.run("fence", PLAN, "--yes", "--region", HERE).output


def _interrupt(_region: str, operation: str, _done: bool) -> None:
    if operation == "redshift:CreateClusterSnapshot":
        raise KeyboardInterrupt


def test_the_screens_of_the_page_are_those_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a terminal of 80 columns WHEN the commands of the page are run THEN it shows what they print
    monkeypatch.setattr(output, "_PLAIN_WIDTH", 80)
    monkeypatch.setattr(Screen, "live", property(lambda _: True))
    monkeypatch.setattr(Screen, "line", lambda _: nullcontext(lambda _: None))
    monkeypatch.setattr("resilient_redshift.cli.switchover.state.secrets.token_hex", lambda _: "3ea76f")
    printed = [re.sub(r"\x1b\[[0-9;]*m", "", text) for text in screens()]
    assert printed == TEXTS


def test_the_state_and_the_fence_are_as_their_schemas_say(warehouse: Warehouse) -> None:
    # GIVEN a switchover at its end WHEN its parameters are read THEN nothing of them is unknown or wrong
    assert warehouse.switchover("--fence").exit_code == 0
    for value, schema in ((warehouse.state(), SWITCHOVER_SCHEMA), (warehouse.fence() or {}, FENCE_SCHEMA)):
        understood = understand(schema, value)
        assert (understood.value, understood.problems) == (value, {})


def test_json_is_one_object_with_what_is_known(warehouse: Warehouse) -> None:
    # GIVEN a fenced switchover WHEN it ends with --json THEN the recovery point is known, with its time and the report
    said = json.loads(warehouse.switchover("--fence", "--json").stdout)
    assert (said["version"], said["outcome"], said["from"], said["to"]) == (1, "SwitchedOver", HERE, "us-west-2")
    assert said["recovery_point"] == {"known": True, "until": (warehouse.fence() or {})["complete"]}
    assert said["report"]["outcome"] == "Restored"
    # AND without a fence it is not known
    other = Warehouse()
    assert not json.loads(other.switchover("--json").stdout)["recovery_point"]["known"]


@pytest.mark.parametrize("plan", [PLAN, BACK])
def test_every_change_is_one_that_the_policy_allows(warehouse: Warehouse, plan: str) -> None:
    # GIVEN the policy of the page WHEN the warehouse goes away or home THEN it allows each call that changes something
    if plan == BACK:
        warehouse.away()
        warehouse.cluster.status = "paused"
    assert warehouse.switchover("--fence", plan=plan).exit_code == 0
    allowed = {action for statement in POLICY["Statement"] for action in statement["Action"]}
    reads = ("Get", "List", "Describe")
    made = {call for call in warehouse.account.operations() if not call.partition(":")[2].startswith(reads)}
    assert made - {"stepfunctions:StartExecution"} <= allowed
