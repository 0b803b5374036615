"""What every recovery site can do: protect clusters, and be a step of ARC Region switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.typed import typed
from resilient_redshift.recovery._plan_arguments import PlanArguments
from resilient_redshift.recovery._site_base import SiteBase
from resilient_redshift.recovery.plan import RecoveryPlan
from resilient_redshift.recovery.region_switch import RETRY_INTERVAL, RegionSwitchStep
from resilient_redshift.watching.declared import SIZE_DROP_PERCENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.sql_check import SqlCheck
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.watching.repair import Repair


@typed
class ProtectingSite(SiteBase):
    """A recovery site of this app or of another app, which protects clusters."""

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
        size_drop_percent: int | None = SIZE_DROP_PERCENT,
        repair: Repair | None = None,
        group: str | None = None,
    ) -> RecoveryPlan:
        """Copy a cluster's snapshots to this Region, record how the cluster would be restored, and watch it.

        The cluster's stack gets the copy, one of the two plan records, a watch, and later the rules of scheduled
        snapshots. This stack gets everything else, and a watch too. Both watches begin with the first deployment
        (docs/watching.md). CDK deploys the cluster's stack after this one where it can order the two stacks; elsewhere
        the plan has a warning.

        Args:
            cluster: any cluster with a chosen identifier, in a stack with a literal Region; of this site's partition
                and account.
            objectives: what the plan promises. Synth fails when the snapshots cannot keep the recovery point.
            restore: where the restored cluster differs from the cluster. Required for a cluster whose parameters are
                not known at synth, and then with ``parameters``. The options, and the cluster's own values where an
                option is left out, must fit the hardware and the site's subnets as ``RestoreOptions`` says; ARNs must
                be of the site's partition and account; no option may refer to a stack of another Region. Default: the
                restored cluster is like the cluster.
            plan_name: 1 to 63 lower-case letters, digits and single hyphens; unique in both Regions. Default: the
                cluster's identifier and Region, such as ``sales-us-east-1``.
            keep_automated: how long copies of automated snapshots are kept, 1 to 35 whole days. Default: 7 days.
            notify_primary: a topic that the library's alarms in the cluster's stack notify; of that stack's Region and
                account. Default: no topic.
            cluster_encryption_key: as for ``SnapshotCopy``. Default: the key that the cluster's definition names, or
                none.
            accept_loss_of_copies: let a shorter ``keep_automated`` delete copies that are older. Default: such a
                deployment fails.
            replace_existing_copy: let the plan's *first* deployment take over and change a copy that is already on with
                another Region, grant or retention, whoever made it. Default: such a deployment fails and changes
                nothing.
            manual_snapshot_quota: how many manual snapshots AWS has granted the account in the *cluster's* Region, 1 or
                more. The argument does not ask AWS for more. Default: 700, AWS's own quota.
            checks: queries that a restored cluster must answer as expected, in each drill and failover. Default: a run
                checks only that the cluster answers, has tables, and is not far smaller than its snapshot.
            size_drop_percent: by how many percent the newest recovery point may be smaller than those before it, 1 to
                99. A larger drop is the finding ``SizeDropped``. None compares no sizes. Default: 50.
            repair: lets the watcher in the cluster's Region bring the copy back to what the plan declares, when
                somebody switched it off or changed it. Default: the watcher only tells.
            group: the name of the group of plans that come back together, 1 to 63 lower-case letters, digits and single
                hyphens. ``resilient-redshift failover --group`` starts them together. Default: the plan is in no group.

        Returns:
            The plan. Add scheduled snapshots with its ``keep_manual_snapshots``, and drills with its ``rehearse``.

        Raises:
            ResilientRedshiftError: for a cluster without a literal identifier or Region, of this Region, or of another
                account or partition; for parameters that are not known at synth; for options of ``restore`` that AWS
                would refuse in a restore; for something of a wrong stack; for a retention out of range; for a second
                plan of this name; for two checks of one name; for a plan record that is too large; and for a cluster
                that has a copy already.
        """
        arguments = PlanArguments(
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
            size_drop_percent=size_drop_percent,
            repair=repair,
            group=group,
        )
        return RecoveryPlan(self, cluster, arguments)

    def region_switch_step(
        self, *, primary: Construct | None = None, retry_interval: Span = RETRY_INTERVAL, timeout: Span | None = None
    ) -> RegionSwitchStep:
        """Make a step for a plan of ARC Region switch: it fails over this site's plans, or brings them home.

        The step has a function in each of the two Regions, and ARC calls the one of the Region that it activates. In
        this Region the function starts the failover of each plan of the site whose cluster is in the other Region. In
        the clusters' Region it starts those of their reverse plans (``plan.reverse``), and fails at once where a plan
        has none. A run has one name for each execution of the ARC plan, so that nothing starts twice. The function
        raises until every plan is ``Restored``. docs/region-switch.md says what ARC does in which mode.

        Call it after ``protect``. The function finds the plans by their records, also those of later deployments.

        Args:
            primary: a construct in a stack of the clusters' Region, which gets the function there. Default: the stack
                of the site's first cluster, where all clusters are in one Region.
            retry_interval: how long ARC waits before it calls the function again; above zero, at most 3653 days.
                Default: one minute.
            timeout: how long ARC waits for the step; whole minutes (ARC API, CustomActionLambdaConfiguration).
                Default: twice the longest recovery time of the plans so far, at least one hour and at most a week.

        Returns:
            The step. Its ``block`` is for ``CfnPlan``.

        Raises:
            ResilientRedshiftError: for a site without a plan; for clusters in several Regions without ``primary``; for
                a ``primary`` of a Region without a cluster; for a length that is out of range or a token; for a second
                step for the same Region; and in China, where ARC Region switch does not exist.
        """
        return RegionSwitchStep(self, primary=primary, retry_interval=retry_interval, timeout=timeout)
