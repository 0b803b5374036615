"""``resilient-redshift status``: what could be recovered now, from either Region alone, and one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resilient_redshift.cli import age_history, age_history_view, plans, status_output, status_view, watching
from resilient_redshift.cli.endings import complain
from resilient_redshift.cli.errors import FINE
from resilient_redshift.cli.fleet import listing
from resilient_redshift.cli.formats import JSON, NAGIOS, PROMETHEUS, TEXT, as_output
from resilient_redshift.cli.gather import gather
from resilient_redshift.cli.options import HISTORY, NAME, WATCH, as_json, common
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.readings import FEW
from resilient_redshift.cli.status_json import as_mapping
from resilient_redshift.cli.verdict import Verdict, judge, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from resilient_redshift.cli.age_history import History
    from resilient_redshift.cli.errors import CliError
    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools


@click.command
@click.argument("plan", type=NAME, required=False)
@click.option("--cluster", type=NAME, metavar="ID", help="The plans of this cluster.")
@click.option(
    "--history",
    type=HISTORY,
    is_flag=False,
    flag_value=str(age_history.DEFAULT_DAYS),
    metavar="[DAYS]",
    help="The age of the recovery point over the last DAYS, 1 to 60, instead of the snapshots.  [default: 7 days]",
)
@click.option(
    "--watch",
    type=WATCH,
    is_flag=False,
    flag_value=str(watching.DEFAULT_SECONDS),
    metavar="[SECONDS]",
    help="Look again every SECONDS, 5 to 3600, until Ctrl-C. A terminal shows the last look alone.  [default: 30]",
)
@click.option(
    "--until", type=click.Choice(["fine"]), help="Look again until every plan is fine, and end with exit status 0."
)
@as_json
@common
@click.pass_obj
@as_output
def status(
    tools: Tools,
    *,
    plan: str | None,
    cluster: str | None,
    history: int | None,
    watch: int | None,
    until: str | None,
    output: str,
) -> None:
    """Show what could be recovered now, and whether the objective is kept.

    Shows PLAN, the plans of a cluster, or every plan with a record in the Region. More than five plans take one line
    each. Either Region alone is enough: if the primary Region does not answer, the command says so, and still shows
    everything about the recovery Region.
    """
    if history is not None and output in {NAGIOS, PROMETHEUS}:
        raise click.UsageError(f"--history does not go with --output {output}")
    if (watch or until) and output != TEXT:
        raise click.UsageError(f"--watch and --until do not go with --output {output}: run the command each time")

    def look() -> Callable[[], int]:
        return _look(tools, plan, cluster, history, output)

    if not (watch or until):
        click.get_current_context().exit(look()())
    seconds = watch or watching.DEFAULT_SECONDS
    click.get_current_context().exit(watching.watch(tools, look, seconds=seconds, until_fine=until is not None))


def _look(tools: Tools, plan: str | None, cluster: str | None, history: int | None, output: str) -> Callable[[], int]:
    """Read everything. The function that is returned shows it, and returns the exit status."""
    records, problems = _plans(tools, plan, cluster)
    observations = gather(tools.aws, records)
    now = tools.now()
    verdicts = [(observation, judge(observation, now)) for observation in observations]
    unreadable = [Verdict(unknown=[problem.message]) for problem in problems]
    histories = [] if history is None else age_history.read(tools.aws, records, history, now)

    def show() -> int:
        exit_status = worst([*(verdict for _, verdict in verdicts), *unreadable])
        if output == NAGIOS:
            exit_status = status_output.print_nagios(verdicts, problems, now)
        elif output == PROMETHEUS:
            status_output.print_prometheus(verdicts, problems, now)
            exit_status = FINE
        else:
            _show(tools, verdicts, histories, now, as_json=output == JSON)
        for problem in problems:
            complain(problem.message, problem.hint)
        return exit_status

    return show


def _show(
    tools: Tools,
    verdicts: Sequence[tuple[Observation, Verdict]],
    histories: Sequence[History],
    now: datetime,
    *,
    as_json: bool,
) -> None:
    if as_json:
        value = as_mapping(verdicts, now)
        for plan, history in zip(value["plans"], histories, strict=False):
            plan["history"] = age_history_view.as_mapping(history)
        print_json(value)
        return
    if not histories and len(verdicts) > FEW:
        listing.show(tools.screen, listing.rows_of(verdicts, now))
        tools.screen.command("resilient-redshift status PLAN", "one plan whole")
        return
    for number, (observation, verdict) in enumerate(verdicts):
        if histories:
            age_history_view.show(tools.screen, observation.plan, histories[number])
            status_view.show_verdict(tools.screen, verdict)
        else:
            status_view.show(tools.screen, observation, verdict, now)


def _plans(tools: Tools, plan: str | None, cluster: str | None) -> tuple[list[Plan], list[CliError]]:
    if plan and cluster:
        raise click.UsageError("give PLAN or --cluster, not both")
    if plan:
        return [plans.find(tools.aws, plan)], []
    return plans.of_cluster(tools.aws, cluster or "")
