"""The last line of a report: how many clusters, findings and parts there are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes.comparison import Direction, Presence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, Finding

_DEFAULT: Final = "the default policy"


def check_summary(result: CheckResult) -> str:
    """A check in one line, such as ``policy resilience.toml: 18 of 20 clusters keep it, 3 findings, 1 accepted``."""
    policy = result.policy if result.policy.startswith(_DEFAULT) else f"policy {result.policy}"
    kept = sum(cluster.kept for cluster in result.clusters)
    one = 1 in {kept, len(result.clusters)}
    parts = [f"{kept} of {counted(len(result.clusters), 'cluster')} {'keeps' if one else 'keep'} it"]
    if not result.clusters:
        parts = ["no Redshift cluster" + (" in the parts that were read" if result.not_read else "")]
    parts += [*_findings(result.all_findings), *_not_read(result.not_read)]
    if result.not_judged:
        parts.append(f"{counted(len(result.not_judged), 'warehouse')} of Redshift Serverless not judged")
    return f"{policy}: {', '.join(parts)}"


def comparison_summary(comparison: Comparison) -> str:
    """A comparison in one line, such as ``1 of 20 clusters gets worse, 2 get better, 17 stay the same``."""
    both = Counter(each.direction for each in comparison.clusters if each.presence is Presence.BOTH)
    presence = Counter(each.presence for each in comparison.clusters)
    worse = both[Direction.WORSE]
    one = 1 in {worse, len(comparison.clusters)}
    parts = [
        f"{worse} of {counted(len(comparison.clusters), 'cluster')} {'gets' if one else 'get'} worse",
        *_some(both[Direction.BETTER], "better"),
        *_some(both[Direction.CHANGED], "changed"),
        *_some(presence[Presence.NEW], "new"),
        *_some(presence[Presence.GONE], "gone"),
        *_some(both[Direction.SAME], "unchanged"),
    ]
    if not comparison.clusters:
        parts = ["no Redshift cluster" + (" in the parts that were read" if comparison.not_read else "")]
    findings = [finding for cluster in comparison.clusters for finding in cluster.findings]
    parts += [*_findings(findings), *_some(len(comparison.fixed), "fixed"), *_not_read(comparison.not_read)]
    parts += _some(sum(finding.breaks for finding in comparison.newly_not_read), "for the first time")
    return f"change: {', '.join(parts)}"


def counted(number: int, noun: str) -> str:
    """A number and its noun, such as ``1 finding`` or ``3 findings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _findings(findings: Sequence[Finding]) -> list[str]:
    accepted = sum(finding.accepted is not None for finding in findings)
    return [counted(len(findings) - accepted, "finding"), *_some(accepted, "accepted")]


def _not_read(parts: Sequence[str]) -> list[str]:
    return [f"{counted(len(parts), 'part')} not read"] if parts else []


def _some(number: int, word: str) -> list[str]:
    return [f"{number} {word}"] if number else []
