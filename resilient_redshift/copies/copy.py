"""Copies of a cluster's snapshots in another Region.

CloudFormation drops the copy properties of ``AWS::Redshift::Cluster`` on create and mishandles them on update.
Therefore a separate resource owns the copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.cluster_ref.facts import facts_of, note_copy
from resilient_redshift.cluster_ref.source_key import source_key_arn
from resilient_redshift.contract.names import COPY_TYPE
from resilient_redshift.copies.claims import claim_copy
from resilient_redshift.copies.manual_retention import ManualRetention, days_property, manual_retention_of
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.regions import check_other_region, unknown_region
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.provider.copies import SnapshotProvider
from resilient_redshift.provider.custom_resource import NO_SNAPSHOTS, check_removal, custom_resource
from resilient_redshift.rules.limits import DEFAULT_COPY_DAYS, MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_grant_name
from resilient_redshift.rules.retention import FOREVER, Keep, Span, days
from resilient_redshift.snapshots.on_deploy import copy_declared
from resilient_redshift.stack.conditions import exists_with
from resilient_redshift.stack.naming_path import naming_path
from resilient_redshift.stack.recorded import AnythingBut, Recorded
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts


@typed
class SnapshotCopy(Construct):
    """Copies a cluster's automated and manual snapshots to another Region.

    Redshift copies only the snapshots that it takes after the copy is on. The copy stays on when you remove the
    construct or delete its stack. To switch the copy off, turn both keys: deploy with ``removal_policy=DESTROY``, then
    remove the construct and deploy again. Even then the copies of manual snapshots stay, and the copies of automated
    snapshots expire at the end of their retention.

    Args:
        scope: a scope in the cluster's stack.
        construct_id: the id in that scope.
        cluster: any cluster: a ResilientCluster, a CfnCluster or an ExistingCluster.
        destination_region: the literal name of the Region that receives the copies. It must be another Region than the
            cluster's, in the same partition. A cluster copies to one Region at a time; a change of the Region or the
            grant switches the copy off and on again in one deployment.
        snapshot_copy_grant_name: the grant in the destination Region whose key encrypts the copies. Default: a key that
            AWS owns encrypts them.
        keep_automated: how long copies of automated snapshots are kept, 1 to 35 whole days (Redshift API,
            EnableSnapshotCopy). Default: 7 days.
        keep_manual: how long copies of manual snapshots are kept, 1 to 3653 whole days or FOREVER (Redshift API,
            EnableSnapshotCopy). A change counts for the copies that are made from then on. Default: FOREVER.
        cluster_encryption_key: the customer's key (not an alias) that encrypts the *cluster*. Pass it for an
            ExistingCluster, whose key this library cannot know. The provider then may let Redshift use the key.
            Default: the key in the cluster's definition, or no key where the definition has none.
        removal_policy: ``RETAIN`` leaves the copy on when you remove the construct or delete its stack; ``DESTROY``
            switches the copy off, provided that this stack still owns it. Default: ``RETAIN``.
        accept_loss_of_copies: whether a lower ``keep_automated`` may delete the copies that are older. Redshift deletes
            them at once (Redshift API, ModifySnapshotCopyRetentionPeriod). Default: the deployment fails instead, and
            no copy is lost.
        replace_existing: whether the *first* deployment of this construct may change or swap an existing copy with
            another Region, grant or retention, whoever made the copy, and take ownership of it. Default: such a
            deployment fails and changes nothing. The construct takes ownership of an equal copy in both cases.

    Raises:
        ResilientRedshiftError: when the Region cannot receive the copies; when the stack is environment-agnostic
            (without the cluster's Region, the cluster could silently copy to itself); when a retention is out of its
            range; when there is a grant and the cluster is not encrypted; when the cluster is in another stack, sets
            copy properties itself, or has another SnapshotCopy in the app.
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
            "the copy refers to its cluster by token, so that CloudFormation makes the copy after the cluster; "
            "ExistingCluster.from_identifier refers to a cluster of another stack by its name",
        ):
            check_other_region(problems, "destination_region", destination_region, facts.region)
            claim_copy(problems, cluster, facts, place)
        _check_grant(problems, snapshot_copy_grant_name, facts)
        check_removal(problems, removal_policy, NO_SNAPSHOTS)
        _check_no_native_copy(problems, facts)
        if cluster_encryption_key is not None:
            check_key_itself(problems, "cluster_encryption_key", cluster_encryption_key)
            check_environment(  # the key may be in another account
                problems, "cluster_encryption_key", cluster_encryption_key, stack_environment(stack), account=False
            )
        key_arn = None
        if cluster_encryption_key is None:
            key_arn = source_key_arn(problems, facts, stack, path_of(cluster))
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        #: The literal name of the destination Region.
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
            cluster_key=facts.identifier or naming_path(cluster),
            cluster_identifier=facts.identifier_token,
            source_key_arn=key_arn if cluster_encryption_key is None else key_arn_of(cluster_encryption_key),
        )
        cluster_resource = facts.l1 if facts.l1 is not None else facts.dependable
        node = self.resource.node
        node.add_dependency(*policies, *([] if cluster_resource is None else [cluster_resource]))
        manual_retention_of.remember(self, ManualRetention(node))
        note_copy(cluster, f"its snapshots are copied to {destination_region}")
        copy_declared(cluster, facts, self.resource)
        exists_with(facts.l1, self.resource, policies[0])
        if facts.l1 is not None:
            taken = _taken(facts, grant=snapshot_copy_grant_name, key=cluster_encryption_key)
            effect = "the copy would fail, or encrypt with another key than yours"
            SynthChecks.of(stack).record(
                facts.l1, Recorded(by=f"the copy '{path_of(self)}' has recorded", properties=taken, effect=effect)
            )
        self._warn(destination_region, snapshot_copy_grant_name, facts)

    def _warn(self, destination_region: str, grant: str | None, facts: ClusterFacts) -> None:
        if unknown_region(destination_region):
            message = f"CDK does not know the Region '{destination_region}': make sure that it exists and has Redshift"
            warn(self, Warn.SNAPSHOT_COPY_UNKNOWN_REGION, message)
        if grant is None and facts.encrypted:
            message = (
                "the cluster is encrypted, but a key that AWS owns will encrypt its copies: you can neither see nor "
                "revoke the use of that key; pass snapshot_copy_grant_name to use your own key"
            )
            warn(self, Warn.SNAPSHOT_COPY_AWS_OWNED_KEY, message)


def _taken(facts: ClusterFacts, *, grant: str | None, key: IKeyRef | None) -> dict[str, object]:
    """What a copy takes from the cluster's definition: rights on the key, and that a grant takes effect."""
    taken: dict[str, object] = {} if key is not None else {"KmsKeyId": facts.key}
    return taken if grant is None else {**taken, "Encrypted": AnythingBut(value=False)}


def check_copy_retentions(problems: Problems, keep_automated: Span | None, keep_manual: Keep) -> tuple[int, int]:
    """Turn both retentions of copies into days, and record a problem for each that is out of its range.

    Args:
        problems: collects the problems of the call.
        keep_automated: the retention of copies of automated snapshots, 1 to 35 whole days; None for 7 days (Redshift
            API, EnableSnapshotCopy).
        keep_manual: the retention of copies of manual snapshots, 1 to 3653 whole days or FOREVER (Redshift API,
            EnableSnapshotCopy).

    Returns:
        The days of automated and of manual copies: -1 for FOREVER, and 0 after a problem.
    """
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
    why = "CloudFormation drops it on create and mishandles it on update, and it would undo this SnapshotCopy"
    problems.check(
        facts.native_copy is None,
        "cluster",
        f"one with DestinationRegion {facts.native_copy!r}",
        "a cluster that sets no DestinationRegion",
        why,
    )
