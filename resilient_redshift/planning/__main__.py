"""The command ``python -m resilient_redshift.planning cdk.out``: the protection table of a synthesized app.

The command needs neither Node nor AWS.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._assembly import AssemblyError
from resilient_redshift.planning._report import as_json, as_text, not_read_as_text
from resilient_redshift.planning._templates import read_templates
from resilient_redshift.planning._unread import unread_parts
from resilient_redshift.planning.protection import DEFAULT_NOTICED_AFTER, protection_tables
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence


_WIDEST: Final = 1000
_ASSEMBLY_HELP: Final = (
    "the folder that cdk synth wrote (cdk.out), another folder with templates, one template in JSON or YAML, or -"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the protection tables of templates.

    Args:
        arguments: the arguments of the command line. Default: those of the process.

    Returns:
        The exit status: 0 after the tables, and when everything was read and there is no cluster; 2 when the input
        cannot be read, or when no cluster was found and a part that may hold one was not read.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # a template may hold half of a surrogate pair, and a terminal may have a small alphabet
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        templates = read_templates(options.assembly)
    except AssemblyError as error:
        print(f"resilient-redshift: {error}", file=sys.stderr)
        return 2
    tables = protection_tables(
        templates,
        noticed_after=options.noticed_after or DEFAULT_NOTICED_AFTER,
        expected_copy_time=options.expected_copy_time,
    )
    not_read = unread_parts(templates)
    if options.json:
        print(as_json(tables, not_read=not_read))
    else:
        width = options.width or shutil.get_terminal_size().columns
        headings = Counter((table.cluster, table.region, table.stack) for table in tables)
        texts = [
            as_text(table, width=width, with_account=headings[table.cluster, table.region, table.stack] > 1)
            for table in tables
        ]
        texts += [not_read_as_text(not_read, width=width)] if not_read else []
        print("\n\n".join(texts) or f"no Redshift cluster in {options.assembly}")
    return 2 if not_read and not tables else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m resilient_redshift.planning",
        description="For each failure: the protection, the worst-case recovery point and where it lies.",
    )
    parser.add_argument("assembly", nargs="?", default="cdk.out", help=_ASSEMBLY_HELP)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--noticed-after",
        metavar="DAYS",
        type=_days,
        action="append",
        help="days until a bad load is noticed, one row each; may be repeated (1, 7 and 30)",
    )
    parser.add_argument(
        "--expected-copy-time",
        metavar="MINUTES",
        type=_minutes,
        default=DEFAULT_COPY_TIME,
        help="how long the copy of a snapshot to another Region takes (60)",
    )
    parser.add_argument("--width", type=_columns, help="columns to fit (the terminal's)")
    return parser


def _columns(text: str) -> int:
    return _whole(text, 1, _WIDEST)


def _days(text: str) -> timedelta:
    return timedelta(days=_whole(text, 1, MOST_MANUAL_DAYS))


def _minutes(text: str) -> timedelta:
    minute = timedelta(minutes=1)
    return _whole(text, 0, timedelta(days=MOST_MANUAL_DAYS) // minute) * minute


def _whole(text: str, low: int, high: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(high))
    if not digits or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"must be {low} to {high}, got {text!r}")
    return int(text)


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as a pager or head, has closed its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
