"""The running cluster that takes the table, and the rules for the snapshot that the table comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import redshift, words
from resilient_redshift.cli.errors import ApiError, CliError
from resilient_redshift.cli.next_steps import Commands
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.snapshots import newest_first, read_all, recovery_points, same_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.redshift.states import State

#: ``ApplyStatus`` of a role that a cluster can use (Redshift API, ClusterIamRole).
_IN_SYNC: Final = "in-sync"


@dataclass(frozen=True, kw_only=True)
class Live:
    """A cluster, as DescribeClusters shows it."""

    identifier: str
    region: str
    state: State
    created: datetime | None
    node_type: str
    number_of_nodes: int
    version: str
    admin_user: str
    database: str
    roles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cluster: Mapping[str, Any], region: str) -> Live:
        """Read one item of DescribeClusters."""
        return cls(
            identifier=cluster["ClusterIdentifier"],
            region=region,
            state=states.of(str(cluster.get("ClusterStatus", ""))),
            created=cluster.get("ClusterCreateTime"),
            node_type=str(cluster.get("NodeType", "")),
            number_of_nodes=int(cluster.get("NumberOfNodes", 0)),
            version=f"{cluster.get('ClusterVersion', '')}.{cluster.get('ClusterRevisionNumber', '')}",
            admin_user=str(cluster.get("MasterUsername", "")),
            database=str(cluster.get("DBName") or "dev"),
            roles={one["IamRoleArn"]: str(one.get("ApplyStatus", "")) for one in cluster.get("IamRoles", ())},
        )

    def require_available(self) -> None:
        """Refuse a cluster that takes no table now.

        Raises:
            CliError: the cluster is not available.
        """
        if self.state.meaning is not states.Meaning.AVAILABLE:
            raise CliError(
                f"{self.identifier} in {self.region} is {self.state.name}, so it takes no table",
                "wait until it is available",
            )

    def require_role(self, role: str, profile: str | None) -> None:
        """Refuse a role that the cluster cannot use.

        Args:
            role: the ARN of the role.
            profile: the profile that the command in the hint names. None: no profile.

        Raises:
            CliError: the role is not attached, or not yet.
        """
        status = self.roles.get(role)
        if status != _IN_SYNC:
            is_ = "is not attached to" if status is None else f"is {status} at"
            commands, add = Commands(region=self.region, profile=profile), ("--add-iam-roles", role)
            command = commands.aws(
                "redshift", "modify-cluster-iam-roles", "--cluster-identifier", self.identifier, *add
            )
            raise CliError(f"the role {role} {is_} {self.identifier} in {self.region}", command)


def read(aws: Aws, plan: Plan) -> Live:
    """Read the cluster of a plan.

    Raises:
        CliError: the cluster does not exist, or it could not be read.
    """
    region = plan.primary
    try:
        answer = redshift.client(aws, region).describe_clusters(ClusterIdentifier=plan.cluster)
    except ApiError as error:
        if error.meaning is not Meaning.MISSING:
            raise
        other = plan.record.get("reverse_of") or plan.record.get("reversed_by")
        pass_it = f"pass the plan {other}" if other else "a plan of the way home can (plan.reverse)"
        hint = f"is the warehouse in {plan.recovery} now? {pass_it}"
        raise CliError(f"there is no cluster {plan.cluster} in {region} that could take the table", hint) from error
    return Live.of(answer["Clusters"][0], region)


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The snapshots of the running cluster's Region, judged.

    Args:
        chosen: the snapshot to take. None: no snapshot is usable.
        refused: the other snapshots, the newest first, each with the reason.
        versions: the engine version of each snapshot, by its identifier.
    """

    chosen: RecoveryPoint | None
    refused: Sequence[tuple[RecoveryPoint, str]]
    versions: Mapping[str, str] = field(default_factory=dict)


def candidates(aws: Aws, live: Live, *, before: datetime | None, snapshot: str | None) -> Candidates:
    """Judge the snapshots of a cluster in its own Region.

    Args:
        aws: calls to AWS.
        live: the running cluster.
        before: the data must be older than this. None: of any time.
        snapshot: only this snapshot is taken. None: the newest usable one.

    Raises:
        CliError: the snapshots could not be listed.
    """
    described = read_all(redshift.client(aws, live.region), cluster=live.identifier)
    versions = {one["SnapshotIdentifier"]: str(one.get("EngineFullVersion", "")) for one in described}
    chosen, refused = None, []
    for point in newest_first(recovery_points(described)):
        reason = why_not(point, live, before=before, snapshot=snapshot)
        if reason:
            refused.append((point, reason))
        elif chosen is None:
            chosen = point
    return Candidates(chosen=chosen, refused=refused, versions=versions)


def why_not(point: RecoveryPoint, live: Live, *, before: datetime | None, snapshot: str | None) -> str:
    """Why the running cluster can take no table from a snapshot. Empty if it can.

    The rules: Redshift API, RestoreTableFromClusterSnapshot; Redshift Management Guide, "Restoring a table from a
    snapshot".
    """
    return next(_reasons(point, live, before=before, snapshot=snapshot), "")


def _reasons(point: RecoveryPoint, live: Live, *, before: datetime | None, snapshot: str | None) -> Iterator[str]:
    if snapshot is not None and point.identifier != snapshot:
        yield "not the one asked for"
    if not point.available:
        yield f"its status is {point.status}"
    if point.source_region is not None:
        yield f"a copy from {point.source_region}"
    if live.created is not None and not same_cluster(point.lineage, live.created):
        yield f"of another cluster, created {words.iso(point.lineage)}"
    if point.node_type is not None and point.node_type != live.node_type:
        yield f"from before a resize: {point.node_type}, now {live.node_type}"
    if before is not None and point.created >= before:
        yield f"not from before {words.iso(before)}"


def notes(point: RecoveryPoint, live: Live, version: str) -> list[str]:
    """What may keep Redshift from using a snapshot, and cannot be seen for certain."""
    found = []
    if point.number_of_nodes not in {None, live.number_of_nodes}:
        found.append(
            f"the cluster had {point.number_of_nodes} nodes, and now has {live.number_of_nodes}: Redshift refuses if "
            "that was a classic resize"
        )
    if _number(version) > _number(live.version):
        found.append(
            f"the snapshot is of engine version {version}, and the cluster runs {live.version}: Redshift takes a "
            "snapshot that is one patch ahead at most"
        )
    return found


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def copies_before(points: Sequence[RecoveryPoint], plan: Plan, before: datetime | None) -> list[RecoveryPoint]:
    """The usable copies of the plan's cluster from before a time, the newest first."""
    return [
        point
        for point in newest_first(points)
        if point.available
        and point.is_of(cluster=plan.cluster, source_region=plan.primary, plan=plan.name)
        and (before is None or point.created < before)
    ]
