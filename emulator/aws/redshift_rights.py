"""What IAM asks for a call of Redshift: the resource types of the service authorization reference [D], as ARNs.

Every resource type that an operation requires is asked for, and those optional ones that the request names. Where the
reference lists a cluster beside a snapshot as optional (CreateClusterSnapshot, DeleteClusterSnapshot), only the snapshot is
asked: which of the two AWS asks is not published [U]; domain.md 3. Redshift uses a customer's key with its caller's rights [D], so
that a grant's maker needs DescribeKey and CreateGrant on it [D, as AWS's own samples have it]; whether deleting a grant takes
RevokeGrant and RetireGrant, and enabling a copy takes rights on the cluster's key, is not known [U]: the second is a switch.
What a restore asks for beside its own two resources is in `restore_rights`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from emulator.aws import restore_rights
from emulator.aws.authorization import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import Snapshot

_BY_NAME = {  # parameter -> resource type in the ARN
    "ClusterIdentifier": "cluster",
    "SnapshotCopyGrantName": "snapshotcopygrant",
    "ScheduleIdentifier": "snapshotschedule",
    "ClusterSubnetGroupName": "subnetgroup",
    "ParameterGroupName": "parametergroup",
    "SubscriptionName": "eventsubscription",
}
_NO_RESOURCE = frozenset(
    {
        "DescribeSnapshotCopyGrants",
        "DescribeClusterParameterGroups",
        "DescribeClusterSubnetGroups",
        "DescribeEvents",
        "DescribeEventSubscriptions",
        "DescribeStorage",
        "DescribeTableRestoreStatus",
    }
)
#: A restore asks for its snapshot and its cluster.
_RESTORES = frozenset({"RestoreFromClusterSnapshot", "RestoreTableFromClusterSnapshot"})
_ON_CLUSTER_ONLY = frozenset({"EnableSnapshotCopy", "ModifyClusterSnapshotSchedule", "ModifyCluster", "CreateCluster"})
#: The operations whose policies ask for the tags of the cluster. AWS has these tags for every operation on a cluster.
_SEES_TAGS = frozenset({"DeleteCluster"})
_TAGGING = {"CreateTags", "DeleteTags", "DescribeTags"}
_BATCH = {"BatchDeleteClusterSnapshots": "SnapshotIdentifierList", "BatchModifyClusterSnapshots": "SnapshotIdentifier"}


@dataclasses.dataclass(frozen=True)
class Scene:
    """What the rights depend on beside the request.

    Attributes:
        region: where the request goes.
        account: whose resources.
        owner: snapshot -> cluster, for operations that name the snapshot alone.
        key_of_name: the ARN of a key by id, ARN or alias; as given if unknown.
        key_of_cluster: the ARN of the customer's key that encrypts a cluster, or None.
        key_of_grant: the ARN of the customer's key of a grant, or None.
        source_keys: whether EnableSnapshotCopy takes rights on the cluster's key.
        snapshot: a snapshot by its name, or None.
        cluster_tags: the tags of a cluster by its name; none for a cluster that does not exist.
    """

    region: str
    account: str
    owner: dict[str, str]
    key_of_name: Callable[[str], str]
    key_of_cluster: Callable[[str], str | None]
    key_of_grant: Callable[[str], str | None]
    source_keys: bool = False
    snapshot: Callable[[str], Snapshot | None] = lambda _: None
    cluster_tags: Callable[[str], dict[str, str]] = lambda _: {}


def rights(operation: str, params: dict[str, Any], scene: Scene) -> list[Right]:
    """List what IAM asks for a call of ``operation`` (in the API's spelling)."""
    prefix = f"arn:aws:redshift:{scene.region}:{scene.account}:"
    resources = _resources(operation, params, prefix, scene.owner)
    told = (*_tag_keys(operation, params), *_resource_tags(operation, params, scene))
    found = [Right(f"redshift:{operation}", resource, told) for resource in resources]
    if params.get("Tags") and operation not in _TAGGING:
        found += [Right("redshift:CreateTags", resource, told) for resource in resources]
    if operation == "RestoreFromClusterSnapshot":
        key = params.get("KmsKeyId")
        found += restore_rights.rights(
            params, scene.region, scene.account, key and scene.key_of_name(key), scene.snapshot
        )
    return found + _on_keys(operation, params, scene)


def _tag_keys(operation: str, params: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The tags' keys, as IAM sees them where tags are written or taken away (service authorization reference [D])."""
    keys = [tag["Key"] for tag in params.get("Tags") or []]
    if operation == "DeleteTags":
        keys += params["TagKeys"]
    return (("aws:TagKeys", keys),) if keys else ()


def _resource_tags(operation: str, params: dict[str, Any], scene: Scene) -> tuple[tuple[str, Any], ...]:
    """The tags of the cluster that a request is about (service authorization reference, aws:ResourceTag [D])."""
    if operation not in _SEES_TAGS:
        return ()
    tags = scene.cluster_tags(params["ClusterIdentifier"])
    return tuple((f"aws:ResourceTag/{key}", value) for key, value in tags.items())


def _on_keys(operation: str, params: dict[str, Any], scene: Scene) -> list[Right]:
    actions: tuple[str, ...] = ("kms:DescribeKey", "kms:CreateGrant")
    key: str | None = None
    if operation == "CreateSnapshotCopyGrant" and params.get("KmsKeyId"):
        key = scene.key_of_name(params["KmsKeyId"])
    elif operation == "EnableSnapshotCopy" and scene.source_keys:
        key = scene.key_of_cluster(params["ClusterIdentifier"])
    elif operation == "DeleteSnapshotCopyGrant":
        key = scene.key_of_grant(params["SnapshotCopyGrantName"])
        actions = ("kms:RevokeGrant", "kms:RetireGrant")
    if key is None:
        return []
    via = ("kms:ViaService", f"redshift.{scene.region}.amazonaws.com")
    for_aws = ("kms:GrantIsForAWSResource", "true")
    # RetireGrant and DescribeKey do not carry GrantIsForAWSResource (AWS KMS condition keys [D])
    return [Right(a, key, (via, for_aws) if a in {"kms:CreateGrant", "kms:RevokeGrant"} else (via,)) for a in actions]


def _resources(operation: str, params: dict[str, Any], prefix: str, owner: dict[str, str]) -> list[str]:
    if operation in _NO_RESOURCE:
        found = ["*"]
    elif operation in _TAGGING:
        found = [params.get("ResourceName") or "*"]
    elif operation in _ON_CLUSTER_ONLY or (operation == "DescribeClusterSnapshots" and params.get("ClusterIdentifier")):
        found = [f"{prefix}cluster:{params.get('ClusterIdentifier', '*')}"]
    elif operation == "DescribeClusterSnapshots":
        found = ["*"]
    elif operation == "DescribeNodeConfigurationOptions":  # a cluster is optional; a snapshot is no resource of it
        cluster = params.get("ClusterIdentifier")
        found = [f"{prefix}cluster:{cluster}" if cluster else "*"]
    elif operation == "DescribeSnapshotSchedules":  # the schedule is required, the cluster optional
        found = [f"{prefix}snapshotschedule:{params.get('ScheduleIdentifier', '*')}"]
    else:
        found = _snapshots(operation, params, prefix, owner)
        if operation in _RESTORES:
            found.append(f"{prefix}cluster:{params['ClusterIdentifier']}")
    named = [f"{prefix}{kind}:{params[name]}" for name, kind in _BY_NAME.items() if params.get(name)]
    return found or named or ["*"]


def _snapshots(operation: str, params: dict[str, Any], prefix: str, owner: dict[str, str]) -> list[str]:
    """List the snapshots that a request names, with their clusters' names, which are part of the ARN."""
    if operation in _BATCH:
        listed = params.get("Identifiers", params.get(_BATCH[operation], []))
        names = [entry["SnapshotIdentifier"] if isinstance(entry, dict) else entry for entry in listed]
        return [_snapshot(prefix, name, None, owner) for name in names]
    if operation == "CopyClusterSnapshot":
        source = params["SourceSnapshotIdentifier"]
        cluster = params.get("SourceSnapshotClusterIdentifier") or owner.get(source)
        return [_snapshot(prefix, params["TargetSnapshotIdentifier"], cluster, owner)]
    name = params.get("SnapshotIdentifier")
    if not name:
        return []
    cluster = params.get("SnapshotClusterIdentifier")
    if cluster is None and operation != "RestoreFromClusterSnapshot":
        cluster = params.get("ClusterIdentifier")
    return [_snapshot(prefix, name, cluster, owner)]


def _snapshot(prefix: str, name: str, cluster: str | None, owner: dict[str, str]) -> str:
    return f"{prefix}snapshot:{cluster or owner.get(name, '*')}/{name}"
