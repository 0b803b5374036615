"""The recovery site: what one recovery Region needs for all the clusters that would be restored there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.groups import check_group, name_of
from resilient_redshift.contract.generated_names import grant_name
from resilient_redshift.copies.claims import claim_grant
from resilient_redshift.copies.grant import SnapshotCopyGrant
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import (
    check_environment,
    environment_of,
    remember_place,
    stack_environment,
    stack_of,
)
from resilient_redshift.core.security_groups import check_security_groups
from resilient_redshift.core.subnets import NO_SUBNETS, checked_subnets
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.planning import DEFAULT_QUOTA
from resilient_redshift.recovery._protecting_site import ProtectingSite
from resilient_redshift.recovery._report_bucket import check_report_bucket
from resilient_redshift.recovery._site_base import SiteBase, SiteFacts, literal_region
from resilient_redshift.recovery._site_key import site_key
from resilient_redshift.recovery.imported_site import ImportedRecoverySite
from resilient_redshift.rules.naming import check_grant_name
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from resilient_redshift.stack.topics import check_topic
from resilient_redshift.watching.actions import check_actions
from resilient_redshift.watching.watcher import CHECK_EVERY, check_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.cluster_ref.groups import SubnetGroup
    from resilient_redshift.rules.retention import Span


@typed
class RecoverySite(ProtectingSite):
    """The place in a recovery Region where clusters are restored: key, grant, subnet group and security group.

    Make one site for each Region and environment. Other apps use it with :meth:`from_attributes`. The key and the grant
    are retained when the construct or its stack is deleted, because the copies that they encrypt could not be restored
    without them.

    Args:
        scope: in a stack of the recovery Region, with ``env=Environment(region=...)``.
        construct_id: the id in that scope. The default name of the grant depends on it: another id makes another grant.
        vpc: the VPC in which clusters are restored; of the Region and account of this stack.
        vpc_subnets: the subnets in which clusters are restored. Default: what the VPC prefers: private subnets with
            egress, else isolated subnets, else public subnets.
        subnet_group: a subnet group that exists already, in ``vpc``, instead of ``vpc_subnets``: its name, a
            ``CfnClusterSubnetGroup``, or the group of ``aws_redshift_alpha``. The library does not know the Zones of
            its subnets, and checks none. Default: a new group with the subnets of ``vpc_subnets``.
        encryption_key: the symmetric key that encrypts the copies and the restored clusters; no alias. Default: a new
            customer-managed key. It rotates and is retained, and each principal that may use Redshift in this account
            may use it through Redshift.
        key_generation: the number of the key and the grant, 1 or more. Raise it by one for a new key, or when the stack
            was destroyed and you deploy it again: a grant belongs to one key for ever, so a new key needs a new grant.
            Default: 1.
        snapshot_copy_grant_name: the name of the grant: 1 to 63 lower-case letters, digits and single hyphens, unique
            in account and Region (Redshift API, CreateSnapshotCopyGrant). Default: ``recovery-`` and a short hash of
            stack, site and key generation.
        security_groups: the security groups of restored clusters, one or more. Default: a new one without ingress.
        notify: a topic of this Region and account. It gets the report of each failover and drill. The library's alarms
            in this stack notify it too: those on recovery points, restores, drills and retention tiers, and on lost
            events. Default: no topic.
        manual_snapshot_quota: how many manual snapshots AWS has granted the account in this Region, 1 or more; copies
            count too. The argument does not ask AWS for more. Default: 700, AWS's own quota.
        report_bucket: a bucket of this Region and account that keeps the report of each failover and drill. Default:
            reports are in the history of the restore machine for 90 days.
        notify_warnings: a topic of this Region and account that hears of warnings about the plans, such as a recovery
            point that reaches three quarters of its objective. Default: nobody hears of warnings.
        alarm_actions: what the alarm on each plan's problems does besides, at most 4: any ``IAlarmAction``, such as
            ``aws_cloudwatch_actions.LambdaAction`` or ``SsmAction``, or one of yours. Pass a topic as ``notify``, not
            in an ``SnsAction``. A composite alarm takes no action of EC2 and of Auto Scaling (CloudWatch User Guide).
            Default: nothing.
        warning_actions: the same for the alarm on each plan's warnings. Default: nothing.
        check_every: how often the watchers of the plans look, in both Regions; 5 to 60 whole minutes. A stack has one
            watcher, and the shortest time of all its sites and monitors counts. Default: 15 minutes.

    Raises:
        ResilientRedshiftError: for an environment-agnostic stack, for something of another Region or account, for a
            number out of range, and for a grant name that AWS refuses or that another site of the app has.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        subnet_group: SubnetGroup | None = None,
        encryption_key: IKeyRef | None = None,
        key_generation: int = 1,
        snapshot_copy_grant_name: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        notify: ITopicRef | None = None,
        manual_snapshot_quota: int | None = None,
        report_bucket: IBucketRef | None = None,
        notify_warnings: ITopicRef | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
        warning_actions: Sequence[cloudwatch.IAlarmAction] = (),
        check_every: Span = CHECK_EVERY,
    ) -> None:
        problems = Problems(where(scope, construct_id, "RecoverySite"))
        stack = stack_of(scope)
        here = stack_environment(stack)
        region = literal_region(problems, here)
        check_environment(problems, "vpc", vpc, here)
        subnets = NO_SUBNETS
        if subnet_group is None:
            subnets = checked_subnets(problems, "vpc_subnets", vpc, vpc_subnets)
        else:
            why = "the group has the subnets"
            problems.check(vpc_subnets is None, "vpc_subnets", "a selection", "left out with subnet_group", why)
            check_group(problems, "subnet_group", subnet_group, stack)
        if encryption_key is not None:
            check_key_itself(problems, "encryption_key", encryption_key)
            check_environment(problems, "encryption_key", encryption_key, here)
        problems.check(security_groups != [], "security_groups", security_groups, "one or more, or None for a new one")
        for group in security_groups or ():
            check_environment(problems, "security_groups", group, here)
        check_security_groups(problems, "security_groups", security_groups or (), vpc)
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if notify_warnings is not None:
            check_topic(problems, "notify_warnings", notify_warnings, stack)
        check_actions(problems, alarm_actions, warning_actions)
        every = check_interval(problems, "check_every", check_every)
        check_report_bucket(problems, report_bucket, here)
        problems.check_count("key_generation", key_generation)
        quota = DEFAULT_QUOTA if manual_snapshot_quota is None else manual_snapshot_quota
        problems.check_count("manual_snapshot_quota", quota)
        if snapshot_copy_grant_name is not None:
            why = "the stacks of clusters in other Regions name the grant"
            problems.check(known(snapshot_copy_grant_name), "snapshot_copy_grant_name", "a token", "a literal", why)
            check_grant_name(problems, "snapshot_copy_grant_name", snapshot_copy_grant_name)
            owner = where(scope, f"{construct_id}/{_generation_id('Grant', key_generation)}", "SnapshotCopyGrant")
            claim_grant(problems, stack, snapshot_copy_grant_name, owner)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        key = encryption_key or site_key(self, _generation_id("Key", key_generation), stack, region)
        if encryption_key is None:
            environment_of.remember(key, here)
        #: The grant. Its name is a literal, so that the other Region can name it.
        self.snapshot_copy_grant = SnapshotCopyGrant(
            self,
            _generation_id("Grant", key_generation),
            snapshot_copy_grant_name=snapshot_copy_grant_name
            or grant_name(naming_stack(self), naming_path(self), key_generation),
            encryption_key=key,
        )
        #: The subnet group that the site made; None where you passed one.
        self.subnet_group: redshift.CfnClusterSubnetGroup | None = None
        if subnet_group is None:
            subnet_group = self.subnet_group = _subnet_group(self, subnets.ids)
        self._set_facts(
            SiteFacts(
                region=region,
                account=here.account,
                encryption_key=key,
                snapshot_copy_grant_name=self.snapshot_copy_grant.snapshot_copy_grant_name,
                subnet_group_name=name_of(subnet_group),
                subnet_zones=subnets.zones,
                security_groups=tuple(security_groups or [self._security_group(vpc)]),
                notify=notify,
                report_bucket=report_bucket,
                manual_snapshot_quota=quota,
                notify_warnings=notify_warnings,
                alarm_actions=alarm_actions,
                warning_actions=warning_actions,
                check_every=every,
            )
        )

    @classmethod
    def from_attributes(
        cls,
        scope: Construct,
        construct_id: str,
        *,
        snapshot_copy_grant_name: str,
        encryption_key: IKeyRef,
        subnet_group_name: str,
        security_groups: Sequence[ec2.ISecurityGroup],
        subnet_zones: int | None = None,
        notify: ITopicRef | None = None,
        manual_snapshot_quota: int | None = None,
        report_bucket: IBucketRef | None = None,
        notify_warnings: ITopicRef | None = None,
        alarm_actions: Sequence[cloudwatch.IAlarmAction] = (),
        warning_actions: Sequence[cloudwatch.IAlarmAction] = (),
        check_every: Span = CHECK_EVERY,
    ) -> ImportedRecoverySite:
        """Use the recovery site of another app, so that many apps share one site for each account and Region.

        The other app deploys its ``RecoverySite`` first. This app then deploys the stack of ``scope``, and after it the
        stacks of its clusters. Nothing links the two apps: CloudFormation does not know that this app uses the site, so
        the other app must keep it.

        Args:
            scope: in a stack of this app in the site's Region and account, with ``env=Environment(region=...)``.
            construct_id: the id in that scope.
            snapshot_copy_grant_name: the name of the site's grant, a literal.
            encryption_key: the site's key, such as ``kms.Key.from_key_arn(...)``; no alias. The key's policy must let
                IAM policies of the account decide; the policy of the key that a site makes does.
            subnet_group_name: the name of the site's subnet group.
            security_groups: the security groups of this app's restored clusters, in the site's VPC, one or more: the
                site's, or others.
            subnet_zones: the number of Availability Zones of the site's subnets, 1 or more. Default: unknown; Multi-AZ
                is then not checked against it.
            notify: as for ``RecoverySite``; the topic of this app's reports and alarms.
            manual_snapshot_quota: as for ``RecoverySite``. The library counts the snapshots of this app only.
            report_bucket: as for ``RecoverySite``; the bucket of this app's reports.
            notify_warnings: as for ``RecoverySite``.
            alarm_actions: as for ``RecoverySite``.
            warning_actions: as for ``RecoverySite``.
            check_every: as for ``RecoverySite``.

        Returns:
            The site. Its ``protect`` is that of ``RecoverySite``.

        Raises:
            ResilientRedshiftError: for an environment-agnostic stack, for something of another Region or account, for a
                name that AWS refuses, for a grant name that is a token, and for a key, subnet group or security group
                that refers to another stack of this app.
        """
        return ImportedRecoverySite(
            scope,
            construct_id,
            snapshot_copy_grant_name=snapshot_copy_grant_name,
            encryption_key=encryption_key,
            subnet_group_name=subnet_group_name,
            security_groups=security_groups,
            subnet_zones=subnet_zones,
            notify=notify,
            manual_snapshot_quota=manual_snapshot_quota,
            report_bucket=report_bucket,
            notify_warnings=notify_warnings,
            alarm_actions=alarm_actions,
            warning_actions=warning_actions,
            check_every=check_every,
        )

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        description = "Access to restored Redshift clusters: nobody yet"
        return ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description=description)


SiteBase._new_site = RecoverySite  # noqa: SLF001 - the class above is the only one


def _subnet_group(site: Construct, subnet_ids: Sequence[str]) -> redshift.CfnClusterSubnetGroup:
    description = "Subnets of restored Redshift clusters"
    return redshift.CfnClusterSubnetGroup(site, "SubnetGroup", description=description, subnet_ids=subnet_ids)


def _generation_id(name: str, generation: int) -> str:
    """A construct id for one generation.

    Each generation has its own ids, so that the key and the grant of an earlier generation stay beside the new ones.
    """
    return name if generation == 1 else f"{name}{generation}"
