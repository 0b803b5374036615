"""Runs a command of planning as a process."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning._terminal import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from resilient_redshift.planning.reading.assembly import AssemblyError

#: The exit statuses: nothing on which to fail, something on which to fail, and something that cannot be read.
PASSED: Final = 0
FAILED: Final = 1
CANNOT_READ: Final = 2


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command with the arguments of the process, and end the process with its exit status.

    Where the reader of the output, such as a pager or ``head``, closes its end, the rest of the output is dropped. The
    exit status stays what it is, or is 0 when the command could not find it out.

    Args:
        main: the command; it takes the arguments and returns the exit status.
    """
    replace_what_cannot_be_shown()
    status = 0
    with reader_may_leave():
        status = main(sys.argv[1:])
    with reader_may_leave():
        sys.stdout.flush()
    sys.exit(status)


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Drop what is written to standard output after its reader has closed the other end."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_error(error: AssemblyError | ResilientRedshiftError | str) -> None:
    """Print why a command cannot go on, one line for each problem, on standard error.

    A line is safe to print, because it may hold names from a file that somebody else wrote.

    Args:
        error: what the command's input or its options caused, or the one problem.
    """
    found = error.problems if isinstance(error, ResilientRedshiftError) else [str(error)]
    where = f"{error.where}: " if isinstance(error, ResilientRedshiftError) else ""
    for problem in found:
        print(printable(f"resilient-redshift: {where}{problem}"), file=sys.stderr)


def replace_what_cannot_be_shown() -> None:
    """Let the output replace what it cannot show: half of a surrogate pair, or a letter that the terminal lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
