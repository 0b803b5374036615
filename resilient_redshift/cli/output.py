"""What the reader sees: colours and a live line in a terminal, plain lines elsewhere; NO_COLOR is obeyed (by rich)."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

#: Lines of a file or a pipe are not cut; tables in them are as wide as this.
_PLAIN_WIDTH: Final = 160
#: What a terminal would obey; checks' answers, tags and AWS's words stand in what is shown. Lines and tabs stay.
_CONTROLS: Final = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def harmless(text: str) -> str:
    """The text without what a terminal would obey."""
    return text.translate(_CONTROLS)


class Line(Protocol):
    """A line that changes while one waits."""

    def __call__(self, text: str) -> None:
        """Show another text in its place."""


class Screen:
    """Where people read.

    Args:
        to_stderr: whether to write to standard error. False: to standard output.
    """

    def __init__(self, *, to_stderr: bool = False) -> None:
        file = sys.stderr if to_stderr else sys.stdout
        width = None if file.isatty() else _PLAIN_WIDTH
        self.console: Console = import_module("rich.console").Console(file=file, width=width, highlight=False)

    @property
    def live(self) -> bool:
        """Whether somebody looks on in a terminal."""
        return self.console.is_terminal

    def say(self, text: str = "", style: str = "") -> None:
        """Write one line."""
        line = import_module("rich.text").Text(harmless(text), style)
        self.console.print(line, soft_wrap=not self.live, highlight=False)

    def fact(self, name: str, value: str, style: str = "") -> None:
        """Write a name and its value, in two columns."""
        text = import_module("rich.text").Text
        line = text.assemble((f"  {name:<16}", "dim"), (harmless(value), style))
        self.console.print(line, soft_wrap=not self.live, highlight=False)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
        """Write a table; the columns of those numbers to the right."""
        table = import_module("rich.table").Table(
            box=None, pad_edge=False, padding=(0, 2), show_edge=False, header_style="dim"
        )
        text = import_module("rich.text").Text
        for number, heading in enumerate(headings):
            table.add_column(heading, justify="right" if number in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(text(harmless(cell)) for cell in row))
        padding = import_module("rich.padding").Padding(table, (0, 0, 0, 2), expand=False)
        self.console.print(padding, highlight=False)

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A line that changes in place; elsewhere than in a terminal it is silent."""
        if not self.live:
            yield lambda text: None  # noqa: ARG005 - the protocol's name
            return
        with self.console.status("") as status:
            escape = import_module("rich.markup").escape
            yield lambda text: status.update(escape(harmless(text)))


def print_json(value: dict[str, Any]) -> None:
    """Write JSON to standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
