"""``resilient-redshift fence``: cut clients off from the old cluster, when its Region answers again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import plans, words
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import FINE, INTERRUPTED, CliError, UnreachableError
from resilient_redshift.cli.options import as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.switchover import clusters, fencing, situation
from resilient_redshift.cli.switchover.fencing import Fencing
from resilient_redshift.cli.switchover.pace import Pace
from resilient_redshift.cli.switchover.state import Store
from resilient_redshift.cli.switchover.view import NOT_FENCED

if TYPE_CHECKING:
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1


@click.command
@plan_argument
@click.option("--stop-copy", is_flag=True, help="Switch the cluster's snapshot copy off, too.")
@click.option("--unfence", is_flag=True, help="Take the fence away: let clients in again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@common
@click.pass_obj
def fence(tools: Tools, plan: str, *, stop_copy: bool, unfence: bool, yes: bool) -> None:
    """Cut clients off from PLAN's cluster in its own Region, as after a failover when the old primary answers again.

    The cluster gets a security group that lets nobody in, and is rebooted so that open sessions end. Its data stays,
    and its former security groups are written down.
    """
    if stop_copy and unfence:
        raise click.UsageError("--stop-copy and --unfence exclude each other")
    record = plans.find(tools.aws, plan)
    try:
        by = str(tools.aws.call(record.primary, "sts", "GetCallerIdentity")["Arn"])
    except UnreachableError as error:
        hint = f"the cluster to fence is there: run it again when {record.primary} answers"
        raise UnreachableError(error.region, error.message.partition(": ")[2], hint) from error
    if unfence:
        _unfence(tools, record, by, yes=yes)
    else:
        _fence(tools, record, by, stop_copy=stop_copy, yes=yes)
    click.get_current_context().exit(FINE)


def take_away(tools: Tools, plan: Plan, by: str) -> None:
    """Give a cluster its security groups back.

    Args:
        tools: the world around the command.
        plan: the plan whose cluster is fenced.
        by: the ARN of who does it.
    """
    where = f"{plan.cluster} in {plan.primary}"
    Pace(tools).until(Fencing(tools, plan.name, plan.primary, plan.cluster, by).untick, "the security groups of before")
    tools.screen.say(f"{where} has its security groups again", "bold green")


def _unfence(tools: Tools, plan: Plan, by: str, *, yes: bool) -> None:
    where = f"{plan.cluster} in {plan.primary}"
    found = fencing.read(tools.aws, plan.primary, plan.name)
    live = clusters.look(tools.aws, plan.primary, plan.cluster) if found is not None else None
    if found is None:
        tools.screen.say(f"{where} is not fenced", "bold green")
    elif live is not None and not found.is_of(live) and found.group not in live.groups:
        former = f"the last fence was of a former cluster, which had the security groups {', '.join(found.groups)}"
        tools.screen.say(f"{where} is not fenced: {former}", "bold green")
    else:
        since = f"It is fenced since {words.minute(found.at)} by {found.by}. {found.gives_back}"
        confirm(tools, f"{_question(tools, plan)} {since}", yes=yes)
        take_away(tools, plan, by)
    _print(tools, plan, None)


def _question(tools: Tools, plan: Plan) -> str:
    """What the operator is asked before the fence is taken away.

    Raises:
        CliError: a switchover is under way, and is called off by another command.
    """
    try:
        under_way = Store(tools, plan).under_way()
    except CliError:
        under_way = None  # the other Region is lost, or its lock is spoiled: clients are let in all the same
    if under_way is not None and not under_way.value.get("outcome"):
        hint = f"end it, and let clients in: {situation.command(tools, plan, 'switchover', '--unfence')}"
        raise CliError(f"a switchover of {plan.name} is under way, begun by {under_way.value['by']}", hint)
    moved = situation.moved(tools, plan)
    if moved.value:
        return situation.two_writers(plan)
    unsure = f" It is not known whether the warehouse is elsewhere: {moved.problem}." if moved.problem else ""
    return f"Let clients into {plan.cluster} in {plan.primary} again?{unsure}"


def _fence(tools: Tools, plan: Plan, by: str, *, stop_copy: bool, yes: bool) -> None:
    screen, where = tools.screen, f"{plan.cluster} in {plan.primary}"
    live = clusters.look(tools.aws, plan.primary, plan.cluster)
    if live is None:
        raise CliError(f"there is no cluster {where}, so there is nothing to fence")
    live.require_hope()
    screen.say(f"{plan.name}: fence {where}", "bold")
    screen.fact("cluster", f"{live.state.name}, created {words.iso(live.created)}")
    screen.fact("cuts off", f"every client: a security group without ingress, then a reboot. But {NOT_FENCED}")
    copied = (live.copy or {}).get("DestinationRegion")
    if copied:
        stays = "is switched off: copied automated snapshots age out" if stop_copy else "goes on (--stop-copy)"
        screen.fact("copy", f"to {copied}: {stays}")
    undo = situation.command(tools, plan, "fence", "--unfence", region=plan.read_in)
    screen.command(undo, "  way back", "dim")
    moved = situation.moved(tools, plan)
    if moved.problem:
        screen.say(f"  ! it is not known whether {where} is the warehouse: {moved.problem}", "bold yellow")
    elif not moved.value:
        screen.say(f"  ! {where} is the warehouse: no endpoint is published that says otherwise", "bold red")
    confirm(tools, f"Cut all clients off from {where}?", yes=yes)
    work = Fencing(tools, plan.name, plan.primary, plan.cluster, by)
    try:
        Pace(tools).until(work.tick, "the fence")
        if stop_copy:
            Pace(tools).until(lambda: _stop_copy(tools, plan), "the end of the copy")
    except KeyboardInterrupt:
        again = situation.command(tools, plan, "fence", region=plan.read_in)
        message = f"stopped; {where} may be fenced in part"
        raise CliError(message, f"go on: {again}; or go back: {undo}", status=INTERRUPTED) from None
    since = work.fence.complete if work.fence is not None else None
    screen.say(f"fenced: no client connects to {where} since {since:%H:%M:%S} UTC" if since else "fenced", "bold green")
    _print(tools, plan, work.fence)


def _stop_copy(tools: Tools, plan: Plan) -> str:
    live = clusters.look(tools.aws, plan.primary, plan.cluster)
    if live is None or not live.copy:
        return ""
    if not live.available:
        return f"{live.name} is {live.state.name}"
    clusters.change(tools.aws, live, "DisableSnapshotCopy")
    return f"the snapshot copy of {live.name} is switched off"


def _print(tools: Tools, plan: Plan, fence_now: fencing.Fence | None) -> None:
    if not tools.json:
        return
    value = {"version": JSON_VERSION, "plan": plan.name, "cluster": plan.cluster, "region": plan.primary}
    known = {"fenced": fence_now is not None}
    if fence_now is not None and fence_now.complete is not None:
        print_json({**value, **known, "complete": words.iso(fence_now.complete), "groups": list(fence_now.groups)})
    else:
        print_json({**value, **known})
