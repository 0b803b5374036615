"""Cross-Region copies: the configuration on the cluster, and what it makes of new snapshots."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks, events, grants
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.shapes import cluster_shape
from emulator.redshift_model.state import Cluster, CopyConfig, Snapshot

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World


#: While one of its two Regions is down, a copy neither begins nor ends; then it goes on: guess.
_OUTAGE_RETRY_SECONDS = 300


def enable(world: World, region: str, params: Params) -> dict[str, Any]:
    """EnableSnapshotCopy; the order of its checks is a guess, each error is in its list [S]."""
    cluster = world.available(region, params["ClusterIdentifier"], "enable snapshot copy")
    if cluster.copy is not None:  # [S] one destination at a time
        msg = f"Snapshot copy is already enabled on cluster {cluster.identifier} to {cluster.copy.destination_region}."
        raise api_error("SnapshotCopyAlreadyEnabledFault", msg)
    destination = params["DestinationRegion"]
    if destination not in world.regions or destination == region:  # [S]; that the own Region is refused so: guess
        raise api_error("UnknownSnapshotCopyRegionFault", f"The destination region {destination} is not valid.")
    automated = checks.copied_automated_days(params.get("RetentionPeriod"))
    manual = checks.manual_days(params.get("ManualSnapshotRetentionPeriod"))  # -1 unless given: guess
    name = params.get("SnapshotCopyGrantName") or None
    if name is not None:
        grants.find(
            world, destination, name
        )  # [S] looked up in the destination; a key disabled since is not looked at: guess
    cluster.copy = CopyConfig(destination, automated, manual, name)
    if world.settings.enable_reaches_existing_copies:
        _retain(world, cluster, automated)
    return {"Cluster": cluster_shape(world, cluster)}


def disable(world: World, region: str, params: Params) -> dict[str, Any]:
    """DisableSnapshotCopy: copied automated snapshots age out, copied manual ones stay [D]."""
    cluster = world.available(region, params["ClusterIdentifier"], "disable snapshot copy")
    if cluster.copy is None:
        msg = f"Snapshot copy is already disabled on cluster {cluster.identifier}."
        raise api_error("SnapshotCopyAlreadyDisabledFault", msg)
    cluster.copy = None
    events.happen(world, region, 3509, cluster.identifier)
    return {"Cluster": cluster_shape(world, cluster)}


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifySnapshotCopyRetentionPeriod: automated reaches existing copies, manual only new ones [S]."""
    cluster = world.available(region, params["ClusterIdentifier"], "modify the snapshot copy retention period")
    if cluster.copy is None:
        raise api_error("SnapshotCopyDisabledFault", f"Snapshot copy is not enabled on cluster {cluster.identifier}.")
    if params.get("Manual"):
        cluster.copy.manual_retention_period = checks.manual_days(params["RetentionPeriod"])
    else:
        days = checks.copied_automated_days(params["RetentionPeriod"])
        cluster.copy.retention_period = days
        _retain(world, cluster, days)
    return {"Cluster": cluster_shape(world, cluster)}


def _retain(world: World, cluster: Cluster, days: int) -> None:
    """Give all existing copied automated snapshots the new period; those outside go at once [S]."""
    if cluster.copy is None:
        return
    copied = [
        s
        for s in world.snapshots_of(cluster.copy.destination_region, cluster, "automated", copied=True)
        if s.source_region == cluster.region
    ]
    newest = max((s.create_time for s in copied if s.status == "available"), default=None)
    for snapshot in copied:
        snapshot.retention = days
        outside = snapshot.status != "creating" and world.now - snapshot.create_time >= dt.timedelta(days=days)
        if outside and not (world.settings.newest_copy_survives_lowering and snapshot.create_time == newest):
            world.drop(snapshot, "retention lowered")


def follow(world: World, snapshot: Snapshot, *, final: bool = False) -> None:
    """Start the copy of a snapshot that became available, if copying is on; only new snapshots are copied [I]."""
    cluster = world.clusters.get((snapshot.region, snapshot.cluster_identifier))
    if cluster is None or cluster.copy is None or cluster.create_time != snapshot.cluster_create_time:
        return
    if final and not world.settings.final_snapshot_is_copied:
        return
    # [D] an inaccessible key stops copies; a copy that stops without a word is a fault
    if cluster.status == "inaccessible-kms-key" or (cluster.region, cluster.identifier) in world.silent_copies:
        return
    config = dataclasses.replace(cluster.copy)
    world.clock.call_later(world.settings.copy_start_seconds, lambda: _begin(world, snapshot, cluster, config))


def _begin(world: World, source: Snapshot, cluster: Cluster, config: CopyConfig) -> None:
    """Begin one copy: it shows as creating in the destination (guess), then becomes available."""
    if world.down & {source.region, config.destination_region}:
        world.clock.call_later(_OUTAGE_RETRY_SECONDS, lambda: _begin(world, source, cluster, config))
        return
    current = cluster.copy
    # A switch-off, a change of Region or grant before the copy has begun prevents it: guess. The retention is that of now.
    if current is None or (current.destination_region, current.grant_name) != (
        config.destination_region,
        config.grant_name,
    ):
        return
    region = config.destination_region
    settings = world.settings
    prefix = settings.copied_automated_prefix if source.kind == "automated" else settings.copied_manual_prefix
    identifier = prefix + source.identifier
    problem, key = _obstacle(world, region, identifier, source.kind, config.grant_name)
    if problem:
        world.failed_copies.append((region, identifier, problem))
        return
    manual = source.kind == "manual"
    copy = dataclasses.replace(
        source,  # SnapshotCreateTime, ClusterCreateTime and the cluster's name are the source's [I] domain.md 6
        identifier=identifier,
        region=region,
        status="creating",
        retention=current.manual_retention_period if manual else current.retention_period,
        retention_start=None,
        started=world.now,
        seconds=settings.copy_seconds,
        kms_key_id=key,  # no grant: an AWS-owned key [D]
        source_region=source.region,  # [S]
        tags=dict(source.tags) if settings.copies_carry_tags else {},
    )
    world.snapshots[(region, identifier)] = copy

    def done() -> None:
        if world.down & {source.region, region}:
            world.clock.call_later(_OUTAGE_RETRY_SECONDS, done)
            return
        if world.snapshots.get((region, identifier)) is copy and copy.status == "creating":
            copy.status = "available"
            copy.retention_start = world.now if manual else None  # a copied manual one counts from its arrival: guess
            world.settle()

    world.clock.call_later(copy.seconds, done)


def _obstacle(world: World, region: str, identifier: str, kind: str, grant_name: str | None) -> tuple[str, str | None]:
    """Why a copy cannot begin (empty: it can), and its key. That nothing then appears in the destination is a guess."""
    key: str | None = None
    if grant_name is not None:
        grant = world.grants.get((region, grant_name))
        if grant is None:
            return f"grant {grant_name} is gone", None
        key = grant.kms_key_id
        if key is not None and world.keys[key].state != "Enabled":
            return f"key is {world.keys[key].state}", None
    if (region, identifier) in world.snapshots:
        return "name taken", None
    if kind == "manual" and world.manual_count(region) >= world.settings.manual_snapshot_quota:  # [I] domain.md 2
        return "quota", None
    return "", key


OPERATIONS: dict[str, Handler] = {
    "EnableSnapshotCopy": enable,
    "DisableSnapshotCopy": disable,
    "ModifySnapshotCopyRetentionPeriod": modify,
}
