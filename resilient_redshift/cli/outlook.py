"""Looks ahead at what a restore would find, before the restore starts. Only the recovery Region is asked.

The rules are those of the restore itself (``cloud/restore``), asked with the run that the machine would begin.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import executions, redshift, words
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import ApiError, CliError, UnreachableError
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.cloud.redshift.snapshots import (
    Choice,
    RecoveryPoint,
    read_all,
    recovery_points,
    same_cluster,
)
from resilient_redshift.cloud.restore import published, rivals
from resilient_redshift.cloud.restore.proposal import in_use, left_out, propose
from resilient_redshift.cloud.restore.run import Run
from resilient_redshift.cloud.restore.seen import Seen, is_failed_restore, seen
from resilient_redshift.contract.names import drill_prefix, drills_name, endpoint_name, lineage_name
from resilient_redshift.contract.stored import Lineage, read_drills, read_lineage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Answer, Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.restore.published import Published


@dataclass(kw_only=True)
class Outlook:
    """What a restore would find now.

    Args:
        plan: the plan record of the recovery Region.
        run: the run that the machine would begin.
        choice: the recovery point that the restore would take. None if the snapshots could not be listed.
        points: the snapshots of the plan's cluster.
        running: the running executions of the machine, of all plans.
        cluster: a cluster that has the target's identifier already. None if there is none.
        published: what the last failover published. None if nothing is published, or if that could not be read.
        published_problem: why that could not be read. Empty if it was.
        last_drill: what the last drill left. Empty if there was none, or if that could not be read.
        narrowing_options: the options that leave out copies which a restore could take otherwise.
        notes: what could not be read, and why.
    """

    plan: Plan
    run: Run
    choice: Choice | None = None
    points: Sequence[RecoveryPoint] = ()
    running: Sequence[Execution] = ()
    cluster: Seen | None = None
    published: Published | None = None
    published_problem: str = ""
    last_drill: Mapping[str, Any] = field(default_factory=dict)
    narrowing_options: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        """The identifier of the new cluster. That of a drill's cluster ends with the time of its start."""
        return f"{drill_cluster_prefix(self.plan)}<time>" if self.run.is_drill else self.run.target

    @property
    def failed_restore(self) -> Seen | None:
        """The cluster that has the target's identifier, if a former run of the plan restored it in vain."""
        return self.cluster if self.cluster is not None and is_failed_restore(self.run, self.cluster) else None


def run_of(plan: Plan, machine_input: Mapping[str, Any], now: datetime) -> Run:
    """The run that the machine would begin with an input.

    Raises:
        CliError: the record names no restore machine.
    """
    return Run(input=machine_input, machine=restore_machine(plan), started=now, record=dict(plan.record))


def snapshots(aws: Aws, region: str) -> list[RecoveryPoint]:
    """List every snapshot of a Region.

    The call names no cluster: it may fail for the identifier of a cluster that does not exist.
    """
    return recovery_points(read_all(redshift.client(aws, region)))


def recorded_lineage(aws: Aws, plan: Plan) -> Lineage:
    """The recorded ClusterCreateTime, as the restore machine reads it."""
    try:
        answer = aws.call(plan.recovery, "ssm", "GetParameter", Name=lineage_name(plan.name))
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return read_lineage(None, plan.name, plan.record)
        raise
    return read_lineage(answer["Parameter"]["Value"], plan.name, plan.record)


def published_endpoint(aws: Aws, plan: Plan) -> Published | None:
    """What the last failover of a plan published. None if nothing is published.

    Raises:
        CliError: the parameter could not be read, or is not understood.
    """
    return published_of(aws, plan.name, plan.recovery)


def published_of(aws: Aws, plan: str, region: str) -> Published | None:
    """What the last failover of a plan published.

    Args:
        aws: calls to AWS.
        plan: the plan's name.
        region: the plan's recovery Region.

    Returns:
        What is published. None if nothing is.

    Raises:
        CliError: the parameter could not be read, or is not understood.
    """
    try:
        answer = aws.call(region, "ssm", "GetParameter", Name=endpoint_name(plan))
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return None
        raise
    return published_in(answer["Parameter"]["Value"], plan)


def published_in(text: str | None, plan: str) -> Published | None:
    """What the text of the parameter says. None if there is no text.

    Raises:
        CliError: the text is not understood.
    """
    try:
        return published.read(text, plan)
    except published.NotUnderstoodError as error:
        raise CliError(str(error)) from error


def last_drill(aws: Aws, plan: Plan) -> Mapping[str, Any]:
    """What the last drill of a plan left: its outcome, its end, its recovery time. Empty if there was none."""
    try:
        answer = aws.call(plan.recovery, "ssm", "GetParameter", Name=drills_name(plan.name))
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return {}
        raise
    value: Mapping[str, Any] = read_drills(answer["Parameter"]["Value"], plan.name).value.get("last") or {}
    return value


def restore_machine(plan: Plan) -> str:
    """The restore machine's ARN.

    Raises:
        CliError: the record names no restore machine.
    """
    arn = plan.machine("restore")
    if arn is None:
        hint = plan.problem_of("machines")
        hint = hint or "deploy the recovery stack with this release, or restore by hand (docs/operating.md)"
        raise CliError(f"the plan {plan.name!r} has no restore machine in {plan.recovery}", hint)
    return arn


def drill_cluster_prefix(plan: Plan) -> str:
    """The prefix of the identifiers of this plan's drill clusters."""
    return str(plan.part("drill").get("cluster_prefix") or drill_prefix(plan.name, plan.recovery))


def accepted_lineage(points: Sequence[RecoveryPoint], plan: Plan, option: datetime | None) -> datetime | None:
    """The lineage that ``--lineage`` names, with the milliseconds that the snapshots have. People type whole seconds.

    Raises:
        CliError: no copy of the plan's cluster has this lineage.
    """
    if option is None:
        return None
    lineages = {point.lineage for point in points if _belongs_to(point, plan)}
    matches = [lineage for lineage in lineages if same_cluster(lineage, option)]
    if not matches:
        those = ", ".join(words.iso(lineage) for lineage in sorted(lineages))
        hint = f"there are: {those}" if lineages else "there is no copy at all"
        raise CliError(f"no copy of {plan.cluster} has the lineage {words.iso(option)}", hint)
    return matches[0]


def look_ahead(aws: Aws, plan: Plan, run: Run) -> Outlook:
    """Read everything that a restore depends on.

    What could not be read becomes a note: a right is missing, AWS throttles, or one API of the Region does not answer.
    The machine checks for itself, with more patience.

    Args:
        aws: calls to AWS.
        plan: the plan record of the recovery Region.
        run: the run that the machine would begin.

    Raises:
        CliError: no copy has the lineage that the run is asked for.
    """
    outlook, request = Outlook(plan=plan, run=run, notes=list(plan.problems)), run.request
    options = {"--snapshot": request.snapshot, "--not-before": request.not_before, "--lineage": request.lineage}
    outlook.narrowing_options = [option for option, value in options.items() if value is not None]
    # at the same time: in an outage each may take the whole time that is waited for a Region
    looks: list[Callable[[], Any]] = [
        partial(executions.running, aws, run.machine, plan.name),
        partial(published_endpoint, aws, plan),
        partial(snapshots, aws, plan.recovery),
        partial(recorded_lineage, aws, plan),
        (lambda: None) if run.is_drill else partial(cluster, aws, plan, run.target),
        partial(last_drill, aws, plan),
    ]
    running, last, points, lineage, named, drill = ask_together(looks)
    outlook.last_drill = drill.value or {}
    if running.problem is None:
        outlook.running = running.get()
        run.others = {one.name: rivals.what_it_does(one.input) for one in outlook.running}
    else:
        why = _why(running.problem)
        outlook.notes.append(f"cannot list the running executions ({why}); the machine checks for itself")
    outlook.published = last.value
    if last.problem is not None:
        outlook.published_problem = last.problem.message
        outlook.notes.append(
            f"cannot read what is published ({last.problem.message}): it is unknown whether the newest copy diverged"
        )
    outlook.notes += last.value.problems if last.value else []
    live = _living(aws, outlook)
    _choose(outlook, points, lineage, live)
    outlook.cluster = named.value
    if named.problem is not None:
        outlook.notes.append(f"cannot list the clusters ({_why(named.problem)}); the machine checks for itself")
    return outlook


def _choose(
    outlook: Outlook, points: Answer[list[RecoveryPoint]], recorded: Answer[Lineage], live: Published | None
) -> None:
    """Choose what the restore would take, as far as that could be read."""
    plan, request = outlook.plan, outlook.run.request
    if points.problem is not None:
        why = _why(points.problem)
        outlook.notes.append(f"cannot list the snapshots ({why}); the machine chooses the newest usable one")
        return
    outlook.points = [point for point in points.get() if _belongs_to(point, plan)]
    accepted = accepted_lineage(outlook.points, plan, request.lineage)
    if recorded.problem is not None:
        why = _why(recorded.problem)
        outlook.notes.append(f"cannot read the recorded lineage ({why}); the machine chooses the snapshot")
        return
    lineage = recorded.get()
    outlook.notes += [f"{lineage.problem}; --lineage writes it anew"] if lineage.problem else []
    outlook.choice = propose(
        plan.record,
        outlook.points,
        lineage=lineage.time,
        published=live,
        request=replace(request, lineage=accepted),
    )
    diverged = left_out(outlook.choice, live)
    outlook.notes += [diverged] if diverged else []


def _living(aws: Aws, outlook: Outlook) -> Published | None:
    """What is published, if its cluster lives. A cluster that may not be looked at counts as a living one."""
    last = outlook.published
    if last is None:
        return None
    try:
        return in_use(last, cluster(aws, outlook.plan, last.cluster))
    except CliError as error:
        outlook.notes.append(f"cannot look at the published cluster {last.cluster} ({_why(error)}); it may be gone")
        return last


def _why(error: CliError) -> str:
    if isinstance(error, ApiError):
        return error.code
    return "no answer" if isinstance(error, UnreachableError) else error.message


def cluster(aws: Aws, plan: Plan, identifier: str) -> Seen | None:
    """A cluster of the recovery Region. None if there is none."""
    found = clusters.describe(redshift.client(aws, plan.recovery), identifier)
    return None if found is None else seen(found)


def _belongs_to(point: RecoveryPoint, plan: Plan) -> bool:
    return point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
