"""All state of one account in all its Regions, and the passing of time over it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from emulator.redshift_model.errors import api_error
from emulator.redshift_model.state import ACCOUNT, Cluster, Grant, Key, Settings, Snapshot, SnapshotSchedule, regions

if TYPE_CHECKING:
    from emulator.redshift_model.capacity import Shortage
    from emulator.redshift_model.clock import Clock
    from emulator.redshift_model.event_subscriptions import EventSubscription
    from emulator.redshift_model.events import RedshiftEvent
    from emulator.redshift_model.parameter_groups import ParameterGroup
    from emulator.redshift_model.statements import Statement
    from emulator.redshift_model.subnet_groups import SubnetGroup
    from emulator.redshift_model.table_restores import TableRestore
    from emulator.redshift_model.transfers import Unloaded

Params = dict[str, Any]
Handler = Callable[["World", str, Params], dict[str, Any]]


@dataclasses.dataclass
class World:
    """The account. Regions share nothing but what copies carry across."""

    clock: Clock
    settings: Settings = dataclasses.field(default_factory=Settings)
    partition: str = "aws"
    account: str = ACCOUNT
    clusters: dict[tuple[str, str], Cluster] = dataclasses.field(default_factory=dict)
    snapshots: dict[tuple[str, str], Snapshot] = dataclasses.field(default_factory=dict)
    grants: dict[tuple[str, str], Grant] = dataclasses.field(default_factory=dict)
    schedules: dict[tuple[str, str], SnapshotSchedule] = dataclasses.field(default_factory=dict)
    keys: dict[str, Key] = dataclasses.field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = dataclasses.field(default_factory=dict)
    subnet_groups: dict[tuple[str, str], SubnetGroup] = dataclasses.field(default_factory=dict)
    parameter_groups: dict[tuple[str, str], ParameterGroup] = dataclasses.field(default_factory=dict)
    event_subscriptions: dict[tuple[str, str], EventSubscription] = dataclasses.field(default_factory=dict)
    logging: dict[tuple[str, str], dict[str, Any]] = dataclasses.field(default_factory=dict)
    subnet: Callable[[str, str], tuple[str, str] | None] | None = None  # (Region, subnet) -> (VPC, Zone), if any knows
    given_subnets: dict[tuple[str, str], tuple[str, str]] = dataclasses.field(default_factory=dict)
    outcomes: list[str] = dataclasses.field(
        default_factory=list
    )  # fates of the next snapshots: failed, cancelled, stuck
    restore_outcomes: list[str | float] = dataclasses.field(
        default_factory=list
    )  # fates of the next restores: a status to end in, stuck, or seconds
    shortages: list[Shortage] = dataclasses.field(default_factory=list)
    statements: dict[tuple[str, str], Statement] = dataclasses.field(default_factory=dict)
    table_restores: list[TableRestore] = dataclasses.field(default_factory=list)
    unloaded: dict[str, Unloaded] = dataclasses.field(default_factory=dict)  # manifest -> what UNLOAD wrote with it
    bucket_regions: dict[str, str] = dataclasses.field(default_factory=dict)  # of those buckets that somebody described
    security_group: Callable[[str, str], bool] | None = None  # (Region, id) -> is it there, if any knows
    role: Callable[[str], bool] | None = None  # ARN -> is it there, if any knows
    make_secret: Callable[[str, str, str, str | None], str] | None = (
        None  # (Region, cluster, user, key) -> ARN, if any knows
    )
    forget_secret: Callable[[str, str], None] | None = None  # (Region, ARN)
    #: (Region, topic, the subscription's ARN) -> why Redshift may not publish, if any knows
    topic_refusal: Callable[[str, str, str], str | None] | None = None
    schedule_outcomes: list[str] = dataclasses.field(default_factory=list)  # fates of associations: FAILED, stuck
    hide_next_grants: list[tuple[int, float]] = dataclasses.field(default_factory=list)
    events: list[RedshiftEvent] = dataclasses.field(default_factory=list)
    on_event: Callable[[RedshiftEvent], None] | None = None  # who delivers to the topics of subscriptions
    silent_copies: set[tuple[str, str]] = dataclasses.field(
        default_factory=set
    )  # clusters that are not copied any more
    down: set[str] = dataclasses.field(default_factory=set)  # Regions that are lost for now
    failed_copies: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)  # destination, snapshot, reason
    deleted_copies: list[tuple[dt.datetime, str, str, str]] = dataclasses.field(
        default_factory=list
    )  # when, Region, id, why

    @property
    def now(self) -> dt.datetime:
        """The virtual time."""
        return self.clock.now()

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions of this partition."""
        return regions(self.partition)

    def arn(self, region: str, resource: str, service: str = "redshift") -> str:
        """An ARN of this account."""
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{resource}"

    def engine_version(self, region: str) -> str:
        """The engine that ``region`` runs today."""
        return self.settings.engine_versions.get(region, self.settings.engine_version)

    def cluster(self, region: str, identifier: str) -> Cluster:
        """The cluster, or ClusterNotFound [S]."""
        found = self.clusters.get((region, identifier.lower()))
        if found is None:
            raise api_error("ClusterNotFoundFault", f"Cluster {identifier} not found.")
        return found

    def available(self, region: str, identifier: str, purpose: str) -> Cluster:
        """The cluster if its status is available, else InvalidClusterState [S: in each operation's error list]."""
        cluster = self.cluster(region, identifier)
        if cluster.status != "available":
            msg = f"Cluster {identifier} must be in available state to {purpose}; it is {cluster.status}."
            raise api_error("InvalidClusterStateFault", msg)
        return cluster

    def change_status(self, cluster: Cluster, status: str, seconds: float, then: Callable[[], None]) -> None:
        """Put ``cluster`` into ``status`` for ``seconds``, then call ``then`` unless another change overtook this one."""
        cluster.status = status
        cluster.epoch += 1
        epoch = cluster.epoch

        def done() -> None:
            if cluster.epoch == epoch and self.clusters.get((cluster.region, cluster.identifier)) is cluster:
                then()

        self.clock.call_later(seconds, done)

    def snapshots_of(self, region: str, cluster: Cluster, kind: str, *, copied: bool) -> Iterator[Snapshot]:
        """Snapshots of this very cluster (same name and same creation time) in ``region``."""
        for snapshot in list(self.snapshots.values()):
            if (
                snapshot.region == region
                and snapshot.cluster_identifier == cluster.identifier
                and snapshot.cluster_create_time == cluster.create_time
                and snapshot.kind == kind
                and snapshot.is_copy == copied
            ):
                yield snapshot

    def drop(self, snapshot: Snapshot, why: str) -> None:
        """Remove a snapshot; a copy's end is kept in ``deleted_copies`` for tests."""
        if self.snapshots.pop((snapshot.region, snapshot.identifier), None) is not None and snapshot.is_copy:
            self.deleted_copies.append((self.now, snapshot.region, snapshot.identifier, why))

    def manual_count(self, region: str) -> int:
        """Manual snapshots that count against the quota of ``region``; copied ones are among them [I] domain.md 2."""
        return sum(1 for s in self.snapshots.values() if s.region == region and s.kind == "manual")

    def settle(self) -> None:
        """Let retention do its work up to now."""
        newest: dict[tuple[str, str, dt.datetime], dt.datetime] = {}
        owners = {(c.region, c.identifier, c.create_time): c for c in self.clusters.values()}
        for s in self.snapshots.values():
            if s.kind == "automated" and not s.is_copy and s.status == "available":
                lineage = (s.region, s.cluster_identifier, s.cluster_create_time)
                newest[lineage] = max(newest.get(lineage, s.create_time), s.create_time)
        for s in list(self.snapshots.values()):
            if s.status == "creating":
                continue
            if s.kind == "manual":
                # [S] ManualSnapshotRetentionPeriod, counted from SnapshotRetentionStartTime
                expired = s.retention not in {None, -1} and self._older(
                    s.retention_start or s.create_time, s.retention or 0
                )
            elif s.is_copy:
                # [D] copied automated snapshots age out; counted from the time of the data: guess
                expired = self._older(s.create_time, s.retention or 0)
            else:
                lineage = (s.region, s.cluster_identifier, s.cluster_create_time)
                owner = owners.get(lineage)
                # [D] GUIDE: the newest automated snapshot is kept until automation is off or the cluster is deleted
                expired = owner is None or (
                    self._older(s.create_time, owner.automated_retention) and newest.get(lineage) != s.create_time
                )
            if expired:
                self.drop(s, "expired")

    def _older(self, start: dt.datetime, days: int) -> bool:
        return self.now - start >= dt.timedelta(days=days)
