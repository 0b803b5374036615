"""The runs that Step Functions remembers. They are read also where a bucket has reports: a killed run left none."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.executions import Execution, region_of
from resilient_redshift.cli.report.bucket import bucket_of
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.cli.report.evidence import Run, grouped
from resilient_redshift.contract.schemas import REPORT_SCHEMA
from resilient_redshift.contract.understood import understand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence, Window

#: Step Functions keeps an execution for so long after its end (Step Functions developer guide, "Quotas").
KEPT: Final = timedelta(days=90)
#: Pages of 1,000 executions each.
_MOST_PAGES: Final = 200


def read(reading: Reading, evidence: Sequence[Evidence], reported: Mapping[str, str]) -> None:
    """Read the executions of all plans. A machine is listed once for all its plans.

    Args:
        reading: the reading.
        evidence: takes what is found.
        reported: the plan of each execution that has a report in a bucket. Those of other plans are not described.
    """
    for machine, group in grouped(evidence, lambda plan: plan.machine("restore") or "").items():
        if machine:
            _read(reading, machine, group, reported)
        else:
            for one in group:
                why = f"no plan record in {one.plan.recovery} names a restore machine"
                one.lacks_runs("the executions of runs", why, f"the plan record in {one.plan.recovery}")
    for one in evidence:
        _say_limits(reading.window, one)


def _read(reading: Reading, machine: str, group: Sequence[Evidence], reported: Mapping[str, str]) -> None:
    region, source = region_of(machine), f"states:ListExecutions {machine}"
    try:
        items, whole = _list(reading, region, machine)
    except CliError as problem:
        for one in group:
            one.lacks_runs("the executions of runs", problem.message, source)
        return
    for one in group if not whole else ():
        one.lacks_runs("some executions of runs", f"the machine has more than {len(items)} executions", source)
    of_plan = {one.plan.name: one for one in group}
    # "" is the plan of an execution that has no report
    asked = {"", *of_plan}
    wanted = [
        item for item in items if _in_window(item, reading.window) and reported.get(str(item["name"]), "") in asked
    ]
    answers = ask_together([partial(_describe, reading, region, item["executionArn"]) for item in wanted])
    unread: dict[str, list[str]] = defaultdict(list)
    for item, answer in zip(wanted, answers, strict=True):
        if answer.problem is None:
            _take(answer.get(), of_plan)
        else:
            unread[answer.problem.message].append(str(item["name"]))
    for why, executions in sorted(unread.items()):
        what = f"{words.count(len(executions), 'execution')} of the site's restore machine: {', '.join(executions)}"
        for one in group:
            one.lacks_runs(what, why, f"states:DescribeExecution of {machine}")


def _list(reading: Reading, region: str, machine: str) -> tuple[list[dict[str, Any]], bool]:
    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        return reading.call(
            region, "stepfunctions", "ListExecutions", stateMachineArn=machine, maxResults=1000, **marker
        )

    return pages(ask, "executions", marker=("nextToken", "nextToken"), most=_MOST_PAGES)


def _in_window(item: Mapping[str, Any], window: Window) -> bool:
    ended: datetime | None = item.get("stopDate")
    started: datetime = item["startDate"]
    return window.holds(ended) if ended is not None else window.reaches(started)


def _describe(reading: Reading, region: str, arn: str) -> Execution:
    return Execution.of(reading.call(region, "stepfunctions", "DescribeExecution", executionArn=arn))


def _take(execution: Execution, of_plan: Mapping[str, Evidence]) -> None:
    evidence = of_plan.get(str(execution.input.get("plan") or execution.report.get("plan") or ""))
    if evidence is None:
        return
    known = evidence.runs.get(execution.name)
    if known is not None:
        known.arn, known.trigger = execution.arn, execution.started_by
        known.sources = (*known.sources, execution.arn)
        return
    evidence.runs[execution.name] = Run(
        execution=execution.name,
        mode=str(execution.input.get("mode") or execution.report.get("mode") or ""),
        outcome=execution.outcome,
        started=execution.started,
        ended=execution.ended,
        report=understand(REPORT_SCHEMA, dict(execution.report)).value if execution.report else {},
        sources=(execution.arn,),
        arn=execution.arn,
        trigger=execution.started_by,
        reason=str(execution.input.get("reason") or ""),
    )


def _say_limits(window: Window, evidence: Evidence) -> None:
    reach = window.at - KEPT
    if window.since >= reach:
        return
    plan = evidence.plan
    source = f"states:ListExecutions in {plan.recovery}"
    kept = "Step Functions keeps an execution for 90 days after its end"
    if bucket_of(plan):
        evidence.ends(f"runs that left no report before {words.minute(reach)}", kept, source)
    elif plan.read_in != plan.recovery or plan.problem_of("recovery"):
        why = f"{kept}, and the plan record of {plan.recovery}, which names the report bucket, could not be read"
        evidence.lacks_runs(f"runs that ended before {words.minute(reach)}", why, source)
    else:
        why = f"{kept}, and the site has no report bucket"
        evidence.ends(f"runs that ended before {words.minute(reach)}", why, source)
    who = f"who started runs before {words.minute(reach)}"
    evidence.ends(who, "CloudTrail looks up the events of 90 days", f"cloudtrail:LookupEvents in {plan.recovery}")
