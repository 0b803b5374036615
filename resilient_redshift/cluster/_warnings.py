"""The risks of a cluster that its user may accept, in words."""

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
    "one Availability Zone, without Multi-AZ, relocation or a snapshot copy: when the Zone fails the warehouse is down "
    "until the Zone is back or somebody restores a snapshot, which loses everything since that snapshot; when the "
    "Region fails, the snapshots are out of reach too; set multi_az or availability_zone_relocation, "
    "or attach a SnapshotCopy"
)
_LEFT_RUNNING: Final = "leaves the old one running, outside the stack"
_AFTER_RENAME: Final = {
    "SNAPSHOT": "deletes the old one after a final snapshot, which holds the data",
    "DESTROY": "deletes the old one without a final snapshot; the data is gone but for manual snapshots",
}


def cluster_warnings(
    facts: ClusterFacts, *, removal: str, automated_days: int, audit_logs: Sequence[str], restored: bool = False
) -> Iterator[tuple[Warn, str]]:
    """Each warning that a new cluster deserves, with its text."""
    yield from _hardware(facts)
    if not facts.multi_az and not facts.relocation:
        yield Warn.RESILIENT_CLUSTER_SINGLE_ZONE, _SINGLE_ZONE
    if facts.identifier is not None:
        yield from _chosen_name(facts.identifier, removal, restored=restored)
    if removal == "DESTROY":
        deeds = "deleting" if restored else "deleting or replacing"  # a restored one is kept on replacement
        message = (
            f"RemovalPolicy.DESTROY: {deeds} the cluster deletes the data and every automated snapshot, "
            "and takes no final snapshot; only manual snapshots and copies remain"
        )
        yield Warn.RESILIENT_CLUSTER_DESTROY, message
    if automated_days == 0:
        yield Warn.AUTOMATED_SNAPSHOTS_OFF, OFF_MESSAGE
    missing = [log for log in AUDIT_LOGS if log not in audit_logs]
    if missing:
        message = f"not logged: {', '.join(missing)}; after an incident nobody can tell who did what"
        yield Warn.RESILIENT_CLUSTER_AUDIT_LOGS, message


def _chosen_name(identifier: str, removal: str, *, restored: bool) -> Iterator[tuple[Warn, str]]:
    if removal == "SNAPSHOT":
        message = (
            f"CloudFormation's final snapshot is always named '{identifier}-final-snapshot' and kept for ever: while "
            f"one exists from an earlier cluster '{identifier}', deleting this one fails; delete that snapshot "
            "first, or choose another identifier"
        )
        yield Warn.RESILIENT_CLUSTER_FINAL_SNAPSHOT_NAME, message
    if restored:  # which replacement is another one: its own construct warns
        return
    message = (
        f"changing cluster_identifier from '{identifier}' does not rename the cluster: CloudFormation makes a new, "
        f"empty one and {_AFTER_RENAME.get(removal, _LEFT_RUNNING)}"
    )
    yield Warn.RESILIENT_CLUSTER_RENAME, message


def _hardware(facts: ClusterFacts) -> Iterator[tuple[Warn, str]]:
    if facts.node_type is None:
        return
    family = family_of(facts.node_type)
    if family is None:
        message = (
            f"the family of '{facts.node_type}' is not known to this version: "
            "its ports, Availability Zones and retention are not checked"
        )
        yield Warn.RESILIENT_CLUSTER_UNKNOWN_NODE_TYPE, message
        return
    unverified = [
        argument
        for argument, asked, documented in (
            ("multi_az", facts.multi_az, family.multi_az),
            ("availability_zone_relocation", facts.relocation, family.relocation),
        )
        if asked and documented is None
    ]
    if unverified:
        message = f"AWS documents {unverified[0]} for RA3 nodes; whether '{facts.node_type}' allows it is not verified"
        yield Warn.RESILIENT_CLUSTER_UNVERIFIED_ON_NODE_TYPE, message
