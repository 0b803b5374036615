"""Writes text and JSON. A terminal gets colours and a live line, anything else plain lines; rich obeys NO_COLOR."""

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

#: The width of tables in a file or a pipe. Other lines there are not cut.
_PLAIN_WIDTH: Final = 160
#: The characters that a terminal obeys, except line breaks and tabs. Answers of checks, tags and AWS's messages are
#: shown, and could contain them.
_CONTROLS: Final = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def harmless(text: str) -> str:
    """The text without the characters that a terminal obeys, and with a question mark for half of a surrogate pair."""
    return text.translate(_CONTROLS).encode(errors="replace").decode()


class Line(Protocol):
    """A line that changes while the user waits."""

    def __call__(self, text: str) -> None:
        """Replace the text of the line."""


class Screen:
    """The text for people.

    Args:
        to_stderr: whether to write to standard error. Default: no, to standard output.
    """

    def __init__(self, *, to_stderr: bool = False) -> None:
        file = sys.stderr if to_stderr else sys.stdout
        width = None if file.isatty() else _PLAIN_WIDTH
        self.console: Console = import_module("rich.console").Console(file=file, width=width, highlight=False)

    @property
    def live(self) -> bool:
        """Whether the text goes to a terminal."""
        return self.console.is_terminal

    @property
    def encoding(self) -> str:
        """The encoding of the text, such as ``utf-8``."""
        return self.console.encoding

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
        """Write a table.

        Args:
            headings: the headings.
            rows: the cells of each row.
            right: the numbers of the columns that are aligned to the right.
        """
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
        """A line that changes in place. Outside a terminal nothing is written."""
        if not self.live:
            yield lambda text: None  # noqa: ARG005 - the protocol names the parameter
            return
        with self.console.status("") as status:
            escape = import_module("rich.markup").escape
            yield lambda text: status.update(escape(harmless(text)))


def print_json(value: dict[str, Any]) -> None:
    """Write JSON to standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace").decode())
