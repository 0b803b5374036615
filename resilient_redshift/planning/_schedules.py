"""Reads the snapshot schedules that clusters are given: how far apart their automated snapshots are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import SCHEDULE_TYPE
from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.planning import _values as values
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.schedules.eventbridge import longest_gap_of
from resilient_redshift.schedules.redshift import check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture, Resource

#: No schedule of Redshift's leaves more between two snapshots (management guide, "Snapshot schedule format").
_LONGEST: Final = timedelta(hours=24)


def give_schedule(resource: Resource, cluster: ClusterPicture, resources: Iterable[Resource]) -> None:
    """Let a cluster have the schedule that an association names."""
    identifier = resource.text("ScheduleIdentifier")
    gap = next((_gap(each) for each in resources if _is_named(each, resource, identifier)), None)
    if gap is None:
        gap = _LONGEST
        cluster.note(
            f"the schedule of automated snapshots that {resource.logical_id} gives is not known here: at worst "
            f"{in_words(gap)} apart"
        )
    if resource.condition not in {None, cluster.condition}:
        gap = max(gap, cluster.automated_gap)
        cluster.note(
            f"{resource.logical_id} exists only where condition {resource.condition} holds: the longer gap counts"
        )
    cluster.automated_gap = gap


def _is_named(schedule: Resource, association: Resource, identifier: str | None) -> bool:
    return (
        schedule.kind == SCHEDULE_TYPE
        and identifier is not None
        and schedule.place == association.place
        and schedule.text("ScheduleIdentifier") == identifier
    )


def _gap(schedule: Resource) -> timedelta | None:
    """The longest gap of a schedule; None where its definitions are unknown or none."""
    found = [
        values.literal(each, schedule.pseudo) for each in values.items(schedule.properties.get("ScheduleDefinitions"))
    ]
    definitions = [each for each in found if each is not None]
    if len(definitions) < len(found):
        return None
    problems = Problems("SnapshotSchedule")
    schedules = check_snapshot_schedule(problems, "ScheduleDefinitions", definitions)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError:
        return None
    return longest_gap_of(schedules)
