"""Cluster subnet groups: made, changed, described, and kept while a cluster stands in them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World


@dataclasses.dataclass
class SubnetGroup:
    """One subnet group of one Region."""

    name: str
    description: str
    subnet_ids: list[str]
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


def find(world: World, region: str, name: str) -> SubnetGroup:
    """The group, or ClusterSubnetGroupNotFound [S]."""
    found = world.subnet_groups.get((region, name.lower()))
    if found is None:
        raise api_error("ClusterSubnetGroupNotFoundFault", f"Subnet group {name} not found.")
    return found


def _subnets(world: World, region: str, ids: list[str]) -> list[str]:
    """Check that the subnets exist and lie in one VPC, where somebody knows subnets [S: InvalidSubnet]."""
    if not ids:
        raise api_error("InvalidSubnet", "A subnet group needs at least one subnet.")
    if world.subnet is not None:
        facts = {name: world.subnet(region, name) for name in ids}
        missing = [name for name, fact in facts.items() if fact is None]
        if missing or len({fact[0] for fact in facts.values() if fact}) > 1:
            raise api_error("InvalidSubnet", f"Some input subnets are invalid: {', '.join(missing or ids)}")
    return list(ids)


def zones(world: World, region: str, name: str | None) -> list[str]:
    """The Zones that the group's subnets cover; empty where nobody knows the subnets."""
    if not name or world.subnet is None:
        return []
    facts = [world.subnet(region, subnet) for subnet in find(world, region, name).subnet_ids]
    return sorted({fact[1] for fact in facts if fact})


def shape(world: World, region: str, group: SubnetGroup) -> dict[str, Any]:
    """Shape a group as the API shows it [S]."""
    facts = {name: world.subnet(region, name) if world.subnet else None for name in group.subnet_ids}
    vpc = next((fact[0] for fact in facts.values() if fact), None)
    return {
        "ClusterSubnetGroupName": group.name,
        "Description": group.description,
        **({"VpcId": vpc} if vpc else {}),
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {
                "SubnetIdentifier": name,
                "SubnetStatus": "Active",
                **({"SubnetAvailabilityZone": {"Name": fact[1]}} if fact else {}),
            }
            for name, fact in facts.items()
        ],
        "Tags": checks.tag_list(group.tags),
    }


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateClusterSubnetGroup: the name is stored in lower case [S]."""
    name = params["ClusterSubnetGroupName"].lower()
    if (region, name) in world.subnet_groups:
        raise api_error("ClusterSubnetGroupAlreadyExistsFault", f"Subnet group {name} already exists.")
    tags = checks.tags(params.get("Tags"))
    group = SubnetGroup(name, params["Description"], _subnets(world, region, params["SubnetIds"]), tags)
    world.subnet_groups[(region, name)] = group
    return {"ClusterSubnetGroup": shape(world, region, group)}


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyClusterSubnetGroup: all subnets anew, the description if given [S]."""
    group = find(world, region, params["ClusterSubnetGroupName"])
    group.subnet_ids = _subnets(world, region, params["SubnetIds"])
    group.description = params.get("Description") or group.description
    return {"ClusterSubnetGroup": shape(world, region, group)}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteClusterSubnetGroup: refused while a cluster stands in it ([S] the error; that this is its cause: [I])."""
    group = find(world, region, params["ClusterSubnetGroupName"])
    used = sorted(c.identifier for c in world.clusters.values() if c.region == region and in_group(c, group.name))
    if used:
        msg = f"Subnet group {group.name} is used by {', '.join(used)}."
        raise api_error("InvalidClusterSubnetGroupStateFault", msg)
    del world.subnet_groups[(region, group.name)]
    return {}


def in_group(cluster: Any, name: str) -> bool:
    """Whether a cluster stands in the subnet group ``name``."""
    return str(cluster.described.get("ClusterSubnetGroupName", "")).lower() == name


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeClusterSubnetGroups: one by name, or all of this Region by page and tag [S]."""
    exclusive(params, "ClusterSubnetGroupName", "Marker")
    name = params.get("ClusterSubnetGroupName")
    every = [g for (r, _), g in world.subnet_groups.items() if r == region]
    found = [find(world, region, name)] if name else every
    chosen, marker = page(params, [g for g in found if tagged(params, g.tags)], lambda g: g.name)
    return answer("ClusterSubnetGroups", [shape(world, region, g) for g in chosen], marker)


OPERATIONS: dict[str, Handler] = {
    "CreateClusterSubnetGroup": create,
    "ModifyClusterSubnetGroup": modify,
    "DeleteClusterSubnetGroup": delete,
    "DescribeClusterSubnetGroups": describe,
}
