"""Texts that fit the columns of a terminal and control nothing."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.planning._terminal import bullets, columns, json_text, printable, width_of, wrapped

HOSTILE = "\x1b[2J\x07\u202etxt\u2028::add-mask::x ##[add-mask]y ##vso[task.setvariable]z ##teamcity[x]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sales", "sales"),
        ("a\tb\r\nc", "a b c"),
        ("a\u00a0\u3000b", "a b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b", "a\\u2028b"),
        ("half\ud800", "half?"),
        ("倉庫", "倉庫"),
    ],
)
def test_what_controls_a_terminal_is_shown_and_not_sent(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(("text", "width"), [("sales", 5), ("倉庫", 4), ("e\u0301", 1), ("\uff57", 2)])
def test_the_width_of_a_text_is_its_columns(text: str, width: int) -> None:
    assert width_of(text) == width


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=3, max_size=3), st.integers(20, 60))
def test_a_table_of_any_text_keeps_its_columns(cells: list[str], width: int) -> None:
    # GIVEN a row of any letters WHEN laid out THEN no line is too wide, and the gaps between columns are free
    lines = columns([("one", "two", "three"), cells], max(width, 40))
    rule = next(line for line in lines if line.startswith("---"))
    assert all(width_of(line) <= width_of(rule) for line in lines)
    assert width_of(rule) <= max(width, 40)


@settings(max_examples=60, deadline=None)
@given(st.text(), st.integers(8, 40))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    lines = wrapped(text, width, first="* ", rest="  ")
    assert all(width_of(line) <= width for line in lines)
    words = "".join(line[2:] for line in lines).replace(" ", "")
    assert words == printable(text).replace(" ", "")


def test_a_word_longer_than_the_column_is_cut() -> None:
    assert wrapped("a 倉庫倉庫", 5, rest=" ") == ["a", " 倉庫", " 倉庫"]


@pytest.mark.parametrize("width", [20, 40, 100])
def test_no_name_is_a_command_of_a_ci_service(width: int) -> None:
    # GIVEN a name that is a command of GitHub Actions or Azure Pipelines WHEN shown in a table or a note
    lines = [
        *columns([("name",), (HOSTILE,), ("::::error::x",)], width),
        *bullets([HOSTILE, f"{'x' * 36}::error::"], width),
    ]
    # THEN no line begins with "::", and none holds the other services' mark
    assert not [line for line in lines if line.lstrip().startswith("::")]
    assert not [line for line in lines if re.search(r"##\w*\[", line)]
    assert all(line.isprintable() for line in lines)


def test_json_in_a_log_holds_no_command_and_means_the_same() -> None:
    values = {"cluster": HOSTILE + "###vso[x]"}
    assert "##" not in json_text(values)
    assert json.loads(json_text(values)) == values
