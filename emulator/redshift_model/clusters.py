"""Clusters: creation, change, pause, deletion; every change of state takes virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import automated, capacity, checks, cluster_settings, copies, kms
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged
from emulator.redshift_model.shapes import cluster_shape
from emulator.redshift_model.state import Cluster

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World

# Members that Describe echoes as they were given, without a rule of their own.
_ECHOED = (
    "AvailabilityZone", "PreferredMaintenanceWindow", "EnhancedVpcRouting", "PubliclyAccessible",
    "MaintenanceTrackName", "AllowVersionUpgrade", "ClusterVersion",
)  # fmt: skip


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateCluster: creating, then available."""
    identifier = checks.identifier(params["ClusterIdentifier"], "ClusterIdentifier")  # [S]
    if (region, identifier) in world.clusters:  # [S]
        raise api_error("ClusterAlreadyExistsFault", f"Cluster {identifier} already exists.")
    if params.get("Encrypted") is False:  # [D] domain.md 2: unencrypted creation is refused now; the code is a guess
        raise checks.invalid("Creating an unencrypted cluster is not supported.")
    tags = checks.tags(params.get("Tags"))
    checks.tag_limit(len(tags), world.settings.tag_limit)
    capacity.quotas(world, region, int(params.get("NumberOfNodes") or 1))
    cluster = Cluster(
        identifier=identifier,
        region=region,
        create_time=world.now,
        node_type=params["NodeType"],
        number_of_nodes=int(params.get("NumberOfNodes") or 1),
        master_username=params["MasterUsername"],
        database=params.get("DBName") or "dev",  # [S]
        port=int(params.get("Port") or 5439),  # [S]
        kms_key_id=kms.usable(world, region, params["KmsKeyId"]).arn if params.get("KmsKeyId") else None,
        automated_retention=checks.automated_days(
            params.get("AutomatedSnapshotRetentionPeriod", 1), params["NodeType"]
        ),
        manual_retention=checks.manual_days(params.get("ManualSnapshotRetentionPeriod")),
        multi_az=bool(params.get("MultiAZ")),
        tags=tags,
        described={name: params[name] for name in _ECHOED if name in params}
        | cluster_settings.described(world, region, params),
    )
    cluster.described["AvailabilityZoneRelocationStatus"] = cluster_settings.relocation(
        world, region, params, node_type=cluster.node_type, multi_az=cluster.multi_az
    )
    world.clusters[(region, identifier)] = cluster
    world.change_status(cluster, "creating", world.settings.create_seconds, lambda: _ready(world, cluster))
    return {"Cluster": cluster_shape(world, cluster)}


def _ready(world: World, cluster: Cluster) -> None:
    cluster.status = "available"
    automated.start(world, cluster)


def _back(cluster: Cluster, status: str = "available") -> None:
    cluster.status = status


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeClusters: one by name, or all of this Region by page and tag [S]."""
    exclusive(params, "ClusterIdentifier", "Marker")  # [S]
    name = params.get("ClusterIdentifier")
    found = [world.cluster(region, name)] if name else [c for c in world.clusters.values() if c.region == region]
    chosen, marker = page(params, [c for c in found if tagged(params, c.tags)], lambda c: c.identifier)
    return answer("Clusters", [cluster_shape(world, c) for c in chosen], marker)


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyCluster: retention at once (guess), everything else through modifying; a paused cluster refuses [D]."""
    cluster = world.available(region, params["ClusterIdentifier"], "modify the cluster")
    encryption = {"Encrypted", "KmsKeyId"} & set(params)
    if encryption and cluster.copy is not None:  # [D+I] GUIDE changing-cluster-encryption.md; the code is a guess
        raise api_error(
            "InvalidClusterStateFault", "Disable cross-region snapshot copy before you change the encryption."
        )
    new_name = params.get("NewClusterIdentifier")
    if new_name:
        checks.identifier(new_name, "NewClusterIdentifier")
        if (region, new_name) in world.clusters:
            raise api_error("ClusterAlreadyExistsFault", f"Cluster {new_name} already exists.")
        if (
            cluster.copy is not None and cluster.encrypted
        ):  # [D] the name is in the encryption context; the code is a guess
            raise api_error(
                "InvalidClusterStateFault", "Disable cross-region snapshot copy before you rename the cluster."
            )
    key = kms.usable(world, region, params["KmsKeyId"]).arn if params.get("KmsKeyId") else cluster.kms_key_id
    node_type = params.get("NodeType") or cluster.node_type
    kept = checks.automated_days(params.get("AutomatedSnapshotRetentionPeriod", cluster.automated_retention), node_type)
    manual = checks.manual_days(params.get("ManualSnapshotRetentionPeriod"), cluster.manual_retention)
    settings = cluster_settings.described(world, region, params, cluster)
    # Everything is checked: change.
    cluster.kms_key_id, cluster.node_type, cluster.manual_retention = key, node_type, manual
    cluster.encrypted = bool(params.get("Encrypted", cluster.encrypted))
    cluster.number_of_nodes = int(params.get("NumberOfNodes") or cluster.number_of_nodes)
    cluster.multi_az = bool(params.get("MultiAZ", cluster.multi_az))
    cluster.port = int(params.get("Port") or cluster.port)
    cluster.described.update({name: params[name] for name in _ECHOED if name in params} | settings)
    if "AvailabilityZoneRelocation" in params or cluster.multi_az:
        wanted = bool(params.get("AvailabilityZoneRelocation")) and not cluster.multi_az
        cluster.described["AvailabilityZoneRelocationStatus"] = "enabled" if wanted else "disabled"
    cluster.automated_retention = kept
    if kept == 0:
        automated.stop(world, cluster)
    world.settle()  # [S] lowering deletes what is out of range at once
    if new_name:
        _rename(world, cluster, new_name)
    elif set(params) - {"ClusterIdentifier", "AutomatedSnapshotRetentionPeriod", "ManualSnapshotRetentionPeriod"}:
        world.change_status(cluster, "modifying", world.settings.modify_seconds, lambda: _back(cluster))
    return {"Cluster": cluster_shape(world, cluster)}


def _rename(world: World, cluster: Cluster, new_name: str) -> None:
    """Rename: the new name answers at once, snapshots follow the cluster (both guesses)."""
    for snapshot in world.snapshots.values():
        same = (snapshot.region, snapshot.cluster_identifier) == (cluster.region, cluster.identifier)
        if same and snapshot.cluster_create_time == cluster.create_time and not snapshot.is_copy:
            snapshot.cluster_identifier = new_name
    del world.clusters[(cluster.region, cluster.identifier)]
    cluster.identifier = new_name
    world.clusters[(cluster.region, new_name)] = cluster
    world.change_status(cluster, "renaming", world.settings.modify_seconds, lambda: _back(cluster))


def pause(world: World, region: str, params: Params) -> dict[str, Any]:
    """PauseCluster: takes a snapshot; refused while automated snapshots are off, and for Multi-AZ [D]."""
    cluster = world.available(region, params["ClusterIdentifier"], "pause the cluster")
    if cluster.automated_retention == 0 or cluster.multi_az:  # [D]; the code is a guess
        raise api_error("UnsupportedOperationFault", "You can't pause this cluster.")
    automated.take(world, cluster)  # of type automated: guess
    world.change_status(cluster, "pausing", world.settings.pause_seconds, lambda: _back(cluster, "paused"))
    return {"Cluster": cluster_shape(world, cluster)}


def resume(world: World, region: str, params: Params) -> dict[str, Any]:
    """ResumeCluster: only a paused one [S]."""
    cluster = world.cluster(region, params["ClusterIdentifier"])
    if cluster.status != "paused":
        raise api_error("InvalidClusterStateFault", f"Cluster {cluster.identifier} is {cluster.status}, not paused.")
    world.change_status(cluster, "resuming", world.settings.resume_seconds, lambda: _back(cluster))
    return {"Cluster": cluster_shape(world, cluster)}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteCluster: final-snapshot while one is taken, then deleting, then gone; automated snapshots go with it [S, D]."""
    cluster = world.cluster(region, params["ClusterIdentifier"])
    if cluster.status in world.settings.undeletable:
        raise api_error("InvalidClusterStateFault", f"Cluster {cluster.identifier} is {cluster.status}.")
    skip, final = bool(params.get("SkipFinalClusterSnapshot")), params.get("FinalClusterSnapshotIdentifier")
    if skip == bool(final):  # [S] a name unless skipped, none if skipped
        msg = "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is true, and only then."
        raise api_error("InvalidParameterCombination", msg)
    if not final:
        remove(world, cluster)
        return {"Cluster": cluster_shape(world, cluster)}
    name = checks.snapshot_identifier(final)
    days = checks.manual_days(params.get("FinalClusterSnapshotRetentionPeriod"))  # [S] -1 unless given
    if (region, name) in world.snapshots:  # [S]
        raise api_error("ClusterSnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")
    if world.manual_count(region) >= world.settings.manual_snapshot_quota:  # [S]
        raise api_error("ClusterSnapshotQuotaExceededFault", "The quota of manual snapshots is exceeded.")
    automated.begin(world, cluster, name, "manual", final=True).retention = days
    world.change_status(
        cluster, "final-snapshot", world.settings.final_snapshot_seconds, lambda: remove(world, cluster)
    )
    return {"Cluster": cluster_shape(world, cluster)}


def remove(world: World, cluster: Cluster) -> None:
    """Delete a cluster: deleting, then gone, without a final snapshot."""

    def gone() -> None:
        if world.settings.cluster_deletion_removes_copies and cluster.copy is not None:
            for snapshot in world.snapshots_of(cluster.copy.destination_region, cluster, "automated", copied=True):
                world.drop(snapshot, "cluster deleted")
        world.logging.pop((cluster.region, cluster.identifier), None)
        secret = cluster.described.get("MasterPasswordSecretArn")
        if secret and world.forget_secret is not None:
            world.forget_secret(cluster.region, secret)
        world.clusters.pop((cluster.region, cluster.identifier), None)  # its grant is free from now on [I]
        world.settle()

    world.change_status(cluster, "deleting", world.settings.delete_seconds, gone)


OPERATIONS: dict[str, Handler] = {
    "CreateCluster": create,
    "DescribeClusters": describe,
    "ModifyCluster": modify,
    "PauseCluster": pause,
    "ResumeCluster": resume,
    "DeleteCluster": delete,
    **cluster_settings.OPERATIONS,
    **copies.OPERATIONS,
}
