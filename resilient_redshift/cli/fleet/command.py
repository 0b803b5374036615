"""``resilient-redshift list``: one line a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from resilient_redshift.cli import words
from resilient_redshift.cli.endings import complain
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.fleet import listing, regions
from resilient_redshift.cli.fleet.rows import as_csv
from resilient_redshift.cli.gather import gather
from resilient_redshift.cli.options import NAME, as_json, common
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.patience import Patience
from resilient_redshift.cli.verdict import Verdict, judge, worst

if TYPE_CHECKING:
    from resilient_redshift.cli.fleet.regions import Found
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1
#: With all Regions, three services are asked one after the other, and all of it is decided within ten seconds.
_ALL_REGIONS: Final = Patience(decision=3.0)


@click.command("list")
@click.option("--group", type=NAME, metavar="GROUP", help="The plans of this group.")
@click.option("--all-regions", is_flag=True, help="Ask all Regions of the account.  [default: one Region]")
@click.option("--csv", is_flag=True, help="Print CSV on standard output.")
@as_json
@common
@click.pass_obj
def list_plans(tools: Tools, *, group: str | None, all_regions: bool, csv: bool) -> None:
    """Show one line a plan: verdict, age of the recovery point, objective, last drill, failed over or not.

    A plan has a record in both of its Regions, and is shown once.
    """
    if csv and tools.json:
        raise click.UsageError("give --csv or --json, not both")
    if all_regions and tools.patience == Patience():
        tools.patience = _ALL_REGIONS
    found = regions.find(tools.aws, all_regions=all_regions)
    _narrow(found, group)
    observations = gather(tools.aws, found.plans)
    now = tools.now()
    rows = listing.rows_of([(one, judge(one, now)) for one in observations], now)
    if csv:
        click.echo(as_csv(rows), nl=False)
    elif tools.json:
        regions_ = [
            {"region": region, **({"problem": found.unread[region].message} if region in found.unread else {})}
            for region in found.regions
        ]
        value = {"version": JSON_VERSION, "at": words.iso(now), "plans": [row.value for row in rows]}
        print_json({**value, "regions": regions_})
    else:
        listing.show(tools.screen, rows, found.unread)
    for region, problem in found.unread.items() if csv else ():
        complain(f"{region}: unknown: {problem.message}", "")
    for one in found.problems:
        complain(one.message, one.hint)
    if found.note:
        complain(found.note, "")
    unread = [Verdict(unknown=[problem.message]) for problem in (*found.problems, *found.unread.values())]
    click.get_current_context().exit(worst([*(row.verdict for row in rows), *unread]))


def _narrow(found: Found, group: str | None) -> None:
    """Leave the plans of a group alone.

    Raises:
        CliError: there is no plan, or none of the group. Nothing is unread.
    """
    every = found.plans
    found.plans = [plan for plan in every if group in {None, plan.record.get("group")}]
    if found.plans or found.problems or found.unread:
        return
    of = f" of the group {group!r}" if group else ""
    where = found.regions[0] if len(found.regions) == 1 else f"{len(found.regions)} Regions"
    raise CliError(f"no plan{of} in {where}", listing.hint_at_groups(every, ", or --all-regions"))
