"""RestoreFromClusterSnapshot: a new cluster, with a new lineage, out of a snapshot of the same Region.

By default it is configured as its source was, "except that the new cluster is created with the default cluster security and
parameter groups" [S]. It has no tags, no copying, no logging, no roles, no schedule, and no managed password but for the asking.
The order of the checks is a guess, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import (
    automated,
    capacity,
    checks,
    cluster_settings,
    events,
    kms,
    parameter_groups,
    restore_checks,
    schedules,
    snapshots,
)
from emulator.redshift_model.errors import ApiError, api_error
from emulator.redshift_model.shapes import cluster_shape
from emulator.redshift_model.state import Cluster, Restore

if TYPE_CHECKING:
    from emulator.redshift_model.state import Snapshot
    from emulator.redshift_model.world import Handler, Params, World

_OUTAGE_RETRY_SECONDS = 300  # a restore in a Region that is down goes on when it is back: guess
_GROUPS = (
    "ClusterSubnetGroupName",
    "ClusterParameterGroupName",
    "VpcSecurityGroupIds",
    "IamRoles",
    "DefaultIamRoleArn",
)
_ECHOED = ("PreferredMaintenanceWindow", "AllowVersionUpgrade")


def restore(world: World, region: str, params: Params) -> dict[str, Any]:
    """RestoreFromClusterSnapshot: creating, restoring, then available (or not)."""
    identifier = checks.identifier(params["ClusterIdentifier"], "ClusterIdentifier")  # [S]
    if (region, identifier) in world.clusters:  # [S]
        raise api_error("ClusterAlreadyExistsFault", f"Cluster {identifier} already exists.")
    snapshot = _snapshot(world, region, params)
    restore_checks.unsupported(params)
    node_type, nodes = restore_checks.nodes(world, snapshot, params)
    port = restore_checks.port(params, snapshot, node_type)
    automated_days, manual_days = restore_checks.retentions(params, snapshot, node_type)
    multi_az = bool(params.get("MultiAZ", snapshot.multi_az))  # [S] as its source unless told
    described = _described(world, region, params, snapshot)
    described["AvailabilityZoneRelocationStatus"] = cluster_settings.relocation(
        world, region, params, node_type=node_type, multi_az=multi_az
    )
    zones = restore_checks.zones(world, region, params, node_type=node_type, nodes=nodes, multi_az=multi_az)
    encrypted, key = _encryption(world, region, params, snapshot)
    schedule = params.get("SnapshotScheduleIdentifier")
    if schedule:
        schedules.find(world, region, schedule)  # [S] SnapshotScheduleNotFound
    _version(world, region, snapshot)
    capacity.quotas(world, region, nodes)
    described["AvailabilityZone"] = capacity.room(world, region, zones, node_type, nodes)
    cluster = Cluster(
        identifier=identifier,
        region=region,
        create_time=world.now,  # a lineage of its own [I] domain.md 6
        node_type=node_type,
        number_of_nodes=nodes,
        master_username=snapshot.master_username,  # the API has no parameter for it, nor for the database [S]
        database=snapshot.database,
        port=port,
        encrypted=encrypted,
        kms_key_id=key,
        automated_retention=automated_days,
        manual_retention=manual_days,
        multi_az=multi_az,
        size_megabytes=snapshot.size_megabytes,
        described=described,
        engine_version=world.engine_version(region),
        content=None if snapshot.content is None else snapshot.content.copy(),
    )
    world.clusters[(region, identifier)] = cluster
    if schedule:
        schedules.settle_later(world, cluster, schedule)
    _begin(world, cluster, snapshot)
    return {"Cluster": cluster_shape(world, cluster)}


def _snapshot(world: World, region: str, params: Params) -> Snapshot:
    name, arn = params.get("SnapshotIdentifier"), params.get("SnapshotArn")
    if bool(name) == bool(arn):  # [S] "snapshotIdentifier or snapshotArn, but not both"; the code is a guess
        raise api_error(
            "InvalidParameterCombination", "You must specify SnapshotIdentifier or SnapshotArn, but not both."
        )
    if params.get("OwnerAccount") not in {None, world.account}:  # sharing is not modelled: nobody shared anything
        raise api_error("AccessToSnapshotDeniedFault", "The owner of the snapshot has not authorized your account.")
    found = snapshots.by_arn(world, region, arn) if arn else snapshots.find(world, region, str(name))
    owner = params.get("SnapshotClusterIdentifier")
    if owner is not None and owner != found.cluster_identifier:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {found.identifier} of cluster {owner} not found.")
    if found.status != "available":  # [S] "not in the available state"
        raise api_error("InvalidClusterSnapshotStateFault", f"Snapshot {found.identifier} is {found.status}.")
    return found


def _described(world: World, region: str, params: Params, snapshot: Snapshot) -> dict[str, Any]:
    """Members that Describe shows as they were given, or by their defaults."""
    if not params.get("ClusterSubnetGroupName") and not world.settings.subnet_group_default:
        # [S] "you must provide subnet group name"; the code and its words are a guess
        raise api_error("InvalidSubnet", "No default subnet detected in VPC. Give ClusterSubnetGroupName.")
    restore_checks.outside(world, region, params)
    given = {name: params[name] for name in _GROUPS if params.get(name)}
    given |= {"ClusterIdentifier": params["ClusterIdentifier"], "MasterUsername": snapshot.master_username}
    given |= {name: params[name] for name in ("ManageMasterPassword", "MasterPasswordSecretKmsKeyId") if name in params}
    default = [{"ParameterGroupName": parameter_groups.DEFAULT, "ParameterApplyStatus": "in-sync"}]  # [S]
    return {
        "PubliclyAccessible": bool(params.get("PubliclyAccessible")),  # [S] false unless given
        "EnhancedVpcRouting": bool(params.get("EnhancedVpcRouting")),  # [S] false unless given
        "MaintenanceTrackName": params.get("MaintenanceTrackName") or snapshot.track,  # [S] inherited
        "ClusterParameterGroups": default,
        "IamRoles": [],  # [D] domain.md 5: attachments are not in a snapshot
        **{name: params[name] for name in _ECHOED if name in params},
        **cluster_settings.described(world, region, given),
    }


def _encryption(world: World, region: str, params: Params, snapshot: Snapshot) -> tuple[bool, str | None]:
    """The key: the one given, else the snapshot's own [S]; either must be there and Enabled (the code is a setting)."""
    name = params.get("KmsKeyId") or snapshot.kms_key_id
    encrypted = bool(params.get("Encrypted", snapshot.encrypted or bool(params.get("KmsKeyId"))))
    if not encrypted:  # [D] domain.md 2: no unencrypted cluster is made any more; the code is a guess
        raise checks.invalid("Creating an unencrypted cluster is not supported.")
    if name is None:
        return encrypted, None  # an AWS-owned key
    try:
        return encrypted, kms.usable(world, region, name).arn
    except ApiError as error:
        raise api_error(world.settings.unusable_key_code, error.message) from error


def _version(world: World, region: str, snapshot: Snapshot) -> None:
    """A restore fails on an engine older than the snapshot's [D]; that it fails at once, and how: a setting."""

    def parts(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    here = world.engine_version(region)
    if snapshot.engine_version and parts(snapshot.engine_version) > parts(here):
        msg = f"The snapshot's engine version {snapshot.engine_version} is newer than {here}, which {region} runs."
        raise api_error(world.settings.newer_snapshot_code, msg)


def _begin(world: World, cluster: Cluster, snapshot: Snapshot) -> None:
    settings = world.settings
    outcome: str | float = world.restore_outcomes.pop(0) if world.restore_outcomes else "available"
    seconds = settings.restore_seconds if isinstance(outcome, str) else float(outcome)
    restore = cluster.restore = Restore(snapshot.identifier, world.now, seconds, size_megabytes=snapshot.size_megabytes)

    def restoring() -> None:
        if cluster.region in world.down:
            world.clock.call_later(_OUTAGE_RETRY_SECONDS, restoring)
        elif restore.status == "starting" and cluster.status == "creating":
            restore.status, cluster.status = "restoring", settings.restoring_status

    def done() -> None:
        if cluster.region in world.down:
            world.change_status(cluster, cluster.status, _OUTAGE_RETRY_SECONDS, done)
        elif isinstance(outcome, str) and outcome != "available":
            restore.status, cluster.status = "failed", outcome
            events.happen(world, cluster.region, 2021 if "capacity" in outcome.lower() else 3501, cluster.identifier)
        else:
            restore.status, cluster.status = "completed", "available"
            automated.start(world, cluster)

    world.clock.call_later(min(settings.restore_starting_seconds, seconds / 2), restoring)
    if outcome == "stuck":
        return
    world.change_status(cluster, "creating", seconds, done)


OPERATIONS: dict[str, Handler] = {"RestoreFromClusterSnapshot": restore}
