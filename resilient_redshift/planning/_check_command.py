"""The command ``resilient-redshift-check``: the clusters of templates against a policy."""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NoReturn

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import _process as process
from resilient_redshift.planning._input import add_places, read_input
from resilient_redshift.planning._policy_arguments import add_policy_arguments, policy_of
from resilient_redshift.planning._report_arguments import add_report_arguments, write_reports
from resilient_redshift.planning.checks.check import check
from resilient_redshift.planning.reading.assembly import AssemblyError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMA: Final = "resilience.schema.json"


def run() -> NoReturn:
    """Run the console script."""
    process.run(main)


def main(words: Sequence[str], prog: str | None = None) -> int:
    """Check the clusters of templates against a policy, and report what was found.

    Args:
        words: the arguments of the command line.
        prog: the command's name in its help. Default: the name of the program.

    Returns:
        The exit status: 0 when the policy is kept, 1 when it is broken, 2 when the input or the policy cannot be read.
    """
    given = _parser(prog).parse_args(words)
    if given.print_schema:
        sys.stdout.write((files("resilient_redshift.planning.checks") / _SCHEMA).read_text(encoding="utf-8"))
        return process.PASSED
    try:
        policy = policy_of(given)
        templates = read_input(given)
        result = check(templates, policy, expected_copy_time=given.expected_copy_time)
        write_reports(given, result)
    except (AssemblyError, ResilientRedshiftError) as error:
        process.print_error(error)
        return process.CANNOT_READ
    return process.PASSED if result.kept else process.FAILED


def _parser(prog: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Checks every Redshift cluster of templates against a policy.",
        epilog="Exit status: 0 when the policy is kept, 1 when it is broken, 2 when something cannot be read.",
    )
    add_places(parser)
    add_policy_arguments(parser)
    parser.add_argument("--print-schema", action="store_true", help="print the JSON schema of a policy's file and end")
    add_report_arguments(parser)
    return parser
