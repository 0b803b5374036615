"""The warnings of a cluster: risks that you may accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.core.warnings import Warn
from resilient_redshift.rules.cluster_settings import AUDIT_LOGS
from resilient_redshift.rules.node_types import family_of, most_nodes_when_new
from resilient_redshift.snapshots.automated import OFF_MESSAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resilient_redshift.cluster_ref.facts import ClusterFacts

_SINGLE_ZONE: Final = (
    "the cluster runs in one Availability Zone, and asks for neither Multi-AZ nor relocation nor a snapshot copy: if "
    "the Zone fails, the warehouse is down until the Zone is back or you restore a snapshot, which loses everything "
    "since that snapshot; if the Region fails, the snapshots are out of reach too; set multi_az or "
    "availability_zone_relocation, or attach a SnapshotCopy (AWS switches relocation on by itself for a new RA3 or RG "
    "cluster with subnets in several Zones, but not for an older one, so this library counts it only when you set it)"
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
    yield from _hardware(facts, restored=restored)
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


def _hardware(facts: ClusterFacts, *, restored: bool) -> Iterator[tuple[Warn, str]]:
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
    most, nodes = most_nodes_when_new(facts.node_type), facts.number_of_nodes
    if not restored and nodes is not None and nodes > most:
        message = (
            f"a new cluster of {facts.node_type} has at most {most} nodes, so that CloudFormation cannot make this "
            f"cluster with {nodes}; deploy it with {most} or fewer first, and resize it in a later deployment"
        )
        yield Warn.RESILIENT_CLUSTER_MORE_NODES_THAN_NEW, message
