"""What a cluster is told beside its size: its groups, roles, logs, managed secret, reboot and resize."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks, parameter_groups, subnet_groups
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.shapes import cluster_shape

if TYPE_CHECKING:
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import Handler, Params, World


def described(world: World, region: str, params: Params, cluster: Cluster | None = None) -> dict[str, Any]:
    """Turn parameters of Create and Modify (of ``cluster``) into members of Describe; the groups named must exist [S]."""
    found: dict[str, Any] = {}
    if params.get("ClusterSubnetGroupName"):
        group = subnet_groups.find(world, region, params["ClusterSubnetGroupName"])
        found["ClusterSubnetGroupName"] = group.name
        vpc = subnet_groups.shape(world, region, group).get("VpcId")
        found.update({"VpcId": vpc} if vpc else {})
    if params.get("ClusterParameterGroupName"):
        name = parameter_groups.find(world, region, params["ClusterParameterGroupName"]).name
        status = "pending-reboot" if cluster else "in-sync"  # [S] ParameterApplyStatus; applied by a reboot
        found["ClusterParameterGroups"] = [{"ParameterGroupName": name, "ParameterApplyStatus": status}]
    if params.get("VpcSecurityGroupIds") is not None:
        ids = params["VpcSecurityGroupIds"]
        found["VpcSecurityGroups"] = [{"VpcSecurityGroupId": name, "Status": "active"} for name in ids]
    if params.get("IamRoles"):
        found["IamRoles"] = [{"IamRoleArn": arn, "ApplyStatus": "in-sync"} for arn in params["IamRoles"]]
    if params.get("DefaultIamRoleArn"):
        found["DefaultIamRoleArn"] = params["DefaultIamRoleArn"]
    if params.get("ManageMasterPassword") and not (
        cluster and cluster.described.get("MasterPasswordSecretArn")
    ):  # [S] the secret is Redshift's own; its name's form is a guess
        found["MasterPasswordSecretArn"] = _secret(world, region, params, cluster)
    if params.get("MasterPasswordSecretKmsKeyId"):
        found["MasterPasswordSecretKmsKeyId"] = params["MasterPasswordSecretKmsKeyId"]
    return found


def _secret(world: World, region: str, params: Params, cluster: Cluster | None) -> str:
    user = cluster.master_username if cluster else params.get("MasterUsername", "admin")
    name = params["ClusterIdentifier"]
    if world.make_secret is not None:
        return world.make_secret(region, name, user, params.get("MasterPasswordSecretKmsKeyId"))
    return world.arn(region, f"secret:redshift!{name}-{user}", "secretsmanager")


def relocation(world: World, region: str, params: Params, *, node_type: str, multi_az: bool) -> str:
    """AvailabilityZoneRelocationStatus of a new or restored cluster.

    By default it is on for RA3 and RG with subnets in several Zones; Multi-AZ turns it off [D].
    """
    several = len(subnet_groups.zones(world, region, params.get("ClusterSubnetGroupName"))) > 1
    default = several and not node_type.startswith("dc")
    return "enabled" if not multi_az and params.get("AvailabilityZoneRelocation", default) else "disabled"


_LOGGING = ("BucketName", "S3KeyPrefix", "LogDestinationType", "LogExports")


def _logging(world: World, cluster: Cluster) -> dict[str, Any]:
    return dict(world.logging.get((cluster.region, cluster.identifier), {"LoggingEnabled": False}))


def enable_logging(world: World, region: str, params: Params) -> dict[str, Any]:
    """EnableLogging: bucket and its policy are not looked at; the state of the cluster is (guess; the error is listed [S])."""
    cluster = world.available(region, params["ClusterIdentifier"], "enable logging")
    if params.get("LogDestinationType") != "cloudwatch" and not params.get(
        "BucketName"
    ):  # guess; the error is listed [S]
        raise api_error("InvalidS3BucketNameFault", "BucketName is missing.")
    unknown = set(params.get("LogExports") or ()) - {"connectionlog", "userlog", "useractivitylog"}  # [S]
    if unknown:
        raise checks.invalid(f"Invalid LogExports: {sorted(unknown)}.")
    kept: dict[str, Any] = {name: params[name] for name in _LOGGING if name in params}
    world.logging[(region, cluster.identifier)] = {"LoggingEnabled": True, **kept}
    return _logging(world, cluster)


def disable_logging(world: World, region: str, params: Params) -> dict[str, Any]:
    """DisableLogging: off already is no error (guess)."""
    cluster = world.cluster(region, params["ClusterIdentifier"])
    world.logging.pop((region, cluster.identifier), None)
    return _logging(world, cluster)


def logging_status(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeLoggingStatus."""
    return _logging(world, world.cluster(region, params["ClusterIdentifier"]))


def _for_a_while(world: World, cluster: Cluster, status: str) -> dict[str, Any]:
    def back() -> None:
        cluster.status = "available"

    world.change_status(cluster, status, world.settings.modify_seconds, back)
    return {"Cluster": cluster_shape(world, cluster)}


def roles(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyClusterIamRoles: add, then remove; the cluster is modifying for a while (guess)."""
    cluster = world.available(region, params["ClusterIdentifier"], "change its roles")
    have = [role["IamRoleArn"] for role in cluster.described.get("IamRoles", ())]  # type: ignore[attr-defined]
    gone = set(params.get("RemoveIamRoles") or ())
    want = [arn for arn in [*have, *(a for a in params.get("AddIamRoles") or () if a not in have)] if arn not in gone]
    cluster.described["IamRoles"] = [{"IamRoleArn": arn, "ApplyStatus": "in-sync"} for arn in want]
    if params.get("DefaultIamRoleArn"):
        cluster.described["DefaultIamRoleArn"] = params["DefaultIamRoleArn"]
    return _for_a_while(world, cluster, "modifying")


def reboot(world: World, region: str, params: Params) -> dict[str, Any]:
    """RebootCluster: rebooting, then available; what waited for it is applied."""
    cluster = world.available(region, params["ClusterIdentifier"], "reboot")
    groups = parameter_groups.names_of(cluster)
    if groups:
        cluster.described["ClusterParameterGroups"] = [
            {"ParameterGroupName": name, "ParameterApplyStatus": "in-sync"} for name in groups
        ]
    return _for_a_while(world, cluster, "rebooting")


def resize(world: World, region: str, params: Params) -> dict[str, Any]:
    """ResizeCluster: resizing, then available with the new nodes (which nodes fit is not modelled)."""
    cluster = world.available(region, params["ClusterIdentifier"], "resize")
    cluster.node_type = params.get("NodeType") or cluster.node_type
    cluster.number_of_nodes = int(params.get("NumberOfNodes") or cluster.number_of_nodes)
    return _for_a_while(world, cluster, "resizing")


OPERATIONS: dict[str, Handler] = {
    "EnableLogging": enable_logging,
    "DisableLogging": disable_logging,
    "DescribeLoggingStatus": logging_status,
    "ModifyClusterIamRoles": roles,
    "RebootCluster": reboot,
    "ResizeCluster": resize,
}
