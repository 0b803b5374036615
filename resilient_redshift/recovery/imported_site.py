"""A recovery site of another app: what this app's plans use of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.arguments import check_key_itself, where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.references import other_stack
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.planning import DEFAULT_QUOTA
from resilient_redshift.recovery._protecting_site import ProtectingSite
from resilient_redshift.recovery._report_bucket import check_report_bucket
from resilient_redshift.recovery._site_base import SiteFacts, literal_region
from resilient_redshift.rules.naming import check_grant_name, check_group_name
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.topics import check_topic
from resilient_redshift.watching.actions import check_actions
from resilient_redshift.watching.watcher import CHECK_EVERY, check_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_s3 import IBucketRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.rules.retention import Span


@typed
class ImportedRecoverySite(ProtectingSite):
    """A recovery site of another app. ``RecoverySite.from_attributes`` makes it, and documents the arguments.

    Key, grant, subnet group and security groups are the other app's. Everything that restores is this app's, and in the
    stack of this construct: the state machine and its function with rights for this app's plans alone, the plan
    records, parameter groups, drills, retention tiers and alarms.
    """

    def __init__(
        self,
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
    ) -> None:
        problems = Problems(where(scope, construct_id, "RecoverySite.from_attributes"))
        stack = stack_of(scope)
        here = stack_environment(stack)
        region = literal_region(problems, here)
        why = "the stacks of clusters in other Regions name the grant"
        problems.check(known(snapshot_copy_grant_name), "snapshot_copy_grant_name", "a token", "a literal", why)
        check_grant_name(problems, "snapshot_copy_grant_name", snapshot_copy_grant_name)
        check_key_itself(problems, "encryption_key", encryption_key)
        check_environment(problems, "encryption_key", encryption_key, here)
        _check_no_export(problems, "encryption_key", key_arn_of(encryption_key), stack)
        check_group_name(problems, "subnet_group_name", subnet_group_name)
        _check_no_export(problems, "subnet_group_name", subnet_group_name, stack)
        problems.check(len(security_groups) > 0, "security_groups", security_groups, "one or more")
        for group in security_groups:
            check_environment(problems, "security_groups", group, here)
            _check_no_export(problems, "security_groups", group.security_group_id, stack)
        if subnet_zones is not None:
            problems.check_count("subnet_zones", subnet_zones)
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if notify_warnings is not None:
            check_topic(problems, "notify_warnings", notify_warnings, stack)
        check_actions(problems, alarm_actions, warning_actions)
        every = check_interval(problems, "check_every", check_every)
        check_report_bucket(problems, report_bucket, here)
        quota = DEFAULT_QUOTA if manual_snapshot_quota is None else manual_snapshot_quota
        problems.check_count("manual_snapshot_quota", quota)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        self._set_facts(
            SiteFacts(
                region=region,
                account=here.account,
                encryption_key=encryption_key,
                snapshot_copy_grant_name=snapshot_copy_grant_name,
                subnet_group_name=subnet_group_name,
                subnet_zones=subnet_zones,
                security_groups=tuple(security_groups),
                notify=notify,
                report_bucket=report_bucket,
                manual_snapshot_quota=quota,
                notify_warnings=notify_warnings,
                alarm_actions=alarm_actions,
                warning_actions=warning_actions,
                check_every=every,
            )
        )


def _check_no_export(problems: Problems, argument: str, value: str, stack: cdk.Stack) -> None:
    """Record a problem when a value refers to another stack, because CDK would carry it with an export."""
    there = other_stack(value, stack)
    if there is not None:
        allowed = f"a literal, or a value of the stack '{path_of(stack)}'"
        why = "the site is of another app; where this app makes the site, use the RecoverySite itself"
        problems.add(argument, f"a reference to the stack '{path_of(there)}'", allowed, why)
