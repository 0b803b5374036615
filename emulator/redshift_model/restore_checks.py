"""What RestoreFromClusterSnapshot refuses: nodes, ports, Zones, retentions, and options that the model does not offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.redshift_model import checks, node_types, subnet_groups
from emulator.redshift_model.errors import ApiError, api_error

if TYPE_CHECKING:
    from emulator.redshift_model.state import Snapshot
    from emulator.redshift_model.world import Params, World

_DC2_PORTS, _MANAGED_PORTS = ((1150, 65535),), ((5431, 5455), (8191, 8215))  # [S] botocore, Port
_MULTI_AZ_ZONES, _MULTI_AZ_NODES = 3, 2  # [D] domain.md 2, Hardware
_TRACKS = ("current", "trailing")  # and preview tracks [D]
#: Parameters that name something of which the model has none -> the error that says so [S].
_NOWHERE = {
    "HsmClientCertificateIdentifier": "HsmClientCertificateNotFoundFault",
    "HsmConfigurationIdentifier": "HsmConfigurationNotFoundFault",
    "ClusterSecurityGroups": "ClusterSecurityGroupNotFoundFault",
    "ReservedNodeId": "ReservedNodeNotFoundFault",
    "TargetReservedNodeOfferingId": "ReservedNodeOfferingNotFoundFault",
    "RedshiftIdcApplicationArn": "RedshiftIdcApplicationNotExistsFault",
}


def unsupported(params: Params) -> None:
    """Refuse what is not there, and combinations that contradict each other."""
    for name, code in _NOWHERE.items():
        if params.get(name):
            raise api_error(code, f"{name} {params[name]} not found.")
    if params.get("ElasticIp"):
        raise api_error("InvalidElasticIpFault", f"The Elastic IP {params['ElasticIp']} cannot be found.")
    if params.get("IpAddressType") == "dualstack":
        raise api_error("Ipv6CidrBlockNotFoundFault", "There are no subnets with IPv6 CIDR blocks.")
    track = params.get("MaintenanceTrackName")
    if track is not None and track not in _TRACKS and not track.startswith("preview"):
        raise api_error("InvalidClusterTrackFault", f"The maintenance track {track} is not valid.")
    if params.get("MasterPasswordSecretKmsKeyId") and not params.get(
        "ManageMasterPassword"
    ):  # [S]; the code is a guess
        msg = "MasterPasswordSecretKmsKeyId can only be used if ManageMasterPassword is true."
        raise api_error("InvalidParameterCombination", msg)
    if params.get("MultiAZ") and "Encrypted" not in params:  # [3] terraform #38827; the code is a guess
        raise api_error("InvalidParameterCombination", "Give Encrypted to restore into a Multi-AZ cluster.")
    if params.get("MultiAZ") and params.get("AvailabilityZoneRelocation"):  # [D]; the code is a guess
        raise api_error("InvalidParameterCombination", "A Multi-AZ cluster cannot be relocated between Zones.")


def nodes(world: World, snapshot: Snapshot, params: Params) -> tuple[str, int]:
    """Node type and number: the source's unless given [S]; a pair that is not on offer is refused (code: a setting)."""
    kind = str(params.get("NodeType") or snapshot.node_type)
    number = int(params.get("NumberOfNodes") or snapshot.number_of_nodes)
    if kind != snapshot.node_type and kind not in node_types.NODE_TYPES:
        raise checks.invalid(f"Invalid node type: {kind}.")
    known = node_types.NODE_TYPES.get(kind)
    if known is not None and number > known.most_nodes:
        msg = f"A cluster of {kind} has at most {known.most_nodes} nodes."
        raise api_error("NumberOfNodesPerClusterLimitExceededFault", msg)
    own = (snapshot.node_type, snapshot.number_of_nodes)
    if (kind, number) != own and (kind, number) not in node_types.options(world, snapshot):
        msg = f"The snapshot {snapshot.identifier} cannot be restored into {number} nodes of {kind}."
        raise api_error(world.settings.illegal_nodes_code, msg)
    return kind, number


def port(params: Params, snapshot: Snapshot, node_type: str) -> int:
    """The source's unless given; within the node type's ranges [S], else InvalidParameterValue (guess)."""
    if params.get("Port") is None:
        return snapshot.port
    number = int(params["Port"])
    ranges = _DC2_PORTS if node_type.startswith("dc") else _MANAGED_PORTS
    if not any(low <= number <= high for low, high in ranges):
        raise checks.invalid(f"The port {number} is not valid for {node_type}: {ranges}.")
    return number


def retentions(params: Params, snapshot: Snapshot, node_type: str) -> tuple[int, int]:
    """Automated: the source's unless given [S]; manual: -1 unless given (guess). The operation declares no retention error [S]."""
    try:
        kept = checks.automated_days(
            params.get("AutomatedSnapshotRetentionPeriod", snapshot.automated_retention), node_type
        )
        return kept, checks.manual_days(params.get("ManualSnapshotRetentionPeriod"))
    except ApiError as error:
        raise checks.invalid(error.message) from error


def outside(world: World, region: str, params: Params) -> None:
    """Security groups and roles must be there, where somebody knows them; the codes are guesses."""
    for group in params.get("VpcSecurityGroupIds") or ():
        if world.security_group is not None and not world.security_group(region, group):
            raise checks.invalid(f"The security group {group} does not exist.")
    for role in params.get("IamRoles") or ():
        if world.role is not None and not world.role(role):
            raise checks.invalid(f"The IAM role {role} does not exist, or Redshift cannot assume it.")


def zones(world: World, region: str, params: Params, *, node_type: str, nodes: int, multi_az: bool) -> list[str]:
    """The Zones that may take the cluster: the one given, else those of its subnet group, in an order that means nothing."""
    known = subnet_groups.zones(world, region, params.get("ClusterSubnetGroupName"))
    if multi_az:
        if node_type.startswith("dc") or nodes < _MULTI_AZ_NODES:  # [D]; the code is a guess
            raise api_error(
                "UnsupportedOperationFault", f"Multi-AZ is not available with {nodes} nodes of {node_type}."
            )
        if known and len(known) < _MULTI_AZ_ZONES:  # [S] the error's words; the number is [D]
            msg = f"The cluster subnet group does not cover all Availability Zones: {known}."
            raise api_error("InvalidVPCNetworkStateFault", msg)
    wish = params.get("AvailabilityZone")
    if wish:
        if not wish.startswith(region):
            raise checks.invalid(f"Invalid Availability Zone {wish}.")
        if known and wish not in known:  # the code is a guess, its words are [S]
            raise api_error("InvalidVPCNetworkStateFault", f"The cluster subnet group does not cover {wish}.")
        return [wish]
    return known or [f"{region}a"]
