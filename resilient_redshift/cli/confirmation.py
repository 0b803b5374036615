"""Asks before something happens. Without a terminal it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resilient_redshift.cli.errors import CliError

if TYPE_CHECKING:
    from resilient_redshift.cli.tools import Tools


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
        agreed = click.confirm(question, err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise CliError("nothing was started")
