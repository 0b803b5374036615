"""What AWS has to give: quotas of an account, and Zones or node types that are full for a while."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from emulator.redshift_model.errors import api_error

if TYPE_CHECKING:
    import datetime as dt

    from emulator.redshift_model.world import World


@dataclasses.dataclass
class Shortage:
    """No room for a cluster of these Zones, node types and sizes (None: any), so often or until then."""

    region: str | None = None
    zones: frozenset[str] | None = None
    node_types: frozenset[str] | None = None
    more_nodes_than: int | None = None
    times: int | None = None
    until: dt.datetime | None = None

    def strikes(self, region: str, zone: str, node_type: str, nodes: int) -> bool:
        """Whether a cluster of this kind finds no room."""
        return (
            self.region in {None, region}
            and (self.zones is None or zone in self.zones)
            and (self.node_types is None or node_type in self.node_types)
            and (self.more_nodes_than is None or nodes > self.more_nodes_than)
            and self.times != 0
        )


def quotas(world: World, region: str, nodes: int) -> None:
    """ClusterQuotaExceeded and NumberOfNodesQuotaExceeded [S]: clusters of any status count until they are gone (guess)."""
    here = [cluster for cluster in world.clusters.values() if cluster.region == region]
    settings = world.settings
    if settings.cluster_quota is not None and len(here) >= settings.cluster_quota:
        raise api_error("ClusterQuotaExceededFault", f"The quota of {settings.cluster_quota} clusters is exceeded.")
    used = sum(cluster.number_of_nodes for cluster in here)
    if settings.node_quota is not None and used + nodes > settings.node_quota:
        msg = f"The quota of {settings.node_quota} nodes is exceeded: {used} are in use, {nodes} more were asked for."
        raise api_error("NumberOfNodesQuotaExceededFault", msg)


def room(world: World, region: str, zones: list[str], node_type: str, nodes: int) -> str:
    """The Zone that takes the cluster, of ``zones`` (one: the caller's wish), else InsufficientClusterCapacity [S]."""
    world.shortages = [s for s in world.shortages if s.times != 0 and (s.until is None or world.now < s.until)]
    tried = zones if world.settings.zone_choice_avoids_shortage else zones[:1]
    struck: list[Shortage] = []
    for zone in tried:
        short = next((s for s in world.shortages if s.strikes(region, zone, node_type, nodes)), None)
        if short is None:
            return zone
        struck.append(short)
    for short in {id(s): s for s in struck}.values():
        if short.times is not None:
            short.times -= 1
    msg = f"There is not enough capacity for {nodes} nodes of {node_type} in {', '.join(tried)}. Try another Availability Zone."
    raise api_error("InsufficientClusterCapacityFault", msg)
