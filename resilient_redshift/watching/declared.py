"""What an app declares of a watched cluster. The watcher compares the live cluster with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.cluster_ref.source_key import certain_key_arn
from resilient_redshift.contract.record import seconds
from resilient_redshift.core.environment import stack_of
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.assigned_schedules import automated_gap, schedule_identifier_of
from resilient_redshift.stack.recorded import Recorded
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems

#: By how many percent a recovery point may be smaller than those before it, unless you say otherwise.
SIZE_DROP_PERCENT: Final = 50
_MOST_PERCENT: Final = 99
#: So long after its beginning a snapshot can be used, at the latest, while all is well. Its age counts from there.
_USABLE_AFTER: Final = timedelta(hours=1)
_EFFECT: Final = "the watcher would compare the cluster with a wrong definition, or look for it under a wrong name"


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


class AtSynth:
    """What a monitor's record says of one cluster, as the cluster's definition is at synth.

    A setter, a mixin or an Aspect can change the definition after the monitor was made. Synth compares what the record
    says with the finished template, because no construct can read an escape hatch.

    Args:
        monitor: the monitor's path.
        cluster: the cluster.
        facts: what synth knew about the cluster when the monitor was made.
        size_drop_percent: the monitor's argument.
        here: whether the cluster is of the monitor's stack. A record cannot name the key of another stack's cluster.
    """

    def __init__(
        self, monitor: str, cluster: IClusterRef, facts: ClusterFacts, size_drop_percent: int | None, *, here: bool
    ) -> None:
        self._cluster, self._facts, self._here = cluster, facts, here
        self._size_drop = {} if size_drop_percent is None else {"size_drop_percent": size_drop_percent}
        # the record of another stack's cluster has its literal name, and that of this stack's a reference
        self._name: dict[str, object] = {} if here else {"ClusterIdentifier": facts.identifier}
        self._taken = dict(self._name)
        if facts.l1 is not None:
            by = f"the monitor '{monitor}' has recorded"
            recorded = Recorded(by=by, properties=self._taken, effect=_EFFECT)
            SynthChecks.of(facts.l1).record(facts.l1, recorded)

    def __call__(self) -> dict[str, Any]:
        """The record's field ``watch_for``."""
        facts, l1 = self._facts, self._facts.l1
        if l1 is not None:
            facts = facts_of(l1)  # as the definition is now
        key = certain_key_arn(facts, stack_of(self._cluster)) if self._here else None
        found = declared(self._cluster, facts, key_arn=key)
        if l1 is not None:
            values = {
                "AutomatedSnapshotRetentionPeriod": l1.automated_snapshot_retention_period,
                "AvailabilityZoneRelocation": l1.availability_zone_relocation,
                "KmsKeyId": None if key is None else l1.kms_key_id,
            }
            self._taken.clear()
            self._taken.update(self._name, **{name: value for name, value in values.items() if value is not None})
        return {
            "declared": found,
            "longest_gap_seconds": seconds(automated_gap(self._cluster, facts) + _USABLE_AFTER),
            **self._size_drop,
        }
