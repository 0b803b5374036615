"""The repair of a plan's copy: what you ask for, and what the watcher of the cluster's stack may then do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.contract.names import ENDPOINT_FOLDER
from resilient_redshift.contract.watching import REPAIR_ACTIONS
from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import ref_of
from resilient_redshift.core.typed import typed
from resilient_redshift.provider.copies import (
    COPY_ACTIONS,
    KEY_READ_ACTIONS,
    SWAP_ACTIONS,
    source_key_statements,
)
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.iam import allow, allow_each, document, inline_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam

    from resilient_redshift.core.environment import ArnParts
    from resilient_redshift.stack.functions import LibraryFunction

_CHANGES: Final = tuple(action for action in COPY_ACTIONS if action not in SWAP_ACTIONS)
_ENDPOINTS: Final = (
    "endpoints hold no secret and are only read, and each plan's by its name would break the 10,240 characters of a "
    "role at 20 plans"
)
_KEYS: Final = "only reads the descriptions of keys in the recovery Region, before a swap to the grant of one of them"
_GRANTS: Final = "DescribeSnapshotCopyGrants supports no resource type; it only reads"


@typed
@dataclass(frozen=True, kw_only=True)
class Repair:
    """Lets the watcher of a cluster bring its snapshot copy back to what the plan declares, when somebody changed it.

    The watcher switches a copy on that is off, raises retentions in place, and changes the retention of copied manual
    snapshots. It does so with the code and the guards of the plan's own copy. It tries once in a run, at most three
    times within a day, only while the cluster is available, this stack owns the copy and no deployment of the stack is
    at work, and never while an endpoint is published after a failover (docs/watching.md, "Repair").

    Args:
        replace: whether the watcher may switch a copy to the declared Region and grant. The copy is off for a moment,
            and the copies in the other Region stay there until they expire. Default: such a copy is left alone, and
            the finding says so.
        accept_loss_of_copies: whether a lower retention of automated snapshots may delete the copies that are older.
            Redshift deletes them at once (Redshift API, ModifySnapshotCopyRetentionPeriod). Default: a retention is
            lowered only if that deletes no copy.

    Raises:
        ResilientRedshiftError: for a value that is no bool.
    """

    replace: bool = False
    accept_loss_of_copies: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairedCopy:
    """A copy that a watcher repairs.

    Attributes:
        cluster: the identifier of the cluster; a token inside the stack.
        cluster_key: the ARN of the customer's key that encrypts the cluster; None without one.
        recovery_region: the Region of the copies.
        asked: what the watcher may do.
    """

    cluster: str
    cluster_key: str | None
    recovery_region: str
    asked: Repair

    def as_record(self) -> dict[str, Any]:
        """The repair in the record of a watch."""
        keys = {"replace": self.asked.replace, "accept_loss_of_copies": self.asked.accept_loss_of_copies}
        return {"copy": True, **keys, "stack": cdk.Aws.STACK_ID}


def let_repair(watcher: LibraryFunction, copy: RepairedCopy) -> iam.CfnPolicy:
    """Let the function of a watcher repair one copy. All copies of a stack share a policy, because a role has a limit.

    Args:
        watcher: the function.
        copy: the copy.

    Returns:
        The policy. The record of the watch must depend on it.
    """
    rights = _rights_of(watcher)
    rights.add(copy)
    return rights.policy


class _RepairRights:
    """What the function of one watcher may do to repair copies."""

    def __init__(self, watcher: LibraryFunction) -> None:
        self._stack = stack_of(watcher)
        self._parts = arn_parts_of(self._stack)
        self._copies: list[RepairedCopy] = []
        self._acknowledged: set[str] = set()
        # the document is produced once, at synth, with the copies of all plans
        produced = cdk.Lazy.any(_Document(self._parts, self._copies))
        self.policy = inline_policy(watcher, "RepairPolicy", produced, ref_of(watcher.role))

    def add(self, copy: RepairedCopy) -> None:
        """Let the function repair one more copy."""
        self._copies.append(copy)
        found = {wildcard_finding(self._stack, _endpoints(self._parts, copy.recovery_region)): _ENDPOINTS}
        if copy.asked.replace:
            found["AwsSolutions-IAM5[Resource::*]"] = _GRANTS
            found[wildcard_finding(self._stack, _keys(self._parts, copy.recovery_region))] = _KEYS
        new = {finding: reason for finding, reason in found.items() if finding not in self._acknowledged}
        self._acknowledged |= set(new)
        if new:
            acknowledge(self.policy, new)


@jsii.implements(cdk.IStableAnyProducer)
class _Document:
    """The policy document for all copies of a stack."""

    def __init__(self, parts: ArnParts, copies: list[RepairedCopy]) -> None:
        self._parts = parts
        self._copies = copies

    def produce(self) -> dict[str, Any]:
        copies, parts = self._copies, self._parts
        swapped = [copy for copy in copies if copy.asked.replace]
        regions = dict.fromkeys(copy.recovery_region for copy in copies)
        keys = dict.fromkeys(copy.cluster_key for copy in copies if copy.cluster_key is not None)
        statements: list[Any] = [
            *self._changes(_CHANGES, [copy for copy in copies if not copy.asked.replace]),
            *self._changes(COPY_ACTIONS, swapped),
            allow(REPAIR_ACTIONS["stack"], cdk.Aws.STACK_ID),
            allow_each(REPAIR_ACTIONS["endpoint"], [_endpoints(parts, region) for region in regions]),
            *source_key_statements(list(keys)),
        ]
        if swapped:
            there = dict.fromkeys(copy.recovery_region for copy in swapped)
            statements += [
                allow(REPAIR_ACTIONS["grants"], "*"),
                allow_each(KEY_READ_ACTIONS, [_keys(parts, region) for region in there]),
            ]
        return document(statements)

    def _changes(self, actions: Sequence[str], copies: Sequence[RepairedCopy]) -> list[Any]:
        arns = [self._parts.arn("redshift", "cluster", copy.cluster) for copy in copies]
        return [allow_each(actions, arns)] if arns else []


def _endpoints(parts: ArnParts, region: str) -> str:
    return f"arn:{parts.partition}:ssm:{region}:{parts.account}:parameter{ENDPOINT_FOLDER}*"


def _keys(parts: ArnParts, region: str) -> str:
    return f"arn:{parts.partition}:kms:{region}:*:key/*"


@Remembered
def _rights_of(watcher: LibraryFunction) -> _RepairRights:
    return _RepairRights(watcher)
