"""Makes a policy of what the templates say about each cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.policy import SnapshotPolicy
from resilient_redshift.rules.retention import FOREVER, Forever

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_UNKNOWN_DESTINATION: Final = "unknown recovery Region"
#: The retention that counts for a copy whose retention is not known.
_SHORTEST: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterPolicy:
    """The policy of one cluster of synthesized templates.

    Attributes:
        cluster: the cluster's identifier, or the logical id when AWS chooses the identifier.
        stack: the stack that contains the cluster, or a stack that protects it.
        region: the cluster's Region, or ``unknown Region``.
        account: the cluster's account; None when only the deployment decides it.
        policy: the policy; None when the template has a value that Redshift does not have.
        notes: what is not counted, and what is assumed, each with the reason.
    """

    cluster: str
    stack: str
    region: str
    account: str | None
    policy: SnapshotPolicy | None
    notes: tuple[str, ...] = field(default=())


def snapshot_policies(templates: Iterable[SynthesizedTemplate]) -> tuple[ClusterPolicy, ...]:
    """Read the policy of each cluster of synthesized templates.

    Args:
        templates: the templates of one cloud assembly; of any shape.

    Returns:
        One policy for each cluster that the templates contain, then one for each other cluster that they protect.
    """
    return tuple(_policy(cluster) for cluster in take_inventory(tuple(templates)))


def _policy(cluster: ClusterPicture) -> ClusterPolicy:
    policy = None
    try:
        policy = _read(cluster)
    except ResilientRedshiftError as error:
        cluster.note(f"no forecast: {'; '.join(error.problems)}")
    return ClusterPolicy(
        cluster=cluster.name,
        stack=cluster.stack,
        region=cluster.region or UNKNOWN_REGION,
        account=cluster.account,
        policy=policy,
        notes=tuple(cluster.notes),
    )


def _read(cluster: ClusterPicture) -> SnapshotPolicy:
    if cluster.keep_automated is None:
        cluster.note(f"automated snapshots are not counted: {cluster.why_unknown}")
    if cluster.nodes is None:
        cluster.note(f"one node is counted: the number of nodes is {cluster.why_unknown}")
    if cluster.backups:
        cluster.note("the snapshots of AWS Backup are not part of the forecast")
    if cluster.pauses.at_once or cluster.pauses.unread:
        cluster.note("pauses are not counted: the template does not show when the cluster is available")
    destination, retention = None, _SHORTEST
    manual: int | Forever = FOREVER
    copy = next(iter(cluster.copies), None)
    if copy is not None:
        destination = copy.region or _UNKNOWN_DESTINATION
        retention, manual = copy.keep_automated or _SHORTEST, copy.keep_manual or _SHORTEST
        if not copy.keep_automated or copy.keep_manual is None:
            cluster.note("for copies whose retention is not known, one day is counted")
    return SnapshotPolicy(
        region=cluster.region or UNKNOWN_REGION,
        rules=cluster.rules,
        automated_snapshot_retention_period=cluster.keep_automated or 0,
        schedule_definitions=cluster.schedule_definitions,
        destination_region=destination,
        retention_period=retention,
        manual_snapshot_retention_period=manual,
        node_type=cluster.node_type,
        number_of_nodes=cluster.nodes or 1,
        pausing=[each.expression for each in cluster.pauses.pausing],
        resuming=[each.expression for each in cluster.pauses.resuming],
    )
