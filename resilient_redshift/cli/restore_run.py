"""Finds the execution of the restore machine to watch, and shows how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from resilient_redshift.cli import executions, next_steps, outlook, plans, restore_view, words
from resilient_redshift.cli.errors import FINE, MISSED, CliError, ThrottledError
from resilient_redshift.cli.output import print_json
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES, RESTORED, RESTORED_UNVERIFIED

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

T = TypeVar("T")

JSON_VERSION: Final = 1
#: Seconds between attempts to read what a failover cannot do without.
_PAUSES: Final = (1.0, 2.0, 4.0)
#: The outcomes of a failover with a cluster that people can use.
_USABLE: Final = frozenset({RESTORED, RESTORED_UNVERIFIED})


def record(tools: Tools, name: str) -> Plan:
    """The plan record of the recovery Region.

    Raises:
        CliError: there is no record, or it cannot be read.
    """
    return patiently(tools, lambda: plans.find_in_recovery_region(tools.aws, name))


def patiently(tools: Tools, query: Callable[[], T]) -> T:
    """Read what a failover cannot do without. A call that AWS throttles is made again: many operators ask at once.

    Raises:
        CliError: it cannot be read.
    """
    for pause in _PAUSES:
        try:
            return query()
        except ThrottledError as error:
            tools.screen.say(f"  {error.message}; trying again", "yellow")
            tools.sleep(pause)
    return query()


def execution_arn(tools: Tools, plan: Plan, mode: str, name: str) -> str:
    """The ARN of the execution to watch.

    Args:
        tools: the world around the command.
        plan: the plan record of the recovery Region.
        mode: ``failover`` or ``drill``.
        name: the name or the ARN of the execution. If empty, the only running one of this plan and mode.

    Raises:
        CliError: no such execution runs, or several do.
    """
    machine = outlook.restore_machine(plan)
    if name:
        return executions.arn_for(machine, name)
    runs = [
        run
        for run in executions.running(tools.aws, machine, plan.name)
        if run.input.get("plan") == plan.name and run.input.get("mode") == mode
    ]
    if not runs:
        hint = f"for one that has ended: --attach NAME; list them: {command(tools, plan, 'runs')}"
        raise CliError(f"no {mode} of {plan.name} is under way", hint)
    if len(runs) > 1:
        raise CliError(f"several run: {', '.join(run.name for run in runs)}", "name one: --attach NAME")
    return runs[0].arn


def show_result(tools: Tools, execution: Execution) -> int:
    """Show how the execution ended.

    Returns:
        The exit status: 0 for a good outcome, 1 for any other one.
    """
    restore_view.show_outcome(tools.screen, execution)
    outcome = execution.outcome
    if tools.json:
        value = {"version": JSON_VERSION, "execution": execution.arn, "status": execution.status, "outcome": outcome}
        print_json({**value, "report": dict(execution.report)})
    return FINE if outcome in GOOD_RESTORE_OUTCOMES else MISSED


def show_next_steps(tools: Tools, plan: Plan, execution: Execution) -> None:
    """Show what the operator does next with a cluster that a failover restored."""
    run = outlook.run_of(plan, execution.input, execution.started)
    cluster = execution.report.get("cluster") or {}
    if run.is_drill or execution.outcome not in _USABLE or "identifier" not in cluster:
        return
    heading = "next steps" if execution.outcome == RESTORED else "next steps, if the failed check is wrong"
    name = words.stamp(execution.started)
    copied_to = str((run.copy_to or {}).get("region", ""))
    steps = next_steps.after_restore(
        plan, cluster, published=run.publishes, copied_to=copied_to, name=name, profile=tools.profile
    )
    next_steps.show(tools.screen, steps, heading)


def watch_command(tools: Tools, plan: Plan, mode: str, execution: str) -> str:
    """The command line that attaches to an execution."""
    return f"{command(tools, plan, mode)} --attach {execution}"


def command(tools: Tools, plan: Plan, mode: str) -> str:
    """The command line of a failover or a drill, without its options."""
    return next_steps.Commands(region=plan.recovery, profile=tools.profile).ours(mode, plan.name)
