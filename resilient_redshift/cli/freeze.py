"""``resilient-redshift freeze``: keep the copied automated snapshots permanently, in an incident."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import frozen_snapshots, outlook, plans, restore_view, words
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.confirmation import confirm, end_dry_run
from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN, CliError
from resilient_redshift.cli.options import DAYS, DRY_RUN, TIME, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.redshift.snapshots import AVAILABLE, choose
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE
from resilient_redshift.planning.quota import DEFAULT_QUOTA
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from resilient_redshift.cli.frozen_snapshots import FrozenSnapshot, Selection
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

JSON_VERSION: Final = 1
_NOT_FROZEN: Final = frozenset({frozen_snapshots.FAILED, frozen_snapshots.NOT_TRIED})


@click.command
@plan_argument
@click.option("--newest", type=click.IntRange(1), metavar="N", help="The N newest.  [default: the newest of each day]")
@click.option(
    "--keep",
    type=DAYS,
    default="forever",
    metavar="DAYS|forever",
    help=f"How long to keep the manual snapshots, from now: 1 to {MOST_MANUAL_DAYS} days.  [default: forever]",
)
@click.option(
    "--lineage",
    type=TIME,
    metavar="TIME",
    help="Freeze the copies of the cluster that was created at that time.  [default: the recorded one]",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@DRY_RUN
@as_json
@common
@click.pass_obj
def freeze(
    tools: Tools, plan: str, *, newest: int | None, keep: int, lineage: datetime | None, yes: bool, dry_run: bool
) -> None:
    """Keep the copied automated snapshots of PLAN's cluster in the recovery Region permanently.

    Automated snapshots expire, even while the primary Region can make no new ones. The command copies the newest one of
    each day to a manual snapshot in the same Region, named after the time of its data, so that a second run makes
    nothing twice. It leaves room in the quota of manual snapshots. The primary Region is not needed.
    """
    record = plans.find_in_recovery_region(tools.aws, plan)
    points = outlook.snapshots(tools.aws, record.recovery)
    usable = _usable(tools, record, points, lineage)
    existing = {point.identifier: point for point in points}
    selection = frozen_snapshots.select(usable, record.cluster, existing, newest)
    snapshots = selection.snapshots
    if not snapshots:
        raise CliError(f"no usable copied automated snapshot of {record.cluster} in {record.recovery}", "see 'status'")
    _refuse_strangers(record, snapshots, existing)
    _show(tools, record, selection, existing, keep)
    if dry_run:
        named = [{"automated": one.point.identifier, "manual": one.name} for one in snapshots]
        end_dry_run(tools, "freeze", plan=record.name, region=record.recovery, snapshots=named)
    if any(frozen_snapshots.is_new(snapshot, existing, keep) for snapshot in snapshots):
        confirm(tools, "Freeze them?", yes=yes)
    else:
        tools.screen.say("nothing is new: all of them are manual snapshots already", "bold green")
    frozen_snapshots.freeze_all(tools, record, snapshots, existing, keep)
    now = ask(partial(outlook.snapshots, tools.aws, record.recovery))
    frozen_snapshots.add_statuses(snapshots, now.value or [])
    unread = "" if now.problem is None else now.problem.message
    click.get_current_context().exit(_show_results(tools, record, snapshots, unread))


def _usable(
    tools: Tools, plan: Plan, points: Sequence[RecoveryPoint], lineage: datetime | None
) -> Sequence[RecoveryPoint]:
    recorded = outlook.recorded_lineage(tools.aws, plan)
    for problem in (*plan.problems, recorded.problem):
        if problem:
            tools.screen.say(f"  ! {problem}", "yellow")
    choice = choose(
        points,
        cluster=plan.cluster,
        source_region=plan.primary,
        plan=plan.name,
        lineage=recorded.time,
        accepted=outlook.accepted_lineage(points, plan, lineage),
    )
    if choice.outcome == AMBIGUOUS_LINEAGE:
        tools.screen.say("candidates, the newest of each cluster that had this name:", "yellow")
        restore_view.show_points(tools.screen, choice.candidates, plan.rule_names, tools.now())
        hint = "freeze the copies of one cluster at a time: --lineage, with the time in the last column"
        raise CliError(f"{AMBIGUOUS_LINEAGE} of {plan.cluster}: {choice.ambiguous}", hint)
    return choice.usable


def _refuse_strangers(plan: Plan, snapshots: Sequence[FrozenSnapshot], existing: dict[str, RecoveryPoint]) -> None:
    """Refuse if a manual snapshot with one of the names holds other data."""
    for snapshot in snapshots:
        other = existing.get(snapshot.name)
        if other is not None and (other.cluster, other.created) != (plan.cluster, snapshot.point.created):
            hint = "that name belongs to another snapshot: find out who made it; do not rename or delete it"
            raise CliError(f"{snapshot.name} is there already, but holds other data", hint)


def _show(tools: Tools, plan: Plan, selection: Selection, existing: dict[str, RecoveryPoint], keep: int) -> None:
    screen, snapshots = tools.screen, selection.snapshots
    new = [snapshot for snapshot in snapshots if snapshot.name not in existing]
    length = "for ever" if keep == FOREVER_DAYS else f"for {words.count(keep, 'day')}"
    screen.say(f"{plan.name}: copied automated snapshots of {plan.cluster} in {plan.recovery}, kept {length}", "bold")
    rows = [
        (
            snapshot.point.identifier,
            words.minute(snapshot.point.created),
            words.size(snapshot.point.size_megabytes),
            snapshot.name + (" (there already)" if snapshot.name in existing else ""),
        )
        for snapshot in snapshots
    ]
    screen.table(("automated snapshot", "data of", "size", "becomes"), rows, right=(2,))
    manual = sum(not point.automated for point in existing.values())
    total = sum(snapshot.point.size_megabytes or 0 for snapshot in new)
    until = "until you delete them" if keep == FOREVER_DAYS else length
    more = f"{words.count(len(new), 'manual snapshot')} more, {words.size(total)} in all"
    screen.fact("cost", f"{more}; AWS bills each by its full size, each month, {until}" if new else "nothing more")
    for line in _left_out(selection):
        screen.fact("left out", line)
    allowed = f"AWS allows {DEFAULT_QUOTA} unless it granted you more"
    screen.fact("quota", f"{words.count(manual, 'manual snapshot')} in {plan.recovery} now; {allowed}")
    if manual + len(new) > DEFAULT_QUOTA:
        screen.say(
            "  ! the quota may be too small for all: the newest are frozen first, the oldest may be left", "yellow"
        )


def _left_out(selection: Selection) -> Iterator[str]:
    if selection.thinned:
        older = words.count(selection.thinned, "older snapshot")
        yield f"{older} of the same days: one a day is kept; --newest N takes the N newest instead"
    if selection.without_room:
        oldest = words.count(selection.without_room, "snapshot")
        yield f"the {oldest} of the oldest days: room in the quota is left for what still arrives; --newest N fills it"


def _show_results(tools: Tools, plan: Plan, snapshots: Sequence[FrozenSnapshot], unread: str) -> int:
    """Show how each snapshot went.

    Args:
        tools: the world around the command.
        plan: the plan record of the recovery Region.
        snapshots: the snapshots, with their results.
        unread: why it could not be read what Redshift says of them. Empty if it was read.

    Returns:
        The exit status.
    """
    failures = [snapshot for snapshot in snapshots if snapshot.result in _NOT_FROZEN]
    for snapshot in snapshots:
        reason = snapshot.reason or (snapshot.status if snapshot.status != AVAILABLE else "")
        suffix = f": {reason}" if reason else ""
        tools.screen.say(f"  {snapshot.result:<16}{snapshot.name}{suffix}", "red" if snapshot in failures else "")
    if failures:
        hint = "mend what is said above, and run it again: what is frozen is not made twice"
        if any(snapshot.reason == frozen_snapshots.QUOTA_REACHED for snapshot in failures):
            hint = "ask AWS for a higher quota, or delete manual snapshots that nobody needs, and run it again"
        tools.screen.say(f"{len(failures)} of {len(snapshots)} are not frozen; {hint}", "bold red")
    elif unread:
        tools.screen.say(f"it is unknown whether Redshift wrote them: {unread}", "bold yellow")
    elif any(snapshot.status not in {"", AVAILABLE} for snapshot in snapshots):
        tools.screen.say("Redshift still writes them: 'status' shows when they are available", "yellow")
    else:
        tools.screen.say(f"{words.count(len(snapshots), 'snapshot')} of {plan.cluster} will stay", "bold green")
    if tools.json:
        print_json(
            {
                "version": JSON_VERSION,
                "plan": plan.name,
                "region": plan.recovery,
                "snapshots": [
                    {
                        "automated": snapshot.point.identifier,
                        "manual": snapshot.name,
                        "created": words.iso(snapshot.point.created),
                        "result": snapshot.result,
                        **({"status": snapshot.status} if snapshot.status else {}),
                        **({"reason": snapshot.reason} if snapshot.reason else {}),
                    }
                    for snapshot in snapshots
                ],
            }
        )
    return MISSED if failures else UNKNOWN if unread else FINE
