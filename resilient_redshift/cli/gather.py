"""Asks both Regions about a plan at the same time. A Region that does not answer is a result, not an error.

A failed-over plan has a third one: the Region that the published cluster is copied to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from resilient_redshift.cli import plans
from resilient_redshift.cli.aws import Answer, ask, ask_both, ask_together
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.readings import Readings
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.restore import published
from resilient_redshift.cloud.restore.seen import Seen, seen
from resilient_redshift.cloud.restore.sight import NOT_LOOKED, Look, Sight, restored
from resilient_redshift.cloud.watch.view import View
from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name, plan_record_name
from resilient_redshift.contract.stored import read_drills, read_lineage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published

T = TypeVar("T")
U = TypeVar("U")


@dataclass(kw_only=True)
class Primary:
    """What the primary Region says about a plan.

    Args:
        cluster: the cluster, as DescribeClusters returns it. None if the Region has no cluster of that identifier.
        points: the cluster's snapshots in that Region.
        schedule: the times at which Redshift takes automated snapshots, as the snapshot schedule defines them.
        problems: what could not be read.
        forward: for a way home, what the plan that it is the way home of has published in that Region.
    """

    cluster: ClusterTypeDef | None
    points: Look[Sequence[RecoveryPoint]]
    schedule: Sequence[str] = ()
    problems: list[str] = field(default_factory=list)
    forward: Look[Published] = NOT_LOOKED


@dataclass(kw_only=True)
class Recovery:
    """What the recovery Region says about a plan.

    Args:
        plan: the plan record there. None if there is none, if it could not be read, or if it does not say which
            cluster it is for.
        record_read: whether Parameter Store answered, so that it is known whether there is a record.
        points: the snapshots of the plan's cluster.
        clusters: every cluster of the Region.
        lineage: the recorded ClusterCreateTime.
        drills: what the last drills left in Parameter Store.
        published: what the last failover published in Parameter Store.
        elsewhere: every snapshot of the Region that the published cluster is copied to.
        running: the running executions of the restore machine for this plan.
        spoiled: what was read and is not understood. Each text names the parameter and the field.
    """

    plan: Plan | None
    record_read: bool = True
    points: Look[Sequence[RecoveryPoint]]
    clusters: Look[Sequence[Seen]]
    lineage: Look[datetime]
    drills: Look[Mapping[str, Any]]
    published: Look[Published]
    elsewhere: Look[Sequence[RecoveryPoint]] = field(default_factory=Look)
    running: Look[Sequence[Execution]] = field(default_factory=Look)
    spoiled: list[str] = field(default_factory=list)

    @property
    def lacks(self) -> Look[Sequence[str]]:
        """What the record lacks to start a failover. The value is None if there is no usable record."""
        if self.plan is not None:
            return Look(value=self.plan.lacks)
        return Look() if self.record_read else Look(problem="the plan record could not be read")


@dataclass(kw_only=True)
class Observation:
    """What both Regions say about a plan.

    Args:
        plan: the plan record of the recovery Region. If it cannot be read, the record that the command began with.
        primary: the answer of the primary Region.
        recovery: the answer of the recovery Region.
        spoiled: what is not understood of the plan records that were read.
    """

    plan: Plan
    primary: Answer[Primary]
    recovery: Answer[Recovery]
    spoiled: Sequence[str] = ()

    @property
    def view(self) -> View:
        """The same for the function that judges a plan."""
        primary, recovery = self.primary.value, self.recovery.value
        return View(
            record=self.plan.record,
            sight=self._sight,
            cluster=NOT_LOOKED if primary is None else Look(value=primary.cluster),
            home_points=NOT_LOOKED if primary is None else primary.points,
            recovery_record=NOT_LOOKED if recovery is None else recovery.lacks,
            drills=NOT_LOOKED if recovery is None else recovery.drills,
            spoiled=self.spoiled,
            recovery_spoiled=() if recovery is None else recovery.spoiled,
            home_problems=() if primary is None else primary.problems,
        )

    @property
    def _sight(self) -> Sight:
        cluster = _look(self.primary, lambda primary: seen(primary.cluster) if primary.cluster else None)
        recovery = self.recovery.value
        if recovery is None:
            blind: Look[Any] = _look(self.recovery, lambda _: None)
            return Sight(published=blind, primary=cluster, clusters=blind, points=blind, lineage=blind, running=blind)
        forward = self.primary.value.forward if self.primary.value else NOT_LOOKED
        if self.primary.value is None and "reverse_of" in self.plan.record:
            forward = _look(self.primary, lambda _: None)
        paused_at = None if recovery.published.value or recovery.published.problem else self._paused_at
        names = None if recovery.running.value is None else [run.name for run in recovery.running.value]
        return Sight(
            published=recovery.published,
            primary=cluster,
            clusters=recovery.clusters,
            points=recovery.points,
            lineage=recovery.lineage,
            elsewhere=recovery.elsewhere,
            running=Look(value=names, problem=recovery.running.problem),
            excuse="the cluster is paused" if paused_at else "",
            excused_from=paused_at,
            forward=forward,
        )

    @property
    def _paused_at(self) -> datetime | None:
        """When the pause of the cluster began. None: it is not paused, or nothing tells since when.

        Redshift takes a snapshot when it pauses a cluster, and none later (Management Guide, "Pausing and resuming
        clusters").
        """
        primary = self.primary.value
        if primary is None or primary.cluster is None or seen(primary.cluster).state.meaning is not Meaning.PAUSED:
            return None
        own = [one.created for one in primary.points.value or () if one.available and one.source_region is None]
        return max(own, default=None)


def gather(aws: Aws, records: Sequence[Plan]) -> list[Observation]:
    """Ask both Regions about each plan. What a Region says about several plans is read once for all of them."""
    readings = Readings(aws, records)
    readings.begin()
    # plans side by side: in an outage each call may take its whole time-out
    return [answer.get() for answer in ask_together([partial(_observe, plan, readings) for plan in records])]


def gather_recovery(aws: Aws, plan: Plan) -> Observation:
    """Ask the recovery Region alone about a plan. The primary Region may be lost, and is not asked."""
    readings = Readings(aws, [plan])
    readings.begin_recovery()
    answer = ask(partial(_recovery, plan, readings))
    recovery_plan = answer.value.plan if answer.value else None
    unasked: Answer[Primary] = Answer(problem=CliError(f"{plan.primary} was not asked"))
    return Observation(plan=recovery_plan or plan, primary=unasked, recovery=answer, spoiled=plan.problems)


def _look(answer: Answer[T], of: Callable[[T], U | None]) -> Look[U]:
    """An answer as a look, so that what could not be read is never taken for what is not there."""
    if answer.problem is not None:
        return Look(problem=answer.problem.message, silent=answer.unreachable)
    return Look(value=of(answer.get()))


def _observe(plan: Plan, readings: Readings) -> Observation:
    primary, recovery = ask_both(partial(_primary, plan, readings), partial(_recovery_and_elsewhere, plan, readings))
    recovery_plan = recovery.value.plan if recovery.value else None
    spoiled = dict.fromkeys([*plan.problems, *(recovery_plan.problems if recovery_plan else [])])
    return Observation(plan=recovery_plan or plan, primary=primary, recovery=recovery, spoiled=list(spoiled))


def _primary(plan: Plan, readings: Readings) -> Primary:
    """What the primary Region says.

    Raises:
        CliError: it could not be read whether the cluster is there. It is an ``UnreachableError`` only if no call was
            answered.
    """
    home, region_points = readings.home(plan.primary, plan.cluster), readings.snapshots(plan.primary)
    if home.problem is not None and home.unreachable and not region_points.unreachable:
        raise CliError(f"redshift:DescribeClusters: {home.problem.message}", home.problem.hint) from home.problem
    cluster = home.get()
    points = _look(
        region_points,
        lambda found: [point for point in found if point.cluster == plan.cluster and point.source_region is None],
    )
    primary = Primary(cluster=cluster, points=points, forward=_forward(plan, readings))
    if points.problem:
        primary.problems.append(f"the snapshots in {plan.primary} could not be read: {points.problem}")
    if cluster is not None:
        name = cluster.get("SnapshotScheduleIdentifier")
        schedule: Answer[Sequence[str]] = readings.times(plan.primary, name) if name else Answer()
        primary.schedule = schedule.value or ()
        if schedule.problem is not None:
            primary.problems.append(f"the snapshot schedule could not be read: {schedule.problem.message}")
    return primary


def _forward(plan: Plan, readings: Readings) -> Look[Published]:
    """What the plan that this one is the way home of has published. Its recovery Region is this plan's primary one."""
    forward = plan.record.get("reverse_of")
    if forward is None:
        return NOT_LOOKED
    return _look(readings.published(forward, plan.primary), lambda found: found)


def _recovery(plan: Plan, readings: Readings) -> Recovery:
    answer, points = readings.parameters(plan), readings.snapshots(plan.recovery)
    if points.unreachable and answer.unreachable:
        points.get()
    parameters = _look(answer, lambda found: found)
    unread: Look[Any] = Look(problem=parameters.problem, silent=parameters.silent)
    recovery = Recovery(
        plan=plan if plan.read_in == plan.recovery else None,
        record_read=not parameters.problem,
        points=_look(points, partial(_of_plan, plan)),
        clusters=_look(readings.clusters(plan.recovery), lambda every: every),
        lineage=unread,
        drills=unread,
        published=unread,
    )
    if parameters.value is not None:
        _remembered(recovery, plan, parameters.value, has_record=readings.has_record(plan))
    recovery.running = unread if unread.problem and recovery.plan is None else _running(plan, recovery.plan, readings)
    return recovery


def _recovery_and_elsewhere(plan: Plan, readings: Readings) -> Recovery:
    recovery = _recovery(plan, readings)
    recovery.elsewhere = _elsewhere(recovery, readings)
    return recovery


def _remembered(recovery: Recovery, plan: Plan, parameters: Mapping[str, str], *, has_record: bool) -> None:
    """Read what Parameter Store holds of a plan."""
    record = parameters.get(plan_record_name(plan.name))
    if record is not None or not has_record:
        recovery.plan = None
    if record is not None:
        parsed_record = ask(partial(plans.parse, record, plan.name, plan.recovery))
        recovery.plan = parsed_record.value
        recovery.spoiled += [parsed_record.problem.message] if parsed_record.problem else []
    lineage = read_lineage(parameters.get(lineage_name(plan.name)), plan.name, (recovery.plan or plan).record)
    recovery.lineage = Look(value=lineage.time)
    recovery.spoiled += [lineage.problem] if lineage.problem else []
    recovery.drills = Look()
    if drills_name(plan.name) in parameters:
        stored = read_drills(parameters[drills_name(plan.name)], plan.name)
        # where nothing is understood, nobody may say that there was no drill
        recovery.drills = Look(value=stored.value) if stored.value else Look(problem="; ".join(stored.problems))
        recovery.spoiled += stored.problems if stored.value else []
    try:
        recovery.published = Look(value=published.read(parameters.get(endpoint_name(plan.name)), plan.name))
    except published.NotUnderstoodError as error:
        recovery.published = Look(problem=str(error))
    recovery.spoiled += recovery.published.value.problems if recovery.published.value else []


def _of_plan(plan: Plan, points: Sequence[RecoveryPoint]) -> list[RecoveryPoint]:
    return [point for point in points if point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)]


def _running(plan: Plan, recovery_plan: Plan | None, readings: Readings) -> Look[Sequence[Execution]]:
    machine = recovery_plan.machine("restore") if recovery_plan else None
    if machine is None:
        return Look(problem=f"no plan record in {plan.recovery} names a restore machine")
    return _look(readings.running(machine, plan), lambda runs: runs)


def _elsewhere(recovery: Recovery, readings: Readings) -> Look[Sequence[RecoveryPoint]]:
    """The snapshots of the Region that the published cluster is copied to."""
    cluster = restored(recovery.published, recovery.clusters)
    if cluster is None or not cluster.copied_to:
        return Look()
    return _look(readings.snapshots(cluster.copied_to), lambda points: points)
