"""Snapshots of one Region: manual ones, and looking at all of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import botocore.utils

from emulator.redshift_model import automated, checks
from emulator.redshift_model.errors import ApiError, api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged
from emulator.redshift_model.shapes import snapshot_shape

if TYPE_CHECKING:
    from emulator.redshift_model.state import Snapshot
    from emulator.redshift_model.world import Handler, Params, World

_BATCH = 100  # [S]
_SORTS = {
    "SOURCE_TYPE": lambda s: (s.kind, s.create_time),
    "TOTAL_SIZE": lambda s: (s.size_megabytes, s.create_time),
    "CREATE_TIME": lambda s: (s.create_time, s.identifier),
}


def find(world: World, region: str, identifier: str) -> Snapshot:
    """The snapshot, or ClusterSnapshotNotFound [S]."""
    snapshot = world.snapshots.get((region, identifier.lower()))
    if snapshot is None:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {identifier} not found.")
    return snapshot


def by_arn(world: World, region: str, arn: str) -> Snapshot:
    """The snapshot behind an ARN; another Region's is not found, another account's denied (guesses)."""
    parts = arn.split(":", 6)
    if len(parts) != 7 or parts[2] != "redshift" or parts[5] != "snapshot" or "/" not in parts[6]:
        raise checks.invalid(f"Invalid snapshot ARN {arn}.")
    if parts[4] != world.account:
        raise api_error("AccessToSnapshotDeniedFault", f"The account may not use the snapshot {arn}.")
    owner, _, identifier = parts[6].partition("/")
    snapshot = world.snapshots.get((region, identifier.lower()))
    if parts[3] != region or snapshot is None or snapshot.cluster_identifier != owner:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {arn} not found.")
    return snapshot


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateClusterSnapshot: the cluster must be available [S]; the order of the checks is a guess."""
    identifier = checks.snapshot_identifier(params["SnapshotIdentifier"])
    tags = checks.tags(params.get("Tags"))
    checks.tag_limit(len(tags), world.settings.tag_limit)
    name = params["ClusterIdentifier"]
    cluster = world.cluster(region, name)
    # -1 unless given [S]; domain.md 2 [S]: the cluster's own value is the default for new snapshots, so that one counts
    days = checks.manual_days(params.get("ManualSnapshotRetentionPeriod"), cluster.manual_retention)
    if (region, identifier) in world.snapshots:  # before the state is looked at: guess
        raise api_error(
            "ClusterSnapshotAlreadyExistsFault", f"Cannot create the snapshot because {identifier} already exists."
        )
    world.available(region, name, "create a snapshot")
    if world.settings.one_snapshot_at_a_time and automated.snapshot_running(world, cluster):
        msg = "There is an operation running on the Cluster. Please try to create the snapshot at a later time."
        raise api_error("InvalidClusterStateFault", msg)
    if world.manual_count(region) >= world.settings.manual_snapshot_quota:  # [D]
        raise api_error("ClusterSnapshotQuotaExceededFault", "The quota of manual snapshots is exceeded.")
    snapshot = automated.begin(world, cluster, identifier, "manual")
    snapshot.retention, snapshot.tags = days, tags
    return {"Snapshot": snapshot_shape(world, snapshot)}


def _moment(value: Any) -> dt.datetime:
    moment: dt.datetime = botocore.utils.parse_to_aware_datetime(value)
    return moment


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeClusterSnapshots: every filter filters; all of this Region without one, copies among them [S]."""
    identifier, owner = params.get("SnapshotIdentifier"), params.get("ClusterIdentifier")
    if world.settings.snapshot_and_cluster_filter_clash:  # [3] airflow PR 27276
        exclusive(params, "SnapshotIdentifier", "ClusterIdentifier")
    exclusive(params, "SnapshotIdentifier", "SnapshotArn")  # guess
    exists = params.get("ClusterExists")
    if exists and not owner:  # [S]; the code is a guess
        raise api_error("InvalidParameterCombination", "ClusterIdentifier is required if ClusterExists is true.")
    asked = exists or (owner and exists is None and world.settings.unknown_cluster_is_refused)
    if asked and (region, owner) not in world.clusters:  # guess: else an unknown cluster has no snapshots
        raise api_error("ClusterNotFoundFault", f"Cluster {owner} not found.")
    kind = params.get("SnapshotType")
    if kind not in {None, "automated", "manual"}:  # [S]
        raise checks.invalid(f"Invalid value {kind} for SnapshotType: automated or manual.")
    found = [s for s in world.snapshots.values() if s.region == region]
    arn = params.get("SnapshotArn")
    if identifier or arn:
        wanted = identifier or str(arn).rsplit("/", 1)[-1]
        found = [find(world, region, wanted)]
    found = [s for s in found if _chosen(world, s, params)]
    ordered = bool(params.get("SortingEntities"))
    for entity in reversed(params.get("SortingEntities") or []):
        if not owner:  # [S] botocore, SnapshotSortingEntity: only with ClusterIdentifier; the code is a guess
            raise api_error("InvalidParameterCombination", "ClusterIdentifier is required to sort snapshots.")
        found.sort(key=_SORTS[entity["Attribute"]], reverse=entity.get("SortOrder") == "DESC")
    chosen, marker = page(params, found, lambda s: s.identifier, ordered=ordered)
    return answer("Snapshots", [snapshot_shape(world, s) for s in chosen], marker)


def _chosen(world: World, s: Snapshot, params: Params) -> bool:
    owner = params.get("ClusterIdentifier")
    alive = world.clusters.get((s.region, s.cluster_identifier))
    exists = params.get("ClusterExists")
    return (
        (owner is None or s.cluster_identifier == owner.lower())
        and params.get("SnapshotType") in {None, s.kind}
        and params.get("OwnerAccount") in {None, world.account}
        and ("StartTime" not in params or s.create_time >= _moment(params["StartTime"]))
        and ("EndTime" not in params or s.create_time <= _moment(params["EndTime"]))
        and (exists is None or bool(exists) == (alive is not None))  # [S]; by name: guess
        and tagged(params, s.tags)
    )


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyClusterSnapshot: the retention of a manual one; one already over needs Force and goes at once [S]."""
    snapshot = find(world, region, params["SnapshotIdentifier"])
    if snapshot.kind != "manual" or snapshot.status not in {"available", "creating"}:  # guess
        msg = f"Snapshot {snapshot.identifier} is {snapshot.kind} and {snapshot.status}."
        raise api_error("InvalidClusterSnapshotStateFault", msg)
    if params.get("ManualSnapshotRetentionPeriod") is None:
        return {"Snapshot": snapshot_shape(world, snapshot)}
    days = checks.manual_days(params["ManualSnapshotRetentionPeriod"])
    start = snapshot.retention_start or snapshot.create_time
    over = days != -1 and world.now - start >= dt.timedelta(days=days)
    if over and not params.get("Force"):
        raise api_error("InvalidRetentionPeriodFault", f"Snapshot {snapshot.identifier} is older than {days} days.")
    snapshot.retention = days
    if over:
        world.drop(snapshot, "force")
    return {"Snapshot": snapshot_shape(world, snapshot)}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteClusterSnapshot: manual, and available, failed or cancelled [S]; answers "deleted" [S]."""
    snapshot = find(world, region, params["SnapshotIdentifier"])
    owner = params.get("SnapshotClusterIdentifier")
    if owner is not None and owner != snapshot.cluster_identifier:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {snapshot.identifier} of cluster {owner} not found.")
    if snapshot.kind != "manual" or snapshot.status not in {"available", "failed", "cancelled"}:
        msg = f"Cannot delete the snapshot {snapshot.identifier}: it is {snapshot.kind} and {snapshot.status}."
        raise api_error("InvalidClusterSnapshotStateFault", msg)
    world.drop(snapshot, "deleted")
    snapshot.status = "deleted"
    return {"Snapshot": snapshot_shape(world, snapshot)}


def copy(world: World, region: str, params: Params) -> dict[str, Any]:
    """CopyClusterSnapshot: an automated one, copied or not, becomes a manual one in the same Region [S]."""
    settings = world.settings
    owner = params.get("SourceSnapshotClusterIdentifier")
    if owner and settings.manual_copy_wants_cluster:  # [S] "the identifier for a valid cluster": alive, in this Region?
        world.cluster(region, owner)
    source = find(world, region, params["SourceSnapshotIdentifier"])
    if owner is not None and owner != source.cluster_identifier:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {source.identifier} of cluster {owner} not found.")
    target = checks.snapshot_identifier(params["TargetSnapshotIdentifier"])
    days = checks.manual_days(params.get("ManualSnapshotRetentionPeriod"))  # [S] -1 unless given
    if source.kind != "automated" or source.status != "available":  # [S]
        raise api_error(
            "InvalidClusterSnapshotStateFault", f"Snapshot {source.identifier} is {source.kind} and {source.status}."
        )
    cluster = world.clusters.get((region, source.cluster_identifier))
    same = cluster is not None and cluster.create_time == source.cluster_create_time and not source.is_copy
    if cluster is not None and same and cluster.status == "paused":  # [D] domain.md 2; the code is a guess
        raise api_error("InvalidClusterSnapshotStateFault", f"Cluster {cluster.identifier} is paused.")
    if (region, target) in world.snapshots:
        raise api_error("ClusterSnapshotAlreadyExistsFault", f"Snapshot {target} already exists.")
    if world.manual_count(region) >= settings.manual_snapshot_quota:
        raise api_error("ClusterSnapshotQuotaExceededFault", "The quota of manual snapshots is exceeded.")
    made = dataclasses.replace(
        source,  # SnapshotCreateTime stays that of the data [S: "as of this exact time"]
        identifier=target,
        kind="manual",
        status="creating" if settings.manual_copy_seconds > 0 else "available",
        retention=days,
        retention_start=world.now,
        started=world.now,
        seconds=settings.manual_copy_seconds,
        source_region=source.source_region if settings.manual_copy_keeps_source_region else None,
        tags={},  # guess
    )
    world.snapshots[(region, target)] = made

    def done() -> None:
        if world.snapshots.get((region, target)) is made and made.status == "creating":
            made.status = "available"

    if made.status == "creating":
        world.clock.call_later(settings.manual_copy_seconds, done)
    return {"Snapshot": snapshot_shape(world, made)}


def _batch(world: World, region: str, names: list[tuple[str, Params]], one: Handler) -> dict[str, Any]:
    done: list[str] = []
    errors: list[dict[str, Any]] = []
    for name, params in names:
        try:
            one(world, region, params)
            done.append(name)
        except ApiError as error:  # [S] each failure stands in Errors
            errors.append({"SnapshotIdentifier": name, "FailureCode": error.code, "FailureReason": error.message})
    return {"Resources": done, "Errors": errors}


def batch_modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """BatchModifyClusterSnapshots: 100 at most [S]."""
    names = params["SnapshotIdentifierList"]
    if len(names) > _BATCH:
        raise api_error("BatchModifyClusterSnapshotsLimitExceededFault", "At most 100 snapshots.")
    checks.manual_days(params.get("ManualSnapshotRetentionPeriod"))
    rest = {key: value for key, value in params.items() if key != "SnapshotIdentifierList"}
    return _batch(world, region, [(name, {**rest, "SnapshotIdentifier": name}) for name in names], modify)


def batch_delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """BatchDeleteClusterSnapshots: 100 at most [S]."""
    given = params["Identifiers"]
    if len(given) > _BATCH:
        raise api_error("BatchDeleteRequestSizeExceededFault", "At most 100 snapshots.")
    return _batch(world, region, [(item["SnapshotIdentifier"], item) for item in given], delete)


OPERATIONS: dict[str, Handler] = {
    "CreateClusterSnapshot": create,
    "DescribeClusterSnapshots": describe,
    "ModifyClusterSnapshot": modify,
    "DeleteClusterSnapshot": delete,
    "CopyClusterSnapshot": copy,
    "BatchModifyClusterSnapshots": batch_modify,
    "BatchDeleteClusterSnapshots": batch_delete,
}
