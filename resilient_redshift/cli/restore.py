"""``resilient-redshift failover`` and ``drill``: show, ask, start, follow, attach."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import executions, outlook, plans, restore_run, restore_view, words
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.options import (
    NAME,
    NODE_TYPE,
    NODES,
    REGION,
    SNAPSHOT,
    TIME,
    as_json,
    check_nodes,
    common,
    plan_argument,
)
from resilient_redshift.contract.names import RESTORED_CLUSTERS
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.outlook import Outlook
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

FAILOVER: Final = "failover"
DRILL: Final = "drill"
CLEANUP: Final = "cleanup"


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
        click.option("--number-of-nodes", type=NODES, help="Nodes.  [default: as the plan says]"),
        click.option("--node-type", type=NODE_TYPE, metavar="TYPE", help="Node type.  [default: as the plan says]"),
        click.option(
            "--lineage",
            type=TIME,
            metavar="TIME",
            help="Accept the cluster that was created at that time, if several had its name. The time is recorded.",
        ),
        click.option("--not-before", type=TIME, metavar="TIME", help="The oldest acceptable data."),
        click.option(
            "--snapshot", type=SNAPSHOT, metavar="ID", help="Restore this snapshot.  [default: the newest usable one]"
        ),
    ):
        command = option(command)
    return plan_argument(as_json(common(command)))


@click.command
@_shared
@click.option(
    "--target",
    type=NAME,
    metavar="ID",
    help=f"The new cluster's identifier: the protected cluster's (default), or {RESTORED_CLUSTERS}<something>.",
)
@click.option("--copy-to", type=REGION, metavar="REGION", help="Copy the new cluster's snapshots to that Region.")
@click.option("--copy-grant", type=NAME, metavar="NAME", help="The snapshot copy grant for --copy-to.")
@click.pass_obj
def failover(tools: Tools, /, plan: str, **options: Any) -> None:  # noqa: ANN401 - click's
    """Bring PLAN's cluster back in the recovery Region, from the newest usable copy.

    Shows what will happen, asks, starts the restore machine there and follows it. The primary Region is not asked. The
    machine runs on if this terminal closes: --attach watches it again.
    """
    _run(tools, plan, FAILOVER, options)


@click.command
@_shared
@click.option("--cleanup", is_flag=True, help="Delete what drills left behind, and do nothing else.")
@click.pass_obj
def drill(tools: Tools, /, plan: str, *, cleanup: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Rehearse a failover of PLAN: restore a copy as a new cluster, check it, measure the time, delete the cluster.

    A drill costs the node hours of that cluster.
    """
    _run(tools, plan, CLEANUP if cleanup else DRILL, options)


def _run(tools: Tools, name: str, mode: str, options: dict[str, Any]) -> None:
    _check(options)
    plan = plans.find_in_recovery_region(tools.aws, name)
    if options["attach"] is None:
        arn = _start(tools, plan, mode, options)
    else:
        arn = restore_run.execution_arn(tools, plan, mode, options["attach"])
    watch_command = _watch_command(tools, plan, mode, arn.rsplit(":", 1)[-1])
    execution = restore_run.follower(tools, plan, arn, watch_command).follow()
    click.get_current_context().exit(restore_run.show_result(tools, execution))


def _check(options: dict[str, Any]) -> None:
    if options.get("copy_grant") and not options.get("copy_to"):
        raise click.UsageError("--copy-grant needs --copy-to: the Region of the grant")
    check_nodes(options["node_type"], options["number_of_nodes"])


def _start(tools: Tools, plan: Plan, mode: str, options: dict[str, Any]) -> str:
    """Look ahead, show the plan, refuse or ask, and start the execution.

    Returns:
        The ARN of the execution.

    Raises:
        CliError: the command refused, the user declined, or the start failed.
    """
    if mode == CLEANUP:
        view = outlook.machine_outlook(tools.aws, plan)
        prefix = outlook.drill_cluster_prefix(plan)
        tools.screen.say(f"{plan.name}: delete the clusters {prefix}* that drills left behind")
    else:
        target = _target(plan, options.get("target")) if mode == FAILOVER else None
        if options.get("copy_to") == plan.recovery:
            hint = "the loss of one Region would take the cluster and its copies"
            raise CliError(f"--copy-to must be another Region than {plan.recovery}", hint)
        choice_options = {name: options[name] for name in ("snapshot", "not_before", "lineage")}
        view, options["lineage"] = outlook.look_ahead(tools.aws, plan, target=target, **choice_options)
        restore_view.show_plan(tools.screen, view, machine_input(plan, mode, options), tools.now())
    refuse(tools, view, mode)
    confirm(tools, f"Start the {mode}?", yes=options["yes"])
    name = executions.name_for(mode, plan.name, tools.now())
    arn = executions.start(tools, view.machine, name, machine_input(plan, mode, options))
    tools.screen.say(f"started {name}", "bold")
    return arn


def machine_input(plan: Plan, mode: str, options: dict[str, Any]) -> dict[str, Any]:
    """The input of the restore machine: the plan, the mode, and only those options that the user passed."""
    value: dict[str, Any] = {"plan": plan.name, "mode": mode}
    if mode == CLEANUP:
        return value
    for option in ("snapshot", "target", "node_type", "number_of_nodes"):
        if options.get(option) is not None:
            value[option] = options[option]
    for option in ("not_before", "lineage"):
        if options.get(option) is not None:
            value[option] = words.iso(options[option])
    if options.get("copy_to"):
        grant = {"snapshot_copy_grant_name": options["copy_grant"]} if options.get("copy_grant") else {}
        value["copy_to"] = {"region": options["copy_to"], **grant}
    return value


def refuse(tools: Tools, view: Outlook, mode: str) -> None:
    """Refuse a run that would fail anyway, and say what to do.

    Raises:
        CliError: the run would fail.
    """
    _refuse_a_second_run(tools, view, mode)
    plan, choice = view.plan, view.choice
    if mode == CLEANUP:
        return
    if choice is not None and choice.outcome == AMBIGUOUS_LINEAGE:
        tools.screen.say("  candidates, the newest of each cluster that had this name:", "yellow")
        restore_view.show_points(tools.screen, choice.candidates, plan.rule_names, tools.now())
        hint = "choose the cluster that you want back: --lineage, with the time in the last column; or --snapshot"
        raise CliError(f"{AMBIGUOUS_LINEAGE}: there are copies of several clusters called {plan.cluster}", hint)
    if choice is not None and choice.outcome == NO_RECOVERY_POINT:
        if view.points:
            tools.screen.say("  the copies that are there, none of them usable:", "yellow")
            restore_view.show_points(tools.screen, view.points, plan.rule_names, tools.now())
        narrowing = view.narrowing_options
        suffix = f" that matches {' and '.join(narrowing)}" if narrowing else ""
        hint = "docs/operating.md says what else to try"
        if narrowing:
            hint = f"without {' and '.join(narrowing)} the newest usable copy is taken"
        raise CliError(f"{NO_RECOVERY_POINT}: no usable copy of {plan.cluster} in {plan.recovery}{suffix}", hint)
    if mode == FAILOVER and view.target_status is not None:
        hint = f"take another name: --target {RESTORED_CLUSTERS}{plan.cluster}"
        if view.target_execution:
            hint = f"if this is the cluster that you want, let people in (docs/operating.md); otherwise {hint}"
        by = f", made by {view.target_execution}" if view.target_execution else ""
        raise CliError(f"a cluster {view.target} is there already, {view.target_status}{by}", hint)


def _refuse_a_second_run(tools: Tools, view: Outlook, mode: str) -> None:
    plan = view.plan
    for run in view.running:
        other_mode = run.input.get("mode")
        age = words.span(tools.now() - run.started)
        if run.input.get("plan") == plan.name and other_mode == mode:
            raise CliError(
                f"a {mode} of {plan.name} runs already, for {age}: {run.name}",
                f"watch it: {_watch_command(tools, plan, mode, run.name)}",
            )
        if mode == DRILL and other_mode == FAILOVER:
            hint = "a drill yields to any failover: start it when the failover is over"
            raise CliError(f"a failover of {run.input.get('plan')} runs, for {age}: {run.name}", hint)


def _target(plan: Plan, option: str | None) -> str:
    if option is not None and option != plan.cluster and not option.startswith(RESTORED_CLUSTERS):
        why = "the machine's role may make no other cluster"
        raise CliError(f"--target must be {plan.cluster} or begin with {RESTORED_CLUSTERS}, got {option} ({why})")
    return option or plan.cluster


def _watch_command(tools: Tools, plan: Plan, mode: str, execution: str) -> str:
    """The command that attaches to an execution."""
    command = ["resilient-redshift", DRILL if mode == CLEANUP else mode, plan.name, "--region", plan.recovery]
    command += ["--profile", tools.profile] if tools.profile else []
    command += ["--cleanup"] if mode == CLEANUP else []
    return f"{shlex.join(command)} --attach {execution}"
