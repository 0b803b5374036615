"""``resilient-redshift failover`` and ``drill``: show, ask, start, follow, attach."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import attach as attaching
from resilient_redshift.cli import executions, look, plans, restore_view, words
from resilient_redshift.cli.asking import confirm
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
from resilient_redshift.cli.recovery_points import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT
from resilient_redshift.contract.names import RESTORED_CLUSTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.look import Outlook
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
            help="Start nothing: watch the run that is under way, or that one, by name or ARN. Put it last.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--number-of-nodes", type=NODES, help="Nodes.  [default: as the plan says]"),
        click.option("--node-type", type=NODE_TYPE, metavar="TYPE", help="Node type.  [default: as the plan says]"),
        click.option(
            "--lineage",
            type=TIME,
            metavar="TIME",
            help="Accept the cluster that was created at that time, where there were several of its name; recorded.",
        ),
        click.option("--not-before", type=TIME, metavar="TIME", help="The oldest data that is acceptable."),
        click.option("--snapshot", type=SNAPSHOT, metavar="ID", help="This one.  [default: the newest usable one]"),
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

    Shows what will happen, asks, starts the restore machine there and follows it. Nothing asks the primary Region. The
    machine runs on whatever happens to this terminal: --attach watches it again.
    """
    _run(tools, plan, FAILOVER, options)


@click.command
@_shared
@click.option("--cleanup", is_flag=True, help="Delete what drills left behind, and do nothing else.")
@click.pass_obj
def drill(tools: Tools, /, plan: str, *, cleanup: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Rehearse the way back of PLAN: restore a copy beside everything, check it, measure it, delete it.

    It costs the node hours of the cluster while that stands.
    """
    _run(tools, plan, CLEANUP if cleanup else DRILL, options)


def _run(tools: Tools, name: str, mode: str, options: dict[str, Any]) -> None:
    _check(options)
    plan = plans.find_in_recovery_region(tools.aws, name)
    again = _again(tools, plan, mode)
    if options["attach"] is None:
        arn = _start(tools, plan, mode, options)
    else:
        arn = attaching.execution(tools, plan, mode, options["attach"])
    ended = attaching.follower(tools, plan, arn, f"{again} {arn.rsplit(':', 1)[-1]}").follow()
    click.get_current_context().exit(attaching.tell(tools, ended))


def _check(options: dict[str, Any]) -> None:
    if options.get("copy_grant") and not options.get("copy_to"):
        raise click.UsageError("--copy-grant needs --copy-to: the Region that the grant is for")
    check_nodes(options["node_type"], options["number_of_nodes"])


def _start(tools: Tools, plan: Plan, mode: str, options: dict[str, Any]) -> str:
    """Look, show, refuse or ask, start.

    Raises:
        CliError: refused, declined, or not started.
    """
    if mode == CLEANUP:
        outlook = look.began(tools.aws, plan)
        tools.screen.say(f"{plan.name}: delete the clusters {look.drill_clusters(plan)}* that drills left behind")
    else:
        target = _target(plan, options.get("target")) if mode == FAILOVER else None
        if options.get("copy_to") == plan.recovery:
            raise CliError(f"--copy-to must be another Region than {plan.recovery}", "a Region's loss takes both")
        chosen = {name: options[name] for name in ("snapshot", "not_before", "lineage")}
        outlook, options["lineage"] = look.look(tools.aws, plan, target=target, **chosen)
        restore_view.show_plan(tools.screen, outlook, machine_input(plan, mode, options), tools.now())
    refuse(tools, outlook, mode)
    confirm(tools, f"Start the {mode}?", yes=options["yes"])
    name = executions.name_for(mode, plan.name, tools.now())
    arn = executions.start(tools, outlook.machine, name, machine_input(plan, mode, options))
    tools.screen.say(f"started {name}", "bold")
    return arn


def machine_input(plan: Plan, mode: str, options: dict[str, Any]) -> dict[str, Any]:
    """What the restore machine is given: what was said, and nothing else."""
    given: dict[str, Any] = {"plan": plan.name, "mode": mode}
    if mode == CLEANUP:
        return given
    for option in ("snapshot", "target", "node_type", "number_of_nodes"):
        if options.get(option) is not None:
            given[option] = options[option]
    for option in ("not_before", "lineage"):
        if options.get(option) is not None:
            given[option] = words.iso(options[option])
    if options.get("copy_to"):
        grant = {"snapshot_copy_grant_name": options["copy_grant"]} if options.get("copy_grant") else {}
        given["copy_to"] = {"region": options["copy_to"], **grant}
    return given


def refuse(tools: Tools, outlook: Outlook, mode: str) -> None:
    """Refuse what could only fail, with what to do.

    Raises:
        CliError: it would.
    """
    _refuse_a_second_one(tools, outlook, mode)
    plan, choice = outlook.plan, outlook.choice
    if mode == CLEANUP:
        return
    if choice is not None and choice.outcome == AMBIGUOUS_LINEAGE:
        tools.screen.say("  candidates, the newest of each cluster that had this name:", "yellow")
        restore_view.show_points(tools.screen, choice.candidates, plan.rule_names, tools.now())
        hint = "say which cluster you want back: --lineage, with the time in the last column; or --snapshot"
        raise CliError(f"{AMBIGUOUS_LINEAGE}: there are copies of several clusters called {plan.cluster}", hint)
    if choice is not None and choice.outcome == NO_RECOVERY_POINT:
        if outlook.points:
            tools.screen.say("  what is there, and none of it will do:", "yellow")
            restore_view.show_points(tools.screen, outlook.points, plan.rule_names, tools.now())
        narrowed = outlook.narrowed_by
        which = f" that {' and '.join(narrowed)} would take" if narrowed else ""
        hint = "without that it takes the newest usable one" if narrowed else "docs/operating.md says what else to try"
        raise CliError(f"{NO_RECOVERY_POINT}: no usable copy of {plan.cluster} in {plan.recovery}{which}", hint)
    if mode == FAILOVER and outlook.target_status is not None:
        hint = f"another name: --target {RESTORED_CLUSTERS}{plan.cluster}"
        if outlook.target_made_by:
            hint = f"yours already? Let people in (docs/operating.md). Else {hint}"
        by = f", made by {outlook.target_made_by}" if outlook.target_made_by else ""
        raise CliError(f"a cluster {outlook.target} is there already, {outlook.target_status}{by}", hint)


def _refuse_a_second_one(tools: Tools, outlook: Outlook, mode: str) -> None:
    plan = outlook.plan
    for one in outlook.running:
        other = one.input.get("mode")
        since = words.span(tools.now() - one.started)
        if one.input.get("plan") == plan.name and other == mode:
            raise CliError(
                f"a {mode} of {plan.name} runs already, for {since}: {one.name}",
                f"watch it: {_again(tools, plan, mode)} {one.name}",
            )
        if mode == DRILL and other == FAILOVER:
            hint = "a drill would yield at once: start it when the failover is over"
            raise CliError(f"a failover of {one.input.get('plan')} runs, for {since}: {one.name}", hint)


def _target(plan: Plan, given: str | None) -> str:
    if given is not None and given != plan.cluster and not given.startswith(RESTORED_CLUSTERS):
        why = "the machine's role may make no other"
        raise CliError(f"--target must be {plan.cluster} or begin with {RESTORED_CLUSTERS}, got {given} ({why})")
    return given or plan.cluster


def _again(tools: Tools, plan: Plan, mode: str) -> str:
    """The command that attaches, without the execution."""
    command = ["resilient-redshift", DRILL if mode == CLEANUP else mode, plan.name, "--region", plan.recovery]
    command += ["--profile", tools.profile] if tools.profile else []
    command += ["--cleanup"] if mode == CLEANUP else []
    return f"{shlex.join(command)} --attach"
