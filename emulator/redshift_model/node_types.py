"""Which node types and numbers a snapshot can be restored into.

The families are read [S] (DC2 only into DC2), the table of sizes is [D] (cluster management guide, "Clusters and nodes");
which numbers of nodes are on offer for a given snapshot is nowhere written: from a quarter of the nodes' sum of slices to
four times as many, if the data fits (guess).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.redshift_model.state import Snapshot
    from emulator.redshift_model.world import World

_GIGABYTE, _TERABYTE = 1024, 1024 * 1024


@dataclasses.dataclass(frozen=True)
class NodeType:
    """One node type [D]; RG's slices, sizes and numbers after a resize are those of the RA3 type beside it (guess)."""

    family: str
    slices: int
    most_nodes: int
    megabytes: int


NODE_TYPES: dict[str, NodeType] = {
    "dc2.large": NodeType("dc", 2, 32, 160 * _GIGABYTE),
    "dc2.8xlarge": NodeType("dc", 16, 128, 2560 * _GIGABYTE),
    "ra3.large": NodeType("managed", 2, 16, 8 * _TERABYTE),
    "ra3.xlplus": NodeType("managed", 2, 32, 32 * _TERABYTE),
    "ra3.4xlarge": NodeType("managed", 4, 64, 128 * _TERABYTE),
    "ra3.16xlarge": NodeType("managed", 16, 128, 128 * _TERABYTE),
    "rg.large": NodeType("managed", 2, 16, 8 * _TERABYTE),
    "rg.xlarge": NodeType("managed", 2, 32, 32 * _TERABYTE),
    "rg.4xlarge": NodeType("managed", 4, 64, 128 * _TERABYTE),
    "rg.12xlarge": NodeType("managed", 12, 128, 128 * _TERABYTE),
}

_SINGLE = {"dc2.large", "ra3.large", "ra3.xlplus", "rg.large"}  # [D]: every other type has 2 nodes or more


def options(world: World, snapshot: Snapshot) -> list[tuple[str, int]]:
    """Every legal pair of node type and number of nodes; the snapshot's own is always among them."""
    given = world.settings.node_configurations
    if given is not None:
        return [(str(kind), int(nodes)) for kind, nodes in given]
    own = (snapshot.node_type, snapshot.number_of_nodes)
    source = NODE_TYPES.get(snapshot.node_type)
    if source is None:
        return [own]
    slices = source.slices * snapshot.number_of_nodes
    found = {own}
    for name, kind in NODE_TYPES.items():
        least = max(1 if name in _SINGLE else 2, -(-slices // (4 * kind.slices)))
        most = min(kind.most_nodes, 4 * slices // kind.slices)
        if kind.family == source.family:  # [S] DC2 only into DC2
            found |= {(name, n) for n in range(least, most + 1) if n * kind.megabytes >= snapshot.size_megabytes}
    return sorted(found)


def types(world: World, snapshot: Snapshot) -> list[str]:
    """``RestorableNodeTypes`` [S]."""
    return sorted({kind for kind, _ in options(world, snapshot)})
