"""The command itself: its subcommands, and how each of them ends."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

import click

from resilient_redshift.cli.endings import ReaderGoneError, end, wants_json
from resilient_redshift.cli.errors import FINE
from resilient_redshift.cli.options import common
from resilient_redshift.cli.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE: Final = "resilient_redshift.cli"
#: Each command: its module, and its line in the list of commands. A module is loaded only when its command is used.
_COMMANDS: Final = {
    "status": ("status", "What can be recovered, how old it is, and whether the objective is kept."),
    "list": ("fleet.command", "One line a plan: verdict, age, objective, last drill, failed over or not."),
    "check": ("check", "Whether a failover would start now, and what is in its way."),
    "failover": ("restore", "Bring the cluster back in the recovery Region."),
    "switchover": ("switchover.command", "Move the cluster to the other Region in a planned way, and lose nothing."),
    "fence": ("switchover.fence", "Cut clients off from the cluster in the primary Region, as after a failover."),
    "drill": ("restore", "Rehearse a failover: restore, check, measure, delete."),
    "runs": ("fleet.runs_command", "The past and present failovers and drills, and how each ended."),
    "snapshot": ("snapshot", "Take a manual snapshot now, through a rule of the plan."),
    "freeze": ("freeze", "Keep the copied automated snapshots permanently, as manual snapshots."),
    "restore-table": ("tables.command", "Bring one table back from a snapshot, beside the present one."),
    "report": ("report.command", "The evidence for auditors: what was measured, what failed, who started what."),
    "describe-cluster": ("describe_cluster", "Print an existing cluster as Python for ExistingCluster."),
    "guardrails": ("guardrails", "Print policies that keep recovery points from being destroyed."),
}
#: The function of a command whose name Python has taken.
_FUNCTIONS: Final = {"list": "list_plans"}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"{_PACKAGE}.{_COMMANDS[cmd_name][0]}")
        name = _FUNCTIONS.get(cmd_name, cmd_name.replace("-", "_"))
        return cast("click.Command", getattr(module, name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def main(  # type: ignore[override]  # it never returns
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,  # noqa: ANN401 - click's
    ) -> NoReturn:
        """Run the command and exit. Every end that is not a good one is written in one place."""
        arguments = sys.argv[1:] if args is None else list(args)
        tools = extra["obj"] = extra.get("obj") or Tools()
        try:
            status = super().main(arguments, prog_name, **{**extra, "standalone_mode": False})
        except Exception as error:  # noqa: BLE001 - a traceback is shown with --debug only
            status = end(error, json=wants_json(arguments), debug=tools.debug)
        sys.exit(status if isinstance(status, int) else FINE)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 fine; 1 an objective is missed, something that a failover needs is not ok, the run did not "
    "end in Restored, Passed or Taken, or a snapshot is not frozen; 2 unknown, or nothing was started; 130 "
    "interrupted, and the run that was started runs on; 141 the reader of the output went away. "
    "With --output nagios: as Nagios has them.",
)
@click.version_option(package_name="resilient-redshift", prog_name="resilient-redshift")
@common
def cli() -> None:
    """Recover Amazon Redshift clusters that resilient_redshift protects.

    The recovery Region alone is enough: the primary Region may be lost.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit.

    Args:
        arguments: the arguments. Default: those of the process.
    """
    cli.main(arguments, "resilient-redshift")
