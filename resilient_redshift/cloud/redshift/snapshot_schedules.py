"""The present state of a snapshot schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.redshift.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

#: The states of an association (Redshift API, ScheduleState).
MODIFYING: Final = "MODIFYING"
FAILED: Final = "FAILED"
#: The most records of one answer (Redshift API, DescribeSnapshotSchedules).
_PAGE: Final = 100


@dataclass(frozen=True)
class LiveSchedule:
    """What DescribeSnapshotSchedules says about one schedule.

    ``clusters`` holds the state of the association with each cluster.
    """

    definitions: tuple[str, ...]
    tags: Mapping[str, str]
    clusters: Mapping[str, str]

    def in_state(self, *states: str) -> list[str]:
        """Return the clusters whose association is in one of the states."""
        return sorted(name for name, state in self.clusters.items() if state in states)


def definitions_of_all(client: RedshiftClient) -> dict[str, tuple[str, ...]]:
    """Read the times of every schedule of a Region (Redshift API, DescribeSnapshotSchedules: MaxRecords, Marker).

    Args:
        client: a Redshift client of the Region.

    Returns:
        The definitions of each schedule, by its identifier.
    """
    found: dict[str, tuple[str, ...]] = {}
    answer = client.describe_snapshot_schedules(MaxRecords=_PAGE)
    while True:
        for schedule in answer["SnapshotSchedules"]:
            found[schedule.get("ScheduleIdentifier", "")] = tuple(schedule.get("ScheduleDefinitions", []))
        marker = answer.get("Marker")
        if not marker:
            return found
        answer = client.describe_snapshot_schedules(MaxRecords=_PAGE, Marker=marker)


def read(client: RedshiftClient, name: str) -> LiveSchedule | None:
    """Read a schedule.

    Args:
        client: a Redshift client of the schedule's Region.
        name: the schedule's identifier.

    Returns:
        The schedule's present state, or None where no schedule has this identifier.
    """
    try:
        answer = client.describe_snapshot_schedules(ScheduleIdentifier=name)["SnapshotSchedules"]
    except client.exceptions.SnapshotScheduleNotFoundFault:
        # The API model declares no such error for this call. It is caught in case AWS returns it all the same.
        return None
    if not answer:
        return None
    schedule = answer[0]
    return LiveSchedule(
        definitions=tuple(schedule.get("ScheduleDefinitions", [])),
        tags=tags_of(schedule.get("Tags", [])),
        clusters={
            cluster.get("ClusterIdentifier", "?"): str(cluster.get("ScheduleAssociationState", MODIFYING))
            for cluster in schedule.get("AssociatedClusters", [])
        },
    )
