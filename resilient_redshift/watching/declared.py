"""What an app declares of a watched cluster. The watcher compares the live cluster with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.assigned_schedules import schedule_identifier_of

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems

#: By how many percent a recovery point may be smaller than those before it, unless you say otherwise.
SIZE_DROP_PERCENT: Final = 50
_MOST_PERCENT: Final = 99


def check_size_drop(problems: Problems, value: int | None) -> None:
    """Record a problem unless ``size_drop_percent`` is None or 1 to 99, known at synth."""
    ok = value is None or (known(value) and 1 <= value <= _MOST_PERCENT)
    allowed = f"a whole number, 1 to {_MOST_PERCENT}, known at synth; or None to compare no sizes"
    problems.check(ok, "size_drop_percent", value, allowed)


def declared(cluster: IClusterRef, facts: ClusterFacts, *, key_arn: str | None) -> dict[str, Any]:
    """What is declared of a cluster, as records hold it. What the app does not say is absent, and is not judged.

    Args:
        cluster: the cluster.
        facts: what synth knows about the cluster.
        key_arn: the ARN of the cluster's own customer-managed key; None where synth does not know it.
    """
    days = None if facts.l1 is None else facts.l1.automated_snapshot_retention_period
    found = {
        "automated_days": int(days) if days is not None and known(days) else None,
        "snapshot_schedule": schedule_identifier_of(cluster, facts),
        "relocation": facts.relocation,
        "encryption_key": key_arn,
    }
    return {name: value for name, value in found.items() if value is not None}
