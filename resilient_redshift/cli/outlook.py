"""Looks ahead at what a restore would find, before the restore starts. Only the recovery Region is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resilient_redshift.cli import executions, redshift, words
from resilient_redshift.cli.errors import ApiError, CliError, DeniedError
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.cloud.redshift.snapshots import (
    Choice,
    RecoveryPoint,
    choose,
    read_all,
    recovery_points,
    same_cluster,
)
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.contract.names import TAG_EXECUTION, TAG_PLAN, drill_prefix, lineage_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan


@dataclass(kw_only=True)
class Outlook:
    """What a restore would find now.

    Args:
        plan: the plan record of the recovery Region.
        machine: the ARN of the restore machine.
        target: the identifier of the new cluster.
        choice: the recovery point that the restore would take. None if the snapshots could not be listed.
        points: the snapshots of the plan's cluster.
        running: the running executions of the machine, of all plans.
        target_status: the status of a cluster that has the target's identifier already. None if there is none.
        target_execution: the execution of this plan that made that cluster. Empty if none did.
        narrowing_options: the options that leave out copies which a restore could take otherwise.
        notes: what could not be read, and why.
    """

    plan: Plan
    machine: str
    target: str = ""
    choice: Choice | None = None
    points: Sequence[RecoveryPoint] = ()
    running: Sequence[Execution] = ()
    target_status: str | None = None
    target_execution: str = ""
    narrowing_options: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)


def snapshots(aws: Aws, region: str) -> list[RecoveryPoint]:
    """List every snapshot of a Region.

    The call names no cluster: it may fail for the identifier of a cluster that does not exist.
    """
    return recovery_points(read_all(redshift.client(aws, region)))


def recorded_lineage(aws: Aws, plan: Plan) -> datetime | None:
    """The recorded ClusterCreateTime.

    The restore machine records the first lineage that it sees in a separate parameter. Without that parameter, the
    lineage in the plan record counts, if there is one.
    """
    try:
        answer = aws.call(plan.recovery, "ssm", "GetParameter", Name=lineage_name(plan.name))
    except ApiError as error:
        if error.meaning is Meaning.MISSING:
            return plan.lineage
        raise
    return words.parse_time(answer["Parameter"]["Value"])


def restore_machine(plan: Plan) -> str:
    """The restore machine's ARN.

    Raises:
        CliError: the record names no restore machine.
    """
    arn = plan.machine("restore")
    if arn is None:
        hint = "deploy the recovery stack with this release, or restore by hand (docs/operating.md)"
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


def machine_outlook(aws: Aws, plan: Plan) -> Outlook:
    """The restore machine and its running executions, without the snapshots and the target."""
    outlook = Outlook(plan=plan, machine=restore_machine(plan))
    try:
        outlook.running = executions.running(aws, outlook.machine)
    except DeniedError as error:
        outlook.notes.append(f"cannot list the running executions ({error.code}); the machine checks for itself")
    return outlook


def look_ahead(
    aws: Aws,
    plan: Plan,
    *,
    target: str | None,
    snapshot: str | None = None,
    not_before: datetime | None = None,
    lineage: datetime | None = None,
) -> tuple[Outlook, datetime | None]:
    """Read everything that a restore depends on.

    What the credentials may not read becomes a note, because the machine checks for itself.

    Args:
        aws: calls to AWS.
        plan: the plan record of the recovery Region.
        target: the new cluster's identifier, which must be free. None for a drill: the machine makes a new identifier.
        snapshot: the snapshot to take. Default: the newest usable one.
        not_before: the oldest acceptable data. Default: any.
        lineage: the accepted lineage, as the user typed it. Default: the recorded one.

    Returns:
        The outlook, and the accepted lineage with the snapshots' milliseconds.

    Raises:
        CliError: the Region does not answer, or no copy has the lineage.
    """
    outlook = machine_outlook(aws, plan)
    outlook.target = target or f"{drill_cluster_prefix(plan)}<time>"
    options = {"--snapshot": snapshot, "--not-before": not_before, "--lineage": lineage}
    outlook.narrowing_options = [option for option, value in options.items() if value is not None]
    try:
        outlook.points = [point for point in snapshots(aws, plan.recovery) if _belongs_to(point, plan)]
        lineage = accepted_lineage(outlook.points, plan, lineage)
        outlook.choice = choose(
            outlook.points,
            cluster=plan.cluster,
            source_region=plan.primary,
            plan=plan.name,
            lineage=recorded_lineage(aws, plan),
            accepted=lineage,
            not_before=not_before,
            snapshot=snapshot,
        )
    except DeniedError as error:
        outlook.notes.append(f"cannot list the snapshots ({error.code}); the machine chooses the newest usable one")
    try:
        if target is not None:
            outlook.target_status, outlook.target_execution = _cluster(aws, plan, target)
    except DeniedError as error:
        outlook.notes.append(f"cannot list the clusters ({error.code}); the machine checks for itself")
    return outlook, lineage


def _cluster(aws: Aws, plan: Plan, identifier: str) -> tuple[str | None, str]:
    """A cluster's status, and the execution of this plan that made the cluster. Without a cluster: None and ""."""
    cluster = clusters.describe(redshift.client(aws, plan.recovery), identifier)
    if cluster is None:
        return None, ""
    tags = tags_of(cluster.get("Tags", []))
    execution = tags.get(TAG_EXECUTION, "") if tags.get(TAG_PLAN) == plan.name else ""
    return str(cluster.get("ClusterStatus")), execution


def _belongs_to(point: RecoveryPoint, plan: Plan) -> bool:
    return point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
