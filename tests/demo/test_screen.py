"""What a reader sees in a terminal, in a pipe, and without colours."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from demo.screen import Screen

if TYPE_CHECKING:
    import pytest


def shown(*, terminal: bool) -> tuple[Screen, io.StringIO]:
    written = io.StringIO()
    console = Console(
        file=written, width=70, force_terminal=terminal, highlight=False, color_system="standard" if terminal else None
    )
    return Screen(console), written


def everything(screen: Screen) -> None:
    screen.step("First")
    screen.say("removed", "red")
    screen.good("done [not markup]")
    screen.table(("name", "number"), [("a", "1"), ("b", "22")])
    with screen.bar("under way") as bar:
        bar(1, 2, "half")
    screen.failed("two\nlines")


def test_a_pipe_gets_plain_lines() -> None:
    # GIVEN no terminal WHEN all is shown THEN no escapes, no bar, markup left alone, the reason in one line
    screen, written = shown(terminal=False)
    everything(screen)
    text = written.getvalue()
    assert "\x1b" not in text
    assert "under way" not in text
    assert "   ok  done [not markup]\n" in text
    assert text.endswith("demo: two lines\n")


def test_a_terminal_gets_colours_and_a_bar() -> None:
    screen, written = shown(terminal=True)
    everything(screen)
    assert "\x1b[31m" in written.getvalue()
    assert "under way" in written.getvalue()


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN NO_COLOR WHEN shown in a terminal THEN no colour is set
    monkeypatch.setenv("NO_COLOR", "1")
    screen, written = shown(terminal=True)
    everything(screen)
    assert "\x1b[31m" not in written.getvalue()
    assert "\x1b[1;32m" not in written.getvalue()


def test_long_lines_of_a_pipe_are_not_broken() -> None:
    screen, written = shown(terminal=False)
    screen.say("x" * 200)
    assert "x" * 200 in written.getvalue()


def test_numbers_stand_to_the_right() -> None:
    screen, written = shown(terminal=False)
    screen.table(("name", "number"), [("a", "1"), ("b", "22")])
    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    assert len(lines[1]) == len(lines[2])
