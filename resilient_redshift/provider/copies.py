"""The provider of snapshot copies and grants: what its handler may do to each cluster, key and grant.

Every logical id here is a contract for ever: CloudFormation refuses another ServiceToken for a custom resource that
exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.provider.framework import Provider
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.iam import allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam

#: What the handler may do to one cluster (service authorization reference, Amazon Redshift). Another Region or grant
#: is a disabling and an enabling, so that the right to end a copy is always there.
COPY_ACTIONS: Final = (
    "redshift:EnableSnapshotCopy",
    "redshift:DisableSnapshotCopy",
    "redshift:ModifySnapshotCopyRetentionPeriod",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
GRANT_ACTIONS: Final = ("redshift:CreateSnapshotCopyGrant", "redshift:CreateTags")
#: Only where the removal policy is DESTROY: a thief of the role ends nothing that was to be kept.
END_GRANT_ACTIONS: Final = ("redshift:DeleteSnapshotCopyGrant",)
#: RetireGrant does not carry the key kms:GrantIsForAWSResource (AWS KMS condition keys).
END_GRANT_KEY_ACTIONS: Final = ("kms:RetireGrant",)
END_KEY_GRANT_ACTIONS: Final = ("kms:RevokeGrant",)
#: Of a stack with copies; these only read. The grants' one supports no resource type; the snapshots' one takes a
#: cluster, but is called in the destination Region, where the cluster's ARN does not exist: only "*" works. The
#: clusters' one stands here once instead of with each cluster, for the 10,240 characters of a role at 20 clusters.
READ_ACTIONS: Final = (
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusters",
    "redshift:DescribeSnapshotCopyGrants",
)
#: Of a stack with grants alone.
GRANT_READ_ACTIONS: Final = ("redshift:DescribeSnapshotCopyGrants",)
#: Redshift uses a customer's key with its caller's rights ("Authorizing Amazon Redshift to use a customer managed
#: key").
KEY_READ_ACTIONS: Final = ("kms:DescribeKey",)
KEY_GRANT_ACTIONS: Final = ("kms:CreateGrant",)
START_ACTIONS: Final = ("states:StartExecution",)
_READS_REASON: Final = (
    "DescribeSnapshotCopyGrants supports no resource type, "
    "DescribeClusterSnapshots asks the destination Region, where the cluster's ARN does not exist, and naming each "
    "cluster once more for DescribeClusters would break the 10,240 characters of a role at 20 clusters; all only read"
)
_ANY_KEY: Final = (
    "reads the descriptions of this account's keys, also that of a grant elsewhere before a swap; "
    "naming each cluster's key once more would break the 10,240 "
    "characters of a role at 20 clusters, and what lets a key be used names each"
)


class SnapshotProvider(Provider):
    """Runs the copies and grants of one stack.

    Args:
        scope: the stack; use :meth:`of`.
        construct_id: fixed, see :attr:`ID`.
    """

    ID = "ResilientRedshiftProvider"
    SERVES = "snapshot copies and grants"
    READS = GRANT_READ_ACTIONS
    READS_REASON = _READS_REASON

    def __init__(self, scope: cdk.Stack, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._source_keys: list[str] = []
        self._copies = False

    def copy_policies(
        self,
        *,
        cluster_key: str,
        cluster_identifier: str,
        source_key_arn: str | None = None,
    ) -> list[iam.CfnPolicy]:
        """Let the handler manage one cluster's snapshot copy; the copy depends on all that this returns.

        Args:
            cluster_key: names the cluster in the construct's id; stable, the same for the same cluster.
            cluster_identifier: the cluster's identifier, a token inside the stack.
            source_key_arn: the key that encrypts the cluster, where it is known. Default: no right on a key.
        """
        policy_id = f"Copy{short_hash(cluster_key)}"
        if not self._copies:
            self._copies = True
            self._read(READ_ACTIONS)
        if policy_id not in self._policies:
            arn = self._arn("cluster", cluster_identifier)
            self._policies[policy_id] = self._policy(policy_id, [allow(COPY_ACTIONS, arn)])
        policies = [self._policies[policy_id]]
        if source_key_arn is not None:
            policies.append(self._allow_source_key(source_key_arn))
        return policies

    def grant_policy(self, *, grant_name: str, key_arn: str, destroy: bool = False) -> iam.CfnPolicy:
        """Let the handler make and tag one snapshot copy grant on one key.

        Args:
            grant_name: the grant's name.
            key_arn: the ARN of the key that Redshift may then use.
            destroy: whether the handler may delete the grant. Default: it may not.
        """
        policy_id = f"Grant{short_hash(grant_name)}"
        if policy_id not in self._policies:
            on_grant = (*GRANT_ACTIONS, *(END_GRANT_ACTIONS if destroy else ()))
            statements = [
                allow(on_grant, self._arn("snapshotcopygrant", grant_name)),
                allow((*KEY_READ_ACTIONS, *(END_GRANT_KEY_ACTIONS if destroy else ())), key_arn),
                _grants_for_aws_only(key_arn, destroy=destroy),
            ]
            self._policies[policy_id] = self._policy(policy_id, statements)
        return self._policies[policy_id]

    def start_policy(self, machine_arn: str) -> iam.CfnPolicy:
        """Let the handler start the stack's snapshot machine, and nothing else of Step Functions."""
        if "StartSnapshots" not in self._policies:
            self._policies["StartSnapshots"] = self._policy("StartSnapshots", [allow(START_ACTIONS, machine_arn)])
        return self._policies["StartSnapshots"]

    def _allow_source_key(self, key_arn: str) -> iam.CfnPolicy:
        """One policy for all source keys: an ARN costs a third of a statement, and a role's policies have a limit."""
        if key_arn not in self._source_keys:
            self._source_keys.append(key_arn)
        if "SourceKeys" not in self._policies:
            # told once, at synth, however many clusters there are
            parts = arn_parts_of(self._stack)
            any_key = f"arn:{parts.partition}:kms:*:{parts.account}:key/*"
            document = cdk.Lazy.any(_SourceKeys(any_key, self._source_keys))
            self._policies["SourceKeys"] = self._policy("SourceKeys", document)
            acknowledge(self, {wildcard_finding(self._stack, any_key): _ANY_KEY})
        return self._policies["SourceKeys"]


@jsii.implements(cdk.IStableAnyProducer)
class _SourceKeys:
    """What the handler may do with the keys of all clusters."""

    def __init__(self, any_key: str, arns: Sequence[str]) -> None:
        self._any_key = any_key
        self._arns = arns

    def produce(self) -> dict[str, Any]:
        return document([allow(KEY_READ_ACTIONS, self._any_key), _grants_for_aws_only(*self._arns)])


def _grants_for_aws_only(*keys: str, destroy: bool = False) -> dict[str, Any]:
    """Let AWS services use keys with the handler's rights; without the condition, its thief could let himself."""
    actions = (*KEY_GRANT_ACTIONS, *(END_KEY_GRANT_ACTIONS if destroy else ()))
    return {**allow(actions, *keys), "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}
