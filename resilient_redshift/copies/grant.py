"""The grant that lets Redshift encrypt copies with a key of the Region that receives the copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.contract.names import GRANT_TYPE
from resilient_redshift.copies.claims import claim_grant
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.tree import key_arn_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.provider.custom_resource import NO_SNAPSHOTS, check_removal, custom_resource
from resilient_redshift.rules.naming import check_grant_name
from resilient_redshift.stack.removal import KEEPING

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef


@typed
class SnapshotCopyGrant(Construct):
    """Lets Redshift encrypt copies with a key of this stack's Region. One grant serves all clusters that copy to it.

    The grant stays when you remove the construct, unless you pass ``removal_policy=DESTROY``: without the grant, copies
    that still exist may become impossible to restore. AWS does not delete a grant that a cluster uses. A new key needs
    a new grant with a new name. Name the new grant in your SnapshotCopies, whose next deployment changes the copy over
    to it. Then remove the old grant.

    Args:
        scope: a scope in a stack of the *recovery* Region.
        construct_id: the id in that scope.
        snapshot_copy_grant_name: the grant's name, unique in the account and Region: 1 to 63 lower-case letters, digits
            and single hyphens, a letter first and no hyphen last (Redshift API, CreateSnapshotCopyGrant). A change
            makes a second grant.
        encryption_key: the symmetric key (not an alias) that encrypts the copies, in this stack's Region and account.
            The key's policy must let IAM policies of the account decide; the policies of CDK's keys and of this
            library's keys do.
        removal_policy: ``RETAIN`` keeps the grant when you remove the construct or delete its stack; ``DESTROY``
            deletes the grant, and the deletion fails while a cluster uses the grant. Default: ``RETAIN``.

    Raises:
        ResilientRedshiftError: when AWS would refuse the name, when the key is an alias or in another Region or
            account, when the removal policy is another one, or when the app has another grant of this name in the same
            Region and account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        snapshot_copy_grant_name: str,
        encryption_key: IKeyRef,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    ) -> None:
        problems = Problems(where(scope, construct_id, "SnapshotCopyGrant"))
        stack = stack_of(scope)
        check_grant_name(problems, "snapshot_copy_grant_name", snapshot_copy_grant_name)
        check_removal(problems, removal_policy, NO_SNAPSHOTS)
        check_environment(problems, "encryption_key", encryption_key, stack_environment(stack))
        check_key_itself(problems, "encryption_key", encryption_key)
        claim_grant(problems, stack, snapshot_copy_grant_name, where(scope, construct_id, "SnapshotCopyGrant"))
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        key_arn = key_arn_of(encryption_key)
        provider = SnapshotProvider.of(stack)
        self.resource = custom_resource(
            self,
            "Resource",
            provider=provider,
            resource_type=GRANT_TYPE,
            properties={"SnapshotCopyGrantName": snapshot_copy_grant_name, "KmsKeyId": key_arn},
            removal_policy=removal_policy,
        )
        policy = provider.grant_policy(
            grant_name=snapshot_copy_grant_name, key_arn=key_arn, destroy=removal_policy not in KEEPING
        )
        self.resource.node.add_dependency(policy)
        #: The grant's name, as you passed it; pass it to a SnapshotCopy in the other Region.
        self.snapshot_copy_grant_name = snapshot_copy_grant_name
