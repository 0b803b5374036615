"""The findings of a report as the services of a code review take them: the most severe first, each with its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._terminal import printable
from resilient_redshift.planning.changes.comparison import Presence
from resilient_redshift.planning.checks.findings import CheckResult, Level
from resilient_redshift.planning.reports.locations import Locations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from resilient_redshift.planning.checks.findings import Finding
    from resilient_redshift.planning.reports.formats import Report, ReportOptions
    from resilient_redshift.planning.reports.locations import Location

_SEVERITY: Final = tuple(Level)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A finding at its place.

    Attributes:
        finding: the finding.
        location: where it lies.
        identity: the finding's fingerprint and a number, such as ``0af3...:1``. No other alert of the report has it.
        new: whether the finding is in the head of a comparison alone; None for a check, which has no base.
    """

    finding: Finding
    location: Location
    identity: str
    new: bool | None

    @property
    def level(self) -> Level:
        """How much the alert weighs. What somebody accepted is a note: a service may not know acceptances."""
        return self.finding.level if self.finding.accepted is None else Level.NOTE

    @property
    def message(self) -> str:
        """The cluster and what is wrong, safe to print."""
        return message_of(self.finding)


def alerts_of(report: Report, options: ReportOptions) -> list[Alert]:
    """The findings of a report that the options choose.

    Args:
        report: the result of a check, or a comparison; its own findings, and those of the check of its head.
        options: what the report shows. With ``only_gaps``, findings that somebody accepted are left out.

    Returns:
        The alerts: errors before warnings and notes, what somebody accepted after them, and new ones before others.
    """
    locations = Locations(Path(options.root))
    seen: Counter[str] = Counter()
    alerts = []
    for finding, new, gone in _findings(report):
        seen[finding.fingerprint] += 1  # those that are not shown, too: no option changes an identity
        identity = f"{finding.fingerprint}:{seen[finding.fingerprint]}"
        if is_chosen(finding, options):
            location = locations.of(finding, gone=gone)
            alerts.append(Alert(finding=finding, location=location, identity=identity, new=new))
    return sorted(alerts, key=_place_in_the_report)


def how_many(alerts: Iterable[Alert]) -> str:
    """The number of alerts of each level, such as ``2 errors, 1 warning``."""
    numbers = Counter(alert.level for alert in alerts)
    return ", ".join(f"{numbers[level]} {level}{'s' * (numbers[level] > 1)}" for level in _SEVERITY if numbers[level])


def message_of(finding: Finding) -> str:
    """The cluster and what is wrong, safe to print."""
    return printable(f"{finding.cluster.in_words}: {finding.message}" if finding.cluster else finding.message)


def is_chosen(finding: Finding, options: ReportOptions) -> bool:
    """Whether the options choose a finding."""
    if options.only_gaps and finding.accepted is not None:
        return False
    return finding.cluster is None or options.names(finding.cluster)


def _findings(report: Report) -> Iterator[tuple[Finding, bool | None, bool]]:
    """Each finding, whether it is new, and whether its cluster is gone."""
    if isinstance(report, CheckResult):
        yield from ((finding, None, False) for finding in report.all_findings)
        return
    for cluster in report.clusters:
        yield from ((finding, True, cluster.presence is Presence.GONE) for finding in cluster.findings)
    yield from ((finding, finding.new, False) for finding in report.check.all_findings)


def _place_in_the_report(alert: Alert) -> tuple[int, bool, bool]:
    return _SEVERITY.index(alert.level), alert.finding.accepted is not None, not alert.new
