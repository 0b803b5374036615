"""Writes a report as JSON, in the shape of ``check.schema.json`` and ``diff.schema.json`` beside this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.record import seconds
from resilient_redshift.planning._report import row_values, seconds_or_none, table_values
from resilient_redshift.planning._terminal import json_text
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from resilient_redshift.planning.reports._differences import changes_shown
from resilient_redshift.planning.reports._judgements import judgements, results_shown

if TYPE_CHECKING:
    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.changes.comparison import AspectChange, ClusterChange, Comparison, FailureChange
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey, ClusterResult, Finding
    from resilient_redshift.planning.reports._judgements import Judgement
    from resilient_redshift.planning.reports.formats import ReportOptions

#: It changes when a field goes or changes its meaning. A new field does not change it.
_VERSION: Final = 1


def check_as_json(result: CheckResult, options: ReportOptions) -> str:
    """Write the result of a check as JSON. Lengths are in whole seconds."""
    return _written(_check(result, options))


def comparison_as_json(comparison: Comparison, options: ReportOptions) -> str:
    """Write a comparison as JSON, with the check of the head. Lengths are in whole seconds."""
    return _written(
        {
            "version": _VERSION,
            "report": "diff",
            "base": comparison.base,
            "head": comparison.head,
            "worse": comparison.worse,
            "clusters": [_change(each) for each in changes_shown(comparison, options)],
            "fixed": [{**_finding(each), "cluster": _key_or_none(each.cluster)} for each in comparison.fixed],
            "not_read": list(comparison.not_read),
            "check": _check(comparison.check, options),
        }
    )


def _written(values: dict[str, Any]) -> str:
    return json_text(values) + "\n"


def _check(result: CheckResult, options: ReportOptions) -> dict[str, Any]:
    findings = result.all_findings
    return {
        "version": _VERSION,
        "report": "check",
        "policy": result.policy,
        "kept": result.kept,
        "summary": {
            "clusters": len(result.clusters),
            "clusters_kept": sum(cluster.kept for cluster in result.clusters),
            "findings": sum(finding.accepted is None for finding in findings),
            "accepted": sum(finding.accepted is not None for finding in findings),
            "parts_not_read": len(result.not_read),
        },
        "clusters": [_result(each) for each in results_shown(result, options)],
        "findings": [_finding(each) for each in result.findings],
        "not_read": list(result.not_read),
        "not_judged": list(result.not_judged),
    }


def _result(result: ClusterResult) -> dict[str, Any]:
    return {
        **_key(result.cluster),
        **table_values(result.table),
        "kept": result.kept,
        "requirements": [_requirement(each) for each in judgements(result) if each.requirement is not None],
        "findings": [_finding(each) for each in result.findings],
    }


def _requirement(judgement: Judgement) -> dict[str, Any]:
    required = judgement.requirement
    return {
        "id": None if required is None else str(required.failure),
        "lose_at_most_seconds": None if required is None else seconds(required.lose_at_most),
        "noticed_within_seconds": None if required is None else seconds_or_none(required.noticed_within),
        "outcome": judgement.outcome,
        "row": _row_or_none(judgement.row),
    }


def _change(change: ClusterChange) -> dict[str, Any]:
    return {
        **_key(change.cluster),
        "former": _key_or_none(change.former),
        "presence": str(change.presence),
        "certain": change.certain,
        "direction": str(change.direction),
        "failures": [_failure(each) for each in change.failures],
        "aspects": [_aspect(each) for each in change.aspects],
        "findings": [_finding(each) for each in change.findings],
    }


def _failure(change: FailureChange) -> dict[str, Any]:
    return {
        "id": str(change.failure),
        "noticed_after_seconds": seconds_or_none(change.noticed_after),
        "direction": str(change.direction),
        "before": _row_or_none(change.before),
        "after": _row_or_none(change.after),
    }


def _aspect(change: AspectChange) -> dict[str, Any]:
    return {
        "aspect": str(change.aspect),
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "direction": str(change.direction),
        "snapshots_deleted": change.snapshots_deleted,
        "note": change.note,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    text = RULE_TEXTS[finding.rule]
    return {
        "rule": str(finding.rule),
        "name": text.name,
        "level": str(finding.level),
        "message": finding.message,
        "fix": text.fix,
        "subject": finding.subject,
        "file": finding.file,
        "accepted": finding.accepted,
        "breaks": finding.breaks,
        "new": finding.new,
        "fingerprint": finding.fingerprint,
    }


def _key(cluster: ClusterKey) -> dict[str, Any]:
    return {
        "cluster": cluster.name,
        "stack": cluster.stack,
        "region": cluster.region,
        "account": cluster.account,
        "logical_id": cluster.logical_id,
        "path": cluster.path,
        "file": cluster.file,
    }


def _key_or_none(cluster: ClusterKey | None) -> dict[str, Any] | None:
    return None if cluster is None else _key(cluster)


def _row_or_none(row: Protection | None) -> dict[str, Any] | None:
    return None if row is None else row_values(row)
