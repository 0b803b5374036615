"""``resilient-redshift status``: what could be recovered now, from either Region alone, and one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resilient_redshift.cli import plans, status_view
from resilient_redshift.cli.gather import gather
from resilient_redshift.cli.options import NAME, as_json, common
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.status_json import as_mapping
from resilient_redshift.cli.verdict import Verdict, judge, worst

if TYPE_CHECKING:
    from resilient_redshift.cli.errors import CliError
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools


@click.command
@click.argument("plan", type=NAME, required=False)
@click.option("--cluster", type=NAME, metavar="ID", help="The plans of this cluster.")
@as_json
@common
@click.pass_obj
def status(tools: Tools, plan: str | None, cluster: str | None) -> None:
    """Show what could be recovered now, and whether the objective is kept.

    Shows PLAN, the plans of a cluster, or every plan with a record in the Region. Either Region alone is enough: if the
    primary Region does not answer, the command says so, and still shows everything about the recovery Region.
    """
    records, problems = _plans(tools, plan, cluster)
    observations = gather(tools.aws, records)
    now = tools.now()
    verdicts = [(observation, judge(observation, now)) for observation in observations]
    if tools.json:
        print_json(as_mapping(verdicts, now))
    else:
        for observation, verdict in verdicts:
            status_view.show(tools.screen, observation, verdict, now)
    for problem in problems:
        click.echo(f"resilient-redshift: {problem.message}\n  hint: {problem.hint}", err=True)
    unreadable = [Verdict(unknown=[problem.message]) for problem in problems]
    click.get_current_context().exit(worst([*(verdict for _, verdict in verdicts), *unreadable]))


def _plans(tools: Tools, plan: str | None, cluster: str | None) -> tuple[list[Plan], list[CliError]]:
    if plan and cluster:
        raise click.UsageError("give PLAN or --cluster, not both")
    if plan:
        return [plans.find(tools.aws, plan)], []
    return plans.of_cluster(tools.aws, cluster or "")
