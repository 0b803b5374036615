"""Clusters and snapshots in the API's shapes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks, node_types

if TYPE_CHECKING:
    from emulator.redshift_model.state import Cluster, Restore, Snapshot
    from emulator.redshift_model.world import World

#: How the states of a failed cluster begin [S] botocore, ClusterStatus.
FAILURES = ("incompatible-", "hardware-failure", "storage-full")


def _namespace(cluster: Cluster) -> uuid.UUID:
    """The id of a cluster's namespace: each cluster has one of its own, also one that is made again under its name."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{cluster.region} {cluster.identifier} {cluster.create_time.isoformat()}")


def availability(cluster: Cluster) -> str:
    """``ClusterAvailabilityStatus`` [S its values; which status has which: guess]."""
    if cluster.status.startswith("available"):
        return "Available"
    if cluster.status in {"modifying", "renaming", "resizing", "rotating-keys"}:
        return "Modifying"
    return "Failed" if cluster.status.startswith(FAILURES) else "Unavailable"


def _restore_status(world: World, restore: Restore, node_type: str) -> dict[str, Any]:
    """``RestoreStatus`` [S]: for RA3 and RG only Status means something, the figures are for DC2 alone."""
    if not node_type.startswith("dc"):
        return {"Status": restore.status}
    elapsed = restore.seconds
    if restore.status in {"starting", "restoring"}:
        elapsed = min(restore.seconds, (world.now - restore.started).total_seconds())
    share = elapsed / restore.seconds if restore.seconds else 1.0
    return {
        "Status": restore.status,
        "CurrentRestoreRateInMegaBytesPerSecond": restore.size_megabytes / max(1.0, restore.seconds),
        "SnapshotSizeInMegaBytes": int(restore.size_megabytes),
        "ProgressInMegaBytes": int(restore.size_megabytes * share),
        "ElapsedTimeInSeconds": int(elapsed),
        "EstimatedTimeToCompletionInSeconds": int(restore.seconds - elapsed),
    }


def cluster_shape(world: World, cluster: Cluster) -> dict[str, Any]:
    """Shape a cluster as the API shows it [S]; without copying there is no ClusterSnapshotCopyStatus."""
    found: dict[str, Any] = {
        "ClusterIdentifier": cluster.identifier,
        "NodeType": cluster.node_type,
        "ClusterStatus": cluster.status,
        "ClusterAvailabilityStatus": availability(cluster),
        "MasterUsername": cluster.master_username,
        "DBName": cluster.database,
        "ClusterCreateTime": cluster.create_time,
        "AutomatedSnapshotRetentionPeriod": cluster.automated_retention,
        "ManualSnapshotRetentionPeriod": cluster.manual_retention,
        "NumberOfNodes": cluster.number_of_nodes,
        "Encrypted": cluster.encrypted,
        "MultiAZ": "Enabled" if cluster.multi_az else "Disabled",
        "Tags": checks.tag_list(cluster.tags),
        "ClusterNamespaceArn": world.arn(cluster.region, f"namespace:{_namespace(cluster)}"),
        "ClusterVersion": "1.0",
        "ClusterRevisionNumber": (cluster.engine_version or world.engine_version(cluster.region)).rsplit(".", 1)[-1],
        **cluster.described,
    }
    if cluster.restore is not None:
        found["RestoreStatus"] = _restore_status(world, cluster.restore, cluster.node_type)
    restored = cluster.restore is None or cluster.restore.status == "completed"
    if cluster.status != "creating" and restored:  # a restored one has none before it was available: guess
        address = f"{cluster.identifier}.example.{cluster.region}.redshift.example.com"
        found["Endpoint"] = {"Address": address, "Port": cluster.port}
    if cluster.kms_key_id:
        found["KmsKeyId"] = cluster.kms_key_id
    if cluster.schedule is not None:  # [S]
        found["SnapshotScheduleIdentifier"] = cluster.schedule
        found["SnapshotScheduleState"] = cluster.schedule_state
    if cluster.copy is not None:
        found["ClusterSnapshotCopyStatus"] = {
            "DestinationRegion": cluster.copy.destination_region,
            "RetentionPeriod": cluster.copy.retention_period,
            "ManualSnapshotRetentionPeriod": cluster.copy.manual_retention_period,
            **({"SnapshotCopyGrantName": cluster.copy.grant_name} if cluster.copy.grant_name else {}),
        }
    return found


def snapshot_shape(world: World, snapshot: Snapshot) -> dict[str, Any]:
    """Shape a snapshot as the API shows it [S]; progress is linear in virtual time (guess)."""
    elapsed = max(0.0, (world.now - (snapshot.started or snapshot.create_time)).total_seconds())
    share = min(1.0, elapsed / snapshot.seconds) if snapshot.status == "creating" and snapshot.seconds else 1.0
    found: dict[str, Any] = {
        "SnapshotIdentifier": snapshot.identifier,
        "SnapshotArn": world.arn(snapshot.region, f"snapshot:{snapshot.cluster_identifier}/{snapshot.identifier}"),
        "ClusterIdentifier": snapshot.cluster_identifier,
        "SnapshotCreateTime": snapshot.create_time,
        "Status": snapshot.status,
        "Port": snapshot.port,
        "ClusterCreateTime": snapshot.cluster_create_time,
        "MasterUsername": snapshot.master_username,
        "ClusterVersion": "1.0",
        "SnapshotType": snapshot.kind,
        "NodeType": snapshot.node_type,
        "NumberOfNodes": snapshot.number_of_nodes,
        "DBName": snapshot.database,
        "Encrypted": snapshot.encrypted,
        "EncryptedWithHSM": False,
        "OwnerAccount": world.account,
        "TotalBackupSizeInMegaBytes": snapshot.size_megabytes,
        "ActualIncrementalBackupSizeInMegaBytes": round(snapshot.size_megabytes * share, 3),
        "BackupProgressInMegaBytes": round(snapshot.size_megabytes * share, 3),
        "CurrentBackupRateInMegaBytesPerSecond": 0.0
        if share == 1.0
        else round(snapshot.size_megabytes / snapshot.seconds, 3),
        "EstimatedSecondsToCompletion": 0 if share == 1.0 else int(snapshot.seconds - elapsed),
        "ElapsedTimeInSeconds": int(elapsed if snapshot.status == "creating" else snapshot.seconds),
        "Tags": checks.tag_list(snapshot.tags),
        "RestorableNodeTypes": node_types.types(world, snapshot),
        "EngineFullVersion": snapshot.engine_version or world.engine_version(snapshot.region),
        "MaintenanceTrackName": snapshot.track,
        "EnhancedVpcRouting": snapshot.enhanced,
    }
    if snapshot.kms_key_id:
        found["KmsKeyId"] = snapshot.kms_key_id
    if snapshot.source_region:
        found["SourceRegion"] = snapshot.source_region
    if snapshot.kind == "manual":
        found["ManualSnapshotRetentionPeriod"] = snapshot.retention
        if snapshot.retention_start is not None:
            found["SnapshotRetentionStartTime"] = snapshot.retention_start
            if snapshot.retention not in {None, -1}:
                end = snapshot.retention_start + dt.timedelta(days=snapshot.retention or 0)
                found["ManualSnapshotRemainingDays"] = max(0, (end - world.now).days)  # rounded down: guess
    return found
