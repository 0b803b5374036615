"""Findings: what is wrong with a recovery point, a cluster or a plan, each with a code and what to do about it.

``resilient-redshift status`` shows their texts. The watcher sends them as metrics, alarms and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.watching import FINDINGS, PROBLEM, SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PAGE: Final = "docs/watching.md"
#: What to do about each finding, in one sentence.
TO_DO: Final[Mapping[str, str]] = {
    "RecoveryPointOverdue": "Look why no newer snapshot arrives: the copy, the key and the cluster's state",
    "RecoveryPointAging": "Look at the next scheduled snapshot and its copy before the objective is missed",
    "RuleOverdue": "Look at the last executions of the rule's snapshot machine",
    "LineageChanged": "Find out who replaced or restored the cluster, then accept its copies or undo the change",
    "SizeDropped": "Find out whether data was deleted; freeze the older recovery points before they expire",
    "SnapshotFailed": "Look at the cluster's events, and take a snapshot on demand",
    "SnapshotStuck": "Look at the cluster's events, and ask AWS Support if nothing moves",
    "ManualSnapshotQuota": "Delete manual snapshots that nobody needs, or ask AWS for a higher quota",
    "ClusterMissing": "Find out whether the cluster was renamed or deleted, and restore it if it was deleted",
    "ClusterNeedsAttention": "Do what the text says: the state does not end by itself",
    "ClusterFenced": "Let clients in again by 'resilient-redshift fence PLAN --unfence', unless you switch over",
    "ClusterStateUnknown": "Look at the cluster's events",
    "KeyUnavailable": "Enable the key, or cancel its deletion",
    "CopyOff": "Let the watcher repair it, deploy a change of the copy, or enable it by hand as recorded",
    "CopyElsewhere": "Find out who moved the copy, then disable it and enable it by hand with the recorded settings",
    "CopyDrift": "Find out who changes the copy, then change it back by hand, or let the watcher repair it",
    "ClusterDrift": "Change it back by hand, or change what is declared",
    "AssociationPending": "Look at the snapshot schedule's association, and make it again by hand if it failed",
    "NotReady": "Mend what the text names: a failover would not start now",
    "ReadinessUnknown": "Give the watcher the right that the text names, or look by hand",
    "FailedOver": "Plan the way back",
    "FailedOverUnprotected": "Protect the restored cluster, as the text says",
    "TwoWriters": "Fence the cluster that is not the warehouse any more",
    "DrillFailed": "Look at the report of the drill",
    "DrillLeftovers": "Run the clean-up, and delete what it leaves",
    "PrimarySilent": "Look at the watcher's function in the primary Region, unless that Region is lost",
    "CannotTell": "Look at the watcher's log and at the rights of its role",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    Args:
        code: one of ``FINDINGS``.
        severity: ``warning`` or ``problem``.
        text: what is the case.
        what_to_do: what to do about it, with the page that says more.
        unknown: whether the finding is that something could not be read or is not understood.
    """

    code: str
    severity: str
    text: str
    what_to_do: str
    unknown: bool = False

    @property
    def is_problem(self) -> bool:
        """Whether somebody should be paged."""
        return self.severity == PROBLEM


def finding(code: str, text: str, *, severity: str = "", unknown: bool = False) -> Finding:
    """Make a finding.

    Args:
        code: one of ``FINDINGS``.
        text: what is the case.
        severity: ``warning`` or ``problem``. Default: as ``FINDINGS`` says.
        unknown: whether the finding is that something could not be read or is not understood.
    """
    to_do = f"{TO_DO[code]} ({_PAGE}, '{code}')"
    return Finding(code=code, severity=severity or FINDINGS[code], text=text, what_to_do=to_do, unknown=unknown)


def cannot_tell(text: str, *, severity: str = "") -> Finding:
    """Make the finding that something could not be read."""
    return finding("CannotTell", text, severity=severity, unknown=True)


def highest(findings: Iterable[Finding]) -> int:
    """The highest severity, as the metric ``FindingSeverity`` has it. 0 without a finding."""
    return max((SEVERITIES[one.severity] for one in findings), default=0)
