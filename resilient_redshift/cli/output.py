"""Writes text and JSON. A terminal gets colours and a live line, anything else plain lines; rich obeys NO_COLOR."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from resilient_redshift.cli import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

#: The width of tables in a file or a pipe. Other lines there are not cut.
_PLAIN_WIDTH: Final = 160
#: The column of the values of facts, and the indentation of tables.
_LABEL: Final = 18
_INDENT: Final = "  "
#: The characters that a terminal obeys, except line breaks and tabs. Answers of checks, tags and AWS's messages are
#: shown, and could contain them.
_CONTROLS: Final = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def harmless(text: str) -> str:
    """The text without the characters that a terminal obeys, and with a question mark for half of a surrogate pair."""
    return text.translate(_CONTROLS).encode(errors="replace").decode()


def _raise_again() -> None:
    """Raise the exception that is being handled."""
    raise  # noqa: PLE0704 - rich calls this in its handler of a BrokenPipeError


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
        # rich would end the process with status 1, which says that an objective is missed
        setattr(self.console, "on_broken_pipe", _raise_again)  # noqa: B010 - older releases have no such method

    @property
    def live(self) -> bool:
        """Whether the text goes to a terminal."""
        return self.console.is_terminal

    @property
    def encoding(self) -> str:
        """The encoding of the text, such as ``utf-8``."""
        return self.console.encoding

    @property
    def _columns(self) -> int | None:
        """How wide a line may be. None outside a terminal: a file's lines are never broken."""
        return self.console.width if self.live else None

    def say(self, text: str = "", style: str = "", *, hang: int | None = None) -> None:
        """Write a line. A terminal gets it in its own width; no name, ARN, endpoint or time is broken.

        Args:
            text: the line.
            style: the style, as rich names it.
            hang: the indentation of what does not fit into the first line. Default: that of the text.
        """
        for line in self.wrapped(text, hang=hang):
            self._write(line, style)

    def command(self, command: str, label: str = "", style: str = "") -> None:
        """Write a command as one line, however long: the terminal wraps it, and a pasted line is the whole command.

        Args:
            command: the command.
            label: what the command is for.
            style: the style, as rich names it.
        """
        self._write(harmless(f"{label}: {command}" if label else f"    {command}"), style)

    def fact(self, name: str, value: str, style: str = "") -> None:
        """Write a name and its value, in two columns."""
        label = f"  {name:<{_LABEL - 3}} "
        text = import_module("rich.text").Text
        for number, line in enumerate(self.wrapped(label + value, hang=_LABEL)):
            parts = ((line[: len(label)], "dim"), (line[len(label) :], style)) if number == 0 else ((line, style),)
            self._write(text.assemble(*parts))

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
        """Write a table. One that is too wide for the terminal takes more than one line a row (:func:`layout.table`).

        Args:
            headings: the headings.
            rows: the cells of each row.
            right: the numbers of the columns that are aligned to the right.
        """
        cells = [[harmless(cell) for cell in row] for row in rows]
        for line, heading in layout.table(headings, cells, self.console.width - len(_INDENT), right):
            self._write(_INDENT + line, "dim" if heading else "")

    def wrapped(self, text: str, *, hang: int | None = None) -> list[str]:
        """The lines of a text in the width of the terminal, without what a terminal obeys."""
        lines: list[str] = []
        for line in harmless(text).split("\n"):
            indent = len(line) - len(line.lstrip(" !")) if hang is None else hang
            lines += [line] if self._columns is None else layout.wrap(line, self._columns, indent)
        return lines

    def _write(self, line: str | Text, style: str = "") -> None:
        """Write one line as it is. It is rich's way to say so: ``soft_wrap``."""
        text = import_module("rich.text").Text(line, style) if isinstance(line, str) else line
        self.console.print(text, soft_wrap=True, highlight=False)

    @contextmanager
    def line(self) -> Iterator[Line]:
        """A line that changes in place. Outside a terminal nothing is written."""
        if not self.live:
            yield lambda text: None  # noqa: ARG005 - the protocol names the parameter
            return
        with self.console.status("") as status:
            escape = import_module("rich.markup").escape
            # the spinner takes two columns, and the cursor one
            yield lambda text: status.update(escape(layout.cut(harmless(text), self.console.width - 3)))


def print_json(value: dict[str, Any]) -> None:
    """Write JSON to standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False).encode(errors="replace").decode())
