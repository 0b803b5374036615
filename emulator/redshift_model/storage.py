"""DescribeStorage: what the snapshots of a Region use, and what its clusters have [S]; that copies count there is inferred [I]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model.node_types import NODE_TYPES

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World


def describe(world: World, region: str, _params: Params) -> dict[str, Any]:
    """Add up the Region; each snapshot counts with its full size, though AWS stores blocks once [I]."""
    backup = sum(each.size_megabytes for each in world.snapshots.values() if each.region == region)
    here = [each for each in world.clusters.values() if each.region == region]
    provisioned = sum(NODE_TYPES[each.node_type].megabytes * each.number_of_nodes for each in here)
    return {"TotalBackupSizeInMegaBytes": backup, "TotalProvisionedStorageInMegaBytes": float(provisioned)}


OPERATIONS: dict[str, Handler] = {"DescribeStorage": describe}
