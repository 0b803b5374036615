"""The baseline: the library's resources as a careful engineer writes them by hand, with L1 constructs and dictionaries.

Frozen. These files (``l1*.py``) hold resources and nothing else: no checks, no warnings, no acknowledgments, no grouping
constructs. They change only when the library's resources do, and import nothing of the library; the handler and the
state machines' definitions are files that they name. CDK's Provider framework has no L1 (its code lies inside
aws-cdk-lib), so that it stands here as it does in the library.
"""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

from bench import l1_parts as parts
from bench.l1_common import Common
from bench.l1_machines import Restore, Snapshots
from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, SUBNETS, VPC_ID, Pair, pairs, record

_GRANT: Final = "recovery-copies"


def build(app: cdk.App, n: int) -> None:
    """Declare ``n`` clusters."""
    for number, pair in enumerate(pairs(app, n)):
        away = _Away(pair.away, f"{_GRANT}-{number}", pair.clusters)
        home = _Home(pair.home)
        getattr(pair.home, "add_stack_dependency", pair.home.add_dependency)(pair.away)
        for name in pair.clusters:
            _cluster(pair, home, away, name)


_GRANT_READS = ["redshift:DescribeSnapshotCopyGrants"]
_COPY_READS = ["redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", *_GRANT_READS]


class _Away:
    """The recovery stack: key, grant, subnets, security group and parameters of restored clusters, and what restores."""

    def __init__(self, stack: cdk.Stack, grant: str, clusters: tuple[str, ...]) -> None:
        common = Common(stack, AWAY_REGION, _GRANT_READS)
        through = {
            "StringEquals": {
                "kms:CallerAccount": ACCOUNT,
                "kms:ViaService": [f"redshift.{AWAY_REGION}.amazonaws.com"],
            }
        }
        key = kms.CfnKey(
            stack,
            "CopiesKey",
            description="copied snapshots and the clusters restored from them",
            enable_key_rotation=True,
            key_policy=parts.document(
                parts.root(),
                {
                    **parts.allow(
                        [
                            "kms:Encrypt",
                            "kms:Decrypt",
                            "kms:ReEncrypt*",
                            "kms:GenerateDataKey*",
                            "kms:DescribeKey",
                            "kms:ListGrants",
                        ],
                        "*",
                    ),
                    "Sid": "AccountThroughRedshift",
                    "Principal": {"AWS": "*"},
                    "Condition": through,
                },
                {
                    **parts.allow(["kms:CreateGrant"], "*"),
                    "Sid": "RedshiftGrants",
                    "Principal": {"AWS": "*"},
                    "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
                },
            ),
        )
        key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        self.key_arn = key.attr_arn
        self.grant = grant
        policy = parts.policy(
            stack,
            "GrantPolicy",
            common.handler_role,
            parts.allow(
                ["redshift:CreateSnapshotCopyGrant", "redshift:CreateTags"],
                f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}:snapshotcopygrant:{grant}",
            ),
            parts.allow("kms:DescribeKey", self.key_arn),
            {
                **parts.allow("kms:CreateGrant", self.key_arn),
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        )
        resource = cdk.CfnResource(
            stack,
            "Grant",
            type="Custom::RedshiftSnapshotCopyGrant",
            properties={
                "ServiceToken": common.service_token,
                "ServiceTimeout": "3000",
                "SnapshotCopyGrantName": grant,
                "KmsKeyId": self.key_arn,
                "RemovalPolicy": "retain",
            },
        )
        resource.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        parts.after(resource, policy)
        self.subnet_group = redshift.CfnClusterSubnetGroup(
            stack, "Subnets", description="Subnets of restored Redshift clusters", subnet_ids=list(SUBNETS)
        ).ref
        self.security_group = ec2.CfnSecurityGroup(
            stack,
            "SecurityGroup",
            group_description="Access to restored Redshift clusters: nobody yet",
            security_group_egress=parts.EGRESS,
            vpc_id=VPC_ID,
        ).attr_group_id
        self.parameter_group = parts.parameter_group(stack)
        restore = Restore(stack, common, clusters=clusters, key_arn=self.key_arn)
        self.machine_arn = restore.arn
        self.plans_policy = restore.plans_policy


class _Home:
    """The clusters' stack: what all clusters share."""

    def __init__(self, stack: cdk.Stack) -> None:
        common = Common(stack, HOME_REGION, _COPY_READS)
        self.handler_role = common.handler_role
        self.service_token = common.service_token
        self.parameter_group = parts.parameter_group(stack)
        self.source_keys: list[str] = []
        self.source_keys_policy = parts.policy(stack, "SourceKeys", common.handler_role)
        self._queue(stack, common.key_arn)
        self.snapshots = Snapshots(stack, common)

    def _queue(self, stack: cdk.Stack, key_arn: str) -> None:
        queue = sqs.CfnQueue(stack, "DeadLetters", kms_master_key_id=key_arn, message_retention_period=1209600)
        self.queue_arn = queue.attr_arn
        sqs.CfnQueuePolicy(
            stack,
            "DeadLettersPolicy",
            queues=[queue.ref],
            policy_document=parts.document(
                {
                    **parts.allow("sqs:SendMessage", self.queue_arn),
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Condition": {
                        "ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:events:{HOME_REGION}:{ACCOUNT}:rule/*"}
                    },
                },
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "sqs:*",
                    "Resource": self.queue_arn,
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ),
        )
        parts.alarm(
            stack,
            "DeadLettersAlarm",
            alarm_description="an event could not be delivered",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions=[{"name": "QueueName", "value": queue.attr_queue_name}],
            statistic="Maximum",
            period=300,
        )


def _cluster(pair: Pair, home: _Home, away: _Away, name: str) -> None:
    """One cluster, its copy, its rule, and the record of its plan in both Regions."""
    stack = pair.home
    key = kms.CfnKey(
        stack,
        f"{name}Key",
        description="Encrypts a Redshift cluster, its snapshots and its admin secret",
        enable_key_rotation=True,
        key_policy=parts.document(parts.root()),
    )
    key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    key_arn = key.attr_arn
    security_group = ec2.CfnSecurityGroup(
        stack,
        f"{name}SecurityGroup",
        group_description="Access to a Redshift cluster",
        security_group_egress=parts.EGRESS,
        vpc_id=VPC_ID,
    )
    subnet_group = redshift.CfnClusterSubnetGroup(
        stack, f"{name}Subnets", description="Subnets of a Redshift cluster", subnet_ids=list(SUBNETS)
    )
    cluster = redshift.CfnCluster(
        stack,
        name,
        allow_version_upgrade=True,
        automated_snapshot_retention_period=14,
        cluster_identifier=name,
        cluster_parameter_group_name=home.parameter_group,
        cluster_subnet_group_name=subnet_group.ref,
        cluster_type="multi-node",
        db_name="dev",
        encrypted=True,
        enhanced_vpc_routing=True,
        kms_key_id=key_arn,
        logging_properties={
            "logDestinationType": "cloudwatch",
            "logExports": ["connectionlog", "userlog", "useractivitylog"],
        },
        manage_master_password=True,
        manual_snapshot_retention_period=-1,
        master_password_secret_kms_key_id=key_arn,
        master_username="warehouse_admin",
        multi_az=False,
        node_type="ra3.large",
        number_of_nodes=2,
        port=5440,
        preferred_maintenance_window="sat:10:00-sat:10:30",
        publicly_accessible=False,
        vpc_security_group_ids=[security_group.attr_group_id],
    )
    cluster.apply_removal_policy(cdk.RemovalPolicy.SNAPSHOT)
    identifier = cluster.ref

    copy_policy = parts.policy(
        stack,
        f"{name}CopyPolicy",
        home.handler_role,
        parts.allow(
            [
                "redshift:EnableSnapshotCopy",
                "redshift:DisableSnapshotCopy",
                "redshift:ModifySnapshotCopyRetentionPeriod",
                "redshift:CreateTags",
                "redshift:DeleteTags",
            ],
            f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:cluster:{identifier}",
        ),
    )
    home.source_keys.append(key_arn)
    home.source_keys_policy.policy_document = parts.document(
        parts.allow("kms:DescribeKey", f"arn:{PARTITION}:kms:*:{ACCOUNT}:key/*"),
        {
            **parts.allow("kms:CreateGrant", home.source_keys),
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    )
    copy = cdk.CfnResource(
        stack,
        f"{name}Copy",
        type="Custom::RedshiftSnapshotCopy",
        properties={
            "ServiceToken": home.service_token,
            "ServiceTimeout": "3000",
            "ClusterIdentifier": identifier,
            "DestinationRegion": AWAY_REGION,
            "RetentionPeriod": "14",
            "ManualSnapshotRetentionPeriod": "14",
            "RemovalPolicy": "retain",
            "AcceptLossOfCopies": "false",
            "SnapshotCopyGrantName": away.grant,
        },
    )
    copy.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    parts.after(copy, copy_policy)
    parts.after(copy, home.source_keys_policy)

    snapshots_policy = parts.policy(
        stack,
        f"{name}SnapshotsPolicy",
        home.snapshots.function_role,
        parts.allow(
            [
                "redshift:CreateClusterSnapshot",
                "redshift:CreateTags",
                "redshift:DeleteClusterSnapshot",
                "redshift:ModifyClusterSnapshot",
            ],
            f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:snapshot:{identifier}/*",
        ),
    )
    plan = f"{name}-{HOME_REGION}"
    rule = events.CfnRule(
        stack,
        f"{name}Nightly",
        description="manual snapshots 'nightly'",
        schedule_expression="cron(0 3 * * ? *)",
        state="ENABLED",
        targets=[
            {
                "id": "Snapshots",
                "arn": home.snapshots.arn,
                "roleArn": home.snapshots.events_role_arn,
                "inputTransformer": {
                    "inputPathsMap": {"time": "$.time"},
                    "inputTemplate": f'{{"cluster_identifier":"{identifier}","rule":"nightly","keep_days":7,'
                    f'"keep_in_recovery_days":14,"plan":"{plan}","gap_seconds":86400,"scheduled_time":<time>}}',
                },
                "deadLetterConfig": {"arn": home.queue_arn},
                "retryPolicy": {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185},
            }
        ],
    )
    parts.after(rule, home.snapshots.events_policy)
    parts.after(rule, snapshots_policy)

    _record(pair.home, name, plan, record(name, plan, away, snapshots_arn=home.snapshots.arn))
    parts.after(_record(pair.away, name, plan, record(name, plan, away)), away.plans_policy)
    parts.alarm(
        pair.away,
        f"{name}SlowFailoverAlarm",
        alarm_description=f"a failover of {plan} takes longer than it should",
        namespace="ResilientRedshift",
        metric_name="RtoMissed",
        dimensions=[{"name": "Plan", "value": plan}],
        statistic="Maximum",
        period=300,
    )


def _record(stack: cdk.Stack, name: str, plan: str, value: str) -> ssm.CfnParameter:
    return ssm.CfnParameter(
        stack,
        f"{name}Record",
        name=f"/resilient-redshift/plans/{plan}",
        type="String",
        tier="Intelligent-Tiering",
        description=f"how {name} of {HOME_REGION} is restored",
        value=value,
    )
