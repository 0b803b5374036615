"""Runs a command of planning as a process."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command with the arguments of the process, and end the process with its exit status.

    The status is 0 when the reader of the output, such as a pager or ``head``, closes its end.

    Args:
        main: the command; it takes the arguments and returns the exit status.
    """
    replace_what_cannot_be_shown()
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)


def replace_what_cannot_be_shown() -> None:
    """Let the output replace what it cannot show: half of a surrogate pair, or a letter that the terminal lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
