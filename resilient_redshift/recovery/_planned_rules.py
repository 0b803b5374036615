"""The scheduled snapshots of a plan: their retention tiers, and whether they can keep the plan's objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.planning.quota import SnapshotRule
from resilient_redshift.planning.recovery_point import newest, objective_problem
from resilient_redshift.planning.sources import manual_sources
from resilient_redshift.rules.retention import FOREVER_DAYS
from resilient_redshift.snapshots.assigned_schedules import automated_gap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.schedules.eventbridge import Schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRule:
    """A scheduled snapshot of a plan.

    Attributes:
        name: the rule's name.
        schedule: when it takes snapshots.
        keep_days: how long a snapshot is kept in the cluster's Region, in days; ``FOREVER_DAYS`` for ever.
        keep_in_recovery_days: how long its copy is kept in the recovery Region, in days; ``FOREVER_DAYS`` for ever.
        enabled: whether it takes snapshots.
    """

    name: str
    schedule: Schedule
    keep_days: int
    keep_in_recovery_days: int
    enabled: bool


def longest_tier(rules: Iterable[PlannedRule]) -> int:
    """The retention in days that a copied manual snapshot has when it arrives: the longest of all rules.

    A cluster has one number for all copied manual snapshots (Redshift API, ModifySnapshotCopyRetentionPeriod). Without
    a rule, no value is known, so that the copies are kept for ever.

    Returns:
        The days; ``FOREVER_DAYS`` for ever.
    """
    tiers = {rule.keep_in_recovery_days for rule in rules}
    return FOREVER_DAYS if FOREVER_DAYS in tiers else max(tiers, default=FOREVER_DAYS)


def has_tiers(rules: Iterable[PlannedRule]) -> bool:
    """Whether the rules keep their copies for different times."""
    return len({rule.keep_in_recovery_days for rule in rules}) > 1


def objective_findings(
    objectives: Objectives, cluster: IClusterRef, facts: ClusterFacts, rules: Iterable[PlannedRule]
) -> list[str]:
    """The reason why the plan cannot keep its recovery point; an empty list when it can.

    Args:
        objectives: the plan's objectives.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        rules: the plan's scheduled snapshots.
    """
    manual = _manual_gap(objectives, rules)

    def finding_with(automated: timedelta | None) -> str | None:
        return objective_problem(
            objectives.recovery_point,
            automated_gap=automated,
            manual_gaps=[] if manual is None else [manual],
            expected_copy_time=objectives.expected_copy_time,
        )

    finding = finding_with(None)
    # the gap of automated snapshots costs a call to jsii, so it is computed only when the rules alone are not enough
    if finding is not None and not _automated_off(facts):
        finding = finding_with(automated_gap(cluster, facts))
    return [finding] if finding is not None else []


def longest_gap(objectives: Objectives, automated: timedelta | None, rules: Iterable[PlannedRule]) -> timedelta | None:
    """The longest time from one snapshot to the next, with the time of its copy; None where no snapshot is expected.

    Args:
        objectives: the plan's objectives.
        automated: the longest time between two automated snapshots; None where they are off.
        rules: the plan's scheduled snapshots.
    """
    manual = _manual_gap(objectives, rules)
    gaps = [gap for gap in (manual, automated) if gap is not None]
    return min(gaps) + objectives.expected_copy_time if gaps else None


def _manual_gap(objectives: Objectives, rules: Iterable[PlannedRule]) -> timedelta | None:
    """The longest time between two of the rules' snapshots; None where no rule always has a copy."""
    copies = [
        SnapshotRule(name=rule.name, schedule=rule.schedule, keep=rule.keep_in_recovery_days)
        for rule in rules
        if rule.enabled
    ]
    source = newest(manual_sources(copies, delay=objectives.expected_copy_time))
    return None if source is None else source.gap


def _automated_off(facts: ClusterFacts) -> bool:
    """Whether the cluster's definition in the app switches automated snapshots off."""
    return facts.l1 is not None and facts.l1.automated_snapshot_retention_period == 0
