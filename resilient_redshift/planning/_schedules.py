"""Reads the snapshot schedules of clusters: the longest time from one automated snapshot to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import SCHEDULE_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.planning._conditions import exists_with
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.recovery_point import automated_gap_of, in_words
from resilient_redshift.rules.limits import LONGEST_SCHEDULE_GAP
from resilient_redshift.schedules.redshift import check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

NATIVE_SCHEDULE: Final = "AWS::Redshift::SnapshotSchedule"
#: The definition with the longest gap that Redshift allows.
_LONGEST: Final = "rate(24 hours)"


def give_schedule(resource: Resource, cluster: ClusterPicture, resources: Iterable[Resource]) -> None:
    """Set the gap of a cluster's automated snapshots to the gap of the schedule that an association names.

    For an unknown schedule, the gap is the longest that Redshift allows.

    Args:
        resource: the association.
        cluster: the cluster that the association names.
        resources: the resources of all templates.
    """
    identifier = resource.text("ScheduleIdentifier")
    definitions = next((_definitions(each) for each in resources if _is_named(each, resource, identifier)), None)
    gap = LONGEST_SCHEDULE_GAP
    if definitions is None:
        definitions = (_LONGEST,)
        cluster.note(
            f"the snapshot schedule that {resource.logical_id} associates is not known here: automated snapshots are "
            f"at most {in_words(gap)} apart"
        )
    else:
        gap = automated_gap_of(
            check_snapshot_schedule(Problems("SnapshotSchedule"), "ScheduleDefinitions", definitions)
        )
    if not exists_with(resource, cluster):
        if cluster.automated_gap > gap:
            definitions, gap = cluster.schedule_definitions, cluster.automated_gap
        cluster.note(
            f"{resource.logical_id} exists only where condition {resource.condition} holds: the longer gap counts"
        )
    cluster.automated_gap = gap
    cluster.schedule_definitions = definitions
    cluster.scheduled_by_us = exists_with(resource, cluster)


def give_foreign_schedule(resource: Resource, clusters: Iterable[ClusterPicture]) -> None:
    """Count the longer gap for clusters that may have the schedule that a resource of another tool gives them.

    Args:
        resource: a snapshot schedule, or a resource that gives a schedule to a cluster, that is not ours.
        clusters: the clusters that may have it. A cluster with an association of ours has that schedule.
    """
    definitions = _definitions(resource) if resource.kind == NATIVE_SCHEDULE else None
    known = definitions or (_LONGEST,)
    gap = automated_gap_of(check_snapshot_schedule(Problems("SnapshotSchedule"), "ScheduleDefinitions", known))
    name = resource.logical_id
    what = f"snapshot schedule {name}" if resource.kind == NATIVE_SCHEDULE else f"{name} ({resource.kind})"
    for cluster in clusters:
        if cluster.scheduled_by_us:
            continue
        if gap > cluster.automated_gap:
            cluster.automated_gap, cluster.schedule_definitions = gap, known
        cluster.note(
            f"{what} is not counted: which clusters use it is unknown; automated snapshots may be "
            f"{in_words(max(gap, cluster.automated_gap))} apart"
        )


def _is_named(schedule: Resource, association: Resource, identifier: str | None) -> bool:
    return (
        (schedule.kind == NATIVE_SCHEDULE or own_type(schedule.kind, schedule.properties) == SCHEDULE_TYPE)
        and identifier is not None
        and schedule.place == association.place
        and schedule.text("ScheduleIdentifier") == identifier
    )


def _definitions(schedule: Resource) -> tuple[str, ...] | None:
    """The definitions of a schedule; None for definitions that are unknown or that Redshift would refuse."""
    texts = [
        values.literal(each, schedule.pseudo) for each in values.items(schedule.properties.get("ScheduleDefinitions"))
    ]
    definitions = [text for text in texts if text is not None]
    if len(definitions) < len(texts):
        return None
    problems = Problems("SnapshotSchedule")
    check_snapshot_schedule(problems, "ScheduleDefinitions", definitions)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError:
        return None
    return tuple(definitions)
