"""The scheduled snapshots of a plan: their retention tiers, and whether they can keep the plan's objective."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from resilient_redshift.planning import objective_problem
from resilient_redshift.rules.retention import FOREVER
from resilient_redshift.schedules.eventbridge import UNBOUNDED, Schedule, longest_gap_of
from resilient_redshift.snapshots._assigned_schedules import automated_gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery.objectives import Objectives


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRule:
    """A scheduled snapshot of a plan."""

    name: str
    schedule: Schedule
    keep_days: int
    keep_in_recovery_days: int
    enabled: bool


def longest_tier(rules: Iterable[PlannedRule]) -> int:
    """The days with which copied manual snapshots arrive; a cluster has one number for all, so the rules' longest.

    Without rules there is nothing that says how long, so for ever (Redshift API, ModifySnapshotCopyRetentionPeriod).
    """
    tiers = {rule.keep_in_recovery_days for rule in rules}
    return FOREVER.value if FOREVER.value in tiers else max(tiers, default=FOREVER.value)


def has_tiers(rules: Iterable[PlannedRule]) -> bool:
    """Whether some copies are to be kept for another time than the one with which they arrive."""
    return len({rule.keep_in_recovery_days for rule in rules}) > 1


def objective_findings(
    objectives: Objectives, cluster: IClusterRef, facts: ClusterFacts, rules: Iterable[PlannedRule]
) -> list[str]:
    """Why the plan cannot keep its recovery point; nothing where it can."""
    schedules = [rule.schedule for rule in rules if rule.enabled and _always_there(rule)]
    gap = longest_gap_of(schedules)

    def problem(automated: timedelta | None) -> str | None:
        return objective_problem(
            objectives.recovery_point,
            automated_gap=automated,
            manual_gaps=[gap] if gap < UNBOUNDED else [],
            expected_copy_time=objectives.expected_copy_time,
        )

    found = problem(None)
    if found is not None and not _automated_off(facts):  # asked of jsii, so only where it matters
        found = problem(automated_gap(cluster, facts))
    return [found] if found is not None else []


def _always_there(rule: PlannedRule) -> bool:
    """Whether one of the rule's copies always lives: each must outlast the gap to the next."""
    keep = rule.keep_in_recovery_days
    return keep < 0 or rule.schedule.longest_gap() <= timedelta(days=keep)


def _automated_off(facts: ClusterFacts) -> bool:
    return facts.l1 is not None and facts.l1.automated_snapshot_retention_period == 0
