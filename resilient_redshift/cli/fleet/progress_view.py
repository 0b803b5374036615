"""Shows how far many failovers are: one table that changes in place in a terminal, lines elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import layout, words
from resilient_redshift.cli.output import harmless
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from resilient_redshift.cli.fleet.waves import Progress
    from resilient_redshift.cli.tools import Tools

_HEADINGS: Final = ("plan", "group", "now", "for")
#: The lines of a terminal that are not rows of the table: the headings, two counts, and the cursor's.
_OTHER_LINES: Final = 4
#: After this many seconds without a line, a file gets one. A pipeline may stop a job whose log is silent.
_SILENCE: Final = 300.0


@contextmanager
def progress_view(tools: Tools) -> Iterator[Callable[[Sequence[Progress]], None]]:
    """Show the progress of many failovers until the block ends.

    Yields:
        What is called after each change. A line is written for each failover that ends, and outside a terminal for each
        phase.
    """
    screen, said, last = tools.screen, dict[str, str](), [tools.now()]

    def say(progress: Sequence[Progress]) -> None:
        for one in progress:
            silent = one.waits or (screen.live and one.runs)
            if not silent and one.outcome != said.get(one.plan.name):
                said[one.plan.name] = one.outcome
                last[0] = tools.now()
                screen.say(f"  {last[0]:%H:%M:%S}  {one.plan.name}: {one.outcome}")
        if not screen.live and (tools.now() - last[0]).total_seconds() >= _SILENCE:
            last[0] = tools.now()
            screen.say(f"  {last[0]:%H:%M:%S}  {_count(progress)}")

    if not screen.live:
        yield say
        return
    text, console = import_module("rich.text").Text, screen.console
    with import_module("rich.live").Live(console=console, auto_refresh=False, transient=True) as live:

        def show(progress: Sequence[Progress]) -> None:
            say(progress)
            lines = table(progress, tools.now(), console.width, console.height)
            live.update(text("\n".join(lines)), refresh=True)

        yield show


def table(progress: Sequence[Progress], now: datetime, width: int, height: int) -> list[str]:
    """The lines of the table: what failed, then what runs, then what waits, as far as the terminal has room.

    Args:
        progress: the failovers.
        now: the time.
        width: the columns of the terminal.
        height: the lines of the terminal.
    """
    open_ = sorted((one for one in progress if one.outcome not in GOOD_RESTORE_OUTCOMES), key=_order)
    rows = [(one.plan.name, str(one.plan.record.get("group") or "-"), one.outcome, _age(one, now)) for one in open_]
    count = _count(progress)
    room = max(1, height - _OTHER_LINES)
    for shown in range(min(len(rows), room), 0, -1):
        cells = [[harmless(cell) for cell in row] for row in rows[:shown]]
        lines = [line for line, _ in layout.table(_HEADINGS, cells, width, (3,))]
        if len(lines) <= room + 1:
            more = [f"and {len(rows) - shown} more"] if shown < len(rows) else []
            return [*lines, *more, count]
    return [count]


def _count(progress: Sequence[Progress]) -> str:
    runs, waits = (sum(getattr(one, what) for one in progress) for what in ("runs", "waits"))
    return f"{len(progress) - runs - waits} of {len(progress)} ended, {runs} run, {waits} wait"


def _order(one: Progress) -> tuple[bool, bool]:
    return (one.runs or one.waits, one.waits)


def _age(one: Progress, now: datetime) -> str:
    if one.execution is None or not one.runs:
        return ""
    return words.span(max(0.0, (now - one.execution.started).total_seconds()))
