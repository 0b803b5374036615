"""What each Region says about one plan, both asked at the same time; a Region that does not answer is an answer."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, plans, words
from resilient_redshift.cli.aws import Answer, ask, ask_both, ask_together
from resilient_redshift.cli.errors import ApiError
from resilient_redshift.cli.look import snapshots
from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name, plan_record_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.recovery_points import RecoveryPoint

_NO_CLUSTER: Final = frozenset({"ClusterNotFound", "ClusterNotFoundFault"})


@dataclass(kw_only=True)
class Primary:
    """What the primary Region says; ``cluster`` is None where there is none of that identifier."""

    cluster: Mapping[str, Any] | None
    points: Sequence[RecoveryPoint]
    schedule: Sequence[str] = ()


@dataclass(kw_only=True)
class Recovery:
    """What the recovery Region says; ``problems`` tell what could not be seen there."""

    plan: Plan | None
    points: Sequence[RecoveryPoint]
    lineage: datetime | None = None
    drills: Mapping[str, Any] | None = None
    endpoint: Mapping[str, Any] | None = None
    running: Sequence[Execution] = ()
    problems: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Seen:
    """Both sides of one plan; ``plan`` is the record that is there, the recovery Region's if it can be read."""

    plan: Plan
    primary: Answer[Primary]
    recovery: Answer[Recovery]


def gather(aws: Aws, found: Sequence[Plan]) -> list[Seen]:
    """Ask both Regions of each plan; each Region is asked for its snapshots once."""
    regions = sorted({plan.primary for plan in found} | {plan.recovery for plan in found})
    listed = dict(zip(regions, ask_together([partial(snapshots, aws, region) for region in regions]), strict=True))
    # all plans at the same time: in an outage each call may take its whole time-out
    return [answer.get() for answer in ask_together([partial(_seen, aws, plan, listed) for plan in found])]


def _seen(aws: Aws, plan: Plan, listed: Mapping[str, Answer[list[RecoveryPoint]]]) -> Seen:
    home, away = listed[plan.primary], listed[plan.recovery]
    primary, recovery = ask_both(partial(_primary, aws, plan, home), partial(_recovery, aws, plan, away))
    there = recovery.value.plan if recovery.value else None
    return Seen(plan=there or plan, primary=primary, recovery=recovery)


def _primary(aws: Aws, plan: Plan, listed: Answer[list[RecoveryPoint]]) -> Primary:
    points = [point for point in listed.get() if point.cluster == plan.cluster and point.source_region is None]
    try:
        answer = aws.call(plan.primary, "redshift", "DescribeClusters", ClusterIdentifier=plan.cluster)
    except ApiError as error:
        if error.code not in _NO_CLUSTER:
            raise
        return Primary(cluster=None, points=points)
    cluster = answer["Clusters"][0]
    return Primary(cluster=cluster, points=points, schedule=_times(aws, plan, cluster))


def _times(aws: Aws, plan: Plan, cluster: Mapping[str, Any]) -> list[str]:
    """When its automated snapshots are taken; nothing where it has no schedule, or nobody may read it."""
    name = cluster.get("SnapshotScheduleIdentifier")
    if not name:
        return []
    answer = ask(
        lambda: aws.call(plan.primary, "redshift", "DescribeSnapshotSchedules", ScheduleIdentifier=name),
    )
    schedules = (answer.value or {}).get("SnapshotSchedules", [])
    return [str(times) for schedule in schedules for times in schedule.get("ScheduleDefinitions", [])]


def _recovery(aws: Aws, plan: Plan, listed: Answer[list[RecoveryPoint]]) -> Recovery:
    points = [
        point for point in listed.get() if point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
    ]
    found = Recovery(plan=plan if plan.read_in == plan.recovery else None, points=points)
    told = ask(partial(_parameters, aws, plan))
    if told.problem is not None:
        found.problems.append(told.problem.message)
    parameters = told.value or {}
    record = parameters.get(plan_record_name(plan.name))
    if record is not None:
        read = ask(partial(plans.parse, record, plan.name, plan.recovery))
        found.plan = read.value
        found.problems += [read.problem.message] if read.problem else []
    elif told.problem is None:
        found.plan = None
    found.lineage = _time(parameters.get(lineage_name(plan.name))) or (found.plan or plan).lineage
    found.drills = _mapping(parameters.get(drills_name(plan.name)))
    found.endpoint = _mapping(parameters.get(endpoint_name(plan.name)))
    machine = found.plan.machine("restore") if found.plan else None
    if machine is not None:
        runs = ask(partial(executions.running, aws, machine))
        found.running = [run for run in runs.value or [] if run.input.get("plan") == plan.name]
        found.problems += [runs.problem.message] if runs.problem else []
    return found


def _parameters(aws: Aws, plan: Plan) -> dict[str, str]:
    names = [name(plan.name) for name in (plan_record_name, lineage_name, drills_name, endpoint_name)]
    answer = aws.call(plan.recovery, "ssm", "GetParameters", Names=names)
    return {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}


def _time(text: str | None) -> datetime | None:
    with suppress(ValueError):
        return None if text is None else words.parsed(text)
    return None


def _mapping(text: str | None) -> Mapping[str, Any] | None:
    with suppress(ValueError):
        found = json.loads(text) if text is not None else None
        return found if isinstance(found, dict) else None
    return None
