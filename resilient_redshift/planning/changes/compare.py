"""Compares two sets of templates: what a change makes better and worse, cluster by cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_length
from resilient_redshift.planning._inventory import inventory_of
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.changes._coverage import Coverage
from resilient_redshift.planning.changes._resources import Resources
from resilient_redshift.planning.changes.change_findings import CHANGE_RULES, change_findings, finding_about
from resilient_redshift.planning.changes.comparison import ClusterChange, Comparison, Direction, Presence
from resilient_redshift.planning.changes.copies import copy_changes
from resilient_redshift.planning.changes.failures import failure_changes
from resilient_redshift.planning.changes.gone import conditional_fate_of, fate_of
from resilient_redshift.planning.changes.keys import key_changes
from resilient_redshift.planning.changes.pairing import Pair, pair_clusters
from resilient_redshift.planning.changes.replacement import replacement_of
from resilient_redshift.planning.changes.retentions import retention_changes
from resilient_redshift.planning.changes.schedules import schedule_changes
from resilient_redshift.planning.changes.settings import (
    cost_changes,
    deletion_changes,
    identity_changes,
    plan_changes,
)
from resilient_redshift.planning.checks.accepting import Accepting
from resilient_redshift.planning.checks.check import check_clusters
from resilient_redshift.planning.checks.findings import key_of
from resilient_redshift.planning.checks.matching import facts_of
from resilient_redshift.planning.checks.policy import DEFAULT_POLICY
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.protection import DEFAULT_NOTICED_AFTER, table_of
from resilient_redshift.planning.reading.stacks import resources_of
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, timedelta

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.changes.comparison import AspectChange
    from resilient_redshift.planning.checks.findings import CheckResult, Finding, Requirement
    from resilient_redshift.planning.checks.policy import ResiliencePolicy
    from resilient_redshift.planning.protection import ProtectionTable
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_ORDER: Final = (Direction.WORSE, Direction.CHANGED, Direction.BETTER, Direction.SAME)


def compare(
    base_templates: Iterable[SynthesizedTemplate],
    head_templates: Iterable[SynthesizedTemplate],
    policy: ResiliencePolicy = DEFAULT_POLICY,
    *,
    base: str = "base",
    head: str = "head",
    today: date | None = None,
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
) -> Comparison:
    """Compare the clusters of two sets of templates, in the worst case, and check those of the head against a policy.

    Args:
        base_templates: the templates before the change; of any shape. Empty for a new project.
        head_templates: the templates after the change.
        policy: the policy that the head must keep, and whose exceptions accept findings. Default: the default policy.
        base: what the reports call the templates before the change. Default: ``base``.
        head: what the reports call the templates after the change. Default: ``head``.
        today: the day that decides whether an exception has ended. Default: today in UTC.
        expected_copy_time: how long the copy of a snapshot to another Region is expected to take; 0 to 36500 days.
            Default: one hour.

    Returns:
        The comparison. Clusters that get worse come first, then other changes, then those that stay the same.

    Raises:
        ResilientRedshiftError: for a length that is out of range.
    """
    problems = Problems("compare")
    check_length(problems, "expected_copy_time", expected_copy_time)
    problems.raise_if_any()
    day = today or datetime.now(tz=UTC).date()
    sides = tuple(base_templates), tuple(head_templates)
    resources = [resources_of(each).present for each in sides]
    inventories = [inventory_of(each) for each in resources]
    checks = [
        check_clusters(clusters, templates, policy, day, expected_copy_time)
        for clusters, templates in zip(inventories, sides, strict=True)
    ]
    pairs = pair_clusters(*inventories)
    accepting = Accepting(policy, day)
    comparer = _Comparer(
        resources=(Resources(sides[0], resources[0]), Resources(sides[1], resources[1])),
        requirements=_requirements(inventories[1], checks[1]) | _requirements(inventories[0], checks[0]),
        copy_time=expected_copy_time,
        head=head,
        all_read=not checks[1].not_read,
        accepting=accepting,
    )
    clusters = [comparer.change(pair) for pair in pairs]
    marked, fixed = _mark_new(checks[1], checks[0], pairs, inventories)
    return Comparison(
        base=base,
        head=head,
        clusters=tuple(sorted(clusters, key=lambda each: _ORDER.index(each.direction))),
        check=replace(marked, findings=(*marked.findings, *accepting.idle(CHANGE_RULES))),
        not_read=tuple(
            f"{side}: {part}" for side, result in zip(("base", "head"), checks, strict=True) for part in result.not_read
        ),
        fixed=fixed,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Comparer:
    """Compares pairs.

    Attributes:
        resources: the resources of the base and of the head.
        requirements: what the policy requires of each cluster, by the identity of its picture.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
        head: what the reports call the head.
        all_read: whether every part of the head was read.
        accepting: accepts findings.
    """

    resources: tuple[Resources, Resources]
    requirements: dict[int, tuple[Requirement, ...]]
    copy_time: timedelta
    head: str
    all_read: bool
    accepting: Accepting

    def change(self, pair: Pair) -> ClusterChange:
        """What changes of one cluster."""
        before, after = pair.before, pair.after
        tables = self._tables(pair)
        failures = failure_changes(*tables)
        shown = after or before
        assert shown is not None  # noqa: S101 - a pair has a cluster
        key = key_of(shown)
        aspects: tuple[AspectChange, ...] = ()
        findings: list[Finding] = []
        if before is None:
            presence, direction = Presence.NEW, Direction.CHANGED
        elif after is None:
            presence, direction = Presence.GONE, Direction.WORSE
            findings = [self._gone(before)]
        else:
            presence = Presence.BOTH
            aspects = self._aspects(before, after)
            findings = list(change_findings(key, failures, aspects))
            replaced = replacement_of(before, after)
            if replaced is not None:
                findings.append(finding_about(CheckRule.CLUSTER_REPLACED, key, replaced))
            conditional = conditional_fate_of(before, after)
            if conditional is not None:
                findings.append(finding_about(CheckRule.CLUSTER_GONE, key, conditional))
            if before.held and not after.held:
                findings.append(self._gone(before))
            direction = _direction([*(each.direction for each in failures), *(each.direction for each in aspects)])
            if any(finding.breaks for finding in findings):
                direction = Direction.WORSE
        facts = facts_of(shown)
        return ClusterChange(
            cluster=key,
            former=None if before is None else key_of(before),
            presence=presence,
            direction=direction,
            failures=failures,
            aspects=aspects,
            findings=tuple(self.accepting.accept(finding, facts) for finding in findings),
            certain=presence is not Presence.GONE or self.all_read,
        )

    def _tables(self, pair: Pair) -> list[ProtectionTable | None]:
        """The tables of both sides, with rows for the same failures, judged as the policy requires."""
        sides = [each for each in (pair.after, pair.before) if each is not None]
        required = self.requirements[id(sides[0])]
        loads = {each.noticed_within for each in required if each.failure is Failure.BAD_LOAD}
        delays = tuple(sorted({*DEFAULT_NOTICED_AFTER, *(delay for delay in loads if delay is not None)}))
        within = {each.failure: each.noticed_within for each in required if each.noticed_within is not None}
        return [
            None if each is None else table_of(each, delays, self.copy_time, within)
            for each in (pair.before, pair.after)
        ]

    def _aspects(self, before: ClusterPicture, after: ClusterPicture) -> tuple[AspectChange, ...]:
        coverage = Coverage(before, after, self.copy_time)
        return (
            *identity_changes(before, after),
            *retention_changes(before, after, coverage),
            *schedule_changes(before, after, coverage),
            *copy_changes(before, after, *self.resources),
            *key_changes(before, after, *self.resources),
            *plan_changes(before, after),
            *deletion_changes(before, after),
            *cost_changes(before, after),
        )

    def _gone(self, cluster: ClusterPicture) -> Finding:
        message = fate_of(cluster, self.resources[1], self.head, certain=self.all_read)
        return finding_about(CheckRule.CLUSTER_GONE, key_of(cluster), message)


def _direction(directions: Sequence[Direction]) -> Direction:
    """What several changes of one cluster do together. A mere change counts only when nothing is better."""
    for direction in (Direction.WORSE, Direction.BETTER, Direction.CHANGED):
        if direction in directions:
            return direction
    return Direction.SAME


def _requirements(clusters: Sequence[ClusterPicture], result: CheckResult) -> dict[int, tuple[Requirement, ...]]:
    """What the policy requires of each cluster, by the identity of its picture. A check keeps the clusters' order."""
    return {id(each): found.requirements for each, found in zip(clusters, result.clusters, strict=True)}


def _mark_new(
    head: CheckResult, base: CheckResult, pairs: Sequence[Pair], inventories: Sequence[Sequence[ClusterPicture]]
) -> tuple[CheckResult, tuple[Finding, ...]]:
    """The head's check with the findings that the base's check does not have marked as new, and the fixed findings."""
    old = {id(each): found for each, found in zip(inventories[0], base.clusters, strict=True)}
    former = {id(pair.after): old[id(pair.before)] for pair in pairs if pair.before is not None}
    clusters, fixed = [], []
    for cluster, result in zip(inventories[1], head.clusters, strict=True):
        before = former[id(cluster)].findings if id(cluster) in former else ()
        findings, gone = _marked(result.findings, before)
        clusters.append(replace(result, findings=findings))
        fixed += gone
    findings, gone = _marked(head.findings, base.findings)
    return replace(head, clusters=tuple(clusters), findings=findings), (*fixed, *gone)


def _marked(after: Iterable[Finding], before: Iterable[Finding]) -> tuple[tuple[Finding, ...], list[Finding]]:
    """Findings with the new ones marked, and those of the former findings that are not there any more."""
    former = {(each.rule, each.subject): each for each in before}
    later = [(each, (each.rule, each.subject)) for each in after]
    found = tuple(replace(each, new=about not in former) for each, about in later)
    names = {about for _, about in later}
    return found, [each for about, each in former.items() if about not in names]
