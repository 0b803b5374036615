"""Asks before something happens. Without a terminal it refuses; a dry run ends there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from resilient_redshift.cli.errors import FINE, CliError
from resilient_redshift.cli.output import print_json

if TYPE_CHECKING:
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


def end_dry_run(tools: Tools, what: str, **facts: Any) -> NoReturn:  # noqa: ANN401 - of JSON
    """End a command that would go on now.

    Args:
        tools: the world around the command.
        what: what would start. Empty: there is nothing to start, because everything runs or is done already.
        facts: what ``--json`` says besides.
    """
    would = f"the {what} would start now" if what else "there is nothing to start"
    tools.screen.say(f"dry run: {would}; nothing was started", "bold green")
    if tools.json:
        print_json({"version": JSON_VERSION, "dry_run": True, "would_start": bool(what), **facts})
    raise click.exceptions.Exit(FINE)


def confirm(tools: Tools, question: str, *, yes: bool) -> None:
    """Ask a yes-or-no question.

    Args:
        tools: the world around the command.
        question: what is asked.
        yes: whether ``--yes`` was passed. Then nothing is asked.

    Raises:
        CliError: the answer is no, or there is no terminal. Nothing was started (exit status 2).
    """
    if yes:
        return
    if not tools.interactive():
        raise CliError("there is no terminal to ask at, so nothing was started", "pass --yes")
    try:
        agreed = click.confirm("\n".join(tools.screen.wrapped(question)), err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise CliError("nothing was started")
