"""Asks before something happens; where nobody can answer, it does not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resilient_redshift.cli.errors import CliError

if TYPE_CHECKING:
    from resilient_redshift.cli.tools import Tools


def confirm(tools: Tools, question: str, *, yes: bool) -> None:
    """Ask, unless told not to.

    Raises:
        CliError: no, or nobody can answer; nothing was done (2).
    """
    if yes:
        return
    if not tools.interactive():
        raise CliError("nobody can answer here, so nothing was started", "pass --yes")
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise CliError("nothing was started")
