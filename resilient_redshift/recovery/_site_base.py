"""What plans use of a recovery site, whether this app or another app makes the site."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from constructs import Construct

from resilient_redshift.core.tree import key_arn_of
from resilient_redshift.recovery.restore import RecoveryRestore
from resilient_redshift.recovery.tiers import RecoveryTiers
from resilient_redshift.rules.naming import check_region
from resilient_redshift.stack.outputs import add_outputs
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import timedelta

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.core.environment import Environment
    from resilient_redshift.errors import Problems


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteFacts:
    """What plans use of a site; ``SiteBase`` documents each of them."""

    region: str
    account: str | None
    encryption_key: IKeyRef
    snapshot_copy_grant_name: str
    subnet_group_name: str
    subnet_zones: int | None
    security_groups: tuple[ec2.ISecurityGroup, ...]
    notify: ITopicRef | None
    report_bucket: IBucketRef | None
    manual_snapshot_quota: int
    notify_warnings: ITopicRef | None
    alarm_actions: Sequence[cloudwatch.IAlarmAction]
    warning_actions: Sequence[cloudwatch.IAlarmAction]
    check_every: timedelta


class SiteBase(Construct):
    """The facts of a site, and the functions that restore its plans' clusters."""

    #: Makes a site of the app. The module of ``RecoverySite`` sets it, because a plan makes its site at home and that
    #: module makes plans.
    _new_site: ClassVar[Callable[..., Any]]

    def _set_facts(self, facts: SiteFacts) -> None:
        """Set the facts. A subclass calls this at the end of its constructor."""
        #: The recovery Region, a literal.
        self.region = facts.region
        #: The recovery account; None when only the deployment knows it.
        self.account = facts.account
        #: The key that encrypts the copies and the restored clusters.
        self.encryption_key = facts.encryption_key
        #: The name of the grant, a literal.
        self.snapshot_copy_grant_name = facts.snapshot_copy_grant_name
        #: The name of the subnet group of restored clusters.
        self.subnet_group_name = facts.subnet_group_name
        #: The number of Availability Zones of the subnets of restored clusters; None where synth does not know it.
        self.subnet_zones = facts.subnet_zones
        #: The security groups of restored clusters. The default one has no ingress until you add some.
        self.security_groups = facts.security_groups
        #: The topic that gets reports and alarms; None for no topic.
        self.notify = facts.notify
        #: The bucket that keeps reports; None for no bucket.
        self.report_bucket = facts.report_bucket
        #: The quota of manual snapshots in the Region.
        self.manual_snapshot_quota = facts.manual_snapshot_quota
        #: The topic that hears of warnings; None for no topic.
        self.notify_warnings = facts.notify_warnings
        #: What the alarm on each plan's problems does besides.
        self.alarm_actions = tuple(facts.alarm_actions)
        #: What the alarm on each plan's warnings does besides.
        self.warning_actions = tuple(facts.warning_actions)
        #: How often the watchers look.
        self.check_every = facts.check_every
        if facts.notify is not None:
            StackServices.of(self).notify(facts.notify)

    @functools.cached_property
    def restore(self) -> RecoveryRestore:
        """The state machine that restores the plans' clusters, in drills and failovers.

        The first read makes it; the first plan reads it.
        """
        return RecoveryRestore(self, "Restore", notify=self.notify, report_bucket=self.report_bucket)

    @functools.cached_property
    def tiers(self) -> RecoveryTiers:
        """The function that gives each copied manual snapshot the retention of its rule.

        The first read makes it. A plan reads it as soon as its rules keep their copies for different times.
        """
        return RecoveryTiers(self, "Tiers")

    def add_outputs(self) -> Mapping[str, cdk.CfnOutput]:
        """Make outputs of the stack with what another app passes to ``RecoverySite.from_attributes``.

        Returns:
            The outputs ``SnapshotCopyGrantName``, ``EncryptionKeyArn``, ``SubnetGroupName``, ``SecurityGroupIds``
            (separated by commas) and, where synth knows it, ``SubnetZones``, by these names. A second call returns the
            same outputs.
        """
        groups = ",".join(group.security_group_id for group in self.security_groups)
        zones = {} if self.subnet_zones is None else {"SubnetZones": (str(self.subnet_zones), "the subnets' Zones")}
        return add_outputs(
            self,
            {
                "SnapshotCopyGrantName": (self.snapshot_copy_grant_name, "the grant that encrypts copies"),
                "EncryptionKeyArn": (key_arn_of(self.encryption_key), "the key of copies and of restored clusters"),
                "SubnetGroupName": (self.subnet_group_name, "the subnet group of restored clusters"),
                "SecurityGroupIds": (groups, "the security groups of restored clusters"),
                **zones,
            },
        )


def literal_region(problems: Problems, here: Environment) -> str:
    """The literal Region of a site's stack. A stack without one, or with a name that is none, is a problem."""
    why = "a copy names its Region; without a known Region, a cluster could copy to itself"
    allowed = "in a stack with env=Environment(region=...)"
    if problems.check(here.region is not None, "scope", "a stack without a Region", allowed, why):
        check_region(problems, "scope", here.region or "")
    return here.region or ""
