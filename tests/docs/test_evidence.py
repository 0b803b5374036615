"""docs/evidence.md names tests that exist, and says of each belief where it was read."""

from __future__ import annotations

import ast
import dataclasses
import functools
import re

import pytest

from emulator.redshift_model import Settings
from tests.docs.tables import ROOT, Row, rows

PAGE = ROOT / "docs" / "evidence.md"
TESTS = ROOT / "tests"
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
FILE = re.compile(r"`([\w/]+/test_\w+\.py)`")
MARKS = {row.cells["mark"] for row in rows(PAGE, "mark")}
GROUNDS = {row.cells["ground"] for row in rows(PAGE, "ground")}
SECTIONS = {
    "Proved by running here": "[R]",
    "Read in source": "[S]",
    "Read in the documentation": "[D]",
    "Told by third parties": "[3]",
    "Inferred": "[I]",
    "Unknown": "[U]",
}
BELIEFS = rows(PAGE, "belief")
WINDOWS = rows(PAGE, "window")
each_row = pytest.mark.parametrize("row", [*BELIEFS, *WINDOWS], ids=lambda row: f"line {row.line}")


@functools.cache
def functions(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize(("file", "name"), sorted(set(TEST.findall(PAGE.read_text()))))
def test_each_named_test_exists(file: str, name: str) -> None:
    assert name in functions(file)


@pytest.mark.parametrize("file", sorted(set(FILE.findall(PAGE.read_text()))))
def test_each_named_file_exists(file: str) -> None:
    assert (TESTS / file).is_file()


@pytest.mark.parametrize("row", BELIEFS, ids=lambda row: f"line {row.line}")
def test_each_belief_has_the_mark_of_its_section(row: Row) -> None:
    assert row.cells["mark"] in MARKS
    assert row.cells["mark"] == SECTIONS[row.section]


def test_each_section_has_beliefs() -> None:
    assert {row.section for row in BELIEFS} == set(SECTIONS)
    assert WINDOWS


@each_row
def test_each_row_names_a_test_and_its_ground_or_says_why_there_is_none(row: Row) -> None:
    test, ground = row.cells["test"], row.cells["ground"]
    assert ground in GROUNDS
    if ground == "none":
        assert re.fullmatch(r"none: .{10,}", test)
    else:
        assert TEST.sub("", test).strip(", ") == ""
        assert TEST.search(test)


def test_each_belief_stands_once() -> None:
    beliefs = [row.cells["belief"] for row in BELIEFS]
    assert sorted(beliefs) == sorted(set(beliefs))


def test_each_guess_of_the_model_is_told() -> None:
    told = {name for row in rows(PAGE, "setting") for name in re.findall(r"`(\w+)`", row.cells["setting"])}
    assert told == {field.name for field in dataclasses.fields(Settings)}
