"""The command ``python -m resilient_redshift.planning cdk.out``: the protection table of a synthesized app.

The first argument may be a command instead: ``forecast`` prints the forecast of each cluster, ``check`` checks the
clusters against a policy, and ``diff`` compares them with those of other templates. No command needs Node or AWS.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning import _options as options
from resilient_redshift.planning import _process as process
from resilient_redshift.planning._input import add_places, places_in_words, read_input
from resilient_redshift.planning._report import as_json, as_text, not_judged_as_text, not_read_as_text
from resilient_redshift.planning.protection import DEFAULT_NOTICED_AFTER, protection_tables
from resilient_redshift.planning.reading.assembly import AssemblyError
from resilient_redshift.planning.reading.unread import unread_parts
from resilient_redshift.planning.unjudged import not_judged

if TYPE_CHECKING:
    from collections.abc import Sequence


_PROGRAM: Final = "python -m resilient_redshift.planning"
#: The module of each command, by the first argument that asks for it. A folder of that name is such as ``./check``.
_COMMANDS: Final = {"check": "_check_command", "diff": "_diff_command", "forecast": "_forecast_command"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the protection tables of templates, or run the command that the first argument names.

    Args:
        arguments: the arguments of the command line. Default: those of the process.

    Returns:
        The exit status of the command. Of the tables: 0 after the output, and when everything was read and there is no
        cluster; 2 when the input cannot be read, or when no cluster was found and a part that may hold one was not
        read.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    process.replace_what_cannot_be_shown()
    if words[:1] and words[0] in _COMMANDS:
        command = import_module(f"resilient_redshift.planning.{_COMMANDS[words[0]]}")
        status: int = command.main(words[1:], prog=f"{_PROGRAM} {words[0]}")
        return status
    given = _parser().parse_args(words)
    try:
        templates = read_input(given)
    except AssemblyError as error:
        process.print_error(error)
        return 2
    tables = protection_tables(
        templates,
        noticed_after=given.noticed_after or DEFAULT_NOTICED_AFTER,
        expected_copy_time=given.expected_copy_time,
    )
    not_read = unread_parts(templates)
    serverless = not_judged(templates)
    if given.json:
        print(as_json(tables, not_read=not_read, not_judged=serverless))
    else:
        width = given.width or shutil.get_terminal_size().columns
        headings = Counter((table.cluster, table.region, table.stack) for table in tables)
        texts = [
            as_text(table, width=width, with_account=headings[table.cluster, table.region, table.stack] > 1)
            for table in tables
        ]
        texts += [not_read_as_text(not_read, width=width)] if not_read else []
        texts = texts or [f"no Redshift cluster in {places_in_words(given)}"]
        texts += [not_judged_as_text(serverless, width=width)] if serverless else []
        print("\n\n".join(texts))
    return 2 if not_read and not tables else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="For each failure: the protection, the worst-case recovery point and where it lies.",
        epilog="Other commands, as the first argument: "
        "check (the clusters against a policy), diff (what a change makes worse), forecast (the next months). "
        "Each has a --help of its own.",
    )
    add_places(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--noticed-after",
        metavar="DAYS",
        type=options.length_in_days,
        action="append",
        help="days until a bad load is noticed, one row each; may be repeated (1, 7 and 30)",
    )
    options.add_copy_time(parser)
    parser.add_argument("--width", type=options.columns, help="columns to fit (the terminal's)")
    return parser


if __name__ == "__main__":
    process.run(main)
