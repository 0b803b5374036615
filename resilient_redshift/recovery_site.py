"""What a recovery Region needs once, for all clusters that would be restored there."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from constructs import Construct

from resilient_redshift._copy_owners import claim_grant
from resilient_redshift._naming import check_grant_name, short_hash
from resilient_redshift._network import Environment, check_environment, names_of, remember_environment, remember_place, select_subnets, stack_environment, stack_of
from resilient_redshift._regions import redshift_endpoints
from resilient_redshift._stack_services import StackServices, check_topic
from resilient_redshift._tree import path_of
from resilient_redshift._validation import Problems, check_count, check_key_itself, where
from resilient_redshift._warnings import Warn
from resilient_redshift.planning import DEFAULT_QUOTA
from resilient_redshift.recovery_plan import RecoveryPlan
from resilient_redshift.recovery_restore import RecoveryRestore
from resilient_redshift.recovery_tiers import RecoveryTiers
from resilient_redshift.snapshot_copy import SnapshotCopyGrant
from resilient_redshift.snapshot_times import SnapshotTimes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.objectives import Objectives, RestoreOptions
    from resilient_redshift.retention import Span
    from resilient_redshift.sql_check import SqlCheck


class RecoverySite(Construct):
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

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        encryption_key: IKeyRef | None = None,
        key_generation: int = 1,
        snapshot_copy_grant_name: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        notify: ITopicRef | None = None,
        manual_snapshot_quota: int | None = None,
        report_bucket: IBucketRef | None = None,
    ) -> None:
        problems = Problems(where(scope, construct_id, "RecoverySite"))
        stack = stack_of(scope)
        here = stack_environment(stack)
        region = _region(problems, here)
        check_environment(problems, "vpc", vpc, here)
        if encryption_key is not None:
            check_key_itself(problems, "encryption_key", encryption_key)
            check_environment(problems, "encryption_key", encryption_key, here)
        problems.check(security_groups != [], "security_groups", security_groups, "one or more, or None for a new one")
        for group in security_groups or ():
            check_environment(problems, "security_groups", group, here)
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if report_bucket is not None:
            check_environment(problems, "report_bucket", report_bucket, here)
        check_count(problems, "key_generation", key_generation)
        quota = DEFAULT_QUOTA if manual_snapshot_quota is None else manual_snapshot_quota
        check_count(problems, "manual_snapshot_quota", quota)
        if snapshot_copy_grant_name is not None:
            check_grant_name(problems, "snapshot_copy_grant_name", snapshot_copy_grant_name)
            owner = where(scope, f"{construct_id}/{_generation('Grant', key_generation)}", "SnapshotCopyGrant")
            claim_grant(problems, stack, snapshot_copy_grant_name, owner)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        #: The recovery Region, a literal.
        self.region = region
        #: The recovery account; None where the deployment decides.
        self.account = here.account
        #: Who gets reports, and is told by alarms.
        self.notify = notify
        #: What keeps reports.
        self.report_bucket = report_bucket
        self._schedules: dict[tuple[str, ...], str] = {}
        self._plans: set[str] = set()
        #: How many manual snapshots the Region may hold.
        self.manual_snapshot_quota: int = quota
        #: What encrypts copies and restored clusters.
        self.encryption_key: IKeyRef = encryption_key or self._key(stack, key_generation)
        if encryption_key is None:
            remember_environment(self.encryption_key, here)
        name = snapshot_copy_grant_name or _grant_name(stack, path_of(self), key_generation)
        #: The grant; its name is literal across Regions.
        self.snapshot_copy_grant = SnapshotCopyGrant(
            self,
            _generation("Grant", key_generation),
            snapshot_copy_grant_name=name,
            encryption_key=self.encryption_key,
        )
        #: Where restored clusters lie.
        self.subnet_group = redshift.CfnClusterSubnetGroup(
            self,
            "SubnetGroup",
            description="Subnets of restored Redshift clusters",
            subnet_ids=select_subnets(vpc, vpc_subnets).ids,
        )
        #: Who may reach restored clusters: by default nobody until somebody decides.
        self.security_groups: tuple[ec2.ISecurityGroup, ...] = tuple(security_groups or [self._security_group(vpc)])
        if notify is not None:
            StackServices.of(self).notify(notify)

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
        return RecoveryPlan(
            self,
            cluster,
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

    @functools.cached_property
    def restore(self) -> RecoveryRestore:
        """What restores the plans' clusters, in drills and failovers; made when first asked for, by the first plan."""
        return RecoveryRestore(self, "Restore", notify=self.notify, report_bucket=self.report_bucket)

    @functools.cached_property
    def tiers(self) -> RecoveryTiers:
        """What gives each copied manual snapshot its rule's retention; made when first asked for.

        A plan asks as soon as its rules keep their copies for different times.
        """
        return RecoveryTiers(self, "Tiers")

    def _schedule(self, expressions: tuple[str, ...]) -> str:
        """The identifier of a snapshot schedule that stands ready for restored clusters; equal ones are one."""
        found = self._schedules.get(expressions)
        if found is None:
            from resilient_redshift.snapshot_schedule import SnapshotSchedule  # noqa: PLC0415 - Lambda's module is slow

            made = SnapshotSchedule(
                self, f"Schedule{short_hash(*expressions)}", times=[SnapshotTimes(each) for each in expressions]
            )
            # the cluster's own tells the same
            told = "it stands ready for a restored cluster; that of the cluster itself warns"
            ack = cdk.Acknowledgment(id=Warn.SNAPSHOT_SCHEDULE_LONG_GAP, reason=told)
            cdk.Validations.of(made).acknowledge(ack)
            found = self._schedules[expressions] = made.schedule_identifier
        return found

    def _key(self, stack: cdk.Stack, generation: int) -> kms.CfnKey:
        key = kms.CfnKey(
            self,
            _generation("Key", generation),
            description="Encrypts copied Redshift snapshots and the clusters restored from them",
            enable_key_rotation=True,
            key_policy={"Version": "2012-10-17", "Statement": _key_statements(stack, self.region)},
        )
        key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return key

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        description = "Access to restored Redshift clusters: nobody yet"
        return ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description=description)


def _region(problems: Problems, here: Environment) -> str:
    why = "copies go to a Region by name; without one, a cluster could copy to itself"
    allowed = "in a stack with env=Environment(region=...)"
    problems.check(here.region is not None, "scope", "a stack without a Region", allowed, why)
    return here.region or ""


def _generation(name: str, generation: int) -> str:
    """A construct id that changes with the generation: the former key and grant are kept beside the new ones."""
    return name if generation == 1 else f"{name}{generation}"


def _grant_name(stack: cdk.Stack, path: str, generation: int) -> str:
    """A name for each stack, site and generation; names are unique in account and Region, which need no part in it."""
    return f"recovery-{short_hash(stack.stack_name, path, str(generation))}"


def _key_statements(stack: cdk.Stack, region: str) -> list[dict[str, Any]]:
    """Who may use the key: whom IAM lets, and whom Redshift lets, through Redshift, as with AWS's own key for Redshift.

    The grant's maker needs nothing more: it holds its rights by IAM. The source Region's key takes no part in a
    restore.
    """
    names = names_of(stack)
    account = names.account
    through_redshift = {
        "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": redshift_endpoints(region)},
    }
    return [
        {
            "Sid": "AccountDecidesByIam",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{names.partition}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "AccountThroughRedshift",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
                "kms:ListGrants",
            ],
            "Resource": "*",
            "Condition": through_redshift,
        },
        {
            "Sid": "RedshiftGrants",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {**through_redshift, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
