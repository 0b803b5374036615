"""The warnings of a cluster: risks that you may accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.core.warnings import Warn
from resilient_redshift.rules.cluster_settings import AUDIT_LOGS
from resilient_redshift.rules.node_types import family_of
from resilient_redshift.snapshots.automated import OFF_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resilient_redshift.cluster_ref.facts import ClusterFacts

_SINGLE_ZONE: Final = (
    "the cluster runs in one Availability Zone, without Multi-AZ, relocation or a snapshot copy: if the Zone fails, "
    "the warehouse is down until the Zone is back or you restore a snapshot, which loses everything since that "
    "snapshot; if the Region fails, the snapshots are out of reach too; set multi_az or availability_zone_relocation, "
    "or attach a SnapshotCopy"
)


def cluster_warnings(
    facts: ClusterFacts, *, removal: str, automated_days: int, audit_logs: Sequence[str], restored: bool = False
) -> Iterator[tuple[Warn, str]]:
    """The warnings of a cluster, each with its text.

    Args:
        facts: what synth knows about the cluster.
        removal: the name of the removal policy.
        automated_days: the retention of automated snapshots in days; 0 means that they are off.
        audit_logs: the audit logs that go to CloudWatch Logs.
        restored: whether the cluster is restored from a snapshot. Default: it is a new cluster.
    """
    yield from _hardware(facts)
    if not facts.multi_az and not facts.relocation:
        yield Warn.RESILIENT_CLUSTER_SINGLE_ZONE, _SINGLE_ZONE
    if removal == "DESTROY":
        actions = "deleting" if restored else "deleting or replacing"  # a replacement keeps a restored cluster
        message = (
            f"RemovalPolicy.DESTROY: {actions} the cluster deletes the data and every automated snapshot, "
            "and takes no final snapshot; only manual snapshots and copies remain"
        )
        yield Warn.RESILIENT_CLUSTER_DESTROY, message
    if automated_days == 0:
        yield Warn.AUTOMATED_SNAPSHOTS_OFF, OFF_MESSAGE
    missing = [log for log in AUDIT_LOGS if log not in audit_logs]
    if missing:
        message = f"audit logs that are off: {', '.join(missing)}; after an incident, no log shows who did what"
        yield Warn.RESILIENT_CLUSTER_AUDIT_LOGS, message


def _hardware(facts: ClusterFacts) -> Iterator[tuple[Warn, str]]:
    if facts.node_type is None:
        return
    family = family_of(facts.node_type)
    if family is None:
        message = (
            f"this version does not know the family of '{facts.node_type}': it does not check the port, the "
            "Availability Zones and the retention"
        )
        yield Warn.RESILIENT_CLUSTER_UNKNOWN_NODE_TYPE, message
        return
    unverified = [
        argument
        for argument, wanted, documented in (
            ("multi_az", facts.multi_az, family.multi_az),
            ("availability_zone_relocation", facts.relocation, family.relocation),
        )
        if wanted and documented is None
    ]
    if unverified:
        message = f"AWS documents {unverified[0]} for RA3 nodes; whether '{facts.node_type}' allows it is not verified"
        yield Warn.RESILIENT_CLUSTER_UNVERIFIED_ON_NODE_TYPE, message
