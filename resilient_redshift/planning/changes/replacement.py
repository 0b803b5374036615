"""Finds out whether CloudFormation replaces a cluster, or makes a second one, instead of changing the existing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes import _texts
from resilient_redshift.planning.changes.pairing import identifier_of, stack_of
from resilient_redshift.planning.changes.settings import DELETE, REPLACE_POLICY

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

#: The properties whose change replaces a cluster. Source: the CloudFormation schema of AWS::Redshift::Cluster,
#: createOnlyProperties ("Update requires: Replacement").
REPLACING_PROPERTIES: Final = (
    "ClusterIdentifier",
    "ClusterSubnetGroupName",
    "DBName",
    "MasterUsername",
    "OwnerAccount",
    "SnapshotClusterIdentifier",
    "SnapshotIdentifier",
)
_DELETION_POLICY: Final = "DeletionPolicy"
_REFACTOR: Final = "or run `cdk refactor` before the deployment"
_KEEP_ID: Final = f"keep the logical id with override_logical_id, {_REFACTOR}"
_KEEP_STACK: Final = f"keep it in stack {{}}, with the argument stack_name where only the name changes, {_REFACTOR}"


def replacement_of(before: ClusterPicture, after: ClusterPicture) -> str | None:
    """Why CloudFormation does not simply change a cluster, and what happens to its data; None when it changes it.

    Args:
        before: the cluster before.
        after: the cluster after.
    """
    old, new = before.resource, after.resource
    if new is None:
        return None
    if old is None:
        return (
            f"The cluster exists already, and the change adds it to stack {after.stack}: CloudFormation tries to make "
            "a cluster with the same name, and the deployment fails. Use `cdk import` instead."
        )
    moved = _moved(before, after, old, new)
    if moved is not None:
        return moved
    changed = [name for name in REPLACING_PROPERTIES if not _texts.same(old, new, name)]
    if not changed:
        return None
    certain = any(_texts.is_certain(old, name) and _texts.is_certain(new, name) for name in changed)
    names = " and ".join([", ".join(changed[:-1]), changed[-1]] if changed[1:] else changed)
    verb = "replaces" if certain else "may replace"
    cause = f"The change of {names} {verb} the cluster"
    if identifier_of(after) is not None and identifier_of(before) == identifier_of(after):
        return f"{cause}, and the deployment fails: the name {after.name} is taken until the former cluster is gone."
    return f"{cause} by a new and empty one. {_fate(old, new, REPLACE_POLICY)}"


def _moved(before: ClusterPicture, after: ClusterPicture, old: Resource, new: Resource) -> str | None:
    """What happens when the cluster has another stack or another logical id; None when it has neither."""
    stacks = stack_of(before), stack_of(after)
    if None not in stacks and stacks[0] != stacks[1]:
        cause = f"The cluster moves from stack {before.stack} to stack {after.stack}"
        fate = f"The former one stays in stack {before.stack} until somebody deletes it there."
        keep = _KEEP_STACK.format(before.stack)
    elif old.logical_id != new.logical_id:
        cause = f"The cluster has another logical id, {new.logical_id} instead of {old.logical_id}"
        fate, keep = _fate(old, old, _DELETION_POLICY), _KEEP_ID
    else:
        return None
    if identifier_of(after) is not None and identifier_of(before) == identifier_of(after):
        return (
            f"{cause}: CloudFormation tries to make a second cluster with the name {after.name}, and the deployment "
            f"fails. To keep the cluster, {keep}."
        )
    return f"{cause}: CloudFormation makes a new and empty cluster. {fate} To keep the cluster, {keep}."


def _fate(old: Resource, new: Resource, name: str) -> str:
    """What happens to the former cluster, by its policy. Where the policy changes, the one that keeps less counts."""
    policies = [_texts.attribute(each, name, DELETE) for each in (old, new)]
    policy = DELETE if DELETE in policies else policies[1]
    match policy:
        case "Retain" | "RetainExceptOnCreate":
            return f"The former cluster stays with its data, outside the stack ({name} {policy})."
        case "Snapshot":
            return f"The former cluster is deleted; its data stays in a final snapshot ({name} {policy})."
        case "Delete":
            return f"The former cluster is deleted without a final snapshot ({name} {policy})."
    return f"Whether the data of the former cluster stays is decided at deployment ({name})."
