"""docs/reliability.md names tests that exist, and no fault in it may lose a recovery point."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.tables import ROOT, Row, rows

PAGE = ROOT / "docs" / "reliability.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)(?:\[[^\]]*\])?`")
FAULTS = rows(PAGE, "fault")


def test_the_page_has_faults() -> None:
    # GIVEN the page
    # WHEN its table is read
    # THEN there are rows
    assert len(FAULTS) > 30


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: f"line {row.line}")
def test_no_fault_loses_a_recovery_point(row: Row) -> None:
    # GIVEN a fault that was injected
    # WHEN its row is read
    # THEN it says where, what came of it, and that nothing was lost
    assert row.cells["where injected"]
    assert row.cells["outcome"]
    assert row.cells["recovery points lost"] == "0"


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: f"line {row.line}")
def test_each_row_names_tests_that_exist(row: Row) -> None:
    # GIVEN a row
    # WHEN its tests are looked up
    named = TEST.findall(row.cells["test"])
    # THEN each is a function of that file, and nothing else stands there
    assert named
    assert TEST.sub("", row.cells["test"]).strip(", ") == ""
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text())
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
