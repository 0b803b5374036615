"""The JSON of a report (``contract/audit.py``). The page and the summary show what is in it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.report.collecting import now
from resilient_redshift.cli.report.figures import FAILED, Hours, count_hours, mended_by, percent, result, within
from resilient_redshift.cli.report.retention import retention
from resilient_redshift.contract.audit import AUDIT_VERSION
from resilient_redshift.contract.names import plan_record_name
from resilient_redshift.contract.understood import carried, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.report.evidence import Ages, Evidence, Gap, Run, Switchover, Window

_OBJECTIVES: Final = ("recovery_point_seconds", "recovery_time_seconds", "expected_copy_time_seconds")


def document(
    evidence: Sequence[Evidence],
    window: Window,
    *,
    release: str,
    made_by: Mapping[str, str] | None,
    gaps: Sequence[Gap],
) -> dict[str, Any]:
    """The JSON of a report.

    Args:
        evidence: what is known of each plan.
        window: the time of the report.
        release: the release of this library.
        made_by: who made the report. None: it could not be read.
        gaps: what could not be read, and belongs to no plan.
    """
    found = {
        "version": AUDIT_VERSION,
        "release": release,
        "at": words.iso(window.at),
        "since": words.iso(window.since),
        "until": words.iso(window.until),
        "made_by": None if made_by is None else dict(made_by),
        "plans": [_plan(one, window) for one in sorted(evidence, key=lambda one: one.plan.name)],
        "gaps": _gaps(gaps),
    }
    whole: dict[str, Any] = carried(_known(found))
    return whole


def _plan(evidence: Evidence, window: Window) -> dict[str, Any]:
    plan, verdict, at = evidence.plan, evidence.verdict, words.iso(window.at)
    point = verdict.choice.point if verdict.choice else None
    return _known(
        {
            "plan": plan.name,
            "cluster": plan.cluster,
            "account": plan.part("cluster").get("account"),
            "primary_region": plan.primary,
            "recovery_region": plan.recovery,
            **{name: plan.record.get(name) for name in ("group", "reverse_of", "reversed_by")},
            "objectives": {
                **_known({name: plan.part("objectives").get(name) for name in _OBJECTIVES}),
                "at": at,
                "source": f"ssm {plan_record_name(plan.name)} in {plan.read_in}",
            },
            "present": _known(
                {
                    "status": verdict.word,
                    "line": verdict.line,
                    "missed": verdict.missed,
                    "unknown": verdict.unknown,
                    "notes": verdict.notes,
                    "newest": None
                    if point is None
                    else {
                        "identifier": point.identifier,
                        "created": words.iso(point.created),
                        "age_seconds": int((window.at - point.created).total_seconds()),
                    },
                    "at": at,
                    "source": now(evidence.observation),
                }
            ),
            "retention": [{**_known(row), "at": at} for row in retention(evidence.observation)],
            "age": None if evidence.ages is None else _age(evidence.ages, plan.objective_seconds),
            "runs_unread": evidence.runs_unread,
            "runs": [_run(run) for run in evidence.ordered_runs],
            "measured": {
                "recovery_point": _measured(evidence.ordered_runs, "recovery_point_seconds"),
                "recovery_time": _measured(evidence.ordered_runs, "recovery_time_seconds"),
            },
            "failures": [
                _failure(run, evidence.ordered_runs) for run in evidence.ordered_runs if result(run) == FAILED
            ],
            "switchovers": [_switchover(one) for one in evidence.switchovers],
            "alarms": {
                "watched": sorted(evidence.alarm_names),
                "rang": [
                    _known(
                        {
                            "alarm": one.alarm,
                            "opened": _time(one.opened),
                            "closed": _time(one.closed),
                            "source": one.source,
                        }
                    )
                    for one in sorted(
                        evidence.alarms, key=lambda one: (one.opened or one.closed or window.since, one.alarm)
                    )
                ],
            },
            "limits": _gaps(evidence.limits),
            "gaps": _gaps(evidence.gaps),
        }
    )


def _age(ages: Ages, objective: float | None) -> dict[str, Any]:
    whole, months = count_hours(ages, objective)
    return _known(
        {
            "from": words.iso(ages.start),
            "until": words.iso(ages.end),
            "objective_seconds": objective,
            **_hours(whole),
            "first_data_at": _time(min(ages.by_hour, default=None)),
            "percent_with_data": percent(whole.known, whole.hours - whole.before_first_data),
            "months": [{"month": month, **_hours(hours)} for month, hours in months.items()],
            "source": ages.source,
        }
    )


def _hours(hours: Hours) -> dict[str, Any]:
    return _known(
        {
            "hours": hours.hours,
            "before_first_data": hours.before_first_data,
            "within": hours.within,
            "over": hours.over,
            "over_while_paused": hours.over_while_paused,
            "no_data": hours.no_data,
            "percent_within": percent(hours.within, hours.judged),
            "highest_seconds": hours.highest,
            "highest_at": _time(hours.highest_at),
        }
    )


def _run(run: Run) -> dict[str, Any]:
    report, objectives = run.report, run.report.get("objectives", {})
    checks, snapshot = report.get("checks"), report.get("snapshot")
    judged: dict[str, Any] = {}
    for kind in ("recovery_point", "recovery_time"):
        measured, objective = report.get(f"{kind}_seconds"), objectives.get(f"{kind}_seconds")
        judged[f"{kind}_seconds"] = measured
        judged[f"{kind}_objective_seconds"] = objective
        judged[f"{kind}_within"] = within(measured, objective)
    return _known(
        {
            "execution": run.execution,
            "mode": run.mode,
            "outcome": run.outcome,
            "result": result(run),
            "started": words.iso(run.started),
            "ended": _time(run.ended),
            "message": report.get("message"),
            "reason": run.reason or None,
            "trigger": run.trigger or None,
            "started_by": run.caller or None,
            "started_by_source": run.caller_source or None,
            **judged,
            "point": report.get("point"),
            "snapshot": None if snapshot is None else _snapshot(snapshot),
            "checks": None
            if checks is None
            else {
                "made": len(checks),
                "passed": sum(bool(check["passed"]) for check in checks),
                "failed": [check["name"] for check in checks if not check["passed"]],
            },
            "warnings": report.get("warnings"),
            "sources": list(run.sources),
        }
    )


def _snapshot(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    return _known({"identifier": snapshot["identifier"], "created": _time(read_time(snapshot.get("created")))})


def _measured(runs: Iterable[Run], name: str) -> dict[str, Any]:
    """What runs measured, without those that have not ended."""
    measured = [(run.ended, run, float(run.report[name])) for run in runs if run.ended and name in run.report]
    verdicts = [within(value, run.report.get("objectives", {}).get(name)) for _, run, value in measured]
    newest = max(measured, key=lambda one: (one[0], one[1].execution), default=None)
    highest = max(measured, key=lambda one: (one[2], one[0], one[1].execution), default=None)
    found: dict[str, Any] = {
        "measured": len(measured),
        "within": sum(verdict is True for verdict in verdicts),
        "over": sum(verdict is False for verdict in verdicts),
    }
    for kind, one in (("newest", newest), ("highest", highest)):
        if one is not None:
            found |= {f"{kind}_seconds": one[2], f"{kind}_run": one[1].execution, f"{kind}_at": words.iso(one[0])}
    return found


def _failure(run: Run, runs: Sequence[Run]) -> dict[str, Any]:
    mended, ended = mended_by(run, runs), run.ended or run.started
    return _known(
        {
            "execution": run.execution,
            "mode": run.mode,
            "outcome": run.outcome,
            "ended": words.iso(ended),
            "message": run.report.get("message"),
            "mended_by": None if mended is None else mended.execution,
            "mended_at": None if mended is None else _time(mended.ended),
            "mended_after_seconds": None
            if mended is None or mended.ended is None
            else int((mended.ended - ended).total_seconds()),
            "sources": [*run.sources, *(() if mended is None else mended.sources)],
        }
    )


def _switchover(one: Switchover) -> dict[str, Any]:
    state = one.state
    return _known(
        {
            "id": state["id"],
            "rehearsal": state.get("rehearsal"),
            "started": words.iso(read_time(state.get("started")) or one.written),
            "written": words.iso(one.written),
            **{name: state.get(name) for name in ("by", "fenced", "snapshot", "execution", "outcome")},
            **{name: _time(read_time(state.get(name))) for name in ("ended", "fenced_at", "data_of")},
            "steps": [_step(step) for step in state.get("steps", ())],
            "source": one.source,
        }
    )


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step with its length, unless the command was not there all the time: then nobody knows it."""
    started, ended = read_time(step["started"]), read_time(step.get("ended"))
    length = None if started is None or ended is None or step.get("interrupted") else ended - started
    return _known(
        {
            "name": str(step["name"]),
            "started": _time(started),
            "ended": _time(ended),
            "seconds": None if length is None else length.total_seconds(),
        }
    )


def _gaps(gaps: Sequence[Gap]) -> list[dict[str, str]]:
    return [{"what": gap.what, "why": gap.why, "source": gap.source} for gap in sorted(set(gaps))]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else words.iso(moment)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
