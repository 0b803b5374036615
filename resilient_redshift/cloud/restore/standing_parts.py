"""The state of a plan as a value, and the judgements that every state of a plan shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import cannot_tell, finding
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.words import span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import Choice, RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.restore.sight import Sight

AT_HOME: Final = "at home"
FAILED_OVER: Final = "failed over"
#: The plan is the way home of another one, whose cluster is at home.
STANDBY: Final = "standby"
#: It could not be read whether an endpoint is published.
UNKNOWN: Final = "unknown"
#: A recovery point is aging from this share of the objective on, or from the longest gap on if that is longer. An age
#: that the schedule itself brings is no warning.
AGING: Final = 0.75
#: Redshift takes a snapshot when it pauses a cluster (Management Guide, "Pausing and resuming clusters"). The snapshot
#: and its copy may take so long.
PAUSE_SNAPSHOT_TAKES: Final = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A cluster that a run of the plan restored, and that is not published.

    Args:
        cluster: the cluster.
        hours: how long it has existed. None: AWS does not say.
        node_hours: its node hours so far. None: AWS does not say.
    """

    cluster: Seen
    hours: float | None = None
    node_hours: float | None = None


@dataclass(kw_only=True)
class Standing:
    """The state of a plan.

    Args:
        where: :data:`AT_HOME`, :data:`FAILED_OVER`, :data:`STANDBY` or :data:`UNKNOWN`.
        findings: what is wrong, and what could not be read.
        remarks: what is worth knowing, and changes no verdict.
        fine: what is as it should be.
        commands: the command lines that mend what is missed.
        instead: the command lines of the other way to mend it. Nobody should run both.
        choice: what a failover would take now. None: that is unknown.
        restored: the published cluster. None: there is none, or it could not be read.
        copied: the newest copy of the published cluster. None: there is none, or it could not be read.
        beside: the clusters that runs of the plan restored beside it.
    """

    where: str = UNKNOWN
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    fine: str = ""
    commands: list[str] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    choice: Choice | None = None
    restored: Seen | None = None
    copied: RecoveryPoint | None = None
    beside: list[Beside] = field(default_factory=list)

    def found(self, code: str, text: str) -> None:
        """Add a finding that is certain."""
        self.findings.append(finding(code, text))

    def not_read(self, text: str, *, severity: str = "") -> None:
        """Add what could not be read or is not understood."""
        self.findings.append(cannot_tell(text, severity=severity))

    @property
    def missed(self) -> list[str]:
        """What is certainly missed."""
        return [one.text for one in self.findings if one.is_problem and not one.unknown]

    @property
    def unknown(self) -> list[str]:
        """What could not be read."""
        return [one.text for one in self.findings if one.unknown]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing, and changes no verdict."""
        return [one.text for one in self.findings if not one.is_problem and not one.unknown] + self.remarks


def is_excused(created: datetime, objective: float, excused_from: datetime | None, now: datetime) -> bool:
    """Whether a pause excuses an old recovery point: only if it was not too old already when the pause began.

    Otherwise a cluster that is paused every night would never be judged, and a copy that stopped would look fine.

    Args:
        created: the time of the recovery point's data.
        objective: how old it may be, in seconds.
        excused_from: when the pause began. None: that is unknown.
        now: the time.
    """
    if excused_from is None or now - excused_from < PAUSE_SNAPSHOT_TAKES:
        return True
    return (excused_from - created).total_seconds() <= objective


def judge_age(
    standing: Standing, record: Mapping[str, Any], sight: Sight, what: str, point: RecoveryPoint, *, now: datetime
) -> None:
    """Judge the age of the newest recovery point by the objective."""
    age, objective = now - point.created, record.get("objectives", {}).get("recovery_point_seconds")
    if objective is None:
        standing.not_read(f"{what} is {span(age)} old, and the objective is not understood")
        return
    seconds = age.total_seconds()
    aging = seconds > max(AGING * objective, record.get("watch_for", {}).get("longest_gap_seconds", 0))
    text = f"{what} is {span(age)} old, the objective is {span(objective)}"
    excused = bool(sight.excuse) and is_excused(point.created, objective, sight.excused_from, now)
    if (aging or seconds > objective) and excused:
        standing.fine = sight.excuse
        standing.remarks.append(f"{text}: {sight.excuse}")
    elif seconds > objective:
        late = ". It was too old already when the pause of the cluster began" if sight.excuse else ""
        standing.found("RecoveryPointOverdue", text + late)
    else:
        standing.fine = f"{what} is {span(age)} old, within the objective of {span(objective)}"
        if aging:
            standing.found("RecoveryPointAging", f"{text}: the next one is late, or the objective is near")


def judge_cluster(standing: Standing, what: str, cluster: Seen) -> None:
    """Judge a cluster that clients should reach: its state, and whether it is fenced."""
    judge_state(standing, what, cluster.state)
    if cluster.fenced:
        standing.found("ClusterFenced", f"{what} is fenced: no client reaches it")


def judge_state(standing: Standing, what: str, state: states.State) -> None:
    """Judge the state of a cluster."""
    text = f"{what} is {state.name!r}"
    if state.meaning is Meaning.NEEDS_SOMEBODY:
        standing.found("ClusterNeedsAttention", f"{text}: {state.happens}; {state.to_do}")
    elif state.meaning is Meaning.GOING:
        standing.found("ClusterMissing", f"{text}, so it is being deleted")
    elif state.meaning is Meaning.UNKNOWN:
        unknown = f"{text}, and this release does not know that state: look at the cluster's events"
        standing.findings.append(finding("ClusterStateUnknown", unknown, unknown=True))
    elif state.name == states.PAUSED:
        standing.remarks.append(f"{text}: no snapshot is taken")
