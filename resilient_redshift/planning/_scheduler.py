"""Reads schedules of EventBridge Scheduler that pause, resume or snapshot a cluster by a call of the Redshift API.

Sources: EventBridge Scheduler User Guide, "Schedule types", "Configuring flexible time windows", "Adding context
attributes" and "Using universal targets".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning.quota import SnapshotRule, is_retention
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.sources import gap_of
from resilient_redshift.rules.retention import FOREVER_DAYS
from resilient_redshift.schedules.eventbridge import UNBOUNDED, RateSchedule, check_schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource
    from resilient_redshift.schedules.eventbridge import Schedule

SCHEDULER_SCHEDULE: Final = "AWS::Scheduler::Schedule"
CREATE_SNAPSHOT: Final = "createClusterSnapshot"
_READ_ELSEWHERE: Final = frozenset({CREATE_SNAPSHOT, "pauseCluster", "resumeCluster"})
_CALL: Final = re.compile(r":aws-sdk:redshift:([A-Za-z]+)$")
_UTC: Final = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/GMT", "GMT", "UCT", "Zulu", "Etc/Zulu"})
_EXECUTION_ID: Final = "<aws.scheduler.execution-id>"
#: How the values of the other keywords look (User Guide); the first two hold colons.
_KEYWORDS: Final = {
    "<aws.scheduler.scheduled-time>": ":",
    "<aws.scheduler.schedule-arn>": ":",
    "<aws.scheduler.attempt-number>": "1",
    _EXECUTION_ID: "d32c5kddcf5bb8c3",
}
_REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
_SNAPSHOT_NAME: Final = re.compile(r"(?!.*--)[A-Za-z](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?")
_LONGEST_WINDOW: Final = 1440


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of the Redshift API that a schedule makes.

    Attributes:
        action: the operation, such as ``pauseCluster``.
        input: the parameters of the call; empty when they cannot be read.
    """

    action: str
    input: Mapping[str, Any]

    @property
    def identifier(self) -> str | None:
        """The cluster's identifier, as text that may hold references; None for an unknown one."""
        identifier = self.input.get("ClusterIdentifier")
        return identifier if isinstance(identifier, str) else None

    @property
    def changes_something_else(self) -> bool:
        """Whether it may change how the cluster is protected, such as ``disableSnapshotCopy``."""
        return self.action not in _READ_ELSEWHERE and not self.action.startswith(("describe", "get", "list"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """When a schedule calls its target.

    Attributes:
        schedule: the schedule; None when it is unknown, or fires only once.
        late: how long after its time the call may come.
        why_not: why the calls are not certain; empty when they are.
    """

    schedule: Schedule | None
    late: timedelta = timedelta(0)
    why_not: str = ""


def redshift_call(resource: Resource) -> Call | None:
    """The call of the Redshift API that a schedule of EventBridge Scheduler makes; None for another purpose."""
    target = values.mapping(resource.properties.get("Target"))
    match = _CALL.search(values.text(target.get("Arn"), resource.pseudo) or "")
    if match is None:
        return None
    return Call(action=match[1], input=values.decoded(values.text(target.get("Input"), resource.pseudo)))


def times_of(resource: Resource) -> Times:
    """When a schedule of EventBridge Scheduler calls its target."""
    schedule = check_schedule(Problems("Schedule"), "ScheduleExpression", resource.literal("ScheduleExpression"))
    window = values.mapping(resource.properties.get("FlexibleTimeWindow"))
    flexible = values.literal(window.get("Mode"), resource.pseudo) != "OFF" if window else False
    late = values.integer(window.get("MaximumWindowInMinutes"), resource.pseudo, _LONGEST_WINDOW) if flexible else 0
    state = "ENABLED" if values.absent(resource.properties.get("State")) else resource.literal("State")
    given_zone = resource.properties.get("ScheduleExpressionTimezone")
    zone = "UTC" if values.absent(given_zone) else resource.literal("ScheduleExpressionTimezone")
    why_not = ""
    if state is None:
        why_not = "whether it is enabled is decided at deployment"
    elif state != "ENABLED":
        why_not = "it is disabled"
    elif any(not values.absent(resource.properties.get(name)) for name in ("StartDate", "EndDate")):
        why_not = "it has a start or an end"
    elif zone is None:
        why_not = "its time zone is decided at deployment"
    elif schedule is None or late is None or not 0 <= late <= _LONGEST_WINDOW:
        why_not = "its schedule is decided at deployment, or it fires only once"
    clock = timedelta(0) if why_not or schedule is None or zone in _UTC else _clock_changes(schedule)
    return Times(schedule=schedule, late=timedelta(minutes=0 if why_not else late or 0) + clock, why_not=why_not)


def _clock_changes(schedule: Schedule) -> timedelta:
    """How much longer than in UTC the gap can be in another time zone.

    A change of the clock moves a cron time by an hour, and a time that does not exist on that day is left out (User
    Guide, "Daylight savings time"). A rate counts hours, not the clock.
    """
    if isinstance(schedule, RateSchedule) or schedule.longest_gap() >= UNBOUNDED:
        return timedelta(0)
    return schedule.longest_gap() + timedelta(hours=1)


def read_snapshots(resource: Resource, call: Call, cluster: ClusterPicture) -> None:
    """Count the snapshots that a schedule takes of a cluster; otherwise the cluster gets a note with the reason.

    Args:
        resource: the schedule, which exists wherever the cluster does.
        call: its call of ``CreateClusterSnapshot``.
        cluster: the cluster.
    """
    times = times_of(resource)
    keep = _retention(call, resource, cluster)
    why_not = times.why_not or _why_no_name(call.input.get("SnapshotIdentifier"))
    if not why_not and (keep is None or not is_retention(keep)):
        why_not = "the retention of its snapshots is not known, or Redshift does not have it"
    if not why_not and times.schedule is not None and keep is not None:
        # the copy's retention alone bounds a copy: the source's retention says nothing about it
        rule = SnapshotRule(
            name=resource.logical_id,
            schedule=times.schedule,
            keep=keep,
            keep_in_recovery=FOREVER_DAYS,
            late=times.late,
        )
        gap = gap_of(cluster.pauses, [rule])
        if isinstance(gap, timedelta) and gap < UNBOUNDED:
            cluster.rules.append(rule)
            cluster.note(f"schedule {resource.logical_id} is counted, but nothing sees one of its snapshots fail later")
            return
        why_not = gap if isinstance(gap, str) else "its schedule ends"
    cluster.note(f"schedule {resource.logical_id} is not counted: {why_not}")


def _retention(call: Call, resource: Resource, cluster: ClusterPicture) -> int | None:
    """The retention of the snapshots in days: the call's, otherwise the cluster's default for new manual snapshots."""
    given = call.input.get("ManualSnapshotRetentionPeriod")
    if given is not None:
        return values.integer(given, resource.pseudo, FOREVER_DAYS)
    return cluster.resource.integer("ManualSnapshotRetentionPeriod", FOREVER_DAYS) if cluster.resource else None


def _why_no_name(identifier: object) -> str:
    """Why a snapshot identifier does not work again and again; empty when it does."""
    if not isinstance(identifier, str):
        return "its snapshot identifier is not known"
    name = identifier
    for keyword, value in _KEYWORDS.items():
        name = name.replace(keyword, value)
    if ":" in name:
        return "its snapshot identifier holds a colon, which Redshift refuses"
    if _EXECUTION_ID not in identifier:
        return "its snapshot identifier is always the same, so only the first snapshot succeeds"
    if not _SNAPSHOT_NAME.fullmatch(_REFERENCE.sub("x", name)):
        return "Redshift refuses its snapshot identifier"
    return ""
