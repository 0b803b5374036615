"""The reports of runs in the bucket of a site. They are kept as long as the bucket keeps them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.aws_errors import cli_error
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.cli.report.evidence import Run, grouped
from resilient_redshift.contract.names import REPORT_FOLDER
from resilient_redshift.contract.schemas import REPORT_SCHEMA
from resilient_redshift.contract.understood import object_of, read_time, understand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence

#: Bytes that are read of a report. A run writes 20 KB at most.
_LONGEST: Final = 262_144
#: Pages of 1,000 objects each.
_MOST_PAGES: Final = 200
#: What a report must say to be one.
_NEEDED: Final = ("plan", "mode", "outcome", "execution", "started", "ended")


def bucket_of(plan: Plan) -> str:
    """The bucket that keeps the reports of a plan. Empty: the site has none."""
    return str(plan.part("recovery").get("report_bucket") or "")


def read(reading: Reading, evidence: Sequence[Evidence]) -> dict[str, str]:
    """Read the reports of all plans. A bucket is listed once for all its plans.

    Args:
        reading: the reading.
        evidence: takes what is found.

    Returns:
        The plan of each execution that has a report, also of plans that are not asked for.
    """
    plan_of: dict[str, str] = {}
    for (region, bucket), group in grouped(evidence, lambda plan: (plan.recovery, bucket_of(plan))).items():
        if bucket:
            plan_of |= _read(reading, region, bucket, group)
    return plan_of


def _read(reading: Reading, region: str, bucket: str, group: Sequence[Evidence]) -> dict[str, str]:
    listing = f"s3:ListObjectsV2 s3://{bucket}/{REPORT_FOLDER} in {region}"
    try:
        objects, whole = _list(reading, region, bucket)
    except CliError as problem:
        for one in group:
            one.lacks_runs("the reports of runs", problem.message, listing)
        return {}
    for one in group if not whole else ():
        one.lacks_runs("some reports of runs", f"the bucket has more than {len(objects)} objects there", listing)
    of_plan = {one.plan.name: one for one in group}
    found: dict[str, str] = {}
    wanted: list[tuple[Evidence, str]] = []
    for item in objects:
        key = str(item["Key"])
        plan, _, file = key.removeprefix(REPORT_FOLDER).partition("/")
        if not file.endswith(".json") or "/" in file:
            continue
        found[file.removesuffix(".json")] = plan
        # a run writes its report at its end
        if plan in of_plan and item["LastModified"] >= reading.window.since:
            wanted.append((of_plan[plan], key))
    answers = ask_together([partial(_object, reading, region, bucket, key) for _, key in wanted])
    for (one, key), answer in zip(wanted, answers, strict=True):
        source = f"s3://{bucket}/{key}"
        if answer.problem is not None:
            one.lacks_runs("the report of a run", answer.problem.message, source)
        else:
            _take(reading, one, answer.get(), source)
    return found


def _list(reading: Reading, region: str, bucket: str) -> tuple[list[dict[str, Any]], bool]:
    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        return reading.call(region, "s3", "ListObjectsV2", Bucket=bucket, Prefix=REPORT_FOLDER, **marker)

    return pages(ask, "Contents", marker=("NextContinuationToken", "ContinuationToken"), most=_MOST_PAGES)


def _object(reading: Reading, region: str, bucket: str, key: str) -> str:
    body = reading.call(region, "s3", "GetObject", Bucket=bucket, Key=key)["Body"]
    try:
        return bytes(body.read(_LONGEST)).decode(errors="replace")
    except Exception as error:
        failure = cli_error(error, region, "s3:GetObject")
        if failure is None:
            raise
        raise failure from error


def _take(reading: Reading, evidence: Evidence, text: str, source: str) -> None:
    understood = understand(REPORT_SCHEMA, object_of(text))
    report, plan = understood.value, evidence.plan.name
    wrong = understood.wrong(*_NEEDED)
    started, ended = read_time(report.get("started")), read_time(report.get("ended"))
    if not wrong and report["plan"] != plan:
        wrong = [f"plan is {report['plan']!r}, must be {plan!r}"]
    if wrong or started is None or ended is None:
        why = "; ".join(wrong) or "its times are no times"
        evidence.lacks_runs("the report of a run", f"it is not understood: {why}", source)
        return
    if understood.problems:
        why = f"it is not understood: {'; '.join(understood.said)}"
        evidence.lacks("a part of the report of a run", why, source)
    if reading.window.holds(ended):
        evidence.runs[report["execution"]] = Run(
            execution=report["execution"],
            mode=report["mode"],
            outcome=report["outcome"],
            started=started,
            ended=ended,
            report=report,
            sources=(source,),
            reason=str(report.get("reason", "")),
        )
