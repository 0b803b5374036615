"""What the reader sees: live bars in a terminal, plain lines elsewhere; NO_COLOR is obeyed (by rich)."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Lines of a file or a pipe are not cut; tables in them are as wide as this.
_PLAIN_WIDTH = 120


class Bar(Protocol):
    """Something that is under way."""

    def __call__(self, done: float, total: float | None, text: str) -> None:
        """Tell how far it is, and what is happening."""


class Screen:
    """Tells the story.

    Args:
        console: where to write. Default: standard output.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _console()
        self._begun = time.monotonic()
        self._step = 0

    @property
    def live(self) -> bool:
        """Whether somebody looks on in a terminal."""
        return self.console.is_terminal

    @property
    def width(self) -> int:
        """Columns to fit."""
        return self.console.width

    def step(self, title: str) -> None:
        """Begin the next step of the story."""
        self._step += 1
        elapsed = time.monotonic() - self._begun
        self._print(Text.assemble("\n", (f"{self._step}  {title}", "bold"), (f"   {elapsed:.0f} s", "dim")))

    def say(self, text: str, style: str = "") -> None:
        """Tell one thing."""
        self._print(Text("   " + text, style))

    def good(self, text: str) -> None:
        """Tell what was hoped for."""
        self._print(Text.assemble("   ", ("ok", "bold green"), "  ", text))

    def raw(self, text: str) -> None:
        """Show lines that are laid out already."""
        self._print(Text(text))

    def failed(self, reason: str) -> None:
        """Tell why the demo ends here, in one line."""
        self._print(Text.assemble("\n", ("demo: ", "bold red"), " ".join(reason.split())))

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table; every column after the first to the right if it holds numbers."""
        shown = Table(box=None, pad_edge=False, padding=(0, 2), show_edge=False, header_style="bold")
        for number, heading in enumerate(headings):
            numbers = number > 0 and all(row[number][:1].isdigit() for row in rows)
            shown.add_column(heading, justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            shown.add_row(*(Text(cell) for cell in row))
        self.console.print(_Indented(shown), highlight=False)

    @contextmanager
    def bar(self, label: str) -> Iterator[Bar]:
        """Show something under way in a terminal; elsewhere it is silent, and the caller says what matters."""
        if not self.live:
            yield lambda done, total, text: None  # noqa: ARG005 - the protocol's names
            return
        columns = (
            TextColumn("  "),
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(24),
            TextColumn("{task.fields[text]}", style="dim"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(label, total=None, text="")

            def told(done: float, total: float | None, text: str) -> None:
                progress.update(task, completed=done, total=total, text=text[: max(10, self.width - len(label) - 46)])

            yield told

    def _print(self, text: Text) -> None:
        self.console.print(text, soft_wrap=not self.live, highlight=False)


class _Indented:
    """Three spaces before each line of a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __rich__(self) -> Table:
        outer = Table.grid(padding=0)
        outer.add_column(width=3)
        outer.add_column()
        outer.add_row("", self._table)
        return outer


def _console() -> Console:
    terminal = sys.stdout.isatty()
    return Console(width=None if terminal else _PLAIN_WIDTH, highlight=False)
