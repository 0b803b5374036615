"""How long recovery points are kept, as AWS says now and as the plan record says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import words
from resilient_redshift.contract.names import plan_record_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint


def retention(observation: Observation) -> list[dict[str, Any]]:
    """The rows of the retention: what, its value, what is recorded, and the source. What is not known is absent."""
    return list(_rows(observation))


def _rows(observation: Observation) -> Iterator[dict[str, Any]]:
    plan, primary, recovery = observation.plan, observation.primary.value, observation.recovery.value
    cluster = None if primary is None else primary.cluster
    if cluster is not None:
        source = f"redshift:DescribeClusters {plan.cluster} in {plan.primary}"
        live = cluster.get("ClusterSnapshotCopyStatus") or {}
        yield {
            "what": f"automated snapshots in {plan.primary}",
            "value": words.retention(cluster.get("AutomatedSnapshotRetentionPeriod")),
            "source": source,
        }
        copied = plan.part("copy")
        yield {
            "what": "copy to another Region",
            "value": f"to {live['DestinationRegion']}" if live.get("DestinationRegion") else "off",
            "recorded": f"to {plan.recovery}",
            "source": source,
        }
        for what, now, recorded in (
            ("copies of automated snapshots", live.get("RetentionPeriod"), copied.get("keep_automated_days")),
            (
                "new copies of manual snapshots",
                live.get("ManualSnapshotRetentionPeriod"),
                copied.get("keep_manual_days"),
            ),
        ):
            if now is not None:
                yield {
                    "what": what,
                    "value": words.retention(now),
                    "recorded": None if recorded is None else words.retention(recorded),
                    "source": source,
                }
    yield from _rules(plan)
    for region, looked in (
        (plan.primary, None if primary is None else primary.points.value),
        (plan.recovery, None if recovery is None else recovery.points.value),
    ):
        if looked is not None:
            yield {
                "what": f"recovery points in {region}",
                "value": _counted(looked),
                "source": f"redshift:DescribeClusterSnapshots in {region}",
            }


def _rules(plan: Plan) -> Iterator[dict[str, Any]]:
    for rule in plan.rules:
        kept = f"{words.retention(rule.get('keep_days'))}, copies {words.retention(rule.get('keep_in_recovery_days'))}"
        off = "" if rule.get("enabled", True) else " (disabled)"
        yield {
            "what": f"manual snapshots of the rule {rule['rule']}{off}",
            "value": f"{rule.get('schedule', '?')}, kept {kept}",
            "source": f"ssm {plan_record_name(plan.name)} in {plan.read_in}",
        }


def _counted(points: Sequence[RecoveryPoint]) -> str:
    usable = [point for point in points if point.available]
    if not usable:
        return "none"
    automated = sum(point.automated for point in usable)
    oldest, newest = min(point.created for point in usable), max(point.created for point in usable)
    return (
        f"{automated} automated, {len(usable) - automated} manual; the oldest of {words.minute(oldest)}, "
        f"the newest of {words.minute(newest)}"
    )
