"""A snapshot schedule as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

#: The states of an association (Redshift API, ScheduleState).
MODIFYING: Final = "MODIFYING"
FAILED: Final = "FAILED"


@dataclass(frozen=True)
class LiveSchedule:
    """What DescribeSnapshotSchedules says about one schedule; ``clusters`` holds the state of each association."""

    definitions: tuple[str, ...]
    tags: Mapping[str, str]
    clusters: Mapping[str, str]

    def in_state(self, *states: str) -> list[str]:
        """The clusters whose association is in one of some states."""
        return sorted(name for name, state in self.clusters.items() if state in states)


def read(client: RedshiftClient, name: str) -> LiveSchedule | None:
    """The schedule now, None where there is none of this name."""
    try:
        found = client.describe_snapshot_schedules(ScheduleIdentifier=name)["SnapshotSchedules"]
    except client.exceptions.SnapshotScheduleNotFoundFault:  # not declared, but who knows
        return None
    if not found:
        return None
    return LiveSchedule(
        definitions=tuple(found[0].get("ScheduleDefinitions", [])),
        tags={tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags", []) if "Key" in tag},
        clusters={
            each.get("ClusterIdentifier", "?"): str(each.get("ScheduleAssociationState", MODIFYING))
            for each in found[0].get("AssociatedClusters", [])
        },
    )
