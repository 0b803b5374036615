"""Everything that a switchover depends on, read from both Regions at the same time, and what is in its way."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import executions, words
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import CliError, UnreachableError
from resilient_redshift.cli.next_steps import Commands
from resilient_redshift.cli.switchover import clusters, fencing, parameters
from resilient_redshift.cli.switchover.state import Store
from resilient_redshift.cloud.restore import published as published_parameter
from resilient_redshift.cloud.restore.sight import Look
from resilient_redshift.contract.names import drills_name, endpoint_name
from resilient_redshift.contract.stored import read_drills
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.switchover.clusters import Live
    from resilient_redshift.cli.switchover.fencing import Fence
    from resilient_redshift.cli.switchover.state import State
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.restore.published import Published


@dataclass(kw_only=True)
class Situation:
    """What both Regions say.

    Args:
        plan: the plan record of the Region that the switchover goes to.
        cluster: the cluster that takes the writes now. None: there is no cluster of that name.
        there: the cluster that has the name in the other Region. None: the name is free.
        fence: the fence of the cluster that takes the writes. None: it is not fenced.
        fence_there: the fence of the cluster in the other Region. None: it is not fenced.
        published: what the plan publishes in the other Region. None: nothing.
        home: what the plan whose way home this is publishes in the Region that the switchover leaves. None: nothing, or
            the plan is no way home.
        running: the running executions of the plan.
        under_way: the switchover that is under way. None: there is none.
        last: the state that was written last. None: there is none.
        drill: the last drill of the plan, as its parameter has it. Empty: there was none.
        by: the ARN of who calls.
    """

    plan: Plan
    cluster: Live | None = None
    there: Live | None = None
    fence: Fence | None = None
    fence_there: Fence | None = None
    published: Published | None = None
    home: Published | None = None
    running: Sequence[Execution] = ()
    under_way: State | None = None
    last: State | None = None
    drill: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""

    @property
    def goes_home(self) -> bool:
        """Whether the plan is the way home of another plan."""
        return bool(self.plan.record.get("reverse_of"))

    @property
    def other(self) -> str:
        """The plan of the other direction. Empty: none is prepared."""
        return str(self.plan.record.get("reverse_of") or self.plan.record.get("reversed_by") or "")

    @property
    def may_rename(self) -> bool:
        """Whether the cluster in the way is one that this command fenced, so that nobody works with it."""
        return self.there is not None and self.fence_there is not None and self.fence_there.holds(self.there)

    @property
    def copies_there(self) -> bool:
        """Whether the cluster's snapshots go to the other Region already."""
        copy = self.cluster.copy if self.cluster is not None else None
        return bool(copy) and (copy or {}).get("DestinationRegion") == self.plan.recovery

    def may_switch_copy_on(self) -> bool:
        """Whether the plan's record says how to copy, and nothing copies elsewhere."""
        if self.cluster is None or self.cluster.copy:
            return False
        grant = self.plan.part("recovery").get("snapshot_copy_grant_name")
        return bool(grant) or not self.cluster.encrypted


def read(tools: Tools, plan: Plan) -> Situation:
    """Ask both Regions at the same time.

    Args:
        tools: the world around the command.
        plan: the plan record of the Region that the switchover goes to.

    Raises:
        UnreachableError: one of them does not answer. A switchover needs both.
        CliError: something could not be read.
    """
    aws, found, store = tools.aws, Situation(plan=plan), Store(tools, plan)
    here, there = plan.primary, plan.recovery
    looks: list[Callable[[], Any]] = [
        partial(clusters.look, aws, here, plan.cluster),
        partial(clusters.look, aws, there, plan.cluster),
        partial(fencing.read, aws, here, plan.name),
        (lambda: None) if not found.other else partial(fencing.read, aws, there, found.other),
        partial(_published, aws, there, plan.name),
        (lambda: None) if not found.goes_home else partial(_published, aws, here, found.other),
        partial(running, tools, plan),
        store.under_way,
        store.last,
        partial(parameters.get, aws, there, drills_name(plan.name)),
        lambda: aws.call(there, "sts", "GetCallerIdentity")["Arn"],
    ]
    answers = ask_together(looks)
    for answer in answers:
        if isinstance(answer.problem, UnreachableError):
            problem = answer.problem
            hint = f"nothing was changed. If {plan.primary} is lost: {command(tools, plan, 'failover')}"
            raise UnreachableError(problem.region, problem.message.partition(": ")[2], hint)
    (
        found.cluster,
        found.there,
        found.fence,
        found.fence_there,
        found.published,
        found.home,
        found.running,
        found.under_way,
        found.last,
        drills,
        found.by,
    ) = (answer.get() for answer in answers)
    if found.fence is not None and found.cluster is not None and not found.fence.is_of(found.cluster):
        found.fence = None  # of a cluster that had the name before the last way home
    found.drill = read_drills(drills, plan.name).value.get("last", {}) if drills is not None else {}
    return found


def command(tools: Tools, plan: Plan, verb: str, *options: str, region: str = "") -> str:
    """A command line of this tool for a plan."""
    line = ["resilient-redshift", verb, plan.name, *options, "--region", region or plan.recovery]
    return shlex.join([*line, *(["--profile", tools.profile] if tools.profile else [])])


def refuse(tools: Tools, found: Situation, *, rename_existing: bool, rehearsal: bool) -> None:
    """Refuse a switchover that would fail anyway, or that would move the warehouse from where it is not.

    Args:
        tools: the world around the command.
        found: what both Regions say.
        rename_existing: whether the operator allows to rename a cluster that is in the way.
        rehearsal: whether it only rehearses.

    Raises:
        CliError: the switchover would fail.
    """
    plan = found.plan
    if plan.lacks:
        hint = plan.problems[0] if plan.problems else "deploy the recovery stack"
        raise CliError(f"the record of {plan.name} in {plan.recovery} does not say enough: {plan.lacks[0]}", hint)
    _refuse_where_the_warehouse_is_not(tools, found)
    if found.cluster is None:
        hint = f"nothing was changed. Is the warehouse in {plan.primary}? {command(tools, plan, 'status')}"
        raise CliError(f"there is no cluster {plan.cluster} in {plan.primary}", hint)
    found.cluster.require_hope()
    for one in found.running:
        mode = str(one.input.get("mode", "run"))
        hint = f"watch it: {command(tools, plan, mode, '--attach', one.name)}"
        raise CliError(f"a {mode} of {plan.name} runs already, for {words.span(tools.now() - one.started)}", hint)
    _refuse_other_copies(tools, found)
    if not rehearsal:
        _refuse_a_taken_name(tools, found, rename_existing=rename_existing)


def two_writers(plan: Plan) -> str:
    """What the operator is asked before clients are let into a cluster that is not the warehouse."""
    where = f"{plan.cluster} in {plan.primary}"
    return (
        f"The warehouse is {plan.cluster} in {plan.recovery}: what was written there is not in {where}. Let clients "
        f"into {where} all the same, so that there are two writers?"
    )


def moved(tools: Tools, plan: Plan) -> Look[bool]:
    """Whether the warehouse is in the plan's recovery Region, as the published endpoints say."""
    forward = str(plan.record.get("reverse_of") or "")
    other = forward or str(plan.record.get("reversed_by") or "")
    places = [(plan.recovery, plan.name), *([(plan.primary, other)] if other else [])]
    answers = ask_together([partial(_published, tools.aws, *place) for place in places])
    problems = [answer.problem.message for answer in answers if answer.problem is not None]
    if problems:
        return Look(problem=problems[0])
    there, *here = (answer.value is not None for answer in answers)
    if there and here == [True]:  # a failover went home, while the other Region could not withdraw its endpoint
        return Look(problem=f"{plan.name} and {other} both publish an endpoint")
    return Look(value=there or (bool(forward) and here == [False]))


def withdraw(tools: Tools, plan: Plan) -> str:
    """The command that withdraws the endpoint of a plan."""
    commands = Commands(region=plan.recovery, profile=tools.profile)
    return commands.aws("ssm", "delete-parameter", "--name", endpoint_name(plan.name))


def _refuse_where_the_warehouse_is_not(tools: Tools, found: Situation) -> None:
    plan = found.plan
    at_home = Commands(region=plan.primary, profile=tools.profile)
    if found.published is not None:
        since = f" since {words.minute(found.published.at)}" if found.published.at else ""
        hint = f"if it is not: {withdraw(tools, plan)}"
        if found.other and not found.goes_home:
            hint = f"the way home: {at_home.ours('switchover', found.other)}; {hint}"
        raise CliError(f"the warehouse of {plan.name} is in {plan.recovery} already{since}: its endpoint says so", hint)
    if found.goes_home and found.home is None:
        away = at_home.ours("switchover", found.other)
        hint = f"nothing is published for {found.other}. A switchover away from there: {away}"
        raise CliError(f"the warehouse is in {plan.recovery} already, so {plan.name} leads nowhere", hint)


def _refuse_other_copies(tools: Tools, found: Situation) -> None:
    plan, cluster = found.plan, found.cluster
    if cluster is None or found.copies_there or found.may_switch_copy_on():
        return
    commands, whose = Commands(region=plan.primary, profile=tools.profile), ("--cluster-identifier", plan.cluster)
    if cluster.copy:
        where = cluster.copy.get("DestinationRegion", "?")
        hint = f"that is another decision: {commands.aws('redshift', 'disable-snapshot-copy', *whose)}"
        raise CliError(f"the snapshots of {cluster.name} are copied to {where}, not to {plan.recovery}", hint)
    grant = ("--snapshot-copy-grant-name", "GRANT") if cluster.encrypted else ()
    there = ("--destination-region", plan.recovery, *grant)
    hint = commands.aws("redshift", "enable-snapshot-copy", *whose, *there)
    raise CliError(f"the snapshots of {cluster.name} are copied nowhere, and the record names no grant", hint)


def _refuse_a_taken_name(tools: Tools, found: Situation, *, rename_existing: bool) -> None:
    there = found.there
    if there is None:
        return
    if not found.may_rename and not rename_existing:
        commands = Commands(region=found.plan.recovery, profile=tools.profile)
        fence = f"; fence it first: {commands.ours('fence', found.other)}" if found.other else ""
        hint = f"nobody works with it? --rename-existing renames it once the copy is there{fence}"
        raise CliError(f"there is a cluster {there.name} already, {there.state.name}", hint)
    if there.state.name != "paused":
        there.require_hope()


def _published(aws: Any, region: str, plan: str) -> Published | None:  # noqa: ANN401 - Aws
    text = parameters.get(aws, region, endpoint_name(plan))
    try:
        return published_parameter.read(text, plan)
    except published_parameter.NotUnderstoodError as error:
        raise CliError(f"{error} ({region})") from error


def running(tools: Tools, plan: Plan) -> list[Execution]:
    """The running executions of the plan, with those that cannot be read and have its name.

    None where the record names no machine: that is refused elsewhere.
    """
    machine = plan.machine("restore")
    if machine is None:
        return []
    every = executions.running(tools.aws, machine, plan.name)
    return [one for one in every if one.input.get("plan") == plan.name or (not one.input and plan.name in one.name)]


def last_drill(found: Situation) -> tuple[float, datetime] | None:
    """How long the last drill took until its cluster answered, and when it ended. None: nobody knows."""
    seconds, ended = found.drill.get("recovery_time_seconds"), read_time(found.drill.get("ended"))
    return None if seconds is None or ended is None else (float(seconds), ended)
