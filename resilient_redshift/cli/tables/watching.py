"""Looks at something in AWS again and again until it is over, through interrupted connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CliError, ThrottledError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.tools import Tools

T = TypeVar("T")

#: Seconds between two looks: short at first, then longer and longer.
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 10.0
_GROWTH: Final = 1.4
#: After this many seconds without an answer, watching ends with an error.
_PATIENCE: Final = 3600.0
#: Outside a terminal a line is written after this many seconds, so that a reader of a log sees that the command works.
_SILENCE: Final = 300.0


def watch(tools: Tools, what: str, look: Callable[[], tuple[T | None, str]], *, most_seconds: float | None = None) -> T:
    """Look until it is over.

    Args:
        tools: the world around the command.
        what: what is watched, for the live line.
        look: returns the result, or None and how far it is.
        most_seconds: after this many seconds watching ends with an error. Default: never.

    Raises:
        CliError: AWS did not answer for an hour, or the time is over.
    """
    began = written = tools.now()
    pause, silence = _FIRST_PAUSE, 0.0
    with tools.screen.line() as line:
        while True:
            try:
                result, progress = look()
                silence = 0.0
                if result is not None:
                    return result
                age = (tools.now() - began).total_seconds()
                line("   ".join(filter(None, (words.span(age), what, progress))))
                if most_seconds is not None and age >= most_seconds:
                    raise CliError(f"{what}: no end after {words.span(age)}")
                if not tools.screen.live and (tools.now() - written).total_seconds() >= _SILENCE:
                    written = tools.now()
                    tools.screen.say(f"  {words.span(age):>12}  {what}: {progress}".rstrip(": "), "dim")
            except (UnreachableError, ThrottledError):
                line("no connection, trying again")
                silence += pause
                if silence > min(_PATIENCE, most_seconds or _PATIENCE):
                    raise
            tools.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)
