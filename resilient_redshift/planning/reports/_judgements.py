"""How a cluster keeps its policy, failure by failure, and which clusters a check's report shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import Verdict
from resilient_redshift.planning.checks.findings import Level
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterResult, Finding, Requirement
    from resilient_redshift.planning.reports.formats import ReportOptions

_NONE: Final = timedelta.max
_NO_TIME: Final = timedelta(0)


class Outcome(StrEnum):
    """What a check says about one requirement, and about one cluster."""

    KEPT = "kept"
    ACCEPTED = "accepted"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """One requirement of a cluster's policy, or one row of its table that the policy does not name.

    Attributes:
        requirement: what the policy requires; None when it does not name the failure.
        row: what happens in the failure; None when the table has no such row.
        finding: the finding about the requirement; None when it is kept.
    """

    requirement: Requirement | None
    row: Protection | None
    finding: Finding | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Whether the requirement is kept; None without a requirement."""
        if self.requirement is None:
            return None
        return Outcome.KEPT if self.finding is None else outcome_of([self.finding])

    @property
    def failure(self) -> str:
        """The failure in words."""
        if self.row is not None:
            return self.row.failure
        return "" if self.requirement is None else str(self.requirement.failure)

    @property
    def lost(self) -> str:
        """The worst loss in words: ``9 h``, ``nothing lost``, ``none`` or ``unknown``."""
        return "unknown" if self.row is None else lost(self.row)

    @property
    def allowed(self) -> str:
        """The most that may be lost, in words; a hyphen without a requirement."""
        if self.requirement is None:
            return "-"
        noticed = self.requirement.noticed_within
        shown = noticed is None or (self.row is not None and self.row.noticed_after is not None)
        return in_words(self.requirement.lose_at_most) + (
            "" if shown else f", noticed within {in_words(noticed or _NO_TIME)}"
        )

    @property
    def gap(self) -> timedelta:
        """How much more is lost than allowed; nothing that is certain counts as the greatest loss."""
        if self.requirement is None or self.finding is None:
            return _NO_TIME
        if self.row is None or self.row.worst_loss is None or self.row.undocumented:
            return _NONE
        return max(self.row.worst_loss - self.requirement.lose_at_most, _NO_TIME)


def judgements(result: ClusterResult) -> list[Judgement]:
    """Each requirement with its row and its finding, then the rows that the policy does not name."""
    found = [_judgement(result, requirement) for requirement in result.requirements]
    shown = [each.row for each in found]
    return [*found, *(Judgement(requirement=None, row=row) for row in result.table.rows if row not in shown)]


def worst(result: ClusterResult) -> Judgement | None:
    """The missed requirement with the greatest gap; None when no requirement is missed."""
    missed = [each for each in judgements(result) if each.outcome is Outcome.BROKEN]
    return max(missed, key=lambda each: each.gap, default=None)


def lost(row: Protection) -> str:
    """The worst loss of a row in words: ``9 h``, ``likely 9 h``, ``nothing lost``, ``none`` or ``unknown``."""
    if row.undocumented:
        return f"likely {row.recovery_point}"
    return row.recovery_point if row.verdict is Verdict.PROTECTED else str(row.verdict)


def outcome_of(findings: Iterable[Finding]) -> Outcome:
    """Broken when a finding breaks the check, accepted when somebody accepted one that would, and kept otherwise."""
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    if any(finding.breaks for finding in errors):
        return Outcome.BROKEN
    return Outcome.ACCEPTED if errors else Outcome.KEPT


def with_advice(findings: Iterable[Finding]) -> list[tuple[Finding, str]]:
    """Each finding with what the reader must know next; the remedy of a rule only at its last finding.

    An accepted finding comes with the reason instead.
    """
    listed = list(findings)
    last = {finding.rule: place for place, finding in enumerate(listed) if finding.accepted is None}
    advice = []
    for place, finding in enumerate(listed):
        if finding.accepted is not None:
            advice.append((finding, f"Reason: {finding.accepted}"))
        else:
            fix = RULE_TEXTS[finding.rule].fix
            advice.append((finding, f"To mend: {fix}" if last[finding.rule] == place else ""))
    return advice


def results_shown(result: CheckResult, options: ReportOptions) -> list[ClusterResult]:
    """The clusters that the options choose, in the order of the result."""
    chosen = (each for each in result.clusters if options.names(each.cluster))
    return [each for each in chosen if not options.only_gaps or has_open(each.findings)]


def has_open(findings: Iterable[Finding]) -> bool:
    """Whether there is a finding that nobody accepted."""
    return any(finding.accepted is None for finding in findings)


def _judgement(result: ClusterResult, requirement: Requirement) -> Judgement:
    finding = next((each for each in result.findings if each.requirement == requirement), None)
    if finding is not None:
        return Judgement(requirement=requirement, row=finding.row, finding=finding)
    rows = [row for row in result.table.rows if row.kind is requirement.failure]
    exact = [row for row in rows if row.noticed_after in {None, requirement.noticed_within}]
    return Judgement(requirement=requirement, row=exact[0] if exact else None)
