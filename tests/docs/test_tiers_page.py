"""What docs/recovery.md says of retention tiers is the definition's: outcomes, metrics, numbers."""

from __future__ import annotations

import json
import re

from resilient_redshift import definitions
from resilient_redshift.contract import names
from tests.definitions.interpreter import PAYLOAD_LIMIT
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "recovery.md"
DEFINITION = json.dumps(definitions.load(definitions.RECOVERY_TIERS))
CODE = re.compile(r"`([^`]+)`")
#: Step Functions' own, which no state can catch.
UNCATCHABLE = {"States.DataLimitExceeded"}


def told(heading: str) -> set[str]:
    return {CODE.findall(row.cells[heading])[0] for row in rows(PAGE, heading)}


def test_the_outcomes_are_those_of_the_definition() -> None:
    # GIVEN every outcome that the definition assigns, or fails with WHEN the page is read THEN it tells each, and no other
    found = {json.loads(text) for text in re.findall(r'"(?:outcome|Error)": ("(?:[^"\\\\]|\\\\.)*")', DEFINITION)}
    literal = {text for text in found if "{%" not in text}
    chosen = {name for text in found for name in re.findall(r"[?:] '(\w+)'", text)}
    assert told("outcome of a run") == literal | chosen | UNCATCHABLE


def test_the_metrics_are_those_of_the_records() -> None:
    heading = "metric of a plan (namespace `ResilientRedshift`, dimension `Plan`)"
    assert told(heading) == set(names.TIER_METRICS)


def test_the_tags_are_those_of_the_definition() -> None:
    for tag in set(re.findall(r"resilient-redshift:[a-z-]+", DEFINITION)) - {names.TAG_RULE}:
        assert f"`{tag}`" in PAGE.read_text()


def test_the_numbers_are_the_definitions() -> None:
    # GIVEN the limits that the pages tell WHEN the definition is read THEN they are its own
    assert "$steps < 600" in DEFINITION
    assert "+ 2700000" in DEFINITION  # 45 minutes
    assert "$count([$s.Tags]) >= 50" in DEFINITION
    assert "$keep - 1 / 24" in DEFINITION  # within the hour
    assert '"MaxRecords": 20' in DEFINITION
    assert PAYLOAD_LIMIT // 20 // 1024 in {12, 13}
    limits = (ROOT / "docs" / "limits.md").read_text()
    assert "| 600, in 45 minutes |" in limits
