"""docs/operating.md: each end of a failover is there, and the way without the command starts what the machine takes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.cloud.restore.world import RestoreWorld
from tests.docs.tables import ROOT, rows
from tests.docs.test_commands import BLOCK, options, record, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "operating.md"
TEXT = PAGE.read_text()
CODE = re.compile(r"`([A-Z]\w+)`")


def shell(heading: str) -> str:
    """The blocks of one section after the names, without our own command."""
    found = re.split(r"^##+ ", TEXT.split(f"\n{heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]
    text = "\n".join([BLOCK.findall(TEXT)[0], *BLOCK.findall(found)])
    return re.sub(r"^ *resilient-redshift .*$", ":", text, flags=re.MULTILINE)


def test_each_end_of_a_failover_is_told() -> None:
    # GIVEN the outcomes that a failover has by restore.md WHEN the page is read THEN it has each once
    ends = {
        CODE.findall(row.cells["outcome"])[0]
        for row in rows(ROOT / "docs" / "restore.md", "outcome")
        if "failover" in row.cells["of"] or row.cells["of"] == "all"
    }
    told = [name for row in rows(PAGE, "a failover ends") for name in CODE.findall(row.cells["a failover ends"])]
    assert sorted(name for name in told if name not in {"ABORTED", "TIMED_OUT", "States", "Lambda"}) == sorted(ends)


def test_the_page_begins_with_the_one_command() -> None:
    first = BLOCK.findall(TEXT.split("\n## The Region is gone\n")[1])[0].strip()
    assert first == 'resilient-redshift failover "$PLAN" --region "$RECOVERY"'


def test_what_is_started_without_the_command_is_a_failover(tmp_path: Path) -> None:
    # GIVEN the record of the example WHEN the section is followed THEN the machine of the record is started, in the recovery Region
    given = record()
    calls = [(call[1], options(call)) for call in run(tmp_path, given, shell("### Without the command"))]
    assert {tuple(found["--region"]) for _, found in calls} == {("us-west-2",)}
    start = dict(calls)["start-execution"]
    assert start["--state-machine-arn"] == [given["machines"]["restore"]]
    # AND the machine restores with that input
    [text] = start["--input"]
    world = RestoreWorld()
    world.copied(age_hours=2)
    assert world.run(json.loads(text)).outcome == "Restored"


def test_the_longer_input_that_is_shown_is_one_that_the_machine_takes() -> None:
    [text] = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    world = RestoreWorld()
    world.copied(age_hours=2)
    run_ = world.failover(
        **{name: value for name, value in json.loads(text).items() if name not in {"lineage", "plan", "mode"}}
    )
    assert run_.outcome == "Restored"
    assert world.report(run_)["cluster"]["identifier"] == "restored-sales"


@pytest.mark.parametrize("heading", ["### Let people in", "### Then"])
def test_what_follows_asks_the_lost_region_for_nothing(tmp_path: Path, heading: str) -> None:
    calls = run(tmp_path, record(), "TARGET=sales", shell(heading))
    assert {region for call in calls for region in options(call)["--region"]} <= {"us-west-2", "eu-west-1"}


def test_nothing_of_a_night_deletes_what_is_no_drills() -> None:
    # GIVEN every command of the page WHEN clusters are deleted without a final snapshot THEN it is a drill's alone
    found = re.findall(r"delete-cluster .*--cluster-identifier (\S+) --skip-final", TEXT)
    assert found == ['"$LEFT"']
    assert re.findall(r"^LEFT=(\S+)$", TEXT, re.MULTILINE)[0].startswith("drill-")
