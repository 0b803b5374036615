"""Snapshots coming into being: the common life of manual and automated ones, and the automated rhythm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.redshift_model import copies, events, schedule_times
from emulator.redshift_model.state import Cluster, Snapshot

if TYPE_CHECKING:
    import datetime as dt

    from emulator.redshift_model.world import World

_RETRY_SECONDS = (
    900  # [D] automated snapshots are at least 15 min apart; that a hindered one is tried again so soon: guess
)


def snapshot_running(world: World, cluster: Cluster) -> bool:
    """Whether a snapshot of this cluster is being written in its own Region."""
    return any(
        s.status == "creating" and not s.is_copy
        for kind in ("manual", "automated")
        for s in world.snapshots_of(cluster.region, cluster, kind, copied=False)
    )


def begin(world: World, cluster: Cluster, identifier: str, kind: str, *, final: bool = False) -> Snapshot:
    """Start a snapshot: creating now, available after ``snapshot_seconds`` [S states; guess times], then copied."""
    settings = world.settings
    outcome = world.outcomes.pop(0) if world.outcomes and kind == "manual" else "available"
    snapshot = Snapshot(
        identifier=identifier,
        region=cluster.region,
        cluster_identifier=cluster.identifier,
        cluster_create_time=cluster.create_time,
        kind=kind,
        create_time=world.now,
        retention_start=world.now if kind == "manual" else None,
        started=world.now,
        seconds=settings.final_snapshot_seconds if final else settings.snapshot_seconds,
        size_megabytes=cluster.size_megabytes,
        kms_key_id=cluster.kms_key_id,
        encrypted=cluster.encrypted,
        node_type=cluster.node_type,
        number_of_nodes=cluster.number_of_nodes,
        master_username=cluster.master_username,
        database=cluster.database,
        port=cluster.port,
        multi_az=cluster.multi_az,
        automated_retention=cluster.automated_retention,
        enhanced=bool(cluster.described.get("EnhancedVpcRouting")),
        track=str(cluster.described.get("MaintenanceTrackName", "current")),
        engine_version=cluster.engine_version or world.engine_version(cluster.region),
        content=None if cluster.content is None else cluster.content.copy(),
    )
    world.snapshots[(snapshot.region, snapshot.identifier)] = snapshot

    def done() -> None:
        if world.snapshots.get((snapshot.region, snapshot.identifier)) is not snapshot or snapshot.status != "creating":
            return
        snapshot.status = outcome
        if outcome == "failed":
            events.happen(world, snapshot.region, 3503, snapshot.identifier)
        if outcome == "available":
            copies.follow(world, snapshot, final=final)
        world.settle()

    if outcome != "stuck":
        world.clock.call_later(snapshot.seconds, done)
    return snapshot


def take(world: World, cluster: Cluster) -> Snapshot:
    """Start an automated snapshot, named as the console shows them: ``rs:<cluster>-<yyyy-mm-dd-hh-mm-ss>`` [3]."""
    identifier = f"rs:{cluster.identifier}-{world.now:%Y-%m-%d-%H-%M-%S}"
    return world.snapshots.get((cluster.region, identifier)) or begin(world, cluster, identifier, "automated")


def start(world: World, cluster: Cluster) -> None:
    """Begin the automated rhythm of a cluster: by its schedule, without one about every 8 h [D]; the first after 8 h: guess."""
    cluster.rhythm += 1
    rhythm, anchor = cluster.rhythm, world.now

    def tick() -> None:
        if world.clusters.get((cluster.region, cluster.identifier)) is not cluster or cluster.rhythm != rhythm:
            return
        # [D] paused clusters take none; [S] retention 0 stops them; a busy cluster or a running backup delays: guess
        hindered = cluster.status not in {"available", "paused"} or snapshot_running(world, cluster)
        hindered = hindered or cluster.region in world.down
        if cluster.status == "available" and cluster.automated_retention > 0 and not hindered:
            take(world, cluster)
        world.settle()
        world.clock.call_later(_RETRY_SECONDS if hindered else until_next(world, cluster, anchor), tick)

    world.clock.call_later(until_next(world, cluster, anchor), tick)


def until_next(world: World, cluster: Cluster, anchor: dt.datetime) -> float:
    """Seconds until the next automated snapshot; a schedule replaces the default rhythm [S] CreateSnapshotSchedule."""
    schedule = world.schedules.get((cluster.region, cluster.schedule or ""))
    if schedule is None:
        return world.settings.automated_every_seconds
    return (schedule_times.next_firing(schedule.definitions, world.now, anchor) - world.now).total_seconds()


def stop(world: World, cluster: Cluster) -> None:
    """Retention 0: all automated snapshots go at once [S]; copies in another Region stay: guess."""
    for snapshot in world.snapshots_of(cluster.region, cluster, "automated", copied=False):
        world.drop(snapshot, "automation off")
