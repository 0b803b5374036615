"""One watch in one run: what its record asks for, and what the run knows of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from resilient_redshift.contract.watching import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.watch.calls import Calls
    from resilient_redshift.cloud.watch.heartbeat import Listener
    from resilient_redshift.cloud.watch.memory import Memory, Pause
    from resilient_redshift.cloud.watch.parameters import Parameters
    from resilient_redshift.cloud.watch.readiness_reading import Reader
    from resilient_redshift.cloud.watch.region import Keys, Region

#: Without a declared gap, Redshift takes a snapshot about every 8 hours (Management Guide, "Redshift snapshots").
_DEFAULT_GAP = timedelta(hours=8)


@dataclass(frozen=True, kw_only=True)
class WatchRecord:
    """What is understood of the record of a watch.

    Args:
        value: the record.
        parameter: the name of its parameter.
        made: when the parameter was made, if it was not changed since then.
    """

    value: Mapping[str, Any]
    parameter: str = ""
    made: datetime | None = None

    @property
    def name(self) -> str:
        """The name of the watch."""
        return str(self.value["watch"])

    @property
    def side(self) -> str:
        """The side: primary, recovery or alone."""
        return str(self.value["side"])

    @property
    def cluster(self) -> str:
        """The identifier of the watched cluster."""
        return str(self.value["cluster"]["identifier"])

    @property
    def cluster_region(self) -> str:
        """The Region of the watched cluster."""
        return str(self.value["cluster"]["region"])

    @property
    def plan(self) -> str:
        """The name of the plan. Empty: there is none."""
        return str(self.value.get("plan", ""))

    @property
    def dimension_value(self) -> str:
        """The value of the metrics' dimension."""
        return self.plan or self.cluster

    def longest_gap(self, watch_for: Mapping[str, Any]) -> timedelta:
        """For so long a pause that is over excuses an old recovery point."""
        seconds = watch_for.get("longest_gap_seconds")
        return _DEFAULT_GAP if seconds is None else timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a run has read before it looks at the watches one by one.

    Args:
        calls: the calls of the run.
        now: the time.
        region: what was read of the Region.
        parameters: the parameters of the plans.
        keys: the states of KMS keys.
        listener: the heartbeats.
        readiness: reads what a failover needs. None: this run reads it for no plan.
    """

    calls: Calls
    now: datetime
    region: Region
    parameters: Parameters
    keys: Keys
    listener: Listener
    readiness: Reader | None


@dataclass(kw_only=True)
class Watched:
    """What a run knows of one watch.

    Args:
        record: the record of the watch.
        memory: what is remembered of it.
        findings: what is wrong.
        remarks: what is worth knowing, and is nothing wrong.
        age: the age of the newest usable recovery point in seconds. None: it could not be read.
        usable: the usable recovery points.
        snapshots: the snapshots that the watch's backup storage consists of, as AWS returns them.
        paused: whether a paused cluster excuses an old recovery point.
        pause: the pause as the primary's watcher knows it.
        uses_manual: whether the watch needs room in the quota of manual snapshots.
        plan_record: what is understood of the plan's record. Empty without a plan.
    """

    record: WatchRecord
    memory: Memory
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    age: float | None = None
    usable: Sequence[RecoveryPoint] | None = None
    snapshots: Sequence[Mapping[str, Any]] | None = None
    paused: bool = False
    pause: Pause | None = None
    uses_manual: bool = False
    plan_record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def writes_severity(self) -> bool:
        """Whether this side writes FindingSeverity. The primary's findings travel with its heartbeat."""
        return self.record.side != PRIMARY

    def ages_by_kind(self, now: datetime) -> dict[str, int]:
        """The age of the newest usable recovery point of each kind, in seconds."""
        rules = [rule["rule"] for rule in self.plan_record.get("rules", ())]
        ages: dict[str, int] = {}
        for point in self.usable or ():  # the newest first
            ages.setdefault(point.kind(rules), int((now - point.created).total_seconds()))
        return ages

    def age_of(self, newest: RecoveryPoint | None, since: datetime, now: datetime) -> None:
        """Set the age: of the newest recovery point, or without one the time since the protection began."""
        self.age = max(0.0, (now - (newest.created if newest else since)).total_seconds())
