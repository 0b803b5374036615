"""Which plans of a Region a group failover starts, and why it leaves the others out.

The Region is read once for all plans: every command of an outage makes these calls, and AWS throttles them. What cannot
be read leaves no plan out. The machine checks for itself, and the name of the cluster is the lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, plans
from resilient_redshift.cli.aws import ask, ask_together
from resilient_redshift.cli.patience import together
from resilient_redshift.cli.readings import Readings
from resilient_redshift.cloud.restore import published
from resilient_redshift.cloud.restore.proposal import in_use, propose
from resilient_redshift.cloud.restore.request import FAILOVER
from resilient_redshift.contract.names import ENDPOINT_FOLDER, LINEAGE_FOLDER, endpoint_name, lineage_name
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT
from resilient_redshift.contract.stored import read_lineage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from resilient_redshift.cli.aws import Answer, Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen

#: What a group failover does with a plan.
START: Final = "start"
FOLLOW: Final = "follow"
DONE: Final = "done"
STANDBY: Final = "standby"
LEFT_OUT: Final = "left out"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One plan of a group failover.

    Args:
        plan: the plan record of the recovery Region.
        what: :data:`START`, :data:`FOLLOW`, :data:`DONE`, :data:`STANDBY` or :data:`LEFT_OUT`.
        why: why the plan is not started. Empty for one that is.
        point: the recovery point that the failover would take. None: it is not known.
        execution: the execution that brings the cluster back already, for :data:`FOLLOW`.
    """

    plan: Plan
    what: str
    why: str = ""
    point: RecoveryPoint | None = None
    execution: Execution | None = None


@dataclass(kw_only=True)
class Region:
    """What a recovery Region says about all of its plans."""

    points: Answer[list[RecoveryPoint]]
    clusters: Mapping[str, Seen]
    endpoints: Answer[Mapping[str, str]]
    lineages: Answer[Mapping[str, str]]
    running: Mapping[str, Sequence[Execution]]
    notes: list[str] = field(default_factory=list)


def read(aws: Aws, region: str, of: Sequence[Plan]) -> Region:
    """Read a recovery Region once for all plans.

    Args:
        aws: calls to AWS.
        region: the recovery Region.
        of: the plans.
    """
    machines = sorted({machine for plan in of if (machine := plan.machine("restore"))})
    readings = Readings(aws, of)
    looks_at: list[Callable[[], Answer[Any]]] = [
        partial(readings.snapshots, region),
        partial(readings.clusters, region),
        partial(readings.folder, region, ENDPOINT_FOLDER),
        partial(readings.folder, region, LINEAGE_FOLDER),
        *(partial(ask, partial(executions.running, aws, machine, "")) for machine in machines),
    ]
    points, found, endpoints, lineages, *running = together(looks_at, len(looks_at))
    looks: dict[str, Answer[Any]] = {
        "the snapshots": points,
        "the clusters": found,
        "what is published": endpoints,
        "the lineages": lineages,
    }
    looks |= {f"the runs of {machine}": answer for machine, answer in zip(machines, running, strict=True)}
    notes = [
        f"{what} cannot be read ({answer.problem.message}); the machine checks for itself"
        for what, answer in looks.items()
        if answer.problem is not None
    ]
    return Region(
        points=points,
        clusters={cluster.identifier: cluster for cluster in found.value or ()},
        endpoints=endpoints,
        lineages=lineages,
        running={
            machine: _whole(aws, answer.value or [], of) for machine, answer in zip(machines, running, strict=True)
        },
        notes=notes,
    )


def candidate(region: Region, plan: Plan) -> Candidate:
    """What a group failover does with a plan. The rules are those of a failover of the plan alone."""
    machine = plan.machine("restore")
    if machine is None or plan.lacks:
        return Candidate(plan=plan, what=LEFT_OUT, why="; ".join(plan.lacks) or "the record names no restore machine")
    runs = [run for run in region.running.get(machine, ()) if _is_failover_of(run, plan)]
    beside = [run for run in runs if _is_beside(run, plan)]
    if beside:
        return Candidate(plan=plan, what=LEFT_OUT, why=f"{beside[0].name} restores beside; one run of a plan at a time")
    if runs:
        return Candidate(plan=plan, what=FOLLOW, why=f"{runs[0].name} runs already", execution=runs[0])
    living = region.clusters
    last = _published(region, plan)
    live = None if last is None else in_use(last, living.get(last.cluster))
    if live is not None and living[live.cluster].state.name == "available":
        return Candidate(plan=plan, what=DONE, why=f"{live.cluster} is there already, and published")
    taken = living.get(plan.cluster)
    if taken is not None:
        what = STANDBY if "reverse_of" in plan.record else LEFT_OUT
        return Candidate(plan=plan, what=what, why=f"a cluster {plan.cluster} is there already, {taken.state.name}")
    return _chosen(region, plan, live)


def _chosen(region: Region, plan: Plan, live: published.Published | None) -> Candidate:
    if region.points.problem is not None or region.lineages.problem is not None:
        return Candidate(plan=plan, what=START)
    stored = (region.lineages.value or {}).get(lineage_name(plan.name))
    lineage = read_lineage(stored, plan.name, plan.record)
    choice = propose(plan.record, region.points.value or (), lineage=lineage.time, published=live)
    if choice.outcome == AMBIGUOUS_LINEAGE:
        why = f"{AMBIGUOUS_LINEAGE}: {choice.ambiguous}; fail over this plan alone"
        return Candidate(plan=plan, what=LEFT_OUT, why=why)
    if choice.outcome == NO_RECOVERY_POINT:
        what = STANDBY if "reverse_of" in plan.record else LEFT_OUT
        return Candidate(plan=plan, what=what, why=f"{NO_RECOVERY_POINT}: no usable copy of {plan.cluster}")
    return Candidate(plan=plan, what=START, point=choice.point)


def selected(aws: Aws, region: str, group: str | None) -> tuple[list[Plan], list[str]]:
    """The plans whose recovery Region this is.

    Args:
        aws: calls to AWS.
        region: the recovery Region.
        group: the group. Default: every plan.

    Returns:
        The plans, and what is not understood of the Region's records.
    """
    every, problems = plans.read_all(aws, region)
    here = [plan for plan in every if plan.recovery == region]
    return [plan for plan in here if group in {None, plan.record.get("group")}], [one.message for one in problems]


def _is_failover_of(run: Execution, plan: Plan) -> bool:
    named = {plan.name, executions.named_subject(FAILOVER, plan.name)}
    return run.input.get("plan") in named and run.input.get("mode") == FAILOVER


def _is_beside(run: Execution, plan: Plan) -> bool:
    return run.input.get("target", plan.cluster) != plan.cluster or run.input.get("publish") is False


def _whole(aws: Aws, runs: Sequence[Execution], of: Sequence[Plan]) -> list[Execution]:
    """The same runs, those that may bring a plan back with their whole input: a name says nothing of a target."""
    mine = [run for run in runs if any(_is_failover_of(run, plan) for plan in of)]
    answers = ask_together([partial(executions.describe, aws, run.arn) for run in mine])
    whole = {answer.value.arn: answer.value for answer in answers if answer.value is not None}
    return [whole.get(run.arn, run) for run in runs]


def _published(region: Region, plan: Plan) -> published.Published | None:
    try:
        return published.read((region.endpoints.value or {}).get(endpoint_name(plan.name)), plan.name)
    except published.NotUnderstoodError:
        return None
