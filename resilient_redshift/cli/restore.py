"""``resilient-redshift failover`` and ``drill``: show, ask, start, follow, attach."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import executions, moves, outlook, restore_run, restore_view, words
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.clean_up import clean_up
from resilient_redshift.cli.confirmation import confirm, end_dry_run
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.fleet.many import AT_ONCE, fail_over_many
from resilient_redshift.cli.follow import Follower
from resilient_redshift.cli.options import (
    DRILL_POINT,
    DRY_RUN,
    NAME,
    NODE_TYPE,
    NODES,
    REGION,
    TIME,
    as_json,
    check_nodes,
    common,
    plan_argument,
)
from resilient_redshift.cli.refusals import refuse
from resilient_redshift.cloud.restore.request import (
    DRILL,
    FAILOVER,
    Request,
    copy_problem,
    problems,
    target_problem,
)
from resilient_redshift.cloud.restore.seen import is_failed_restore
from resilient_redshift.contract.names import RESTORED_CLUSTERS
from resilient_redshift.contract.outcomes import TARGET_EXISTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.outlook import Outlook
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools


_FIELDS: Final = frozenset(field.name for field in fields(Request))


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--attach",
            is_flag=False,
            flag_value="",
            metavar="[EXECUTION]",
            help="Start nothing. Watch the running execution, or the one with this name or ARN. Put it last.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask."),
        DRY_RUN,
        click.option("--number-of-nodes", type=NODES, help="Nodes.  [default: as the plan says]"),
        click.option("--node-type", type=NODE_TYPE, metavar="TYPE", help="Node type.  [default: as the plan says]"),
        click.option(
            "--lineage",
            type=TIME,
            metavar="TIME",
            help="Accept the cluster that was created at that time, if several had its name. The time is recorded.",
        ),
        click.option("--not-before", type=TIME, metavar="TIME", help="The oldest acceptable data."),
        click.option("--snapshot", metavar="ID", help="Restore this snapshot.  [default: the newest usable one]"),
    ):
        command = option(command)
    return as_json(common(command))


@click.command
@click.argument("plan", type=NAME, required=False)
@_shared
@click.option("--all", "every", is_flag=True, help="Every plan whose recovery Region this is, instead of PLAN.")
@click.option("--group", type=NAME, metavar="NAME", help="The plans of this group, instead of PLAN.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 50),
    metavar="N",
    help=f"With --all and --group: start so many at a time; a group starts whole.  [default: {AT_ONCE}]",
)
@click.option(
    "--target",
    type=NAME,
    metavar="ID",
    help=f"The new cluster's identifier: the protected cluster's (default), or {RESTORED_CLUSTERS}<something>.",
)
@click.option("--copy-to", type=REGION, metavar="REGION", help="Copy the new cluster's snapshots to that Region.")
@click.option("--copy-grant", type=NAME, metavar="NAME", help="The snapshot copy grant for --copy-to.")
@click.option(
    "--publish/--no-publish",
    default=None,
    help="Publish the new cluster's endpoint and move the DNS name to it, or leave both.  [default: publish only under "
    "the protected cluster's identifier]",
)
@click.option(
    "--replace-failed",
    is_flag=True,
    help="Delete the cluster that has the new one's identifier, if a former run of PLAN restored it in vain: its "
    "restore failed, and it was never available.",
)
@click.pass_obj
def failover(
    tools: Tools,
    /,
    plan: str | None,
    *,
    every: bool,
    group: str | None,
    at_once: int | None,
    **options: Any,  # noqa: ANN401 - click's
) -> None:
    """Bring PLAN's cluster back in the recovery Region, from the newest usable copy.

    Shows what will happen, asks, starts the restore machine there and follows it. The primary Region is not asked. The
    machine runs on if this terminal closes: --attach watches it again.
    """
    if [plan is not None, every, group is not None].count(True) != 1:
        raise click.UsageError("give one of PLAN, --all and --group")
    if plan is not None:
        if at_once is not None:
            raise click.UsageError("--at-once goes with --all and --group")
        _run(tools, plan, FAILOVER, options)
    given = [name for name, value in options.items() if value not in {None, False} and name not in {"yes", "dry_run"}]
    if given:
        wrong = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{wrong}: for one plan only; fail over that PLAN alone")
    status = fail_over_many(tools, group, at_once=at_once or AT_ONCE, yes=options["yes"], dry_run=options["dry_run"])
    click.get_current_context().exit(status)


@click.command
@plan_argument
@_shared
@click.option(
    "--point",
    type=DRILL_POINT,
    metavar="WHICH",
    help="Restore the newest usable copy, a random one, or the newest one of at least that age, such as 30d or 36h.  "
    "[default: newest]",
)
@click.option("--cleanup", is_flag=True, help="Delete what drills left behind, and do nothing else.")
@click.pass_obj
def drill(tools: Tools, /, plan: str, *, cleanup: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Rehearse a failover of PLAN: restore a copy as a new cluster, check it, measure the time, delete the cluster.

    A drill first deletes what former drills of PLAN left behind. It costs the node hours of the new cluster.
    """
    if cleanup and options["dry_run"]:
        raise click.UsageError("--dry-run does not go with --cleanup; without --yes, --cleanup asks first")
    if cleanup:
        click.get_current_context().exit(clean_up(tools, plan, yes=options["yes"]))
    _run(tools, plan, DRILL, options)


def _run(tools: Tools, name: str, mode: str, options: dict[str, Any]) -> None:
    machine_input = _checked_input(name, mode, options)
    plan = restore_run.record(tools, name)
    if options["attach"] is None:
        arn = _start(tools, plan, machine_input, yes=options["yes"], dry_run=options["dry_run"])
    else:
        arn = restore_run.execution_arn(tools, plan, mode, options["attach"])
    watch_command = restore_run.watch_command(tools, plan, mode, arn.rsplit(":", 1)[-1])
    execution = Follower(tools, arn, watch_command).follow()
    status = restore_run.show_result(tools, execution)
    if execution.outcome == TARGET_EXISTS:
        _say_how_to_replace(tools, plan, execution)
    restore_run.show_next_steps(tools, plan, execution)
    click.get_current_context().exit(status)


def _checked_input(plan: str, mode: str, options: dict[str, Any]) -> dict[str, Any]:
    """The input of the machine, checked by the machine's own rules before any call to AWS.

    Raises:
        click.UsageError: an option is wrong.
    """
    if options.get("copy_grant") and not options.get("copy_to"):
        raise click.UsageError("--copy-grant needs --copy-to: the Region of the grant")
    if options["dry_run"] and options["attach"] is not None:
        raise click.UsageError("--dry-run does not go with --attach, which starts nothing")
    check_nodes(options["node_type"], options["number_of_nodes"])
    value = machine_input(plan, mode, options)
    wrong = problems(value)
    if wrong:
        raise click.UsageError("; ".join(map(_of_option, wrong)))
    return value


def _of_option(problem: str) -> str:
    """A problem of a field of the input, as a problem of the option that is called like it."""
    name, _, rest = problem.partition(" ")
    return f"--{name.replace('_', '-')} {rest}" if name in _FIELDS else problem


def _start(tools: Tools, plan: Plan, machine_input: dict[str, Any], *, yes: bool, dry_run: bool) -> str:
    """Look ahead, show the plan, refuse or ask, and start the execution.

    Returns:
        The ARN of the execution.

    Raises:
        CliError: the command refused, the user declined, or the start failed.
        click.exceptions.Exit: with ``dry_run`` after everything was shown.
    """
    run = outlook.run_of(plan, machine_input, tools.now())
    wrong_target = "" if run.is_drill else target_problem(run.target, plan.cluster)
    if wrong_target:
        raise CliError(_of_option(wrong_target), "the restore function's role may make no other cluster")
    wrong_copy = copy_problem(run.request.copy_to, plan.recovery)
    if wrong_copy:
        raise CliError(_of_option(wrong_copy))
    view = outlook.look_ahead(tools.aws, plan, run)
    restore_view.show_plan(tools.screen, view, tools.now())
    refuse(tools, view)
    if dry_run:
        end_dry_run(tools, run.request.mode)
    confirm(tools, question(view), yes=yes)
    name = executions.name_for(run.request.mode, plan.name, tools.now())
    arn = executions.start(tools, run.machine, name, machine_input)
    tools.screen.say(f"started {name}", "bold")
    return arn


def machine_input(plan: str, mode: str, options: dict[str, Any]) -> dict[str, Any]:
    """The input of the restore machine: the plan, the mode, and only those options that the user passed."""
    value: dict[str, Any] = {"plan": plan, "mode": mode}
    for option in ("snapshot", "target", "point", "node_type", "number_of_nodes"):
        if options.get(option) is not None:
            value[option] = options[option]
    for option in ("not_before", "lineage"):
        if options.get(option) is not None:
            value[option] = words.iso(options[option])
    if options.get("copy_to"):
        grant = {"snapshot_copy_grant_name": options["copy_grant"]} if options.get("copy_grant") else {}
        value["copy_to"] = {"region": options["copy_to"], **grant}
    if options.get("replace_failed"):
        value["replace_failed"] = True
    if options.get("publish") is not None:
        value["publish"] = options["publish"]
    return value


def question(view: Outlook) -> str:
    """What the user is asked before the start. It names a cluster that is deleted, and what moves to where."""
    mode, moves_what = view.run.request.mode, moves.question(view)
    if not view.run.request.replace_failed:
        asked = f"Start the {mode}?"
    elif view.failed_restore is not None:
        asked = f"Delete the cluster {view.target}, which was restored in vain, and start the {mode}?"
    else:
        asked = f"Start the {mode}? It deletes a cluster {view.target} that a former run restored in vain."
    return f"{asked} {moves_what}".rstrip()


def _say_how_to_replace(tools: Tools, plan: Plan, execution: Execution) -> None:
    """Say so if the cluster that has the name is one that a former run restored in vain."""
    run = outlook.run_of(plan, execution.input, execution.started)
    found = ask(lambda: outlook.cluster(tools.aws, plan, run.target)).value
    if found is None or not is_failed_restore(run, found):
        return
    options = f" --target {run.target}" if run.request.target else ""
    if run.request.publish is not None:
        options += " --publish" if run.request.publish else " --no-publish"
    tools.screen.say(f"  ! {restore_view.failed_restore_text(found)}", "yellow")
    command = f"{restore_run.command(tools, plan, FAILOVER)}{options} --replace-failed"
    tools.screen.command(command, "    this deletes it and starts again")
