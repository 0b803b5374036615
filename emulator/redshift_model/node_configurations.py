"""DescribeNodeConfigurationOptions: what a snapshot can be restored into (the rules are in node_types.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks, snapshots
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.node_types import NODE_TYPES, options
from emulator.redshift_model.paging import answer, page

if TYPE_CHECKING:
    from emulator.redshift_model.state import Snapshot
    from emulator.redshift_model.world import Handler, Params, World

_LEAST, _MOST = 100, 500  # [S] botocore, MaxRecords; 500 unless given


def _shape(snapshot: Snapshot, kind: str, nodes: int) -> dict[str, Any]:
    known = NODE_TYPES.get(kind)
    used = 100 * snapshot.size_megabytes / (known.megabytes * nodes) if known else 50.0
    return {
        "NodeType": kind,
        "NumberOfNodes": nodes,
        "EstimatedDiskUtilizationPercent": round(used, 3),
        "Mode": "standard",
    }


def _chosen(option: dict[str, Any], filters: list[dict[str, Any]]) -> bool:
    for each in filters:
        value = option[each["Name"]]
        wanted = [type(value)(text) for text in each["Values"]]
        held = {
            "eq": value == wanted[0],
            "in": value in wanted,
            "lt": value < wanted[0],
            "le": value <= wanted[0],
            "gt": value > wanted[0],
            "ge": value >= wanted[0],
            "between": wanted[0] <= value <= wanted[-1],
        }[each.get("Operator", "eq")]
        if not held:
            return False
    return True


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeNodeConfigurationOptions for ``restore-cluster`` [S]; the other actions are not modelled."""
    if params["ActionType"] != "restore-cluster":
        msg = f"the model knows restore-cluster, not {params['ActionType']}"
        raise NotImplementedError(msg)
    name, arn = params.get("SnapshotIdentifier"), params.get("SnapshotArn")
    if bool(name) == bool(arn):  # [I] as in RestoreFromClusterSnapshot
        raise api_error("InvalidParameterCombination", "Give SnapshotIdentifier or SnapshotArn.")
    snapshot = snapshots.by_arn(world, region, arn) if arn else snapshots.find(world, region, str(name))
    owner = params.get("ClusterIdentifier")  # read as the snapshot's cluster: guess
    if owner is not None and owner != snapshot.cluster_identifier:
        raise api_error("ClusterSnapshotNotFoundFault", f"Snapshot {snapshot.identifier} of cluster {owner} not found.")
    if params.get("OwnerAccount") not in {None, world.account}:
        raise api_error("AccessToSnapshotDeniedFault", "The account may not use this snapshot.")
    if snapshot.status != "available":
        raise api_error("InvalidClusterSnapshotStateFault", f"Snapshot {snapshot.identifier} is {snapshot.status}.")
    for each in params.get("Filters") or []:
        if not each.get("Name") or not each.get("Values"):
            raise checks.invalid("A filter needs Name and Values.")
    found = [_shape(snapshot, kind, nodes) for kind, nodes in options(world, snapshot)]
    found = [option for option in found if _chosen(option, params.get("Filters") or [])]
    chosen, marker = page(
        params, found, lambda o: f"{o['NodeType']}/{o['NumberOfNodes']}", least=_LEAST, most=_MOST, default=_MOST
    )
    return answer("NodeConfigurationOptionList", chosen, marker)


OPERATIONS: dict[str, Handler] = {"DescribeNodeConfigurationOptions": describe}
