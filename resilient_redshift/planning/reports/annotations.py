"""Writes findings as annotations of a change: GitHub's workflow commands and GitLab's Code Quality report."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._terminal import printable
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from resilient_redshift.planning.reports._alerts import alerts_of, how_many
from resilient_redshift.planning.reports._summary import check_summary, comparison_summary
from resilient_redshift.planning.reports.locations import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey
    from resilient_redshift.planning.reports._alerts import Alert
    from resilient_redshift.planning.reports.formats import ReportOptions
    from resilient_redshift.planning.reports.locations import Location

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
#: GitHub shows so many annotations of one kind of a step ("Limitations", problem matchers of actions/toolkit). One
#: notice is left for the sum of those that are not shown.
_SHOWN: Final = {Level.ERROR: 10, Level.WARNING: 10, Level.NOTE: 9}
_SEVERITIES: Final = {Level.ERROR: "critical", Level.WARNING: "minor", Level.NOTE: "info"}


def check_as_github(result: CheckResult, options: ReportOptions) -> str:
    """The findings of a check as workflow commands of GitHub Actions.

    Args:
        result: the result of the check.
        options: what the report shows; the root is the folder that paths are relative to.

    Returns:
        One line for each cluster with findings, and for each other finding, that GitHub has room for, the most severe
        first, and a line with the sum. What somebody accepted has no line.
    """
    return _commands(alerts_of(result, options), check_summary(result))


def comparison_as_github(comparison: Comparison, options: ReportOptions) -> str:
    """The findings of a comparison as workflow commands of GitHub Actions, without those that the base had already.

    Args:
        comparison: the comparison.
        options: as for :func:`check_as_github`.
    """
    alerts = [alert for alert in alerts_of(comparison, options) if alert.new]
    return _commands(alerts, comparison_summary(comparison))


def check_as_gitlab(result: CheckResult, options: ReportOptions) -> str:
    """The findings of a check as a Code Quality report of GitLab.

    Args:
        result: the result of the check.
        options: as for :func:`check_as_github`.

    Returns:
        The JSON, in ASCII, with a line feed at its end.
    """
    return _code_quality(alerts_of(result, options))


def comparison_as_gitlab(comparison: Comparison, options: ReportOptions) -> str:
    """The findings of a comparison as a Code Quality report of GitLab. GitLab itself tells new findings from others.

    Args:
        comparison: the comparison.
        options: as for :func:`check_as_github`.
    """
    return _code_quality(alerts_of(comparison, options))


def _commands(alerts: Sequence[Alert], summary: str) -> str:
    together: dict[tuple[Level, ClusterKey | str, Location], list[Alert]] = {}
    for alert in alerts:
        if alert.finding.accepted is None:
            about = alert.finding.cluster or alert.identity
            together.setdefault((alert.level, about, alert.location), []).append(alert)
    lines, left_out = [], []
    used: Counter[Level] = Counter()
    for (level, *_), group in together.items():
        if used[level] < _SHOWN[level]:
            used[level] += 1
            lines.append(_command(group))
        else:
            left_out += group
    if left_out:
        why = "GitHub shows 10 annotations of a kind for each step, and they are the first ones"
        lines.append(f"::notice title=More findings::{_data(f'not annotated: {how_many(left_out)}; {why}')}")
    return "\n".join([*lines, printable(summary)]) + "\n"


def _command(alerts: Sequence[Alert]) -> str:
    """One annotation for all findings of a level about one cluster, so that GitHub has room for more clusters."""
    finding, location = alerts[0].finding, alerts[0].location
    rules = ", ".join(f"{rule} {RULE_TEXTS[rule].name}" for rule in dict.fromkeys(each.finding.rule for each in alerts))
    properties = {"title": f"{printable(finding.cluster.name)}: {rules}" if finding.cluster else rules}
    if location.path != STANDARD_INPUT:
        # a run of spaces in a path must stay, and a control character would reach the log
        path = location.path if location.path.isprintable() else printable(location.path)
        properties = {"file": path, "line": str(location.line), **properties}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[alerts[0].level]} {written}::{_data(_message(alerts))}"


def _message(alerts: Sequence[Alert]) -> str:
    cluster = alerts[0].finding.cluster
    if cluster is None or len(alerts) == 1:
        return alerts[0].message
    findings = (f"{alert.finding.rule}: {printable(alert.finding.message)}" for alert in alerts)
    return "\n".join([f"{printable(cluster.in_words)}:", *findings])


def _data(text: str) -> str:
    """The message of a workflow command (escapeData of actions/toolkit)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A property of a workflow command (escapeProperty of actions/toolkit)."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _code_quality(alerts: Sequence[Alert]) -> str:
    issues = [
        {
            "description": alert.message,
            "check_name": alert.finding.rule,
            "fingerprint": alert.identity,
            "severity": _SEVERITIES[alert.level],
            "location": {"path": _whole(alert.location.path), "lines": {"begin": alert.location.line}},
        }
        for alert in alerts
    ]
    return json.dumps(issues, indent=2) + "\n"


def _whole(path: str) -> str:
    """A path without halves of surrogate pairs, which JSON cannot hold."""
    return path.encode(errors="replace").decode()
