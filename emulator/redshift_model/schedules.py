"""Snapshot schedules of a Region, and which cluster has which: changes of an association take virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.redshift_model import automated, checks, schedule_times
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged
from emulator.redshift_model.state import SnapshotSchedule

if TYPE_CHECKING:
    from emulator.redshift_model.errors import ApiError
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import Handler, Params, World

_MOST_CLUSTERS = 100  # [S] botocore, AssociatedClusters
MODIFYING, ACTIVE, FAILED = "MODIFYING", "ACTIVE", "FAILED"  # [S] botocore, ScheduleState


def _shape(world: World, schedule: SnapshotSchedule, invocations: int = 0) -> dict[str, Any]:
    """Shape a schedule as the API shows it [S]; NextInvocations only where they were asked for (guess)."""
    clusters = _clusters(world, schedule)
    shape: dict[str, Any] = {
        "ScheduleIdentifier": schedule.identifier,
        "ScheduleDefinitions": list(schedule.definitions),
        "Tags": checks.tag_list(schedule.tags),
        "AssociatedClusterCount": len(clusters),
        "AssociatedClusters": [
            {"ClusterIdentifier": cluster.identifier, "ScheduleAssociationState": cluster.schedule_state}
            for cluster in clusters[:_MOST_CLUSTERS]
        ],
    }
    if schedule.description is not None:
        shape["ScheduleDescription"] = schedule.description
    if invocations:
        when, times = world.now, []
        for _ in range(invocations):
            when = schedule_times.next_firing(schedule.definitions, when, world.now)
            times.append(when)
        shape["NextInvocations"] = times
    return shape


def _clusters(world: World, schedule: SnapshotSchedule) -> list[Cluster]:
    return [c for c in world.clusters.values() if (c.region, c.schedule) == (schedule.region, schedule.identifier)]


def _not_found(name: str) -> ApiError:
    return api_error("SnapshotScheduleNotFoundFault", f"Snapshot schedule {name} not found.")


def find(world: World, region: str, name: str) -> SnapshotSchedule:
    found = world.schedules.get((region, name))
    if found is None:
        raise _not_found(name)
    return found


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateSnapshotSchedule; DryRun checks all and makes nothing (its meaning is not documented: guess)."""
    # [S] "only alphanumeric characters"; that hyphens pass is [3] (Terraform's acceptance tests)
    name = checks.identifier(
        params.get("ScheduleIdentifier") or f"schedule{len(world.schedules):08}", "ScheduleIdentifier"
    )
    definitions = tuple(params.get("ScheduleDefinitions") or ())
    schedule_times.check(definitions)
    given = checks.tags(params.get("Tags"))
    checks.tag_limit(len(given), world.settings.tag_limit)
    if (region, name) in world.schedules:  # [S]
        raise api_error("SnapshotScheduleAlreadyExistsFault", f"Snapshot schedule {name} already exists.")
    quota = world.settings.schedule_quota
    if quota is not None and sum(1 for place, _ in world.schedules if place == region) >= quota:
        raise api_error("SnapshotScheduleQuotaExceededFault", "The quota of snapshot schedules is exceeded.")
    schedule = SnapshotSchedule(name, region, definitions, params.get("ScheduleDescription"), given)
    if not params.get("DryRun"):
        world.schedules[(region, name)] = schedule
    return _shape(world, schedule, int(params.get("NextInvocations") or 0))


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifySnapshotSchedule: at once on the schedule, later on its clusters ("asynchronously" [S])."""
    schedule = find(world, region, params["ScheduleIdentifier"])
    definitions = tuple(params["ScheduleDefinitions"])
    if any(c.schedule_state == MODIFYING for c in _clusters(world, schedule)):  # [S: the error exists]; when: guess
        raise api_error(
            "SnapshotScheduleUpdateInProgressFault", f"Snapshot schedule {schedule.identifier} is being updated."
        )
    for definition in definitions:
        if not definition.startswith(("cron(", "rate(")):  # this operation does not declare the type's own error [S]
            raise api_error("InvalidScheduleFault", f"The definition {definition} is not valid.")
    schedule_times.check(definitions)
    schedule.definitions = definitions
    for cluster in _clusters(world, schedule):
        settle_later(world, cluster, schedule.identifier)
    return _shape(world, schedule)


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeSnapshotSchedules: no error is declared [S], so that an unknown name finds nothing (guess)."""
    exclusive(params, "ScheduleIdentifier", "Marker")  # guess, as in the other Describes
    found = [schedule for (place, _), schedule in world.schedules.items() if place == region]
    name, cluster = params.get("ScheduleIdentifier"), params.get("ClusterIdentifier")
    if name is not None:
        found = [schedule for schedule in found if schedule.identifier == name]
    if cluster is not None:
        owner = world.clusters.get((region, cluster.lower()))
        found = [schedule for schedule in found if owner is not None and schedule.identifier == owner.schedule]
    chosen, marker = page(params, [s for s in found if tagged(params, s.tags)], lambda schedule: schedule.identifier)
    return answer("SnapshotSchedules", [_shape(world, schedule) for schedule in chosen], marker)


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteSnapshotSchedule: refused while a cluster has it [3] terraform #47462; the code stands in botocore [S]."""
    schedule = find(world, region, params["ScheduleIdentifier"])
    clusters = _clusters(world, schedule)
    if clusters:
        names = ", ".join(cluster.identifier for cluster in clusters)
        raise api_error(
            "InvalidClusterSnapshotScheduleStateFault",
            f"Snapshot schedule {schedule.identifier} is associated with {names}.",
        )
    del world.schedules[(region, schedule.identifier)]
    return {}


def associate(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyClusterSnapshotSchedule: MODIFYING, then ACTIVE or none [S states; guess times].

    It declares no InvalidClusterState [S]: a cluster of any status but deleting takes it (guess).
    """
    cluster = world.cluster(region, params["ClusterIdentifier"])
    if cluster.schedule_state == MODIFYING or cluster.status in {"deleting", "final-snapshot"}:
        raise api_error(
            "InvalidClusterSnapshotScheduleStateFault",
            f"The snapshot schedule of cluster {cluster.identifier} is in an invalid state.",
        )
    name = params.get("ScheduleIdentifier")
    if params.get("DisassociateSchedule"):
        # [3] Terraform names the schedule too; that another one's name is refused, and none is no error: guess
        if name is not None and cluster.schedule not in {None, name}:
            raise _not_found(name)
        if cluster.schedule is not None:
            settle_later(world, cluster, None)
        return {}
    if name is None:
        raise api_error("InvalidParameterCombination", "Give ScheduleIdentifier or DisassociateSchedule.")
    find(world, region, name)
    if cluster.schedule not in {None, name} and not world.settings.schedule_replaces_schedule:
        raise api_error(
            "InvalidClusterSnapshotScheduleStateFault", f"Cluster {cluster.identifier} has schedule {cluster.schedule}."
        )
    settle_later(world, cluster, name)
    return {}


def settle_later(world: World, cluster: Cluster, name: str | None) -> None:
    """Show the change as MODIFYING, and let it hold when that is over; the former rhythm goes on until then (guess)."""
    cluster.schedule = name or cluster.schedule
    cluster.schedule_state = MODIFYING
    cluster.schedule_epoch += 1
    epoch = cluster.schedule_epoch
    outcome = world.schedule_outcomes.pop(0) if world.schedule_outcomes else ACTIVE

    def done() -> None:
        if cluster.schedule_epoch != epoch:
            return
        if name is None:
            cluster.schedule, cluster.schedule_state = None, None
        else:
            cluster.schedule, cluster.schedule_state = name, outcome
        if outcome == ACTIVE:
            automated.start(world, cluster)

    if outcome != "stuck":
        world.clock.call_later(world.settings.schedule_seconds, done)


OPERATIONS: dict[str, Handler] = {
    "CreateSnapshotSchedule": create,
    "ModifySnapshotSchedule": modify,
    "DescribeSnapshotSchedules": describe,
    "DeleteSnapshotSchedule": delete,
    "ModifyClusterSnapshotSchedule": associate,
}
