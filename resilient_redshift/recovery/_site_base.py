"""The resources of a recovery site; ``site.py`` adds the plans."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from constructs import Construct

from resilient_redshift.copies.claims import claim_grant
from resilient_redshift.copies.grant import SnapshotCopyGrant
from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import (
    Environment,
    arn_parts_of,
    check_environment,
    environment_of,
    remember_place,
    stack_environment,
    stack_of,
)
from resilient_redshift.core.regions import redshift_endpoints
from resilient_redshift.core.subnets import select_subnets
from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import Problems
from resilient_redshift.planning import DEFAULT_QUOTA
from resilient_redshift.recovery.restore import RecoveryRestore
from resilient_redshift.recovery.tiers import RecoveryTiers
from resilient_redshift.rules.naming import check_grant_name, short_hash
from resilient_redshift.stack.iam import allow_principal, document
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef


class SiteBase(Construct):
    """Key, grant, subnet group, security group and machines of a site; ``RecoverySite`` documents the arguments."""

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
        problems.check_count("key_generation", key_generation)
        quota = DEFAULT_QUOTA if manual_snapshot_quota is None else manual_snapshot_quota
        problems.check_count("manual_snapshot_quota", quota)
        if snapshot_copy_grant_name is not None:
            check_grant_name(problems, "snapshot_copy_grant_name", snapshot_copy_grant_name)
            owner = where(scope, f"{construct_id}/{_generation_id('Grant', key_generation)}", "SnapshotCopyGrant")
            claim_grant(problems, stack, snapshot_copy_grant_name, owner)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        #: The recovery Region, a literal.
        self.region = region
        #: The recovery account; None when only the deployment knows it.
        self.account = here.account
        #: The topic that gets reports and alarms; None for no topic.
        self.notify = notify
        #: The bucket that keeps reports; None for no bucket.
        self.report_bucket = report_bucket
        #: The quota of manual snapshots in the Region.
        self.manual_snapshot_quota: int = quota
        #: The key that encrypts the copies and the restored clusters.
        self.encryption_key: IKeyRef = encryption_key or self._key(stack, key_generation)
        if encryption_key is None:
            environment_of.remember(self.encryption_key, here)
        name = snapshot_copy_grant_name or _grant_name(stack, path_of(self), key_generation)
        #: The grant. Its name is a literal, so that the other Region can name it.
        self.snapshot_copy_grant = SnapshotCopyGrant(
            self,
            _generation_id("Grant", key_generation),
            snapshot_copy_grant_name=name,
            encryption_key=self.encryption_key,
        )
        subnets = select_subnets(vpc, vpc_subnets)
        #: The number of Availability Zones of the subnets of restored clusters; None where synth does not know it.
        self.subnet_zones: int | None = subnets.zones
        #: The subnet group of restored clusters.
        self.subnet_group = redshift.CfnClusterSubnetGroup(
            self,
            "SubnetGroup",
            description="Subnets of restored Redshift clusters",
            subnet_ids=subnets.ids,
        )
        #: The security groups of restored clusters. The default one has no ingress until you add some.
        self.security_groups: tuple[ec2.ISecurityGroup, ...] = tuple(security_groups or [self._security_group(vpc)])
        if notify is not None:
            StackServices.of(self).notify(notify)

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

    def _key(self, stack: cdk.Stack, generation: int) -> kms.CfnKey:
        key = kms.CfnKey(
            self,
            _generation_id("Key", generation),
            description="Encrypts copied Redshift snapshots and the clusters restored from them",
            enable_key_rotation=True,
            key_policy=document(_key_statements(stack, self.region)),
        )
        key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        return key

    def _security_group(self, vpc: ec2.IVpc) -> ec2.SecurityGroup:
        description = "Access to restored Redshift clusters: nobody yet"
        return ec2.SecurityGroup(self, "SecurityGroup", vpc=vpc, description=description)


def _region(problems: Problems, here: Environment) -> str:
    why = "a copy names its Region; without a known Region, a cluster could copy to itself"
    allowed = "in a stack with env=Environment(region=...)"
    problems.check(here.region is not None, "scope", "a stack without a Region", allowed, why)
    return here.region or ""


def _generation_id(name: str, generation: int) -> str:
    """A construct id for one generation.

    Each generation has its own ids, so that the key and the grant of an earlier generation stay beside the new ones.
    """
    return name if generation == 1 else f"{name}{generation}"


def _grant_name(stack: cdk.Stack, path: str, generation: int) -> str:
    """A name for each stack, site and generation.

    Account and Region are no part of the name, because a grant's name is unique in account and Region anyway.
    """
    return f"recovery-{short_hash(stack.stack_name, path, str(generation))}"


def _key_statements(stack: cdk.Stack, region: str) -> list[dict[str, Any]]:
    """The statements of the key's policy.

    IAM decides about this account's principals. Besides, each principal of the account that may use Redshift may use
    the key through Redshift, as with AWS's own key for Redshift. The role that makes the grant needs no statement,
    because IAM gives it its rights. The key of the source Region takes no part in a restore.
    """
    parts = arn_parts_of(stack)
    account = parts.account
    through_redshift = {
        "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": redshift_endpoints(region)},
    }
    any_principal = {"AWS": "*"}
    use = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:ListGrants")
    root = {"AWS": f"arn:{parts.partition}:iam::{account}:root"}
    return [
        {"Sid": "AccountDecidesByIam", **allow_principal(root, ["kms:*"])},
        {
            "Sid": "AccountThroughRedshift",
            **allow_principal(any_principal, use),
            "Condition": through_redshift,
        },
        {
            "Sid": "RedshiftGrants",
            **allow_principal(any_principal, ["kms:CreateGrant"]),
            "Condition": {**through_redshift, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
