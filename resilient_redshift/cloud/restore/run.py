"""What one run of a restore knows. Step Functions carries it from phase to phase, so it is small and it is JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.restore.check_progress import Checks
from resilient_redshift.cloud.restore.ladder_progress import Attempt, Ladder
from resilient_redshift.cloud.restore.request import DRILL, Request
from resilient_redshift.cloud.restore.run_json import read, written
from resilient_redshift.contract.drill_points import is_other
from resilient_redshift.contract.understood import carried

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_VERSION: Final = 1
#: How long a failover waits for its cluster, and how long a drill does: twice its objective, within these limits.
FAILOVER_PATIENCE: Final = timedelta(days=1)
SHORTEST_DRILL: Final = timedelta(hours=4)
LONGEST_DRILL: Final = timedelta(hours=20)
#: A run keeps and reports this many warnings, of this many bytes.
_MOST_WARNINGS: Final = 40
_LONGEST_WARNING: Final = 300
#: A run keeps the first attempts and the last ones.
_FIRST_ATTEMPTS: Final = 20
_LAST_ATTEMPTS: Final = 10


@dataclass(kw_only=True)
class Point:
    """The snapshot that a run restores, or one of the next older ones.

    Args:
        identifier: the snapshot's identifier.
        type: ``automated`` or ``manual``.
        created: the time of its data.
        lineage: the cluster's ClusterCreateTime.
        source_region: the Region that it was copied from.
        size_megabytes: the size of its data.
        node_type: the node type of the cluster that it was taken of.
        number_of_nodes: the number of that cluster's nodes.
        enhanced_vpc_routing: whether that cluster used enhanced VPC routing.
        engine: the full version of the engine that took it. None: unknown.
    """

    identifier: str
    type: str
    created: datetime
    lineage: datetime
    source_region: str | None = None
    size_megabytes: float | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None
    enhanced_vpc_routing: bool = False
    engine: str | None = None


@dataclass(kw_only=True)
class Candidate:
    """A snapshot that a run did not take, or one of several among which the operator must choose."""

    identifier: str
    type: str
    status: str
    created: datetime | None = None
    lineage: datetime | None = None


@dataclass(kw_only=True)
class Removal:
    """Clusters that a run deletes, one after the other.

    Args:
        names: the clusters that are still to be deleted.
        removing: the cluster that Redshift deletes now. Empty: none.
        until: when the run gives up that cluster.
        asked_at: when Redshift accepted the deletion of that cluster. None: not yet.
        removed: the clusters that are gone.
        kept: the clusters that could not be deleted.
    """

    names: list[str] = field(default_factory=list)
    removing: str = ""
    until: datetime | None = None
    asked_at: datetime | None = None
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def every(self) -> list[str]:
        """All these clusters, whatever became of them."""
        return [*self.removed, *self.kept, *([self.removing] if self.removing else []), *self.names]


@dataclass(kw_only=True)
class RestoredCluster:
    """What a run knows of the cluster that it restored."""

    endpoint: str | None = None
    port: int | None = None
    database: str | None = None
    admin_user: str | None = None
    secret_arn: str | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None


@dataclass(kw_only=True)
class Run:
    """What one run knows.

    Args:
        input: what the run was started with, as it is.
        execution: the execution's ARN.
        machine: the state machine's ARN.
        started: when the execution started.
        version: the version of this shape.
        phase: the phase that is called next.
        record: what is understood of the plan's record. Empty until it is read.
        spoiled_checks: what is not understood of the plan's checks.
        tries: how often each call of the present phase failed with an error that passes.
        outcome: the outcome. Empty as long as the run is under way.
        message: why.
        ending: whether the outcome is known, and the run only cleans up and reports.
        warnings: what the report says beside the outcome.
        missing: what a restore needs and the Region does not have.
        others: the running executions that the run knows, by name, each with ``<mode> <plan>``.
        looked_at: when the run last looked for others.
        clock_from: when the recovery time begins: at the start, or after the leftovers of former drills are gone.
        give_up_at: when the run waits no longer for its cluster.
        leftovers: how far the deletion of former drills' clusters got.
        strays: clusters that are named like drills of this plan and are not ours.
        lineage: the recorded lineage. None: none is recorded.
        may_record_lineage: whether the parameter of the lineage is known to be missing.
        chosen: the snapshot.
        newest_created: the time of the data of the newest usable recovery point, where the run is a drill that restores
            another one. None: there is none, or it is not known.
        point_chosen: which recovery point the drill chose, and why. Empty: the newest one, as a failover does.
        older: older usable snapshots, the newest first: the next ones, and the newest of each other engine.
        older_tried: whether the run went on to an older snapshot because Redshift could not restore the newest.
        engine_tried: whether the run went on to a snapshot of another engine.
        candidates: snapshots that the report lists.
        zones: the Zones of the subnet group.
        ladder: how far the run got with the ways to restore.
        attempts: the calls of RestoreFromClusterSnapshot.
        room: how far the deletion of drills' clusters got that a reached quota needs. None: no quota was reached.
        room_until: when the run waits no longer for a drill that must yield. None: no quota was reached.
        with_schedule: whether the restored cluster gets the recorded snapshot schedule.
        call_at: when the run first sent the restore whose answer is open. What takes the name from then on may be ours.
        first_restore_at: when the run first sent a restore. None: never.
        restored_at: when AWS accepted the restore. None: not yet.
        namespace: the ARN of the namespace of the run's own cluster, from the first look. Empty: AWS did not say it.
        adopting: whether the name is taken and the run finds out by whom.
        misses: how often a cluster that must exist was not there.
        doubts: how often the run looked at a cluster without tags that may be its own.
        tagged: whether the cluster has the run's tags.
        tag_tries: how often tagging failed.
        tag_problem: AWS's words on the last failure.
        unknown_since: since when the cluster is in a state that this release does not know.
        rto_missed: whether the run said that its objective is missed.
        available_at: when the cluster was available. None: not yet.
        validated_at: when the checks were over.
        bring_back: what is still to be done before the checks: ``mark``, ``endpoint``, ``logging``, ``copy`` and
            ``event``.
        checks: how far the run got with its queries.
        cluster: the restored cluster.
        own: how far the deletion of the run's own cluster got.
        endpoint_gone: whether the cluster of the published endpoint is gone, so that no client can use it.
        endpoint_known: whether the endpoint is published, verified or not.
        to_publish: what is still to be published of a verified cluster: ``endpoint``, ``name``, ``event``. None: that
            is not known yet.
        event_lost: whether EventBridge did not take an event of this run.
        report: the report. Empty until the run ends.
        tell: what is still to be done with the report.
        drills: what the drills of the plan remember.
    """

    input: Any = None
    execution: str = ""
    machine: str = ""
    started: datetime
    version: int = RUN_VERSION
    phase: str = ""
    record: dict[str, Any] = field(default_factory=dict)
    spoiled_checks: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    outcome: str = ""
    message: str = ""
    ending: bool = False
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    looked_at: datetime | None = None
    clock_from: datetime | None = None
    give_up_at: datetime | None = None
    leftovers: Removal | None = None
    strays: list[str] = field(default_factory=list)
    lineage: datetime | None = None
    may_record_lineage: bool = False
    chosen: Point | None = None
    newest_created: datetime | None = None
    point_chosen: str = ""
    older: list[Point] = field(default_factory=list)
    older_tried: bool = False
    engine_tried: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    ladder: Ladder = field(default_factory=Ladder)
    attempts: list[Attempt] = field(default_factory=list)
    room: Removal | None = None
    room_until: datetime | None = None
    with_schedule: bool = False
    call_at: datetime | None = None
    first_restore_at: datetime | None = None
    restored_at: datetime | None = None
    namespace: str = ""
    adopting: bool = False
    misses: int = 0
    doubts: int = 0
    tagged: bool = False
    tag_tries: int = 0
    tag_problem: str = ""
    unknown_since: datetime | None = None
    rto_missed: bool = False
    available_at: datetime | None = None
    validated_at: datetime | None = None
    bring_back: list[str] = field(default_factory=list)
    checks: Checks = field(default_factory=Checks)
    cluster: RestoredCluster = field(default_factory=RestoredCluster)
    own: Removal | None = None
    endpoint_gone: bool = False
    endpoint_known: bool = False
    to_publish: list[str] | None = None
    event_lost: bool = False
    report: dict[str, Any] = field(default_factory=dict)
    tell: list[str] = field(default_factory=list)
    drills: dict[str, Any] | None = None

    @property
    def request(self) -> Request:
        """The checked input. An input that is wrong gives what is right of it."""
        return Request.of(self.input)

    @property
    def name(self) -> str:
        """The execution's name."""
        return self.execution.rpartition(":")[2]

    @property
    def is_drill(self) -> bool:
        """Whether the run is a drill."""
        return self.request.mode == DRILL

    @property
    def target(self) -> str:
        """The identifier of the cluster that the run restores. Empty before the record is read."""
        if not self.record:
            return ""
        if not self.is_drill:
            return self.request.target or str(self.record["cluster"]["identifier"])
        moment = self.request.scheduled_time or self.started
        return f"{self.record['drill']['cluster_prefix']}{moment.astimezone(UTC):%Y%m%d%H%M}"

    @property
    def beside(self) -> bool:
        """Whether a failover restores under another identifier than the protected cluster's."""
        return not self.is_drill and self.target != str(self.record["cluster"]["identifier"])

    @property
    def publishes(self) -> bool:
        """Whether the run publishes its cluster's endpoint and moves the DNS record.

        A restore beside does so only if it is asked to. Somebody may only want to look at an older copy, and clients
        would write into it.
        """
        if self.is_drill:
            return False
        return not self.beside if self.request.publish is None else self.request.publish

    @property
    def copy_to(self) -> Mapping[str, Any] | None:
        """Where the new cluster's snapshots are copied. None: nowhere.

        The input says it. If it does not, the record does, for the cluster that clients use from now on.
        """
        if self.request.copy_to is not None or not self.publishes:
            return self.request.copy_to
        recorded: Mapping[str, Any] | None = self.record.get("restore", {}).get("copy_to")
        return recorded

    @property
    def measures_newest(self) -> bool:
        """Whether the recovery point is measured by the newest usable copy, because the restored one may be older.

        So is that of a drill that is asked for another one, or that names its snapshot: what is old on purpose says
        nothing about what a failover would lose.
        """
        return self.is_drill and (is_other(self.request.point) or self.request.snapshot is not None)

    @property
    def measured_point(self) -> datetime | None:
        """The time of the data by which the recovery point is measured. None: it is not known."""
        if self.measures_newest:
            return self.newest_created
        return None if self.chosen is None else self.chosen.created

    @property
    def target_arn(self) -> str:
        """The ARN of that cluster."""
        own = self.machine.split(":")
        return f"arn:{own[1]}:redshift:{own[3]}:{own[4]}:cluster:{self.target}"

    @property
    def made(self) -> bool:
        """Whether AWS accepted a restore of this run."""
        return self.restored_at is not None

    @property
    def recovery_time_objective(self) -> timedelta | None:
        """The plan's objective for the recovery time. None: it is not understood."""
        seconds = self.objective("recovery_time_seconds")
        return None if seconds is None else timedelta(seconds=seconds)

    def objective(self, name: str) -> int | None:
        """One of the plan's objectives, by its name in the record. None: it is not understood."""
        seconds: int | None = self.record.get("objectives", {}).get(name)
        return seconds

    def patience(self) -> timedelta:
        """How long the run waits for its cluster, from its start."""
        objective = self.recovery_time_objective
        if not self.is_drill or objective is None:
            return FAILOVER_PATIENCE
        return min(LONGEST_DRILL, max(SHORTEST_DRILL, 2 * objective))

    def warn(self, text: str) -> None:
        """Add a warning to the report, once."""
        text = cut(text, _LONGEST_WARNING)
        if text not in self.warnings and len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(text)

    def attempt(self, at: datetime, error: str = "", *, rung: str = "") -> None:
        """Record a call of RestoreFromClusterSnapshot."""
        self.attempts.append(Attempt(at=at, rung=rung or self.ladder.now.name, error=cut(error, _LONGEST_WARNING)))
        if len(self.attempts) > _FIRST_ATTEMPTS + _LAST_ATTEMPTS:
            del self.attempts[_FIRST_ATTEMPTS]

    def to_json(self) -> dict[str, Any]:
        """The run as JSON. A field with its default value is left out, but never the version."""
        return {"version": self.version, **written(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Run:
        """Read a run. The machine starts it without a version, and with the input as somebody typed it.

        Raises:
            ValueError: the run is of another version. A release changes the version with the shape.
        """
        if "version" not in value:
            value = {**value, "input": carried(value.get("input"))}
        if value.get("version", RUN_VERSION) != RUN_VERSION:
            raise ValueError(f"a run of version {value['version']}; this release reads version {RUN_VERSION}")
        found: Run = read(cls, value)
        return found
