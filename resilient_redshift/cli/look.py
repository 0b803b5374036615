"""What a restore would find, looked at before it is started: in the recovery Region alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import executions, words
from resilient_redshift.cli.errors import ApiError, CliError, DeniedError
from resilient_redshift.cli.recovery_points import Choice, RecoveryPoint, choose, same_cluster
from resilient_redshift.contract.names import TAG_EXECUTION, TAG_PLAN, drill_prefix, lineage_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.plans import Plan

_PAGE: Final = 100


@dataclass(kw_only=True)
class Outlook:
    """What stands there now; ``choice`` is None and ``notes`` say why where it could not be looked at.

    ``target_made_by`` is the run of this plan that made the cluster of the target's name, empty if none did;
    ``narrowed_by`` has the options that leave out copies which could be taken otherwise.
    """

    plan: Plan
    machine: str
    target: str = ""
    choice: Choice | None = None
    points: Sequence[RecoveryPoint] = ()
    running: Sequence[Execution] = ()
    target_status: str | None = None
    target_made_by: str = ""
    narrowed_by: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)


def snapshots(aws: Aws, region: str) -> list[RecoveryPoint]:
    """Every snapshot of a Region: a cluster that is not there may not be asked for by its name."""
    found = aws.pages(region, "redshift", "DescribeClusterSnapshots", "Snapshots", MaxRecords=_PAGE)
    return [point for point in map(RecoveryPoint.of, found) if point is not None]


def recorded_lineage(aws: Aws, plan: Plan) -> datetime | None:
    """The ClusterCreateTime that the restore machine recorded at first sight, or the record's; None without either."""
    try:
        answer = aws.call(plan.recovery, "ssm", "GetParameter", Name=lineage_name(plan.name))
    except ApiError as error:
        if error.code == "ParameterNotFound":
            return plan.lineage
        raise
    return words.parsed(answer["Parameter"]["Value"])


def restore_machine(plan: Plan) -> str:
    """The restore machine's ARN.

    Raises:
        CliError: the record knows none.
    """
    found = plan.machine("restore")
    if found is None:
        hint = "deploy the recovery stack with this release, or restore by hand (docs/operating.md)"
        raise CliError(f"the plan {plan.name!r} has no restore machine in {plan.recovery}", hint)
    return found


def drill_clusters(plan: Plan) -> str:
    """What the names of this plan's drill clusters begin with."""
    return str(plan.part("drill").get("cluster_prefix") or drill_prefix(plan.name, plan.recovery))


def accepted_lineage(points: Sequence[RecoveryPoint], plan: Plan, given: datetime | None) -> datetime | None:
    """The lineage that was typed, to the millisecond of the snapshots': people type whole seconds.

    Raises:
        CliError: no copy of the plan's cluster has it.
    """
    if given is None:
        return None
    ours = {point.lineage for point in points if _ours(point, plan)}
    found = [one for one in ours if same_cluster(one, given)]
    if not found:
        hint = f"there are: {', '.join(words.iso(one) for one in sorted(ours))}" if ours else "there is no copy at all"
        raise CliError(f"no copy of {plan.cluster} has the lineage {words.iso(given)}", hint)
    return found[0]


def began(aws: Aws, plan: Plan) -> Outlook:
    """The machine and what it is doing now."""
    outlook = Outlook(plan=plan, machine=restore_machine(plan))
    try:
        outlook.running = executions.running(aws, outlook.machine)
    except DeniedError as error:
        outlook.notes.append(f"cannot see what runs already ({error.code}); the machine looks for itself")
    return outlook


def look(
    aws: Aws,
    plan: Plan,
    *,
    target: str | None,
    snapshot: str | None = None,
    not_before: datetime | None = None,
    lineage: datetime | None = None,
) -> tuple[Outlook, datetime | None]:
    """Look at everything; what these credentials may not see becomes a note, since the machine looks for itself.

    Args:
        aws: where to look.
        plan: as the recovery Region's record has it.
        target: the new cluster's identifier, which must be free; None: one that is named at the start, and new.
        snapshot: as for a choice, like the rest.
        not_before: the oldest acceptable data.
        lineage: the accepted one, as it was typed.

    Returns:
        The outlook, and the accepted lineage as the snapshots have it.

    Raises:
        CliError: the Region does not answer, or the lineage is nobody's.
    """
    outlook = began(aws, plan)
    outlook.target = target or f"{drill_clusters(plan)}<time>"
    options = {"--snapshot": snapshot, "--not-before": not_before, "--lineage": lineage}
    outlook.narrowed_by = [option for option, value in options.items() if value is not None]
    try:
        outlook.points = [point for point in snapshots(aws, plan.recovery) if _ours(point, plan)]
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
        outlook.notes.append(f"cannot see the snapshots ({error.code}); the machine chooses the newest usable one")
    try:
        if target is not None:
            outlook.target_status, outlook.target_made_by = _cluster(aws, plan, target)
    except DeniedError as error:
        outlook.notes.append(f"cannot see the clusters ({error.code}); the machine looks for itself")
    return outlook, lineage


def _cluster(aws: Aws, plan: Plan, identifier: str) -> tuple[str | None, str]:
    """A cluster's status, and the run of this plan that made it; None and nothing where there is no such cluster."""
    try:
        answer = aws.call(plan.recovery, "redshift", "DescribeClusters", ClusterIdentifier=identifier)
    except ApiError as error:
        if error.code in {"ClusterNotFound", "ClusterNotFoundFault"}:
            return None, ""
        raise
    cluster = answer["Clusters"][0]
    tags = {tag["Key"]: tag.get("Value", "") for tag in cluster.get("Tags", [])}
    run = tags.get(TAG_EXECUTION, "") if tags.get(TAG_PLAN) == plan.name else ""
    return str(cluster.get("ClusterStatus")), run


def _ours(point: RecoveryPoint, plan: Plan) -> bool:
    return point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
