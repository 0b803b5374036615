"""Copies of a cluster's snapshots in another Region.

``AWS::Redshift::Cluster`` drops its copy properties on create and mishandles them on update, so the copy has an owner
of its own here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.cluster_ref.facts import facts_of, note_copy
from resilient_redshift.contract.names import COPY_TYPE
from resilient_redshift.copies._claims import claim_copy
from resilient_redshift.copies._manual_retention import ManualRetention, days_property, manual_retention_of
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.regions import check_other_region, unknown_region
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.provider.custom_resource import NO_SNAPSHOTS, check_removal, custom_resource
from resilient_redshift.rules.limits import DEFAULT_COPY_DAYS, MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_grant_name
from resilient_redshift.rules.retention import FOREVER, Keep, Span, days
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots._on_deploy import copy_declared
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts


class SnapshotCopy(Construct):
    """Copies a cluster's automated and manual snapshots to another Region.

    Only snapshots taken after the copy is on are copied. The copy stays on when the construct or its stack goes. To
    switch it off turn both keys: deploy with ``removal_policy=DESTROY``, then remove the construct and deploy again.
    Copied manual snapshots stay even then; copied automated ones age out.

    Args:
        scope: in the cluster's stack.
        construct_id: the id in that scope.
        cluster: any cluster: a ResilientCluster, a CfnCluster or an ExistingCluster.
        destination_region: the Region that receives the copies, a literal; not the cluster's own, and of the same
            partition. One at a time; a change of Region or grant switches the copy off and on again in one deployment.
        snapshot_copy_grant_name: the grant in the destination Region whose key encrypts the copies. Default: an
            AWS-owned key encrypts them.
        keep_automated: how long copies of automated snapshots live, 1 to 35 whole days (Redshift API,
            EnableSnapshotCopy). Default: 7 days.
        keep_manual: how long copies of manual snapshots live, 1 to 3653 whole days or FOREVER; it holds for snapshots
            copied from then on. Default: FOREVER.
        cluster_encryption_key: the customer's key (no alias) that encrypts the *cluster*, where this library cannot
            know it (an ExistingCluster). The provider then may let Redshift use it. Default: the key that the cluster's
            definition names, or none.
        removal_policy: ``RETAIN`` leaves the copy on when the construct or its stack goes; ``DESTROY`` switches it off,
            if this stack still owns it. Default: retained.
        accept_loss_of_copies: let a lower ``keep_automated`` delete copies that are older; it deletes them at once
            (Redshift API, ModifySnapshotCopyRetentionPeriod). Default: the deployment fails rather than lose a copy.
        replace_existing: let the *first* deployment of this construct change or swap a copy that is on already with
            another Region, grant or retention, whoever made it, and take it over. Default: such a deployment fails and
            touches nothing; an equal copy is taken over either way.

    Raises:
        ResilientRedshiftError: a Region that cannot take the copies, an env-agnostic stack (the cluster's Region must
            be known, or the cluster could silently copy to itself), a retention out of range, a grant for a cluster
            that is not encrypted, a cluster of another stack, a cluster that sets copy properties itself, or a second
            SnapshotCopy for the cluster in the app.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster: IClusterRef,
        destination_region: str,
        snapshot_copy_grant_name: str | None = None,
        keep_automated: Span | None = None,
        keep_manual: Keep = FOREVER,
        cluster_encryption_key: IKeyRef | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        accept_loss_of_copies: bool = False,
        replace_existing: bool = False,
    ) -> None:
        place = where(scope, construct_id, "SnapshotCopy")
        problems = Problems(place)
        stack = stack_of(scope)
        facts = facts_of(cluster)
        automated_days, manual_days = check_copy_retentions(problems, keep_automated, keep_manual)
        if problems.check(
            stack_of(cluster) is stack,
            "cluster",
            path_of(cluster),
            f"a cluster of the stack '{path_of(stack)}'",
            "the copy refers to its cluster by token, which orders it after the cluster",
        ):
            check_other_region(problems, "destination_region", destination_region, facts.region)
            claim_copy(problems, cluster, facts, place)
        _check_grant(problems, snapshot_copy_grant_name, facts)
        check_removal(problems, removal_policy, NO_SNAPSHOTS)
        _check_no_native_copy(problems, facts)
        if cluster_encryption_key is not None:
            check_key_itself(problems, "cluster_encryption_key", cluster_encryption_key)
            check_environment(  # a key may lie in another account
                problems, "cluster_encryption_key", cluster_encryption_key, stack_environment(stack), account=False
            )
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        SynthChecks.of(stack)
        #: The destination Region, a literal.
        self.destination_region = destination_region
        properties = {
            "ClusterIdentifier": facts.identifier_token,
            "DestinationRegion": destination_region,
            "RetentionPeriod": days_property(automated_days),
            "ManualSnapshotRetentionPeriod": days_property(manual_days),
            "AcceptLossOfCopies": "true" if accept_loss_of_copies else "false",
        }
        if snapshot_copy_grant_name is not None:
            properties["SnapshotCopyGrantName"] = snapshot_copy_grant_name
        if replace_existing:
            properties["ReplaceExisting"] = "true"
        provider = SnapshotProvider.of(stack)
        self.resource = custom_resource(
            self,
            "Resource",
            provider=provider,
            resource_type=COPY_TYPE,
            properties=properties,
            removal_policy=removal_policy,
        )
        policies = provider.copy_policies(
            cluster_key=facts.identifier or path_of(cluster),
            cluster_identifier=facts.identifier_token,
            source_key_arn=_source_key_arn(cluster_encryption_key, facts),
        )
        cluster_resource = facts.l1 if facts.l1 is not None else facts.dependable
        node = self.resource.node
        node.add_dependency(*policies, *([] if cluster_resource is None else [cluster_resource]))
        manual_retention_of.remember(self, ManualRetention(node))
        note_copy(cluster, f"its snapshots are copied to {destination_region}")
        copy_declared(cluster, facts, self.resource)
        self._warn(destination_region, snapshot_copy_grant_name, facts)

    def _warn(self, destination_region: str, grant: str | None, facts: ClusterFacts) -> None:
        if unknown_region(destination_region):
            message = f"CDK does not know the Region '{destination_region}': make sure that it exists and has Redshift"
            warn(self, Warn.SNAPSHOT_COPY_UNKNOWN_REGION, message)
        if grant is None and facts.encrypted:
            message = (
                "the cluster is encrypted, and its copies will be with a key that AWS owns: you can neither see its "
                "use nor revoke it; name a snapshot copy grant to use a key of yours"
            )
            warn(self, Warn.SNAPSHOT_COPY_AWS_OWNED_KEY, message)


def check_copy_retentions(problems: Problems, keep_automated: Span | None, keep_manual: Keep) -> tuple[int, int]:
    """Turn both retentions of copies into days, recording a problem where one is out of range."""
    why = "Redshift API: EnableSnapshotCopy"
    automated = DEFAULT_COPY_DAYS
    if keep_automated is not None:
        automated = days(problems, "keep_automated", keep_automated, minimum=1, maximum=MOST_AUTOMATED_DAYS, why=why)
    return automated, days(
        problems, "keep_manual", keep_manual, minimum=1, maximum=MOST_MANUAL_DAYS, forever=True, why=why
    )


def _check_grant(problems: Problems, name: str | None, facts: ClusterFacts) -> None:
    if name is None:
        return
    check_grant_name(problems, "snapshot_copy_grant_name", name)
    why = "a grant takes effect for encrypted clusters only (Redshift API, EnableSnapshotCopy)"
    problems.check(
        facts.encrypted is not False, "snapshot_copy_grant_name", name, "None for a cluster that is not encrypted", why
    )


def _check_no_native_copy(problems: Problems, facts: ClusterFacts) -> None:
    why = "CloudFormation drops it on create and mishandles it on update, and it would fight with this SnapshotCopy"
    problems.check(
        facts.native_copy is None,
        "cluster",
        f"one with DestinationRegion {facts.native_copy!r}",
        "a cluster that sets no DestinationRegion",
        why,
    )


def _source_key_arn(given: IKeyRef | None, facts: ClusterFacts) -> str | None:
    """The ARN of the cluster's key, where its definition tells; an id or alias needs ``cluster_encryption_key``."""
    if given is not None:
        return key_arn_of(given)
    key = facts.key
    is_arn = key is not None and (not known(key) or key.startswith("arn:")) and ":alias/" not in key
    return key if is_arn else None
