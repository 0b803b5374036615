"""The snapshots of a Region, which of them belong to a plan, and which one the plan recovers from.

The choice is pure. The restore in Lambda and the operator's command call the same function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.contract.names import TAG_FROZEN_FROM, TAG_PLAN, TAG_RULE
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import DescribeClusterSnapshotsMessageTypeDef, SnapshotTypeDef

#: The most records of one answer (Redshift API, DescribeClusterSnapshots).
_PAGE: Final = 100
AVAILABLE: Final = "available"
#: The statuses of a snapshot that Redshift could not write.
FAILED_STATUSES: Final = frozenset({"failed", "cancelled"})

CHOSEN: Final = "Chosen"

#: The end of a snapshot's name: of a scheduled one, of one on demand, of a second attempt (docs/manual-snapshots.md).
_TIME_IN_NAME: Final = r"-(?:ondemand-\d{8}t\d{6}|\d{8}t\d{4})z(?:-r1)?"


def read_all(
    client: RedshiftClient, *, cluster: str | None = None, snapshot_type: str | None = None
) -> list[SnapshotTypeDef]:
    """Read every snapshot of a Region, page by page (Redshift API, DescribeClusterSnapshots: MaxRecords, Marker).

    Args:
        client: a Redshift client of the Region.
        cluster: only those of this cluster. AWS may answer ClusterNotFound for a cluster that does not exist in the
            Region, although the Region holds copies of it. Default: those of all clusters.
        snapshot_type: ``automated`` or ``manual``. Default: both.
    """
    request: DescribeClusterSnapshotsMessageTypeDef = {"MaxRecords": _PAGE}
    if cluster is not None:
        request["ClusterIdentifier"] = cluster
    if snapshot_type is not None:
        request["SnapshotType"] = snapshot_type
    found: list[SnapshotTypeDef] = []
    while True:
        answer = client.describe_cluster_snapshots(**request)
        found += answer.get("Snapshots", [])
        marker = answer.get("Marker")
        if not marker:
            return found
        request["Marker"] = marker


def read(client: RedshiftClient, identifier: str) -> SnapshotTypeDef | None:
    """Read a snapshot.

    Args:
        client: a Redshift client of the Region.
        identifier: the snapshot's identifier.

    Returns:
        The snapshot as AWS describes it, or None where no snapshot of the Region has this identifier.
    """
    try:
        found = client.describe_cluster_snapshots(SnapshotIdentifier=identifier).get("Snapshots", [])
    except client.exceptions.ClusterSnapshotNotFoundFault:
        return None
    return found[0] if found else None


def recovery_points(snapshots: Iterable[SnapshotTypeDef]) -> list[RecoveryPoint]:
    """Read items of DescribeClusterSnapshots. Those that have no time yet are left out."""
    return [point for point in map(RecoveryPoint.of, snapshots) if point is not None]


@dataclass(frozen=True, kw_only=True)
class RecoveryPoint:
    """One snapshot of a Region. ``created`` is the time of its data, ``lineage`` the cluster's ClusterCreateTime."""

    identifier: str
    cluster: str
    automated: bool
    status: str
    created: datetime
    lineage: datetime
    source_region: str | None = None
    size_megabytes: float | None = None
    retention_days: int | None = None
    retention_start: datetime | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None
    arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, snapshot: SnapshotTypeDef) -> RecoveryPoint | None:
        """Read one item of DescribeClusterSnapshots. None if the snapshot has no time yet: then its age is unknown."""
        created, lineage = snapshot.get("SnapshotCreateTime"), snapshot.get("ClusterCreateTime")
        if created is None or lineage is None:
            return None
        return cls(
            identifier=snapshot["SnapshotIdentifier"],
            cluster=snapshot.get("ClusterIdentifier", ""),
            automated=snapshot.get("SnapshotType") == "automated",
            status=str(snapshot.get("Status", "")),
            created=created,
            lineage=lineage,
            source_region=snapshot.get("SourceRegion"),
            size_megabytes=snapshot.get("TotalBackupSizeInMegaBytes"),
            retention_days=snapshot.get("ManualSnapshotRetentionPeriod"),
            retention_start=snapshot.get("SnapshotRetentionStartTime"),
            node_type=snapshot.get("NodeType"),
            number_of_nodes=snapshot.get("NumberOfNodes"),
            arn=snapshot.get("SnapshotArn"),
            tags=tags_of(snapshot.get("Tags", [])),
        )

    @property
    def available(self) -> bool:
        """Whether its status allows a restore."""
        return self.status == AVAILABLE

    @property
    def frozen(self) -> bool:
        """Whether the command ``freeze`` made this snapshot."""
        return TAG_FROZEN_FROM in self.tags

    def is_of(self, *, cluster: str, source_region: str, plan: str) -> bool:
        """Whether the snapshot is a copy of the plan's cluster.

        The cluster's identifier and the source Region decide. A frozen snapshot may have no source Region; then its
        tags decide.
        """
        if self.cluster != cluster:
            return False
        if self.source_region is not None:
            return self.source_region == source_region
        return self.tags.get(TAG_FROZEN_FROM) == source_region and self.tags.get(TAG_PLAN) == plan

    def is_copy(self, *, cluster: str, source_region: str, created: datetime) -> bool:
        """Whether the snapshot is the copy of one snapshot. AWS does not say how it names copies.

        Args:
            cluster: the cluster's identifier.
            source_region: the Region of the snapshot that was copied.
            created: when that one began, compared to the second.
        """
        there = (self.cluster, self.source_region) == (cluster, source_region)
        return there and not self.automated and same_cluster(self.created, created)

    def expires(self, automated_days: int | None = None) -> datetime | None:
        """When Redshift deletes the snapshot.

        Args:
            automated_days: how long the Region keeps automated snapshots. Default: unknown.

        Returns:
            The time. None if Redshift never deletes the snapshot, or if the time is unknown.
        """
        if self.automated:
            return None if automated_days is None else self.created + timedelta(days=automated_days)
        if self.retention_days is None or self.retention_days == FOREVER_DAYS:
            return None
        return (self.retention_start or self.created) + timedelta(days=self.retention_days)

    def kind(self, rules: Sequence[str] = ()) -> str:
        """What made the snapshot: ``automated``, ``frozen``, ``manual`` or ``manual <rule>``.

        Args:
            rules: the names of the plan's rules, to find one in the identifier if the snapshot has no tag for its rule.
        """
        if self.automated:
            return "automated"
        if self.frozen:
            return "frozen"
        rule = self.tags.get(TAG_RULE) or rule_in_name(self.identifier, self.cluster, rules)
        return f"manual {rule}" if rule else "manual"


def rule_in_name(identifier: str, cluster: str, rules: Iterable[str]) -> str | None:
    """The rule in a snapshot's identifier (docs/manual-snapshots.md, names). A copy may have lost its tags."""
    for rule in sorted(rules, key=len, reverse=True):
        name = rf"(?:copy:)?{re.escape(cluster)}-{re.escape(rule)}"
        if re.fullmatch(name + _TIME_IN_NAME, identifier):
            return rule
    return None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a restore would take.

    Args:
        outcome: Chosen, NoRecoveryPoint or AmbiguousLineage.
        point: the chosen recovery point. None unless the outcome is Chosen.
        usable: the recovery points that a restore could take, the newest first.
        candidates: the newest of each lineage. Empty unless the outcome is AmbiguousLineage.
        diverged: the copies that are left out because they diverged from what a failover restored, the newest first.
    """

    outcome: str
    point: RecoveryPoint | None = None
    usable: tuple[RecoveryPoint, ...] = ()
    candidates: tuple[RecoveryPoint, ...] = ()
    diverged: tuple[RecoveryPoint, ...] = ()

    @property
    def ambiguous(self) -> str:
        """Why the outcome is AmbiguousLineage, in words."""
        if len(self.candidates) == 1:
            return "the copies are of another cluster of that name than the recorded one"
        return f"there are copies of {len(self.candidates)} clusters of one name"


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What the last failover restored. The restored cluster takes writes since then.

    Args:
        data_of: the time of the restored data.
        lineage: the ClusterCreateTime of the cluster that the data came from. Default: unknown; then it is any that is
            older than the data.
    """

    data_of: datetime
    lineage: datetime | None = None

    def diverges(self, point: RecoveryPoint) -> bool:
        """Whether a copy has data that the primary wrote after the restored data.

        A copy of another lineage is no copy of the same primary. For that one the recorded lineage decides. A cluster
        that was created after the restored data is another one, also where the lineage of the data is unknown.
        """
        if self.lineage is not None and not same_cluster(point.lineage, self.lineage):
            return False
        if point.lineage.replace(microsecond=0) > self.data_of.replace(microsecond=0):
            return False
        return point.created.replace(microsecond=0) > self.data_of.replace(microsecond=0)


def newest_first(points: Iterable[RecoveryPoint]) -> tuple[RecoveryPoint, ...]:
    """Sort by the time of the data, the newest first. Equally new ones are sorted by identifier."""
    return tuple(sorted(sorted(points, key=lambda one: one.identifier), key=lambda one: one.created, reverse=True))


def same_cluster(one: datetime, other: datetime) -> bool:
    """Whether two lineages are the same to the second. Some answers of AWS have no milliseconds; people type none."""
    return one.replace(microsecond=0) == other.replace(microsecond=0)


def choose(
    points: Iterable[RecoveryPoint],
    *,
    cluster: str,
    source_region: str,
    plan: str,
    lineage: datetime | None = None,
    accepted: datetime | None = None,
    not_before: datetime | None = None,
    snapshot: str | None = None,
    restored: Restored | None = None,
) -> Choice:
    """Choose the newest usable recovery point of the right lineage.

    Args:
        points: every snapshot of the recovery Region. This function leaves out those of other clusters.
        cluster: the protected cluster's identifier.
        source_region: the Region of the protected cluster.
        plan: the plan's name.
        lineage: the ClusterCreateTime that is recorded for the plan. Default: none is recorded; then two lineages are
            ambiguous.
        accepted: the lineage that the operator accepts for this run. Default: none; then the choice is ambiguous if
            the newest snapshot has another lineage than the recorded one.
        not_before: the oldest acceptable time of the data. Default: any.
        snapshot: the identifier of the snapshot to take, whatever lineage is recorded. If a lineage is accepted, the
            snapshot must have it. Default: the newest.
        restored: what the last failover restored. Copies that diverged from that are left out, unless ``accepted`` or
            ``snapshot`` asks for them. Default: there was no failover.
    """
    usable = newest_first(
        point
        for point in points
        if point.is_of(cluster=cluster, source_region=source_region, plan=plan)
        and not why_not_usable(point, accepted=accepted, not_before=not_before)
    )
    if snapshot is not None:
        return _newest_of([point for point in usable if point.identifier == snapshot])
    if accepted is not None:
        return _newest_of(usable)
    diverged = tuple(point for point in usable if restored is not None and restored.diverges(point))
    usable = tuple(point for point in usable if point not in diverged)
    right = usable if lineage is None else tuple(point for point in usable if same_cluster(point.lineage, lineage))
    if _ambiguous(usable, right, lineage):
        candidates = newest_of_each_lineage(usable)
        return Choice(outcome=AMBIGUOUS_LINEAGE, usable=usable, candidates=candidates, diverged=diverged)
    return replace(_newest_of(right), diverged=diverged)


def why_not_usable(
    point: RecoveryPoint, *, accepted: datetime | None = None, not_before: datetime | None = None
) -> str:
    """Why a restore cannot take a copy of the plan's cluster. Empty if it can.

    Args:
        point: the copy.
        accepted: the lineage that the operator accepts. Default: any lineage is usable.
        not_before: the oldest acceptable time of the data. Default: any.
    """
    if not point.available:
        return f"its status is {point.status!r}"
    if not_before is not None and point.created < not_before:
        return f"its data is of {point.created.isoformat()}, which is before {not_before.isoformat()}"
    if accepted is not None and not same_cluster(point.lineage, accepted):
        return f"its cluster was created {point.lineage.isoformat()}, not {accepted.isoformat()}"
    return ""


def newest_of_each_lineage(points: Iterable[RecoveryPoint]) -> tuple[RecoveryPoint, ...]:
    """The newest recovery point of each ClusterCreateTime, the newest first."""
    newest: dict[datetime, RecoveryPoint] = {}
    for point in newest_first(points):
        newest.setdefault(point.lineage.replace(microsecond=0), point)
    return tuple(newest.values())


def _ambiguous(usable: Sequence[RecoveryPoint], right: Sequence[RecoveryPoint], recorded: datetime | None) -> bool:
    if recorded is None:
        return len(newest_of_each_lineage(usable)) > 1
    others = [point for point in usable if not same_cluster(point.lineage, recorded)]
    return bool(others) and (not right or others[0].created > right[0].created)


def _newest_of(points: Iterable[RecoveryPoint]) -> Choice:
    usable = newest_first(points)
    if not usable:
        return Choice(outcome=NO_RECOVERY_POINT)
    return Choice(outcome=CHOSEN, point=usable[0], usable=usable)
