"""Tags on clusters, snapshots and grants, addressed by ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks
from emulator.redshift_model.errors import ApiError, api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import Handler, Params, World

    class Tagged(Protocol):
        """What bears tags and is found by its name."""

        tags: dict[str, str]


_MOST = 50
# [S] botocore DescribeTags names the types in these words; the spelling in answers is a guess.
_TYPES = {
    "cluster": "cluster",
    "snapshot": "snapshot",
    "snapshotcopygrant": "snapshot copy grant",
    "snapshotschedule": "snapshot schedule",
    "subnetgroup": "subnet group",
    "parametergroup": "parameter group",
}


def _missing(arn: str) -> ApiError:
    return api_error("ResourceNotFoundFault", f"The resource {arn} could not be found.")


def _tags(world: World, region: str, arn: str, *, write: bool = False) -> dict[str, str]:
    """Find the tags behind an ARN of this Region and account; anything else is ResourceNotFoundFault [S] (wrong Region: guess)."""
    prefix = world.arn(region, "")
    if not arn.startswith(prefix):
        if not arn.startswith("arn:"):
            raise checks.invalid(f"Invalid ARN {arn}.")
        raise _missing(arn)
    kind, _, name = arn.removeprefix(prefix).partition(":")
    if kind == "cluster" and (region, name) in world.clusters:
        cluster: Cluster = world.clusters[(region, name)]
        if write and cluster.status in world.settings.untaggable:
            raise api_error("InvalidClusterStateFault", f"Cluster {name} is {cluster.status}.")
        return cluster.tags
    if kind == "snapshot":
        owner, _, identifier = name.partition("/")
        snapshot = world.snapshots.get((region, identifier))
        if snapshot is not None and snapshot.cluster_identifier == owner:
            return snapshot.tags
    simple: dict[str, Mapping[tuple[str, str], Tagged]] = {
        "snapshotcopygrant": world.grants,
        "snapshotschedule": world.schedules,
        "subnetgroup": world.subnet_groups,
        "parametergroup": world.parameter_groups,
        "eventsubscription": world.event_subscriptions,
    }
    if (region, name) in simple.get(kind, {}):
        return simple[kind][(region, name)].tags
    raise _missing(arn)


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateTags: adds or overwrites [S]; more than 50 on one resource is an error that changes nothing [S]."""
    current = _tags(world, region, params["ResourceName"], write=True)
    given = checks.tags(params["Tags"])
    checks.tag_limit(len({**current, **given}), world.settings.tag_limit)
    current.update(given)
    return {}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteTags: keys that are not there are no error (guess)."""
    current = _tags(world, region, params["ResourceName"])
    for key in params["TagKeys"]:
        current.pop(key, None)
    return {}


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeTags of one ARN, or of a type, or of all: 10 to 50 records a page, never with an ARN [S]."""
    exclusive(params, "ResourceName", "ResourceType")
    exclusive(params, "ResourceName", "MaxRecords")
    exclusive(params, "ResourceName", "Marker")
    arns = [params["ResourceName"]] if params.get("ResourceName") else _arns(world, region, params.get("ResourceType"))
    rows = [
        {"Tag": {"Key": key, "Value": value}, "ResourceName": arn, "ResourceType": _TYPES[arn.split(":")[5]]}
        for arn in arns
        for key, value in _tags(world, region, arn).items()
        if tagged(params, {key: value})
    ]
    if params.get("ResourceName"):
        return answer("TaggedResources", rows, None)
    chosen, marker = page(params, rows, lambda row: f"{row['ResourceName']} {row['Tag']}", least=10, most=_MOST)
    return answer("TaggedResources", chosen, marker)


def _arns(world: World, region: str, kind: str | None) -> list[str]:
    found = [world.arn(region, f"cluster:{c.identifier}") for c in world.clusters.values() if c.region == region]
    snapshots = [s for s in world.snapshots.values() if s.region == region]
    found += [world.arn(region, f"snapshot:{s.cluster_identifier}/{s.identifier}") for s in snapshots]
    found += [
        world.arn(region, f"snapshotcopygrant:{name}") for grant_region, name in world.grants if grant_region == region
    ]
    found += [world.arn(region, f"snapshotschedule:{name}") for place, name in world.schedules if place == region]
    return [arn for arn in found if kind is None or _TYPES[arn.split(":")[5]] == kind.lower()]


OPERATIONS: dict[str, Handler] = {"CreateTags": create, "DeleteTags": delete, "DescribeTags": describe}
