"""Reads a live cluster's facts, under the names of the arguments of ``ExistingCluster.from_identifier``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.redshift import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.aws import Aws


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterFacts:
    """What a live cluster is.

    Attributes:
        known: the values by the names of the arguments.
        unknown: why a fact could not be read, by the name of its argument.
        notes: what else the author of the app should know, one sentence each.
    """

    known: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(aws: Aws, region: str, identifier: str) -> ClusterFacts:
    """Read the facts about a cluster.

    Args:
        aws: calls to AWS.
        region: the cluster's Region.
        identifier: the cluster's identifier.

    Raises:
        CliError: the cluster does not exist, or it could not be read at all.
    """
    cluster = client(aws, region).describe_clusters(ClusterIdentifier=identifier)["Clusters"][0]
    facts = ClusterFacts()
    _hardware(facts, cluster)
    _groups(facts, aws, region, cluster)
    _take(facts, "port", cluster.get("Endpoint", {}).get("Port"), "the cluster has no endpoint now")
    facts.known["iam_role_arns"] = [role["IamRoleArn"] for role in cluster.get("IamRoles", ())]
    _log_exports(facts, aws, region, identifier)
    _take(facts, "maintenance_track_name", cluster.get("MaintenanceTrackName"), "AWS's answer does not have it")
    _note(facts, cluster)
    return facts


def _take(facts: ClusterFacts, name: str, value: object, why: str) -> None:
    """Take a value that is there as known."""
    if value is None:
        facts.unknown[name] = why
    else:
        facts.known[name] = value


def _hardware(facts: ClusterFacts, cluster: Any) -> None:  # noqa: ANN401 - boto3's answer
    """Take encryption, Zones and nodes."""
    states = {"enabled": True, "disabled": False}
    _take(facts, "encrypted", cluster.get("Encrypted"), "AWS's answer does not have it")
    for name, member in (
        ("multi_az", "MultiAZ"),
        ("availability_zone_relocation", "AvailabilityZoneRelocationStatus"),
    ):
        state = cluster.get(member)
        why = f"AWS says {state!r}, which is neither enabled nor disabled"
        _take(facts, name, states.get(str(state).lower()), why)
    _take(facts, "node_type", cluster.get("NodeType"), "AWS's answer does not have it")
    if facts.known.get("multi_az") is False:
        _take(facts, "number_of_nodes", cluster.get("NumberOfNodes"), "AWS's answer does not have it")
    else:
        counted = cluster.get("NumberOfNodes")
        why = f"AWS counts {counted} nodes, and does not document whether that is in each Zone; pass the number in each"
        facts.unknown["number_of_nodes"] = why


def _groups(facts: ClusterFacts, aws: Aws, region: str, cluster: Any) -> None:  # noqa: ANN401 - boto3's answer
    """Take the parameters of the cluster's parameter group, and its family."""
    groups = [group["ParameterGroupName"] for group in cluster.get("ClusterParameterGroups", ())]
    if len(groups) != 1:
        for name in ("parameters", "parameter_group_family"):
            facts.unknown[name] = f"the cluster has {len(groups)} parameter groups"
        return

    def parameters() -> dict[str, str]:
        rows = aws.pages(
            region, "redshift", "DescribeClusterParameters", "Parameters", ParameterGroupName=groups[0], Source="user"
        )
        return {row["ParameterName"]: row["ParameterValue"] for row in rows if "ParameterValue" in row}

    def family() -> str:
        answer = aws.call(region, "redshift", "DescribeClusterParameterGroups", ParameterGroupName=groups[0])
        return str(answer["ParameterGroups"][0]["ParameterGroupFamily"])

    _ask(facts, "parameters", parameters)
    _ask(facts, "parameter_group_family", family)


def _log_exports(facts: ClusterFacts, aws: Aws, region: str, identifier: str) -> None:
    """Take the audit logs that go to CloudWatch Logs; logs in a bucket do not count."""

    def exports() -> list[str]:
        status = aws.call(region, "redshift", "DescribeLoggingStatus", ClusterIdentifier=identifier)
        to_cloudwatch = status.get("LoggingEnabled") and status.get("LogDestinationType") == "cloudwatch"
        return list(status.get("LogExports", ())) if to_cloudwatch else []

    _ask(facts, "audit_log_exports", exports)


def _ask(facts: ClusterFacts, name: str, query: Callable[[], object]) -> None:
    """Take what a query returns; a query that fails leaves the fact unknown."""
    answer = ask(query)
    if answer.problem is None:
        facts.known[name] = answer.value
    else:
        facts.unknown[name] = answer.problem.message


def _note(facts: ClusterFacts, cluster: Any) -> None:  # noqa: ANN401 - boto3's answer
    """Say what no argument of ``from_identifier`` can hold."""
    if cluster.get("KmsKeyId"):
        facts.notes.append(f"encrypted with {cluster['KmsKeyId']}; if you own that key: cluster_encryption_key")
    if cluster.get("DefaultIamRoleArn"):
        arn = cluster["DefaultIamRoleArn"]
        facts.notes.append(f"default role {arn}: RestoreOptions(iam_role_arns=..., default_iam_role_arn=...)")
    copy = cluster.get("ClusterSnapshotCopyStatus")
    if copy:
        facts.notes.append(f"snapshots are copied to {copy['DestinationRegion']} already: replace_existing_copy")
    if cluster.get("SnapshotScheduleIdentifier"):
        facts.notes.append(
            f"snapshot schedule {cluster['SnapshotScheduleIdentifier']}: RestoreOptions(snapshot_schedule=...)"
        )
    if cluster.get("PendingModifiedValues"):
        facts.notes.append(f"changes are pending: {', '.join(sorted(cluster['PendingModifiedValues']))}")
    if cluster.get("ClusterStatus") != "available":
        facts.notes.append(f"the cluster is {cluster.get('ClusterStatus')}, so values may change")
