"""Cluster parameter groups and the parameters that somebody set in them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World

DEFAULT = "default.redshift-1.0"  # [S] botocore names it; it is there without being made and cannot be deleted


@dataclasses.dataclass
class ParameterGroup:
    """One parameter group of one Region; ``parameters`` holds what was set by a user."""

    name: str
    family: str
    description: str
    parameters: dict[str, str] = dataclasses.field(default_factory=dict)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


def find(world: World, region: str, name: str) -> ParameterGroup:
    """The group, or ClusterParameterGroupNotFound [S]."""
    if name.lower() == DEFAULT:
        return ParameterGroup(DEFAULT, "redshift-1.0", "Default parameter group for redshift-1.0")
    found = world.parameter_groups.get((region, name.lower()))
    if found is None:
        raise api_error("ClusterParameterGroupNotFoundFault", f"Parameter group {name} not found.")
    return found


def shape(group: ParameterGroup) -> dict[str, Any]:
    """Shape a group as the API shows it [S]."""
    return {
        "ParameterGroupName": group.name,
        "ParameterGroupFamily": group.family,
        "Description": group.description,
        "Tags": checks.tag_list(group.tags),
    }


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateClusterParameterGroup: the name is stored in lower case [S]."""
    name = params["ParameterGroupName"].lower()
    if (region, name) in world.parameter_groups or name == DEFAULT:
        raise api_error("ClusterParameterGroupAlreadyExistsFault", f"Parameter group {name} already exists.")
    group = ParameterGroup(
        name, params["ParameterGroupFamily"], params["Description"], tags=checks.tags(params.get("Tags"))
    )
    world.parameter_groups[(region, name)] = group
    return {"ClusterParameterGroup": shape(group)}


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyClusterParameterGroup: the default group cannot be changed (its code is a guess)."""
    group = find(world, region, params["ParameterGroupName"])
    if group.name == DEFAULT:
        raise api_error("InvalidClusterParameterGroupStateFault", "The default parameter group cannot be modified.")
    group.parameters.update({p["ParameterName"]: p.get("ParameterValue", "") for p in params["Parameters"]})
    return _changed(group)


def reset(world: World, region: str, params: Params) -> dict[str, Any]:
    """ResetClusterParameterGroup: the named ones or all back to the engine's defaults [S]."""
    group = find(world, region, params["ParameterGroupName"])
    for name in list(group.parameters):
        if params.get("ResetAllParameters") or name in {p["ParameterName"] for p in params.get("Parameters") or ()}:
            del group.parameters[name]
    return _changed(group)


def _changed(group: ParameterGroup) -> dict[str, Any]:
    status = "Your parameter group has been updated. Reboot the cluster to apply the changes."
    return {"ParameterGroupName": group.name, "ParameterGroupStatus": status}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteClusterParameterGroup: refused while a cluster uses it ("You cannot delete a parameter group if it is associated with a cluster" [S])."""
    group = find(world, region, params["ParameterGroupName"])
    used = sorted(c.identifier for c in world.clusters.values() if c.region == region and group.name in names_of(c))
    if used or group.name == DEFAULT:
        msg = f"Parameter group {group.name} is used by {', '.join(used) or 'Redshift itself'}."
        raise api_error("InvalidClusterParameterGroupStateFault", msg)
    del world.parameter_groups[(region, group.name)]
    return {}


def names_of(cluster: Any) -> list[str]:
    """The parameter groups of a cluster."""
    return [str(status["ParameterGroupName"]).lower() for status in cluster.described.get("ClusterParameterGroups", ())]


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeClusterParameterGroups: one by name, or all of this Region by page and tag [S]."""
    exclusive(params, "ParameterGroupName", "Marker")
    name = params.get("ParameterGroupName")
    every = [g for (r, _), g in world.parameter_groups.items() if r == region]
    found = [find(world, region, name)] if name else [*every, find(world, region, DEFAULT)]
    chosen, marker = page(params, [g for g in found if tagged(params, g.tags)], lambda g: g.name)
    return answer("ParameterGroups", [shape(g) for g in chosen], marker)


def parameters(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeClusterParameters: only what a user set is modelled; the engine's defaults are not."""
    group = find(world, region, params["ParameterGroupName"])
    rows = [{"ParameterName": n, "ParameterValue": v, "Source": "user"} for n, v in sorted(group.parameters.items())]
    wanted = [row for row in rows if params.get("Source") in {None, "user"}]
    chosen, marker = page(params, wanted, lambda row: row["ParameterName"])
    return answer("Parameters", chosen, marker)


OPERATIONS: dict[str, Handler] = {
    "CreateClusterParameterGroup": create,
    "ModifyClusterParameterGroup": modify,
    "ResetClusterParameterGroup": reset,
    "DeleteClusterParameterGroup": delete,
    "DescribeClusterParameterGroups": describe,
    "DescribeClusterParameters": parameters,
}
