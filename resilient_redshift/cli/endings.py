"""How a command ends that does not end well: one line and a hint, with ``--json`` an object, and an exit status."""

from __future__ import annotations

import os
import re
import shutil
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import layout
from resilient_redshift.cli.errors import INTERRUPTED, UNKNOWN, CliError
from resilient_redshift.cli.output import harmless, print_json
from resilient_redshift.errors import ResilientRedshiftError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON_VERSION: Final = 1
#: The exit status of a command whose reader went away, as in ``| head``: 128 and the number of SIGPIPE, as shells have
#: it. Another one would say something about the plan.
READER_GONE: Final = 141


#: A command in a text. Who copies its line gets all of it.
_COMMAND: Final = re.compile(r"\b(?:resilient-redshift|aws) [a-z-]+ ")


class ReaderGoneError(Exception):
    """Whoever reads the output went away. It is no ``OSError``, because click would end with status 1, "missed"."""


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for JSON, also one that is wrong and cannot be parsed.

    Args:
        arguments: the arguments of the process.
    """
    formats = [one.partition("=")[2] for one in arguments if one.startswith("--output=")]
    formats += [value for option, value in pairwise(arguments) if option == "--output"]
    return set(formats) <= {"json", "text"} and ("--json" in arguments or "json" in formats)


def end(error: BaseException, *, json: bool, debug: bool) -> int:
    """Write what ended a command.

    Args:
        error: what ended it.
        json: whether to write an object to standard output, too.
        debug: whether to write a traceback first.

    Returns:
        The exit status.
    """
    if isinstance(error, ReaderGoneError):
        _write_nowhere()
        return READER_GONE
    facts: Mapping[str, Any] = {}
    match error:
        case CliError():
            message, hint, status, facts = error.message, error.hint, error.status, error.facts
        case ResilientRedshiftError():
            message, hint, status = "; ".join(error.problems), "", UNKNOWN
        case click.ClickException():
            message, hint, status = error.format_message(), "", error.exit_code
        case KeyboardInterrupt() | click.Abort():
            message, hint, status = "interrupted", "", INTERRUPTED
        case _:
            message, status = f"unexpected {type(error).__name__}: {error}", UNKNOWN
            hint = "--debug shows where; please report it"
    message = " ".join(message.split())
    if debug:
        sys.excepthook(type(error), error, error.__traceback__)
    if isinstance(error, click.ClickException):
        error.show()
    elif message == "interrupted":
        click.echo(message, err=True)
    else:
        complain(message, hint)
    if json:
        said = {"error": harmless(message), "hint": harmless(hint), "exit_status": status}
        print_json({"version": JSON_VERSION, **said, **facts})
    return status


def complain(message: str, hint: str) -> None:
    """Write one line and a hint to standard error. A terminal breaks them between words; a command stays one line."""
    for text in (f"resilient-redshift: {message}", *([f"  hint: {hint}"] if hint else [])):
        whole = _COMMAND.search(text) is not None or not sys.stderr.isatty()
        width = shutil.get_terminal_size().columns
        for line in [harmless(text)] if whole else layout.wrap(harmless(text), width, 2):
            click.echo(line, err=True)


def _write_nowhere() -> None:
    """Point standard output at nothing: at the end, Python writes what is left, and would complain."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError, AttributeError):  # a stream of a test, or none
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)
