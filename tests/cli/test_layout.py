"""Text in the width of a terminal: what a reader copies is whole."""

from __future__ import annotations

import pytest

from resilient_redshift.cli.layout import cut, table, wrap

ARN = "arn:aws:secretsmanager:us-west-2:123456789012:secret:redshift!sales-admin-production-AbCdEf"
SNAPSHOT = "copy:rs:sales-2026-11-23-06-15-00"


@pytest.mark.parametrize(
    "whole",
    [
        SNAPSHOT,
        "2026-11-23 06:15 UTC",
        "cron(0 3 * * ? *)",
        "rate(4 hours)",
        "4 h 12 min",
        "1.5 TB",
        "sales.abc.us-west-2.redshift.amazonaws.com:5439",
    ],
)
@pytest.mark.parametrize("before", range(24))
def test_what_is_copied_is_never_broken(whole: str, before: int) -> None:
    # GIVEN a text of any length in front of it WHEN wrapped THEN it is whole on one line that fits
    lines = wrap(f"{'a' * before} {whole} and so on", 50, hang=12)
    assert sum(whole in line for line in lines) == 1
    assert all(len(line) <= 50 for line in lines)


def test_the_spaces_within_a_line_stay() -> None:
    # GIVEN a label and its value WHEN the value is wrapped THEN it begins in its column all the same
    assert wrap("  copy          to us-west-2, as recorded", 32, hang=16) == [
        "  copy          to us-west-2, as",
        "                recorded",
    ]


def test_a_word_wider_than_the_terminal_begins_a_line_of_its_own() -> None:
    # GIVEN an ARN that no line holds WHEN wrapped THEN it begins a line, and the terminal wraps it without a line break
    assert wrap(f"  its secret  {ARN}, read it", 60, hang=14) == ["  its secret", f"{ARN},", " " * 14 + "read it"]


def test_what_fits_is_left_as_it_is() -> None:
    assert wrap("  two  columns   here", 80) == ["  two  columns   here"]
    assert wrap("", 80) == [""]


def test_wide_characters_take_two_columns() -> None:
    assert wrap("売上 売上 売上", 10) == ["売上 売上", "売上"]


@pytest.mark.parametrize(
    ("text", "shown"), [("wait for the cluster", "wait for ..."), ("short", "short"), ("x" * 30, "...")]
)
def test_a_live_line_is_one_line(text: str, shown: str) -> None:
    assert cut(text, 15) == shown


HEADINGS = ("snapshot", "kind", "data of", "age")
ROWS = [
    (SNAPSHOT, "automated", "2026-11-23 06:15 UTC", "2 h"),
    ("short", "manual nightly", "2026-11-23 03:00 UTC", "5 h"),
]


def shown(width: int, headings: tuple[str, ...] = HEADINGS, rows: list[tuple[str, ...]] = ROWS) -> list[str]:
    return [line for line, _ in table(headings, rows, width, right=(3,))]


def test_a_table_that_fits_has_one_line_a_row() -> None:
    assert shown(80) == [
        "snapshot                           kind            data of               age",
        f"{SNAPSHOT}  automated       2026-11-23 06:15 UTC  2 h",
        "short                              manual nightly  2026-11-23 03:00 UTC  5 h",
    ]


def test_a_wide_table_gives_the_first_cell_its_own_line() -> None:
    assert shown(60) == [
        "snapshot",
        "  kind            data of               age",
        SNAPSHOT,
        "  automated       2026-11-23 06:15 UTC  2 h",
        "short",
        "  manual nightly  2026-11-23 03:00 UTC  5 h",
    ]


def test_a_narrow_terminal_gets_a_list_of_facts() -> None:
    assert shown(36)[:4] == [
        SNAPSHOT,
        "  kind     automated",
        "  data of  2026-11-23 06:15 UTC",
        "  age      2 h",
    ]


def test_a_column_of_words_is_wrapped_first() -> None:
    # GIVEN a table with one column of sentences WHEN too wide THEN that column takes more lines, the others one
    assert shown(40, ("need", "seen"), [("key", "the key is disabled since 2026-11-23 06:15 UTC, enable it")]) == [
        "need  seen",
        "key   the key is disabled since",
        "      2026-11-23 06:15 UTC, enable it",
    ]


def test_a_table_without_rows_is_its_headings() -> None:
    assert shown(80, rows=[]) == ["snapshot  kind  data of  age"]
