"""``resilient-redshift freeze``: in an incident, keep the copied automated snapshots for good."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import freezing, look, plans, restore_view, words
from resilient_redshift.cli.asking import confirm
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.options import DAYS, TIME, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.recovery_points import AMBIGUOUS_LINEAGE, choose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from resilient_redshift.cli.freezing import Frozen
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.recovery_points import RecoveryPoint
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1
#: Manual snapshots in an account and Region, unless AWS raised it (Amazon Redshift quotas).
_USUAL_QUOTA: Final = 20
_FOREVER: Final = -1
_DONE: Final = "available"
_UNDONE: Final = frozenset({freezing.FAILED, freezing.NOT_TRIED})


@click.command
@plan_argument
@click.option("--newest", type=click.IntRange(1), metavar="N", help="Only the N newest.  [default: all usable ones]")
@click.option(
    "--keep",
    type=DAYS,
    default="forever",
    metavar="DAYS|forever",
    help="How long the manual snapshots live, from now: 1 to 3653 days.  [default: forever]",
)
@click.option("--lineage", type=TIME, metavar="TIME", help="Of the cluster that was created at that time.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@common
@click.pass_obj
def freeze(tools: Tools, plan: str, *, newest: int | None, keep: int, lineage: datetime | None, yes: bool) -> None:
    """Keep the copied automated snapshots of PLAN's cluster in the recovery Region for good.

    Automated ones expire, also while nobody can make new ones. Each becomes a manual snapshot there, named after the
    time of its data, so that a second run makes nothing twice. The primary Region is not needed.
    """
    found = plans.find_in_recovery_region(tools.aws, plan)
    points = look.snapshots(tools.aws, found.recovery)
    wanted = freezing.to_freeze(_usable(tools, found, points, lineage), found.cluster, newest)
    if not wanted:
        raise CliError(f"no usable copied automated snapshot of {found.cluster} in {found.recovery}", "see 'status'")
    there = {point.identifier: point for point in points}
    _refuse_strangers(found, wanted, there)
    _show(tools, found, wanted, there, keep)
    confirm(tools, "Freeze them?", yes=yes)
    freezing.freeze_all(tools, found, wanted, there, keep)
    freezing.look_at(wanted, ask(partial(look.snapshots, tools.aws, found.recovery)).value or [])
    click.get_current_context().exit(_tell(tools, found, wanted))


def _usable(
    tools: Tools, plan: Plan, points: Sequence[RecoveryPoint], lineage: datetime | None
) -> Sequence[RecoveryPoint]:
    choice = choose(
        points,
        cluster=plan.cluster,
        source_region=plan.primary,
        plan=plan.name,
        lineage=look.recorded_lineage(tools.aws, plan),
        accepted=look.accepted_lineage(points, plan, lineage),
    )
    if choice.outcome == AMBIGUOUS_LINEAGE:
        tools.screen.say("candidates, the newest of each cluster that had this name:", "yellow")
        restore_view.show_points(tools.screen, choice.candidates, plan.rule_names, tools.now())
        hint = "freeze one after the other: --lineage, with the time in the last column"
        raise CliError(f"{AMBIGUOUS_LINEAGE}: there are copies of several clusters called {plan.cluster}", hint)
    return choice.usable


def _refuse_strangers(plan: Plan, wanted: Sequence[Frozen], there: dict[str, RecoveryPoint]) -> None:
    for one in wanted:
        stranger = there.get(one.name)
        if stranger is not None and (stranger.cluster, stranger.created) != (plan.cluster, one.point.created):
            raise CliError(f"{one.name} is there already, but holds other data", "rename nothing: ask who made it")


def _show(tools: Tools, plan: Plan, wanted: Sequence[Frozen], there: dict[str, RecoveryPoint], keep: int) -> None:
    screen = tools.screen
    new = [one for one in wanted if one.name not in there]
    kept = "for ever" if keep == _FOREVER else f"for {words.count(keep, 'day')}"
    screen.say(f"{plan.name}: copied automated snapshots of {plan.cluster} in {plan.recovery}, kept {kept}", "bold")
    rows = [
        (
            one.point.identifier,
            words.shown(one.point.created),
            words.size(one.point.size_megabytes),
            one.name + (" (there already)" if one.name in there else ""),
        )
        for one in wanted
    ]
    screen.table(("automated snapshot", "data of", "size", "becomes"), rows, right=(2,))
    manual = sum(not point.automated for point in there.values())
    total = sum(one.point.size_megabytes or 0 for one in new)
    screen.fact("cost", f"{words.count(len(new), 'manual snapshot')} more, {words.size(total)} in all; AWS bills them")
    allowed = f"AWS allows {_USUAL_QUOTA} unless it raised that for you"
    screen.fact("quota", f"{words.count(manual, 'manual snapshot')} in {plan.recovery} now; {allowed}")
    if manual + len(new) > _USUAL_QUOTA:
        screen.say("  ! not all may fit: the newest are frozen first, the quota ends it", "yellow")


def _tell(tools: Tools, plan: Plan, wanted: Sequence[Frozen]) -> int:
    undone = [one for one in wanted if one.result in _UNDONE]
    for one in wanted:
        told = one.reason or (one.status if one.status != _DONE else "")
        reason = f": {told}" if told else ""
        tools.screen.say(f"  {one.result:<16}{one.name}{reason}", "red" if one in undone else "")
    if undone:
        hint = "ask AWS for a higher quota, or delete manual snapshots that nobody needs, and run it again"
        tools.screen.say(f"{len(undone)} of {len(wanted)} are not frozen and expire as before; {hint}", "bold red")
    elif any(one.status not in {"", _DONE} for one in wanted):
        tools.screen.say("Redshift still writes them: 'status' shows when they are available", "yellow")
    else:
        tools.screen.say(f"{words.count(len(wanted), 'snapshot')} of {plan.cluster} will stay", "bold green")
    if tools.json:
        print_json(
            {
                "version": JSON_VERSION,
                "plan": plan.name,
                "region": plan.recovery,
                "snapshots": [
                    {
                        "automated": one.point.identifier,
                        "manual": one.name,
                        "created": words.iso(one.point.created),
                        "result": one.result,
                        **({"status": one.status} if one.status else {}),
                        **({"reason": one.reason} if one.reason else {}),
                    }
                    for one in wanted
                ],
            }
        )
    return MISSED if undone else FINE
