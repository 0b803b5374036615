"""``resilient-redshift freeze``: keep the copied automated snapshots permanently, in an incident."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import frozen_snapshots, outlook, plans, restore_view, words
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.options import DAYS, TIME, as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.redshift.snapshots import AVAILABLE, choose
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE
from resilient_redshift.planning.quota import DEFAULT_QUOTA
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from resilient_redshift.cli.frozen_snapshots import FrozenSnapshot
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

JSON_VERSION: Final = 1
_NOT_FROZEN: Final = frozenset({frozen_snapshots.FAILED, frozen_snapshots.NOT_TRIED})


@click.command
@plan_argument
@click.option("--newest", type=click.IntRange(1), metavar="N", help="Only the N newest.  [default: all usable ones]")
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
@as_json
@common
@click.pass_obj
def freeze(tools: Tools, plan: str, *, newest: int | None, keep: int, lineage: datetime | None, yes: bool) -> None:
    """Keep the copied automated snapshots of PLAN's cluster in the recovery Region permanently.

    Automated snapshots expire, even while the primary Region can make no new ones. The command copies each to a manual
    snapshot in the same Region, named after the time of its data, so that a second run makes nothing twice. The primary
    Region is not needed.
    """
    record = plans.find_in_recovery_region(tools.aws, plan)
    points = outlook.snapshots(tools.aws, record.recovery)
    usable = _usable(tools, record, points, lineage)
    snapshots = frozen_snapshots.snapshots_to_freeze(usable, record.cluster, newest)
    if not snapshots:
        raise CliError(f"no usable copied automated snapshot of {record.cluster} in {record.recovery}", "see 'status'")
    existing = {point.identifier: point for point in points}
    _refuse_strangers(record, snapshots, existing)
    _show(tools, record, snapshots, existing, keep)
    confirm(tools, "Freeze them?", yes=yes)
    frozen_snapshots.freeze_all(tools, record, snapshots, existing, keep)
    points_now = ask(partial(outlook.snapshots, tools.aws, record.recovery)).value or []
    frozen_snapshots.add_statuses(snapshots, points_now)
    click.get_current_context().exit(_show_results(tools, record, snapshots))


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
        raise CliError(f"{AMBIGUOUS_LINEAGE}: there are copies of several clusters called {plan.cluster}", hint)
    return choice.usable


def _refuse_strangers(plan: Plan, snapshots: Sequence[FrozenSnapshot], existing: dict[str, RecoveryPoint]) -> None:
    """Refuse if a manual snapshot with one of the names holds other data."""
    for snapshot in snapshots:
        other = existing.get(snapshot.name)
        if other is not None and (other.cluster, other.created) != (plan.cluster, snapshot.point.created):
            hint = "that name belongs to another snapshot: find out who made it; do not rename or delete it"
            raise CliError(f"{snapshot.name} is there already, but holds other data", hint)


def _show(
    tools: Tools, plan: Plan, snapshots: Sequence[FrozenSnapshot], existing: dict[str, RecoveryPoint], keep: int
) -> None:
    screen = tools.screen
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
    screen.fact("cost", f"{words.count(len(new), 'manual snapshot')} more, {words.size(total)} in all; AWS bills them")
    allowed = f"AWS allows {DEFAULT_QUOTA} unless it granted you more"
    screen.fact("quota", f"{words.count(manual, 'manual snapshot')} in {plan.recovery} now; {allowed}")
    if manual + len(new) > DEFAULT_QUOTA:
        screen.say(
            "  ! the quota may be too small for all: the newest are frozen first, the oldest may be left", "yellow"
        )


def _show_results(tools: Tools, plan: Plan, snapshots: Sequence[FrozenSnapshot]) -> int:
    """Show how each snapshot went.

    Returns:
        The exit status.
    """
    failures = [snapshot for snapshot in snapshots if snapshot.result in _NOT_FROZEN]
    for snapshot in snapshots:
        reason = snapshot.reason or (snapshot.status if snapshot.status != AVAILABLE else "")
        suffix = f": {reason}" if reason else ""
        tools.screen.say(f"  {snapshot.result:<16}{snapshot.name}{suffix}", "red" if snapshot in failures else "")
    if failures:
        hint = "ask AWS for a higher quota, or delete manual snapshots that nobody needs, and run it again"
        counts = f"{len(failures)} of {len(snapshots)} are not frozen and expire as before"
        tools.screen.say(f"{counts}; {hint}", "bold red")
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
    return MISSED if failures else FINE
