"""Writes findings as SARIF 2.1.0, which GitHub code scanning and other services read.

The file keeps GitHub's rules and limits ("SARIF support for code scanning"): each result has a place, a line and a
fingerprint, and there are no more results than GitHub stores.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from resilient_redshift.planning._terminal import printable
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import RULE_OF, RULE_TEXTS, CheckRule
from resilient_redshift.planning.reports._alerts import alerts_of, how_many, is_chosen, message_of
from resilient_redshift.planning.reports.locations import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey
    from resilient_redshift.planning.reports._alerts import Alert
    from resilient_redshift.planning.reports.formats import ReportOptions
    from resilient_redshift.planning.reports.locations import Location

    JSON = dict[str, Any]

#: GitHub stores no more results of a run ("SARIF results exceed soft limits").
MOST_RESULTS: Final = 5000
#: The name of our fingerprint. Another way to make fingerprints gets another name.
FINGERPRINT: Final = "resilientRedshift/v1"
#: The only fingerprint that GitHub reads.
_GITHUB_FINGERPRINT: Final = "primaryLocationLineHash"
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: Imported by name: the library's root names every room, for type checkers.
_LIBRARY: Final = "resilient_redshift"
_ROOT: Final = "%SRCROOT%"
_RULES: Final = tuple(CheckRule)
_FAILURE_OF: Final = {rule: failure for failure, rule in RULE_OF.items()}
_WARNINGS: Final = frozenset({CheckRule.EXCEPTION_IDLE, CheckRule.ENTRY_IDLE})


def check_as_sarif(result: CheckResult, options: ReportOptions) -> str:
    """A check as SARIF.

    Args:
        result: the result of the check.
        options: what the report shows; the root is the folder that paths are relative to.

    Returns:
        The JSON, in ASCII, with a line feed at its end. The exit code in it is 0 when the policy is kept, else 1.
    """
    invocation = {"executionSuccessful": True, "exitCode": 0 if result.kept else 1}
    return _sarif("check", alerts_of(result, options), invocation, _notifications(result.not_read, result))


def comparison_as_sarif(comparison: Comparison, options: ReportOptions) -> str:
    """A comparison as SARIF: what the change does, and the check of the head. Each result says whether it is new.

    A finding that the change fixes is a notification, and no result whose state is ``absent``. GitHub's list of the
    properties that it reads does not have the state, so that it would show an open alert.

    Args:
        comparison: the comparison.
        options: as for :func:`check_as_sarif`.

    Returns:
        The JSON, in ASCII, with a line feed at its end.
    """
    notifications = _notifications(comparison.not_read, comparison.check)
    for finding in comparison.fixed:
        if is_chosen(finding, options):
            text = f"fixed: {message_of(finding)}"
            notifications.append(_notification(text, "note", associatedRule=_rule_of(finding.rule)))
    return _sarif("diff", alerts_of(comparison, options), {"executionSuccessful": True}, notifications)


def _sarif(command: str, alerts: Sequence[Alert], invocation: JSON, notifications: list[JSON]) -> str:
    shown, left_out = alerts[:MOST_RESULTS], alerts[MOST_RESULTS:]
    if left_out:
        why = f"GitHub stores {MOST_RESULTS} results, and this file has the most severe ones"
        notifications.append(_notification(f"left out: {how_many(left_out)}; {why}"))
    places = {alert.location.path: alert.location for alert in shown}
    numbers = {path: number for number, path in enumerate(places)}
    run = {
        "tool": {
            "driver": {
                "name": "resilient-redshift",
                "semanticVersion": import_module(_LIBRARY).__version__,
                "rules": [_rule(rule) for rule in _RULES],
            }
        },
        "automationDetails": {"id": f"resilient-redshift-{command}/"},
        "invocations": [{**invocation, "toolExecutionNotifications": notifications}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "artifacts": [_artifact(place) for place in places.values()],
        "results": [_result(alert, numbers[alert.location.path]) for alert in shown],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: CheckRule) -> JSON:
    text = RULE_TEXTS[rule]
    return {
        "id": rule,
        "name": text.name,
        "shortDescription": {"text": text.sentence},
        "fullDescription": {"text": f"{text.sentence} {text.fix}"},
        "help": {
            "text": f"{text.sentence}\n\nWhat you can do: {text.fix}",
            "markdown": f"{text.sentence}\n\n**What you can do:** {text.fix}",
        },
        "defaultConfiguration": {"level": Level.WARNING if rule in _WARNINGS else Level.ERROR},
        "properties": {"tags": ["reliability", "redshift"]},
    }


def _rule_of(rule: CheckRule) -> JSON:
    return {"id": rule, "index": _RULES.index(rule)}


def _notifications(not_read: Sequence[str], result: CheckResult) -> list[JSON]:
    """What was not read, and what was read and cannot be judged."""
    rule = _rule_of(CheckRule.NOT_READ)
    unread = [_notification(f"not read: {part}", associatedRule=rule) for part in not_read]
    return [*unread, *(_notification(f"not judged: {warehouse}", "note") for warehouse in result.not_judged)]


def _notification(text: str, level: str = "warning", **others: Any) -> JSON:  # noqa: ANN401 - any JSON value
    return {"level": level, "message": {"text": printable(text)}, **others}


def _result(alert: Alert, artifact: int) -> JSON:
    finding = alert.finding
    location: JSON = {
        "physicalLocation": {
            "artifactLocation": {**_artifact_location(alert.location), "index": artifact},
            "region": _region(alert.location),
        }
    }
    result: JSON = {
        "ruleId": finding.rule,
        "ruleIndex": _RULES.index(finding.rule),
        "level": alert.level,
        "message": {"text": alert.message},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint, _GITHUB_FINGERPRINT: alert.identity},
    }
    if finding.cluster is not None:
        location["logicalLocations"] = [_logical_location(finding.cluster)]
        result["properties"] = _properties(finding.cluster, _FAILURE_OF.get(finding.rule))
    if finding.accepted is not None:
        accepted = {"kind": "external", "status": "accepted", "justification": printable(finding.accepted)}
        result["suppressions"] = [accepted]
    if alert.new is not None:
        result["baselineState"] = "new" if alert.new else "unchanged"
    return result


def _artifact(location: Location) -> JSON:
    role = "standardStream" if location.path == STANDARD_INPUT else "analysisTarget"
    return {"location": _artifact_location(location), "roles": [role]}


def _artifact_location(location: Location) -> JSON:
    """A place as a URI. A file outside the root has no base, because its path is not whole."""
    uri = quote(location.path, safe="/", errors="replace")
    return {"uri": uri, "uriBaseId": _ROOT} if location.in_root else {"uri": uri}


def _region(location: Location) -> JSON:
    region = {"startLine": location.line, "endLine": location.line}
    if location.columns is None:
        return region
    first, behind = location.columns
    return {"startLine": location.line, "startColumn": first, "endLine": location.line, "endColumn": behind}


def _logical_location(cluster: ClusterKey) -> JSON:
    name = cluster.logical_id or cluster.name
    path = cluster.path or f"{cluster.stack}/{name}"
    return {"name": printable(name), "fullyQualifiedName": printable(path), "kind": "resource"}


def _properties(cluster: ClusterKey, failure: str | None) -> JSON:
    properties = {
        "cluster": cluster.name,
        "stack": cluster.stack,
        "region": cluster.region,
        "account": cluster.account,
        "failure": failure,
    }
    return {name: printable(value) for name, value in properties.items() if value is not None}
