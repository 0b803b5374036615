"""The end of a run: what it measured, what the outcome means, and who learns of it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.phases import End, Step, cut, size
from resilient_redshift.cloud.restore import drills
from resilient_redshift.cloud.restore.calls import FEW, MANY, CallFailed, wait_out
from resilient_redshift.cloud.restore.checks import results
from resilient_redshift.cloud.restore.plan import OBJECTIVES
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names, outcomes
from resilient_redshift.contract.schemas import REPORT_VERSION
from resilient_redshift.contract.stored import read_drills

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

REPORT: Final = "Report"
READ_DRILLS, WRITE_DRILLS, METRICS, BUCKET, TOPIC = "read drills", "write drills", "metrics", "bucket", "topic"
#: The longest report in bytes. A failed execution's cause holds 32,768 characters (Step Functions API).
_LONGEST_REPORT: Final = 20_000
#: How long the texts of the lists may be, in bytes, tried in this order until the report is short enough.
_TEXTS: Final = (300, 100, 30, 10)
#: How much a reader that fails adds to the report.
_LONGEST_ADDITION: Final = 300
_LONGEST_MESSAGE: Final = 1500
_LONGEST_SUBJECT: Final = 100
#: What the same end means for a drill: no capacity proves nothing, and a drill's name is taken by another drill only.
_OF_A_DRILL: Final = {
    outcomes.RESTORED: outcomes.PASSED,
    outcomes.RESTORED_UNVERIFIED: outcomes.FAILED_CHECKS,
    outcomes.NO_CAPACITY: outcomes.INCONCLUSIVE,
    outcomes.QUOTA_EXCEEDED: outcomes.INCONCLUSIVE,
    outcomes.TARGET_EXISTS: outcomes.ALREADY_RUNNING,
}
_STALE_INSTEAD: Final = frozenset(
    {outcomes.PASSED, outcomes.FAILED_SLOW, outcomes.FAILED_CHECKS, outcomes.INCONCLUSIVE}
)
_LEFT_BEHIND_INSTEAD: Final = frozenset(
    {outcomes.PASSED, outcomes.INCONCLUSIVE, outcomes.SKIPPED_FAILOVER, outcomes.ALREADY_RUNNING}
)
_GOOD: Final = frozenset(outcomes.SUCCEEDED)
#: The texts of the lists that are never cut.
_WHOLE: Final = frozenset({"at", "created", "lineage", "type", "status"})


def report(run: Run, aws: Aws) -> Step | End:
    """The phase ``Report``: write the report, then tell it to one reader after the other.

    Raises:
        Again: a call failed with an error that passes.
    """
    if not run.report:
        run.report = build(run, aws.now())
        run.tell = _readers(run)
        return Step(next=REPORT)
    if run.tell:
        _TELL[run.tell[0]](run, aws)
        del run.tell[0]
        return Step(next=REPORT)
    return end(run)


def go_on(run: Run, now: datetime, why: str) -> Step:
    """Go on after the function died in the report, or after a bug in it.

    Args:
        run: the run.
        now: the time.
        why: what happened.
    """
    if not run.report:
        run.report = {**_head(run, now), "outcome": outcomes.FAILED}
        run.report["message"] = cut(f"{run.outcome}: {run.message}; {why}", _LONGEST_MESSAGE)
        run.tell = _readers(run)
        return Step(next=REPORT)
    reader = run.tell.pop(0) if run.tell else ""
    if reader in {READ_DRILLS, WRITE_DRILLS, METRICS}:
        _verdict_lost(run, why)
    else:
        _add_warning(run, why)
    return Step(next=REPORT)


def end(run: Run) -> End:
    """The end of the execution. A drill that another drill makes superfluous succeeds."""
    outcome = str(run.report["outcome"])
    good = outcome in _GOOD or (outcome == outcomes.ALREADY_RUNNING and run.is_drill)
    return End(outcome=outcome, succeeded=good, report=run.report)


def _readers(run: Run) -> list[str]:
    recovery = run.record.get("recovery", {})
    outcome = run.report["outcome"]
    verdict = run.is_drill and run.request.plan and outcome != outcomes.ALREADY_RUNNING
    readers = [READ_DRILLS, METRICS] if verdict else []
    readers += [BUCKET] if recovery.get("report_bucket") else []
    return readers + ([TOPIC] if recovery.get("notify_topic") else [])


# What the run measured, and what that means.


def build(run: Run, now: datetime) -> dict[str, Any]:
    """The report, as ``REPORT_SCHEMA`` says. What is not known is absent.

    Args:
        run: the run, whose outcome is known.
        now: the end of the run.
    """
    numbers = _numbers(run, now)
    whole = {
        **_head(run, now),
        "outcome": _outcome(run, numbers),
        "message": cut(_message(run, numbers), _LONGEST_MESSAGE),
        **_known({"reason": run.request.reason, "point": run.request.point, **numbers}),
        **_parts(run, now),
    }
    lists = _lists(run)
    found = {**whole, **lists}
    for longest in _TEXTS:
        if size(found) <= _LONGEST_REPORT:
            break
        found = {**whole, **_short(lists, longest)}
    return found


def _head(run: Run, now: datetime) -> dict[str, Any]:
    """What each report has, beside the outcome and the message."""
    return {
        "version": REPORT_VERSION,
        "plan": run.request.plan,
        "mode": run.request.mode,
        "execution": run.name,
        "started": iso(run.started),
        "ended": iso(now),
    }


def _numbers(run: Run, now: datetime) -> dict[str, int | None]:
    of = run.measured_point
    point = None if of is None else max(0, math.floor((run.started - of).total_seconds()))
    time = restore = overhead = None
    if run.validated_at is not None:
        time = math.ceil((run.validated_at - (run.clock_from or run.started)).total_seconds())
    if run.available_at is not None and run.restored_at is not None:
        restore = math.floor((run.available_at - run.restored_at).total_seconds())
    refused = _refused(run, now)
    if time is not None and restore is not None:
        overhead = max(0, time - restore - (refused or 0))
    return {
        "recovery_point_seconds": point,
        "recovery_time_seconds": time,
        "restore_seconds": restore,
        "refused_seconds": refused,
        "overhead_seconds": overhead,
    }


def _refused(run: Run, now: datetime) -> int | None:
    """How long AWS had no capacity for the restore, or let it fail. None: the first attempt came through."""
    if not run.ladder.refusals or run.first_restore_at is None:
        return None
    return max(0, math.floor(((run.restored_at or now) - run.first_restore_at).total_seconds()))


def left_behind(run: Run) -> list[str]:
    """The clusters of drills that could not be deleted, this run's own among them."""
    kept = [*(run.leftovers.kept if run.leftovers else []), *(run.own.kept if run.own and run.is_drill else [])]
    return list(dict.fromkeys(kept))


def _outcome(run: Run, numbers: Mapping[str, int | None]) -> str:
    if not run.is_drill:
        return run.outcome
    outcome = _OF_A_DRILL.get(run.outcome, run.outcome)
    if outcome == outcomes.PASSED and _over(run, numbers, "recovery_time_seconds"):
        outcome = outcomes.FAILED_SLOW
    # whoever names the snapshot does not rehearse how old the newest one is
    if outcome in _STALE_INSTEAD and run.request.snapshot is None and _over(run, numbers, "recovery_point_seconds"):
        outcome = outcomes.FAILED_STALE
    return outcomes.LEFT_BEHIND if left_behind(run) and outcome in _LEFT_BEHIND_INSTEAD else outcome


def _over(run: Run, numbers: Mapping[str, int | None], name: str) -> bool:
    """Whether a measured time is over its objective."""
    measured, objective = numbers[name], run.objective(name)
    return measured is not None and objective is not None and measured > objective


def _message(run: Run, numbers: Mapping[str, int | None]) -> str:
    said = [cut(run.message, _LONGEST_MESSAGE // 2)]
    if run.point_chosen:
        said.append(run.point_chosen)
    if run.is_drill and run.record:
        point = "the newest usable recovery point is" if run.measures_newest else "its recovery point is"
        for name, verb in (("recovery_point_seconds", point), ("recovery_time_seconds", "it took")):
            if _over(run, numbers, name):
                old = " old" if name == "recovery_point_seconds" else ""
                said.append(f"{verb} {numbers[name]} seconds{old}; the objective is {run.objective(name)}")
        left = left_behind(run)
        if left and run.made:
            size = f" ({run.cluster.number_of_nodes} x {run.cluster.node_type})" if run.cluster.node_type else ""
            said.append(f"not deleted, and paid for by the hour: {', '.join(left)}{size}")
    return "; ".join(said)


def _parts(run: Run, now: datetime) -> dict[str, Any]:
    """The objects of the report."""
    parts: dict[str, Any] = {}
    objectives = {name: run.objective(name) for name in OBJECTIVES}
    if None not in objectives.values():
        parts["objectives"] = objectives
    if run.chosen is not None:
        chosen = run.chosen
        parts["snapshot"] = _known(
            {
                "identifier": chosen.identifier,
                "type": chosen.type,
                "created": iso(chosen.created),
                "source_region": chosen.source_region,
                "lineage": iso(chosen.lineage),
                "size_megabytes": chosen.size_megabytes,
            }
        )
    if run.made:
        parts["cluster"] = {"identifier": run.target, **_known(asdict(run.cluster))}
    if run.restored_at is not None and run.is_drill and run.cluster.node_type and run.cluster.number_of_nodes:
        hours = (now - run.restored_at).total_seconds() / 3600
        parts["cost"] = {
            "node_type": run.cluster.node_type,
            "number_of_nodes": run.cluster.number_of_nodes,
            "node_hours": round(run.cluster.number_of_nodes * hours, 2),
        }
    return parts


def _lists(run: Run) -> dict[str, list[Any]]:
    """The lists of the report. An empty one is absent."""
    leftovers = [*(run.leftovers.every if run.leftovers else []), *left_behind(run)]
    lists: dict[str, list[Any]] = {
        "checks": [_known(asdict(result)) for result in results(run)],
        "attempts": [_shown({**asdict(attempt), "at": attempt.at}, empty=("error",)) for attempt in run.attempts],
        "warnings": run.warnings,
        "missing": run.missing,
        "leftovers": list(dict.fromkeys(leftovers)),
        "candidates": [_known({**asdict(one), **_times(one.created, one.lineage)}) for one in run.candidates],
    }
    return {name: content for name, content in lists.items() if content}


def _shown(value: Mapping[str, Any], empty: Iterable[str]) -> dict[str, Any]:
    """A part of the report without the texts that are empty."""
    shown = {name: iso(part) if isinstance(part, datetime) else part for name, part in value.items()}
    return {name: part for name, part in shown.items() if part or name not in empty}


def _times(created: datetime | None, lineage: datetime | None) -> dict[str, str | None]:
    return {"created": iso(created) if created else None, "lineage": iso(lineage) if lineage else None}


def _short(lists: Mapping[str, list[Any]], longest: int) -> dict[str, list[Any]]:
    """The same lists with fewer items and shorter texts. Of the checks, those that failed come first."""
    most = {"checks": 30, "attempts": 8, "warnings": 10, "missing": 20, "leftovers": 20, "candidates": 5}
    shares = {"checks": 60, "attempts": 300, "warnings": 200, "missing": 150, "leftovers": 63, "candidates": 100}
    ordered = {**lists, "checks": sorted(lists.get("checks", []), key=lambda check: bool(check["passed"]))}
    return {
        name: [_cut(one, min(longest, shares[name])) for one in content[: most[name]]]
        for name, content in ordered.items()
        if content
    }


def _cut(value: Any, longest: int) -> Any:  # noqa: ANN401 - any part of a report
    if isinstance(value, dict):
        # times and kinds are short, and no part of one would be one
        return {name: part if name in _WHOLE else _cut(part, longest) for name, part in value.items()}
    return cut(value, longest) if isinstance(value, str) else value


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


# Who learns of it.


def _read_drills(run: Run, aws: Aws) -> None:
    try:
        answer = aws.call("ssm", "GetParameter", Name=names.drills_name(run.request.plan))
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        if error.meaning is not Meaning.MISSING:
            _call_lost(run, error)
        memory = None
    else:
        stored = read_drills(answer["Parameter"]["Value"], run.request.plan)
        for problem in stored.problems:
            _add_warning(run, f"{problem}; it is written anew")
        memory = stored.value or None
    after = drills.remember(memory or {}, run.report)
    run.drills = after or memory
    if after is not None:
        run.tell.insert(1, WRITE_DRILLS)


def _write_drills(run: Run, aws: Aws) -> None:
    value = json.dumps(run.drills, separators=(",", ":"), ensure_ascii=False)
    try:
        aws.call(
            "ssm", "PutParameter", Name=names.drills_name(run.request.plan), Value=value, Type="String", Overwrite=True
        )
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        _call_lost(run, error)


def _put_metrics(run: Run, aws: Aws) -> None:
    if run.drills is None:
        return
    data = drills.metrics(
        run.request.plan, run.drills, now=aws.now(), left_behind=len(left_behind(run)), checks=results(run)
    )
    try:
        aws.call("cloudwatch", "PutMetricData", Namespace=names.METRIC_NAMESPACE, MetricData=data)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        _call_lost(run, error)


def _call_lost(run: Run, error: CallFailed) -> None:
    _verdict_lost(run, str(error), instead=outcomes.ACCESS_DENIED if error.refused else outcomes.FAILED)


def _verdict_lost(run: Run, why: str, *, instead: str = outcomes.FAILED) -> None:
    """Let a drill fail whose verdict nobody hears."""
    if run.report["outcome"] in _GOOD:
        run.report["outcome"] = instead
    run.report["message"] += f"; what it found could not be recorded: {cut(why, _LONGEST_ADDITION)}"


def _add_warning(run: Run, text: str) -> None:
    """Add a warning to the report. The report has no other changes once it is built."""
    text = cut(text, _LONGEST_ADDITION)
    warnings = run.report.setdefault("warnings", [])
    if text not in warnings:
        warnings.append(text)


def _put_report(run: Run, aws: Aws) -> None:
    key = names.report_key(run.request.plan, run.name)
    body = json.dumps(run.report, separators=(",", ":"), ensure_ascii=False).encode()
    bucket = run.record["recovery"]["report_bucket"]
    _try(run, aws, "s3", "PutObject", Bucket=bucket, Key=key, ContentType="application/json", Body=body)


def _notify(run: Run, aws: Aws) -> None:
    subject = f"{run.report['outcome']}: {run.request.mode} of {run.request.plan}"[:_LONGEST_SUBJECT]
    message = json.dumps(run.report, separators=(",", ":"), ensure_ascii=False)
    topic = run.record["recovery"]["notify_topic"]
    _try(run, aws, "sns", "Publish", TopicArn=topic, Subject=subject, Message=message)


def _try(run: Run, aws: Aws, service: str, operation: str, **parameters: Any) -> None:  # noqa: ANN401 - of any call
    """Make a call whose failure is only a warning in the report."""
    try:
        aws.call(service, operation, **parameters)
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        _add_warning(run, str(error))


_TELL: Final = {
    READ_DRILLS: _read_drills,
    WRITE_DRILLS: _write_drills,
    METRICS: _put_metrics,
    BUCKET: _put_report,
    TOPIC: _notify,
}
