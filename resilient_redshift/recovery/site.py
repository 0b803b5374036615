"""What a recovery Region needs once, for all clusters that would be restored there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.recovery._plan_arguments import PlanArguments
from resilient_redshift.recovery._site_base import SiteBase
from resilient_redshift.recovery.plan import RecoveryPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.sql_check import SqlCheck
    from resilient_redshift.rules.retention import Span


class RecoverySite(SiteBase):
    """A place to restore clusters, one per Region and environment: key, grant, subnet group and security group.

    Key and grant are kept when the construct or its stack goes: copies that they encrypt could not be restored without
    them.

    Args:
        scope: in a stack of the recovery Region, with ``env=Environment(region=...)``.
        construct_id: the id in that scope. The grant's default name depends on its path: renaming it makes another
            grant.
        vpc: where clusters are restored, of this stack's Region and account.
        vpc_subnets: which subnets. Default: as the VPC chooses (private with egress, else isolated, else public).
        encryption_key: the symmetric key (no alias) that copies and restored clusters are encrypted with. Default: a
            new customer-managed key that rotates and is kept, which whoever may use Redshift in this account may use
            through Redshift.
        key_generation: raise it by one for a new key, or when the stack was destroyed and is deployed again: a grant
            belongs to one key for ever, so a new key needs a new grant. 1 or more. Default: 1.
        snapshot_copy_grant_name: unique in account and Region (Redshift API, CreateSnapshotCopyGrant). Default:
            ``recovery-`` and a short hash of stack, site and key generation.
        security_groups: what restored clusters get, one or more. Default: a new one that lets nobody in.
        notify: gets the report of each failover and drill, and is told by the library's alarms in this stack: those on
            restores, drills and retention tiers, and on lost events; of this Region and account. Default: nobody.
        manual_snapshot_quota: the Region's quota of manual snapshots, 1 or more; copies count too. Default: 20.
        report_bucket: keeps the report of each failover and drill; of this Region and account. Default: reports are in
            the restore machine's history for 90 days.

    Raises:
        ResilientRedshiftError: an environment-agnostic stack, something of another Region or account, a number out of
            range, or a grant name that AWS refuses or another site of the app has.
    """

    def protect(
        self,
        cluster: IClusterRef,
        *,
        objectives: Objectives,
        restore: RestoreOptions | None = None,
        plan_name: str | None = None,
        keep_automated: Span | None = None,
        notify_primary: ITopicRef | None = None,
        cluster_encryption_key: IKeyRef | None = None,
        accept_loss_of_copies: bool = False,
        replace_existing_copy: bool = False,
        manual_snapshot_quota: int | None = None,
        checks: Sequence[SqlCheck] = (),
    ) -> RecoveryPlan:
        """Copy a cluster's snapshots here, and write down how it would be restored.

        The copy stands in the cluster's stack, the rest in this one. The cluster's stack is deployed after this one,
        where CDK allows.

        Args:
            cluster: any cluster with a chosen identifier, in a stack with a literal Region of this site's partition and
                account.
            objectives: what the plan promises; synth fails where the snapshots cannot keep it.
            restore: where the restored cluster differs. Required for a cluster whose parameters are not known, and then
                with ``parameters``. Default: like the cluster.
            plan_name: 1 to 63 lower-case letters, digits and single hyphens; unique in both Regions. Default: the
                cluster's identifier and Region, such as ``sales-us-east-1``.
            keep_automated: how long copies of automated snapshots live, 1 to 35 whole days. Default: 7 days.
            notify_primary: told by alarms in the cluster's stack; of that stack's Region and account. Default: nobody.
            cluster_encryption_key: as for ``SnapshotCopy``. Default: the key that the cluster's definition names, or
                none.
            accept_loss_of_copies: let a shorter ``keep_automated`` delete copies that are older. Default: such a
                deployment fails.
            replace_existing_copy: let the plan's *first* deployment take over and change a copy that is on already with
                another Region, grant or retention, whoever made it. Default: such a deployment fails and touches
                nothing.
            manual_snapshot_quota: the quota of manual snapshots in the *cluster's* Region, 1 or more. Default: 20.
            checks: queries that a restored cluster must answer as expected, in each drill and failover. Default: only
                that it answers, has tables, and is not far smaller than its snapshot.

        Returns:
            The plan; add scheduled snapshots with its ``keep_manual_snapshots``, and drills with its ``rehearse``.

        Raises:
            ResilientRedshiftError: a cluster without literal identifier or Region, of this Region, of another account
                or partition; unknown parameters; something of a wrong stack; a retention out of range; a second plan of
                this name; two checks of one name; a plan record that is too large; or a cluster that has a copy
                already.
        """
        given = PlanArguments(
            objectives=objectives,
            restore=restore,
            plan_name=plan_name,
            keep_automated=keep_automated,
            notify_primary=notify_primary,
            cluster_encryption_key=cluster_encryption_key,
            accept_loss_of_copies=accept_loss_of_copies,
            replace_existing_copy=replace_existing_copy,
            manual_snapshot_quota=manual_snapshot_quota,
            checks=checks,
        )
        return RecoveryPlan(self, cluster, given)
