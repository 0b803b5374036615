"""Redshift's own events: those that a loss of recovery points brings, DescribeEvents, and who wants them.

Events are kept for 14 days [S] DescribeEvents. The numbers and severities are those of a published list of AWS's [3]; the words are ours. That
3509 comes when a copy is switched off is a guess. Who delivers to the topics listens in `World.on_event`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from emulator.redshift_model.paging import answer, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.redshift_model.world import Handler, Params, World

_KEPT: Final = dt.timedelta(days=14)
CLUSTER: Final = "cluster"
SNAPSHOT: Final = "cluster-snapshot"
#: number: source type, category, severity, words
_KINDS: Final = {
    2021: (CLUSTER, "management", "ERROR", "There is not enough capacity for the cluster {}. Delete it and retry."),
    3501: (CLUSTER, "management", "ERROR", "The restore of the cluster {} failed."),
    3503: (SNAPSHOT, "management", "ERROR", "The snapshot {} failed."),
    3509: (CLUSTER, "management", "ERROR", "Cross-Region snapshot copy is not enabled for the cluster {}."),
    4005: (CLUSTER, "security", "ERROR", "The KMS key of the cluster {} is not accessible."),
    4006: (CLUSTER, "security", "INFO", "The KMS key of the cluster {} is accessible again."),
}


@dataclasses.dataclass(frozen=True)
class RedshiftEvent:
    """One event."""

    at: dt.datetime
    region: str
    number: int
    source: str

    @property
    def source_type(self) -> str:
        """``cluster`` or ``cluster-snapshot``."""
        return _KINDS[self.number][0]

    @property
    def category(self) -> str:
        """Its only category."""
        return _KINDS[self.number][1]

    @property
    def severity(self) -> str:
        """ERROR or INFO."""
        return _KINDS[self.number][2]

    @property
    def message(self) -> str:
        """What it says."""
        return _KINDS[self.number][3].format(self.source)

    @property
    def identifier(self) -> str:
        """As the API and messages name it."""
        return f"REDSHIFT-EVENT-{self.number}"


def wanted(event: RedshiftEvent, settings: Mapping[str, Any]) -> bool:
    """Whether an event is for a subscription with these settings: what is not said, takes all [S]; INFO takes ERROR, too [S]."""
    return (
        bool(settings["Enabled"])
        and settings.get("SourceType") in {None, event.source_type}
        and (not settings.get("SourceIds") or event.source in settings["SourceIds"])
        and (not settings.get("EventCategories") or event.category in settings["EventCategories"])
        and (settings["Severity"] == "INFO" or event.severity == "ERROR")
    )


def happen(world: World, region: str, number: int, source: str) -> None:
    """Let an event happen; nobody hears of one in a Region that is down."""
    event = RedshiftEvent(world.now, region, number, source)
    world.events.append(event)
    if region not in world.down and world.on_event is not None:
        world.on_event(event)


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeEvents: the last hour unless told, 14 days at most [S]."""
    duration = dt.timedelta(minutes=int(params.get("Duration") or 60))
    start = params.get("StartTime") or (params.get("EndTime") or world.now) - duration
    end = params.get("EndTime") or (
        start + duration if params.get("StartTime") and params.get("Duration") else world.now
    )
    found = [
        each
        for each in world.events
        if each.region == region
        and max(start, world.now - _KEPT) <= each.at <= end
        and params.get("SourceType") in {None, each.source_type}
        and params.get("SourceIdentifier") in {None, each.source}
    ]
    chosen, marker = page(params, found, lambda e: f"{e.at.isoformat()} {e.number} {e.source}", ordered=True)
    shown = [
        {
            "SourceIdentifier": each.source,
            "SourceType": each.source_type,
            "Message": each.message,
            "EventCategories": [each.category],
            "Severity": each.severity,
            "Date": each.at,
            "EventId": each.identifier,
        }
        for each in chosen
    ]
    return answer("Events", shown, marker)


OPERATIONS: dict[str, Handler] = {"DescribeEvents": describe}
