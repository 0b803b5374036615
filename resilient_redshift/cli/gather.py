"""Asks both Regions about a plan at the same time. A Region that does not answer is a result, not an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import executions, plans, redshift
from resilient_redshift.cli.aws import Answer, ask, ask_both, ask_together
from resilient_redshift.cli.outlook import snapshots
from resilient_redshift.cloud.redshift import clusters, snapshot_schedules
from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name, plan_record_name
from resilient_redshift.contract.stored import read_drills, read_endpoint, read_lineage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint


@dataclass(kw_only=True)
class Primary:
    """What the primary Region says about a plan.

    Args:
        cluster: the cluster, as DescribeClusters returns it. None if the Region has no cluster of that identifier.
        points: the cluster's snapshots in that Region.
        schedule: the times at which Redshift takes automated snapshots, as the snapshot schedule defines them.
    """

    cluster: ClusterTypeDef | None
    points: Sequence[RecoveryPoint]
    schedule: Sequence[str] = ()


@dataclass(kw_only=True)
class Recovery:
    """What the recovery Region says about a plan.

    Args:
        plan: the plan record there. None if there is none, or if it does not say which cluster it is for.
        points: the snapshots of the plan's cluster.
        lineage: the recorded ClusterCreateTime.
        drills: what is understood of what the last drills left in Parameter Store. None: they left nothing.
        endpoint: what is understood of what the last failover published in Parameter Store. None: it is not there.
        running: the running executions of the restore machine for this plan.
        problems: what could not be read.
        spoiled: what was read and is not understood. Each text names the parameter and the field.
    """

    plan: Plan | None
    points: Sequence[RecoveryPoint]
    lineage: datetime | None = None
    drills: Mapping[str, Any] | None = None
    endpoint: Mapping[str, Any] | None = None
    running: Sequence[Execution] = ()
    problems: list[str] = field(default_factory=list)
    spoiled: list[str] = field(default_factory=list)


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


def gather(aws: Aws, records: Sequence[Plan]) -> list[Observation]:
    """Ask both Regions about each plan. A Region's snapshots are listed once for all plans."""
    regions = sorted({plan.primary for plan in records} | {plan.recovery for plan in records})
    answers = ask_together([partial(snapshots, aws, region) for region in regions])
    by_region = dict(zip(regions, answers, strict=True))
    # plans side by side: in an outage each call may take its whole time-out
    return [answer.get() for answer in ask_together([partial(_observe, aws, plan, by_region) for plan in records])]


def _observe(aws: Aws, plan: Plan, by_region: Mapping[str, Answer[list[RecoveryPoint]]]) -> Observation:
    primary, recovery = ask_both(
        partial(_primary, aws, plan, by_region[plan.primary]), partial(_recovery, aws, plan, by_region[plan.recovery])
    )
    recovery_plan = recovery.value.plan if recovery.value else None
    spoiled = dict.fromkeys([*plan.problems, *(recovery_plan.problems if recovery_plan else [])])
    return Observation(plan=recovery_plan or plan, primary=primary, recovery=recovery, spoiled=list(spoiled))


def _primary(aws: Aws, plan: Plan, region_points: Answer[list[RecoveryPoint]]) -> Primary:
    points = [point for point in region_points.get() if point.cluster == plan.cluster and point.source_region is None]
    client = redshift.client(aws, plan.primary)
    cluster = clusters.describe(client, plan.cluster)
    return Primary(cluster=cluster, points=points, schedule=() if cluster is None else _times(client, cluster))


def _times(client: RedshiftClient, cluster: ClusterTypeDef) -> Sequence[str]:
    """When automated snapshots are taken. Empty without a schedule, or without the right to read the schedule."""
    name = cluster.get("SnapshotScheduleIdentifier")
    if not name:
        return ()
    schedule = ask(partial(snapshot_schedules.read, client, name)).value
    return () if schedule is None else schedule.definitions


def _recovery(aws: Aws, plan: Plan, region_points: Answer[list[RecoveryPoint]]) -> Recovery:
    points = [
        point
        for point in region_points.get()
        if point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
    ]
    recovery = Recovery(plan=plan if plan.read_in == plan.recovery else None, points=points)
    answer = ask(partial(_parameters, aws, plan))
    if answer.problem is not None:
        recovery.problems.append(answer.problem.message)
    parameters = answer.value or {}
    record = parameters.get(plan_record_name(plan.name))
    if record is not None:
        parsed_record = ask(partial(plans.parse, record, plan.name, plan.recovery))
        recovery.plan = parsed_record.value
        recovery.spoiled += [parsed_record.problem.message] if parsed_record.problem else []
    elif answer.problem is None:
        recovery.plan = None
    _remembered(recovery, plan, parameters)
    machine = recovery.plan.machine("restore") if recovery.plan else None
    if machine is not None:
        runs = ask(partial(executions.running, aws, machine))
        recovery.running = [run for run in runs.value or [] if run.input.get("plan") == plan.name]
        recovery.problems += [runs.problem.message] if runs.problem else []
    return recovery


def _remembered(recovery: Recovery, plan: Plan, parameters: Mapping[str, str]) -> None:
    """Read what the restore machine keeps for a plan."""
    lineage = read_lineage(parameters.get(lineage_name(plan.name)), plan.name, (recovery.plan or plan).record)
    recovery.lineage = lineage.time
    recovery.spoiled += [lineage.problem] if lineage.problem else []
    if drills_name(plan.name) in parameters:
        stored = read_drills(parameters[drills_name(plan.name)], plan.name)
        recovery.drills = stored.value
        recovery.spoiled += stored.problems
    if endpoint_name(plan.name) in parameters:
        stored = read_endpoint(parameters[endpoint_name(plan.name)], plan.name)
        recovery.endpoint = stored.value
        recovery.spoiled += stored.problems


def _parameters(aws: Aws, plan: Plan) -> dict[str, str]:
    names = [name(plan.name) for name in (plan_record_name, lineage_name, drills_name, endpoint_name)]
    answer = aws.call(plan.recovery, "ssm", "GetParameters", Names=names)
    return {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}
