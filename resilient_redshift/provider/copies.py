"""The provider of snapshot copies and grants, and the rights of its handler on each cluster, key and grant.

The logical ids of all resources here never change, because CloudFormation refuses another ServiceToken for a custom
resource that exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.core.references import referred
from resilient_redshift.provider.framework import Provider
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.functions import CALL_ACTIONS
from resilient_redshift.stack.iam import allow, document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam

#: What the handler may do to one cluster (service authorization reference, Amazon Redshift). The handler always has the
#: right to disable a copy, because a change of Region or grant disables the copy and enables it again.
COPY_ACTIONS: Final = (
    "redshift:EnableSnapshotCopy",
    "redshift:DisableSnapshotCopy",
    "redshift:ModifySnapshotCopyRetentionPeriod",
    "redshift:CreateTags",
    "redshift:DeleteTags",
)
#: The call that a change of Region or grant makes besides.
SWAP_ACTIONS: Final = ("redshift:DisableSnapshotCopy",)
#: What the handler may do to one grant (service authorization reference, Amazon Redshift).
GRANT_ACTIONS: Final = ("redshift:CreateSnapshotCopyGrant", "redshift:CreateTags")
#: The handler has these rights only where the removal policy is DESTROY. Elsewhere, whoever steals the role cannot
#: delete a grant that is to be kept.
END_GRANT_ACTIONS: Final = ("redshift:DeleteSnapshotCopyGrant",)
#: This right has no condition, because RetireGrant does not carry the condition key kms:GrantIsForAWSResource (AWS KMS
#: condition keys).
END_GRANT_KEY_ACTIONS: Final = ("kms:RetireGrant",)
#: This right has the condition kms:GrantIsForAWSResource, like :data:`KEY_GRANT_ACTIONS`.
END_KEY_GRANT_ACTIONS: Final = ("kms:RevokeGrant",)
#: What the handler may read in a stack with copies, on "*". DescribeSnapshotCopyGrants supports no resource type.
#: DescribeClusterSnapshots supports a cluster, but the handler calls it in the destination Region, where the cluster's
#: ARN does not exist, so only "*" works. DescribeClusters is here once instead of once for each cluster, because a
#: role's policies may have 10,240 characters and must hold 20 clusters.
READ_ACTIONS: Final = (
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusters",
    "redshift:DescribeSnapshotCopyGrants",
)
#: What the handler may read in a stack with grants and without copies.
GRANT_READ_ACTIONS: Final = ("redshift:DescribeSnapshotCopyGrants",)
#: Redshift uses a customer's key with the rights of the caller ("Authorizing Amazon Redshift to use a customer managed
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
    """Runs the custom resources for the copies and grants of one stack. Use :meth:`of` to get the provider of a stack.

    Args:
        scope: the stack.
        construct_id: always :attr:`ID`.
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
        """Let the handler manage the snapshot copy of one cluster.

        Args:
            cluster_key: a text that is always the same for one cluster; the id of the policy comes from it.
            cluster_identifier: the cluster's identifier; a token inside the stack.
            source_key_arn: the ARN of the key that encrypts the cluster. Default: the handler gets no right on a key.

        Returns:
            The policies. The copy's custom resource must depend on all of them.
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
            key_arn: the ARN of the key that the grant lets Redshift use.
            destroy: whether the handler may delete the grant. Default: the handler may not delete it.

        Returns:
            The policy. The grant's custom resource must depend on it.
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
        """Let the handler start the stack's snapshot machine. The handler gets no other right on Step Functions.

        Args:
            machine_arn: the machine's ARN.

        Returns:
            The policy. The custom resource of a first snapshot must depend on it.
        """
        if "StartSnapshots" not in self._policies:
            self._policies["StartSnapshots"] = self._policy("StartSnapshots", [allow(START_ACTIONS, machine_arn)])
        return self._policies["StartSnapshots"]

    def call_policy(self, function_arn: str, policy_id: str = "CallWatcher") -> iam.CfnPolicy:
        """Let the handler call a function of the stack in a deployment. The handler gets no other right on Lambda.

        Args:
            function_arn: the ARN of the function.
            policy_id: the id of the policy, one for each function. Default: that of the watcher.

        Returns:
            The policy. The custom resource of the first look must depend on it.
        """
        if policy_id not in self._policies:
            self._policies[policy_id] = self._policy(policy_id, [allow(CALL_ACTIONS, function_arn)])
        return self._policies[policy_id]

    def _allow_source_key(self, key_arn: str) -> iam.CfnPolicy:
        """One policy for all source keys: a role's policies have a limit, and an ARN is a third of a statement."""
        if key_arn not in self._source_keys:
            self._source_keys.append(key_arn)
        if "SourceKeys" not in self._policies:
            # the document is produced once, at synth, with the keys of all clusters
            parts = arn_parts_of(self._stack)
            any_key = f"arn:{parts.partition}:kms:*:{parts.account}:key/*"
            document = cdk.Lazy.any(_SourceKeys(any_key, self._source_keys))
            self._policies["SourceKeys"] = self._policy("SourceKeys", document)
            acknowledge(self._policies["SourceKeys"], {wildcard_finding(self._stack, any_key): _ANY_KEY})
        return self._policies["SourceKeys"]


@jsii.implements(cdk.IStableAnyProducer)
class _SourceKeys:
    """The policy document with what the handler may do with the keys of all clusters."""

    def __init__(self, any_key: str, arns: Sequence[str]) -> None:
        self._any_key = any_key
        self._arns = arns

    def produce(self) -> dict[str, Any]:
        return document([allow(KEY_READ_ACTIONS, self._any_key), *source_key_statements(self._arns)])


def source_key_statements(arns: Sequence[str]) -> list[Any]:
    """What lets Redshift use the keys of clusters with the rights of whoever enables their copies. Ask at synth.

    Args:
        arns: the ARNs of the keys.
    """
    conditions = {arn: _condition_of(arn) for arn in arns}
    always = [arn for arn, condition in conditions.items() if condition is None]
    # a key that exists only under a condition gets a statement that exists under it too
    sometimes = [
        cdk.Fn.condition_if(condition.logical_id, _grants_for_aws_only(arn), cdk.Aws.NO_VALUE)
        for arn, condition in conditions.items()
        if condition is not None
    ]
    return [*([_grants_for_aws_only(*always)] if always else []), *sometimes]


def _condition_of(key_arn: str) -> cdk.CfnCondition | None:
    """The condition under which a key of the app exists; None for a key that always exists."""
    key = referred(key_arn)
    return key.cfn_options.condition if isinstance(key, cdk.CfnResource) else None


def _grants_for_aws_only(*keys: str, destroy: bool = False) -> dict[str, Any]:
    """A statement that lets AWS services use keys with the handler's rights.

    Without the condition, whoever steals the handler's role could grant the use of the keys to any principal.
    """
    actions = (*KEY_GRANT_ACTIONS, *(END_KEY_GRANT_ACTIONS if destroy else ()))
    return {**allow(actions, *keys), "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}
