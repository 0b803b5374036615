"""The command itself: which subcommands there are, and how each of them ends."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import click

from resilient_redshift.cli.errors import CANNOT_TELL, INTERRUPTED, CliError
from resilient_redshift.cli.options import common
from resilient_redshift.cli.output import harmless
from resilient_redshift.cli.tools import Tools
from resilient_redshift.errors import ResilientRedshiftError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE: Final = "resilient_redshift.cli"
#: Each command's module, its name there, and what the list says; loaded when asked for.
_COMMANDS: Final = {
    "status": ("status", "What can be recovered, how old it is, and whether the objective is kept."),
    "failover": ("restore", "Bring the cluster back in the recovery Region."),
    "drill": ("restore", "Rehearse the way back: restore, check, measure, delete."),
    "snapshot": ("snapshot", "Take a manual snapshot now, through a rule of the plan."),
    "freeze": ("freeze", "Keep the copied automated snapshots for good, as manual ones."),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        return cast("click.Command", getattr(import_module(f"{_PACKAGE}.{_COMMANDS[cmd_name][0]}"), cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's
        tools = ctx.ensure_object(Tools)
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except CliError as error:
            status = error.status
            _complain(tools, error.message, error.hint)
        except ResilientRedshiftError as error:
            status = CANNOT_TELL
            _complain(tools, "; ".join(error.problems), "")
        except KeyboardInterrupt:
            status = INTERRUPTED
            click.echo("interrupted", err=True)
        except Exception as error:  # noqa: BLE001 - no traceback unless asked for
            status = CANNOT_TELL
            words = " ".join(str(error).split())
            _complain(tools, f"unexpected {type(error).__name__}: {words}", "--debug shows where; please report it")
        raise click.exceptions.Exit(status)


def _complain(tools: Tools, message: str, hint: str) -> None:
    """One line and a hint, on standard error; the traceback before them if asked for."""
    if tools.debug:
        sys.excepthook(*sys.exc_info())
    click.echo(harmless(f"resilient-redshift: {' '.join(message.split())}"), err=True)
    if hint:
        click.echo(harmless(f"  hint: {hint}"), err=True)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 fine; 1 an objective is missed, or the outcome is not the good one; 2 nobody can tell, or "
    "nothing was started; 130 interrupted, while what was started runs on.",
)
@click.version_option(package_name="resilient-redshift", prog_name="resilient-redshift")
@common
def cli() -> None:
    """Recover Amazon Redshift clusters that resilient_redshift protects.

    Works from the recovery Region alone: the primary Region may be lost.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process unless given), and exit."""
    cli.main(args=None if arguments is None else list(arguments), prog_name="resilient-redshift")
