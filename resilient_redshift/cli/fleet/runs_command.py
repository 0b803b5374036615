"""``resilient-redshift runs``: the past and present runs of plans, each with the command that shows it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import outlook, plans, restore_run, words
from resilient_redshift.cli.endings import complain
from resilient_redshift.cli.errors import FINE, UNKNOWN, CliError
from resilient_redshift.cli.fleet import past_runs
from resilient_redshift.cli.options import NAME, as_json, common
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.restore.request import DRILL, FAILOVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.fleet.past_runs import PastRuns
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1
_DEFAULT_MOST: Final = 20


@click.command
@click.argument("plan", type=NAME, required=False)
@click.option("--all", "every", is_flag=True, help="The runs of every plan whose recovery Region this is.")
@click.option(
    "--most",
    type=click.IntRange(1, 200),
    default=_DEFAULT_MOST,
    metavar="N",
    help=f"The newest N runs, 1 to 200.  [default: {_DEFAULT_MOST}]",
)
@as_json
@common
@click.pass_obj
def runs(tools: Tools, *, plan: str | None, every: bool, most: int) -> None:
    """Show the runs of PLAN, the newest first: failovers and drills, those under way and those of the last 90 days.

    Below each run is the command that shows its phases and its report.
    """
    if (plan is None) != every:
        raise click.UsageError("give PLAN or --all, not both" if every else "give PLAN, or --all")
    found, problems = _plans(tools, plan)
    by_name = {one.name: one for one in found}
    machines = {machine for one in found if (machine := one.machine("restore"))}
    past = past_runs.read(tools.aws, machines, by_name, most)
    if tools.json:
        print_json(
            {
                "version": JSON_VERSION,
                "at": words.iso(tools.now()),
                "runs": [_as_mapping(tools, by_name, run) for run in past.runs],
                "unread": [{"execution": run.arn, "problem": problem.message} for run, problem in past.unread],
                "older": past.older,
            }
        )
    _show(tools, by_name, past)
    for problem in problems:
        complain(problem.message, problem.hint)
    click.get_current_context().exit(UNKNOWN if past.unread or problems else FINE)


def _plans(tools: Tools, plan: str | None) -> tuple[Sequence[Plan], Sequence[CliError]]:
    if plan is not None:
        found = plans.find_in_recovery_region(tools.aws, plan)
        outlook.restore_machine(found)
        return [found], []
    region = tools.aws.region
    every, problems = plans.read_all(tools.aws, region)
    here = [one for one in every if one.recovery == region]
    if not here:
        raise CliError(f"no plan has its recovery Region in {region}", "another Region? --region")
    return here, problems


def _show(tools: Tools, by_name: Mapping[str, Plan], past: PastRuns) -> None:
    screen = tools.screen
    for run in past.runs:
        value = _as_mapping(tools, by_name, run)
        took = words.span(value["duration_seconds"])
        parts = [
            words.minute(run.started),
            *([value["plan"]] if len(by_name) > 1 else []),
            value.get("mode", "?"),
            value["outcome"] if run.ended else "runs",
            f"{'took' if run.ended else 'for'} {took}",
            *([f"by {value['started_by']}"] if "started_by" in value else []),
        ]
        screen.say("  ".join(parts))
        if "reason" in value:
            # on one line: a reason with line breaks could look like the command of a run
            screen.say(f"    {' '.join(value['reason'].split())}")
        screen.command(value.get("attach", run.arn))
    for run, problem in past.unread:
        screen.say(f"{words.minute(run.started)}  {run.name} could not be read: {problem.message}", "yellow")
    if not past.runs and not past.unread:
        screen.say("no run in the last 90 days")
    if past.older:
        screen.say(f"{words.count(past.older, 'older execution')} not shown (--most; 'report' reads all)", "dim")


def _as_mapping(tools: Tools, by_name: Mapping[str, Plan], run: Execution) -> dict[str, Any]:
    plan, mode = by_name[str(run.input["plan"])], run.input.get("mode")
    known = mode in {FAILOVER, DRILL}
    values = {
        "plan": plan.name,
        "execution": run.arn,
        "name": run.name,
        "mode": mode if known else None,
        "status": run.status,
        "outcome": run.outcome if run.ended else None,
        "started": words.iso(run.started),
        "ended": words.iso(run.ended) if run.ended else None,
        "duration_seconds": max(0, int(((run.ended or tools.now()) - run.started).total_seconds())),
        "started_by": run.started_by or None,
        "reason": run.input.get("reason"),
        "attach": restore_run.watch_command(tools, plan, str(mode), run.name) if known else None,
    }
    return {name: value for name, value in values.items() if value is not None}
