"""The command ``resilient-redshift-diff``: what a change makes worse, from the templates before and after it."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Final, NoReturn

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning import _process as process
from resilient_redshift.planning._input import add_parameters
from resilient_redshift.planning._policy_arguments import add_policy_arguments, policy_of
from resilient_redshift.planning._report_arguments import add_report_arguments, write_reports
from resilient_redshift.planning.changes.compare import compare
from resilient_redshift.planning.reading.assembly import AssemblyError
from resilient_redshift.planning.reading.parameters import parse_parameters
from resilient_redshift.planning.reading.templates import STANDARD_INPUT, read_templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_WORSE, _BROKEN, _NEVER = "worse", "broken", "never"
_ERROR, _NEW = "error", "new"
_PLACE_HELP: Final = "a folder that cdk synth wrote, another folder, a template, or - for standard input"


def run() -> NoReturn:
    """Run the console script."""
    process.run(main)


def main(words: Sequence[str], prog: str | None = None) -> int:
    """Compare the templates before and after a change, and report what changes.

    Args:
        words: the arguments of the command line.
        prog: the command's name in its help. Default: the name of the program.

    Returns:
        The exit status: 0 when nothing happened on which to fail, 1 when it did, 2 when something cannot be read.
    """
    parser = _parser(prog)
    given = parser.parse_args(words)
    if given.base == given.head == STANDARD_INPUT:
        parser.error("only one of BASE and HEAD can be standard input")
    try:
        policy = policy_of(given)
        before, after = _base(given), _read("HEAD", given.head, given.parameters)
        comparison = compare(
            before,
            after,
            policy,
            base=_name(given.base),
            head=_name(given.head),
            expected_copy_time=given.expected_copy_time,
        )
        write_reports(given, comparison)
    except (AssemblyError, ResilientRedshiftError) as error:
        process.print_error(error)
        return process.CANNOT_READ
    return process.FAILED if _fails(comparison, given.fail_on or [_WORSE]) else process.PASSED


def _base(given: argparse.Namespace) -> tuple[SynthesizedTemplate, ...]:
    """The templates before the change; none where the user says that a missing base is a new project."""
    if given.base_missing == _NEW and given.base != STANDARD_INPUT and not os.path.lexists(given.base):
        process.print_error(f"{given.base} does not exist, so every cluster is new")
        return ()
    own = given.base_parameters
    return _read("BASE", given.base, given.parameters if own is None else own, ignore_undeclared=own is None)


def _read(
    side: str, place: str, parameters: Sequence[str], *, ignore_undeclared: bool = False
) -> tuple[SynthesizedTemplate, ...]:
    try:
        return read_templates(place, parameters=parse_parameters(parameters), ignore_undeclared=ignore_undeclared)
    except AssemblyError as error:
        raise AssemblyError(f"{side}: {error}") from error


def _name(place: str) -> str:
    return "standard input" if place == STANDARD_INPUT else place


def _fails(comparison: Comparison, fail_on: Sequence[str]) -> bool:
    return (_WORSE in fail_on and comparison.worse) or (_BROKEN in fail_on and not comparison.check.kept)


def _parser(prog: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Compares the Redshift clusters of the templates before and after a change.",
        epilog="Exit status: 0 when nothing happened on which to fail, 1 when it did, 2 when something cannot be read.",
    )
    parser.add_argument("base", metavar="BASE", help=f"the templates before the change: {_PLACE_HELP}")
    parser.add_argument("head", metavar="HEAD", help="the templates after the change, as for BASE")
    add_parameters(parser)
    parser.add_argument(
        "--base-parameters",
        metavar="KEY=VALUE",
        action="append",
        help="as --parameters, for BASE alone (the values of --parameters that BASE declares)",
    )
    parser.add_argument(
        "--base-missing",
        choices=[_ERROR, _NEW],
        default=_ERROR,
        help="when BASE does not exist: an error, or a new project whose clusters are all new (error)",
    )
    parser.add_argument(
        "--fail-on",
        choices=[_WORSE, _BROKEN, _NEVER],
        action="append",
        help="exit with 1 when a finding about the change is open, or when HEAD breaks the policy; may be repeated "
        "(worse)",
    )
    add_policy_arguments(parser)
    add_report_arguments(parser)
    return parser
