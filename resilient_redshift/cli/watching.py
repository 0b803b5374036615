"""``status --watch``: looks again and again, until Ctrl-C or until all is fine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import FINE, ThrottledError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.tools import Tools

#: Seconds between two looks, if the user names none.
DEFAULT_SECONDS: Final = 30


def watch(tools: Tools, look: Callable[[], Callable[[], int]], *, seconds: int, until_fine: bool) -> int:
    """Look, show, wait, and begin again. A terminal shows the last look alone; a file gets each below the other.

    Args:
        tools: the world around the command.
        look: reads everything, and returns a function that shows it and returns the exit status. Reading takes time, in
            which a terminal shows the look before.
        seconds: the wait between two looks.
        until_fine: whether to end when everything is fine. Default: only Ctrl-C ends it.

    Returns:
        The exit status: 0, as everything is fine.

    Raises:
        CliError: the first look failed, or a later one in another way than a Region that does not answer or throttles.
    """
    screen, looked = tools.screen, False
    while True:
        try:
            show = look()
        except (UnreachableError, ThrottledError) as error:
            if not looked:
                raise
            screen.say(f"{_time(tools)}: {error.message}; trying again", "yellow")
        else:
            if screen.live:
                screen.console.clear()
            elif looked:
                screen.say()
            ends = "when all is fine, or with Ctrl-C" if until_fine else "with Ctrl-C"
            screen.say(f"{_time(tools)}, every {words.span(seconds)}; ends {ends}", "dim")
            looked = True
            if show() == FINE and until_fine:
                return FINE
        tools.sleep(seconds)


def _time(tools: Tools) -> str:
    return words.iso(tools.now().replace(microsecond=0))
