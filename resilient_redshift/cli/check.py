"""``resilient-redshift check``: whether a failover would start now. Only the recovery Region is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from resilient_redshift.cli import check_view, dns_advice, plans
from resilient_redshift.cli.aws import ask_both, ask_together
from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN, ApiError, CliError, UnreachableError
from resilient_redshift.cli.formats import JSON, NAGIOS, PROMETHEUS, as_output
from resilient_redshift.cli.gather import gather_recovery
from resilient_redshift.cli.options import as_json, common, plan_argument
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.needs import CANNOT_TELL, NOT_OK, OK
from resilient_redshift.cloud.watch import readiness
from resilient_redshift.cloud.watch.judge import judge
from resilient_redshift.cloud.watch.readiness_reading import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.restore.needs import Line

#: The exit status of each state, which is that of ``status``.
_STATUSES: Final = {OK: FINE, NOT_OK: MISSED, CANNOT_TELL: UNKNOWN}


@dataclass(frozen=True)
class _Calls:
    """Calls in one Region, for the reader that the watcher uses too."""

    aws: Aws
    region: str

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:  # noqa: ANN401 - of any call
        try:
            return self.aws.call(self.region, service, operation, **parameters)
        except ApiError as error:
            raise Unread(error.message, code=error.code, meaning=error.meaning, message=error.words) from error
        except CliError as error:
            meaning = Meaning.UNREACHABLE if isinstance(error, UnreachableError) else Meaning.CREDENTIALS
            raise Unread(error.message, code="", meaning=meaning, message=error.message) from error


@click.command
@plan_argument
@as_json
@common
@click.pass_obj
@as_output
def check(tools: Tools, plan: str, output: str) -> None:
    """Show whether a failover would start now, and what is in its way.

    Shows each thing that a failover of PLAN needs in the recovery Region, and whether it is there. Nothing is started.
    The watcher looks at the same once a day.
    """
    record = plans.find(tools.aws, plan)
    lines = _lines(tools, record)
    status, now = _STATUSES[readiness.state_of(lines)], tools.now()
    if output == JSON:
        print_json(check_view.as_mapping(record, lines, status, now))
    elif output == NAGIOS:
        status = check_view.print_nagios(record, lines)
    elif output == PROMETHEUS:
        check_view.print_prometheus(record, lines, status, now)
        status = FINE
    else:
        check_view.show(tools.screen, record, lines)
    click.get_current_context().exit(status)


def _lines(tools: Tools, record: Plan) -> Sequence[Line]:
    plan: Plan | None = record
    if record.read_in != record.recovery:
        plan = plans.read(tools.aws, record.name, record.recovery)
    if plan is None:
        return readiness.without_record(record.name)
    calls = _Calls(tools.aws, plan.recovery)
    # at the same time: in an outage each may take the whole time that is waited for a Region
    seen, answers = ask_both(
        partial(gather_recovery, tools.aws, plan),
        lambda: ask_both(
            partial(Reader(calls, ask_together).read, plan.record), partial(dns_advice.advice, calls, plan.record)
        ),
    )
    replies, advice = answers.get()
    observation = seen.get()
    now = tools.now()
    choice = judge(observation.view, now).standing.choice
    sight = observation.view.sight
    lines = readiness.judge(plan.record, lacks=plan.lacks, replies=replies.get(), sight=sight, choice=choice, now=now)
    return [*lines, *advice.get()]
