"""``resilient-redshift switchover``: look, show, ask, go, and say the way back whatever happens."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import next_steps, plans, restore_view, words
from resilient_redshift.cli.confirmation import confirm, end_dry_run
from resilient_redshift.cli.errors import FINE, INTERRUPTED, MISSED, CliError, UnreachableError
from resilient_redshift.cli.options import DAYS, DRY_RUN, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.switchover import situation, view
from resilient_redshift.cli.switchover.course import Course, RestoreFailedError
from resilient_redshift.cli.switchover.fence import take_away
from resilient_redshift.cli.switchover.state import State, Store
from resilient_redshift.cloud.restore.request import DRILL
from resilient_redshift.contract import switchovers
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES, RESTORED_UNVERIFIED
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.switchover.situation import Situation
    from resilient_redshift.cli.tools import Tools

_GOOD: Final = frozenset({switchovers.SWITCHED_OVER, switchovers.REHEARSED, switchovers.CALLED_OFF})
#: How long the snapshot is kept unless the operator says otherwise.
_KEEP_DAYS: Final = "14"


@click.command
@plan_argument
@click.option("--fence", is_flag=True, help="Cut clients off before the snapshot, so that nothing is lost.")
@click.option(
    "--rehearse", is_flag=True, help="Take the snapshot, wait for its copy, and run a drill from it. No more."
)
@click.option("--unfence", is_flag=True, help="Call the switchover off: let clients in again where they were.")
@click.option("--rename-existing", is_flag=True, help="Rename a cluster that has the name in the other Region.")
@click.option(
    "--keep-days",
    type=DAYS,
    default=_KEEP_DAYS,
    metavar="DAYS|forever",
    help=f"How long to keep the snapshot: 1 to {MOST_MANUAL_DAYS} days.  [default: {_KEEP_DAYS}]",
)
@DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@common
@click.pass_obj
def switchover(
    tools: Tools,
    plan: str,
    *,
    fence: bool,
    rehearse: bool,
    unfence: bool,
    rename_existing: bool,
    keep_days: int,
    dry_run: bool,
    yes: bool,
) -> None:
    """Move PLAN's warehouse to its recovery Region in a planned way, and lose nothing.

    Takes a last snapshot, waits for its copy, restores exactly that one and publishes the new cluster's endpoint. Both
    Regions are needed. The command may be stopped at any point: the same command goes on. It deletes no cluster and no
    snapshot. The way home is the same command with the plan of the other direction.
    """
    if sum((rehearse, unfence, fence)) > 1:
        raise click.UsageError("--fence, --rehearse and --unfence exclude each other")
    if unfence and dry_run:
        raise click.UsageError("--dry-run is not for --unfence, which asks before it lets clients in")
    found = _look(tools, plan, unfence=unfence)
    if unfence:
        click.get_current_context().exit(_call_off(tools, found, yes=yes))
    state = _state(tools, found, fence=fence, rehearsal=rehearse, keep_days=keep_days)
    course = Course(tools, found.plan, state)
    last_run = _last_run(tools, found, course)
    unverified = last_run is not None and last_run.outcome == RESTORED_UNVERIFIED
    restored = last_run is not None and (last_run.running or last_run.outcome in GOOD_RESTORE_OUTCOMES)
    if not (restored or unverified):
        situation.refuse(tools, found, rename_existing=rename_existing, rehearsal=state.rehearsal)
        if found.there is not None and not state.rehearsal:
            state.value["room"] = words.iso(found.there.created)
    view.show_plan(tools, found, state)
    if dry_run:
        end_dry_run(tools, "rehearsal" if state.rehearsal else "switchover")
    if unverified:
        confirm(tools, "The new cluster did not answer every check. Hand over to it all the same?", yes=yes)
    elif not restored:
        confirm(tools, view.question(found, state), yes=yes)
    if found.under_way is None:
        course.begin()
        _look_again(tools, found, rename_existing=rename_existing, rehearsal=state.rehearsal)
    click.get_current_context().exit(_go(tools, found, course, accept_unverified=unverified))


def _look(tools: Tools, name: str, *, unfence: bool) -> Situation:
    """Look at both Regions. If one does not answer, say how clients are let in without it."""
    region = ""
    try:
        plan = plans.find_in_recovery_region(tools.aws, name)
        region = plan.primary
        return situation.read(tools, plan)
    except UnreachableError as error:
        if not unfence or region == error.region:
            raise
        profile = f" --profile {shlex.quote(tools.profile)}" if tools.profile else ""
        alone = f"resilient-redshift fence {name} --unfence{profile} --region "
        alone += region or "REGION, that of the fenced cluster"
        raise CliError(error.message, f"to let clients in without that Region: {alone}") from error


def _state(tools: Tools, found: Situation, *, fence: bool, rehearsal: bool, keep_days: int) -> State:
    """The switchover that begins, or the one that goes on.

    Raises:
        CliError: the one that is under way is of another kind.
    """
    state = found.under_way
    if state is None:
        return State.begin(
            tools, found.plan, by=found.by, last=found.last, rehearsal=rehearsal, fence=fence, keep_days=keep_days
        )
    if state.value.get("outcome"):  # the command died right before it gave up the lock
        Store(tools, found.plan).unlock()
        found.under_way = None
        return _state(tools, found, fence=fence, rehearsal=rehearsal, keep_days=keep_days)
    if state.rehearsal != rehearsal:
        kind, options = ("rehearsal", ["--rehearse"]) if state.rehearsal else ("switchover", [])
        hint = f"go on with it: {situation.command(tools, found.plan, 'switchover', *options)}"
        hint += f"; or end it: {view.way_back(tools, found)}"
        raise CliError(f"a {kind} of {found.plan.name} is under way, begun by {state.value['by']}", hint)
    state.value["fence"] = state.fence or fence
    state.resumed()
    return state


def _last_run(tools: Tools, found: Situation, course: Course) -> Execution | None:
    """The last restore of the switchover that goes on. None: there is none.

    Raises:
        CliError: nobody ended the switchover, and what it published is not published any more: the warehouse moved once
            more.
    """
    run = course.last_run() if found.under_way is not None else None
    if run is None or course.state.rehearsal or run.running:
        return run
    if run.outcome not in GOOD_RESTORE_OUTCOMES | {RESTORED_UNVERIFIED}:
        return run
    now = situation.read(tools, found.plan)  # the run may have published its cluster after the first look
    if now.published is not None:
        moved_on = now.published.execution != run.name
    else:  # a way home that withdrew both endpoints is only to be ended
        moved_on = not now.goes_home or now.home is not None
    if moved_on:
        begun = words.minute_of(course.state.value["started"])
        message = f"a switchover of {begun} was never ended, and the warehouse has moved since: nothing was changed"
        raise CliError(message, f"end it: {view.way_back(tools, found)}; then begin anew")
    return run


def _look_again(tools: Tools, found: Situation, *, rename_existing: bool, rehearsal: bool) -> None:
    """Look once more under the lock: another operator may have moved the warehouse while this one was asked.

    Raises:
        CliError: the switchover would fail now, or would move the warehouse from where it is not. The lock is given up.
    """
    try:
        situation.refuse(tools, situation.read(tools, found.plan), rename_existing=rename_existing, rehearsal=rehearsal)
    except CliError as error:
        Store(tools, found.plan).unlock()
        raise CliError(f"{error.message}; another operator may have changed that meanwhile", error.hint) from error


def _go(tools: Tools, found: Situation, course: Course, *, accept_unverified: bool) -> int:
    """Go to the end. Whatever stops the command, it says how to go on and how to go back."""
    state, plan = course.state, found.plan
    options = ["--rehearse"] if state.rehearsal else []
    go_on = f"go on: {situation.command(tools, plan, 'switchover', *options)}"
    way_back = f"{go_on}; or go back: {view.way_back(tools, found)}"
    try:
        outcome = course.go(accept_unverified=accept_unverified)
    except KeyboardInterrupt:
        message = "stopped; nothing is lost, and what was begun goes on in AWS"
        hint = go_on if course.published else way_back
        raise CliError(message, hint, status=INTERRUPTED, facts={"switchover": state.value}) from None
    except RestoreFailedError as error:
        restore_view.show_outcome(tools.screen, error.execution, primary_is_fenced=state.fence)
        raise CliError(error.message, way_back, status=MISSED, facts={"switchover": state.value}) from error
    except CliError as error:
        ways = go_on if course.published else way_back
        hint = f"{error.hint}; then {ways}" if error.hint else ways
        facts = {"switchover": state.value, **error.facts}
        raise CliError(error.message, hint, status=error.status, facts=facts) from error
    if course.execution is not None:
        restore_view.show_outcome(tools.screen, course.execution, primary_is_fenced=state.fence)
    view.show_end(tools, found, state, outcome)
    cluster = course.execution.report.get("cluster") if course.execution is not None else None
    if outcome == switchovers.SWITCHED_OVER and cluster:
        steps = next_steps.after_switchover(
            plan,
            cluster,
            name=state.id,
            retired=course.retired,
            made_room="room" in state.value,
            profile=tools.profile,
        )
        next_steps.show(tools.screen, steps)
    if tools.json:
        report = dict(course.execution.report) if course.execution is not None else None
        print_json(view.as_json(found, state, outcome, report))
    return FINE if outcome in _GOOD else MISSED


def _call_off(tools: Tools, found: Situation, *, yes: bool) -> int:
    """Let clients in again where they were, and end the switchover that is under way.

    Raises:
        CliError: the restore runs, and will publish the new cluster.
    """
    plan, state = found.plan, found.under_way
    if state is not None and state.value.get("outcome"):  # the command died right before it gave up the lock
        Store(tools, plan).unlock()
        state = None
    where = f"{plan.cluster} in {plan.primary}"
    _refuse_beside_a_restore(tools, found, found.running)
    if found.fence is None and state is None:
        tools.screen.say(f"{where} is not fenced, and no switchover of {plan.name} is under way", "bold green")
        _print_called_off(tools, plan.name, None)
        return FINE
    asked = f"Let clients into {where} again?" if found.fence is not None else "Call it off?"
    asked = situation.two_writers(plan) if found.published is not None else asked
    confirm(tools, f"{asked} {found.fence.gives_back}" if found.fence is not None else asked, yes=yes)
    # another terminal may have come to the restore while this one asked
    _refuse_beside_a_restore(tools, found, situation.running(tools, plan))
    if state is not None:  # first of all: another terminal that goes on with it stops, and fences nothing again
        Course(tools, plan, state).call_off()
    if found.fence is not None:
        take_away(tools, plan, found.by)
    if state is not None:
        view.show_end(tools, found, state, switchovers.CALLED_OFF)
    if found.published is not None:
        still = f"! the endpoint still says that the warehouse is in {plan.recovery}. If it is not, withdraw the"
        tools.screen.say(f"{still} endpoint, look where your DNS name leads, and delete the cluster there", "bold red")
        tools.screen.command(situation.withdraw(tools, plan))
    _print_called_off(tools, plan.name, state)
    return FINE


def _refuse_beside_a_restore(tools: Tools, found: Situation, running: Sequence[Execution]) -> None:
    """Refuse to let clients in while a restore runs.

    Raises:
        CliError: it will publish the new cluster.
    """
    plan = found.plan
    for one in running:
        if one.input.get("mode") == DRILL:  # publishes nothing, and deletes its cluster by itself
            continue
        stop = next_steps.Commands(region=plan.recovery, profile=tools.profile)
        hint = f"watch it: {situation.command(tools, plan, 'switchover')}; or stop it: "
        hint += stop.aws("stepfunctions", "stop-execution", "--execution-arn", one.arn)
        stays = f"{plan.cluster} in {plan.primary} stays fenced" if found.fence is not None else "nothing was changed"
        raise CliError(f"the restore {one.name} runs, and will publish a second cluster: {stays}", hint)


def _print_called_off(tools: Tools, plan: str, state: State | None) -> None:
    if tools.json:
        known = {"switchover": state.value} if state is not None else {}
        print_json({"version": 1, "plan": plan, "outcome": switchovers.CALLED_OFF, **known})
