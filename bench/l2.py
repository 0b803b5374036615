"""The second baseline: the same by hand with CDK's L2 constructs where they exist, the alpha cluster among them.

Frozen as l1.py is, with its files ``l2*.py``. It holds one AWS::IAM::Policy less in each stack: CDK's framework lets a
role that can grow start its waiter by a statement of that role's own policy. The alpha cluster would make a secret and
its attachment; Redshift's managed password replaces both, by an escape hatch.
"""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm

from bench.l2_common import Common
from bench.l2_machines import Restore, Snapshots
from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, Pair, pairs, record


def build(app: cdk.App, n: int) -> None:
    """Declare ``n`` clusters."""
    for number, pair in enumerate(pairs(app, n)):
        away = _Away(pair, f"recovery-copies-{number}")
        home = _Home(pair.home)
        getattr(pair.home, "add_stack_dependency", pair.home.add_dependency)(pair.away)
        for name in pair.clusters:
            _cluster(pair, home, away, name)


_GRANT_READS = ["redshift:DescribeSnapshotCopyGrants"]
_COPY_READS = ["redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", *_GRANT_READS]


class _Away:
    """The recovery stack."""

    def __init__(self, pair: Pair, grant: str) -> None:
        stack = pair.away
        common = Common(stack, AWAY_REGION, _GRANT_READS)
        through = {
            "StringEquals": {
                "kms:CallerAccount": ACCOUNT,
                "kms:ViaService": [f"redshift.{AWAY_REGION}.amazonaws.com"],
            }
        }
        key = kms.Key(
            stack,
            "CopiesKey",
            description="copied snapshots and the clusters restored from them",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        for actions, conditions in (
            (
                [
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:DescribeKey",
                    "kms:ListGrants",
                ],
                through,
            ),
            (["kms:CreateGrant"], {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}),
        ):
            key.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[iam.AnyPrincipal()], actions=actions, resources=["*"], conditions=conditions
                )
            )
        self.key_arn = key.key_arn
        self.grant = grant
        policy = iam.Policy(
            stack,
            "GrantPolicy",
            roles=[common.handler_role],
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "redshift:CreateSnapshotCopyGrant",
                        "redshift:CreateTags",
                    ],
                    resources=[f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}:snapshotcopygrant:{grant}"],
                ),
                iam.PolicyStatement(actions=["kms:DescribeKey"], resources=[self.key_arn]),
                iam.PolicyStatement(
                    actions=["kms:CreateGrant"],
                    resources=[self.key_arn],
                    conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
                ),
            ],
        )
        resource = cdk.CustomResource(
            stack,
            "Grant",
            service_token=common.service_token,
            service_timeout=cdk.Duration.minutes(50),
            resource_type="Custom::RedshiftSnapshotCopyGrant",
            removal_policy=cdk.RemovalPolicy.RETAIN,
            properties={"SnapshotCopyGrantName": grant, "KmsKeyId": self.key_arn, "RemovalPolicy": "retain"},
        )
        resource.node.add_dependency(policy)
        self.subnet_group = cast(
            "redshift.CfnClusterSubnetGroup",
            alpha.ClusterSubnetGroup(
                stack,
                "Subnets",
                description="Subnets of restored Redshift clusters",
                vpc=pair.away_vpc,
                removal_policy=cdk.RemovalPolicy.DESTROY,
            ).node.default_child,
        ).ref
        self.security_group = ec2.SecurityGroup(
            stack,
            "SecurityGroup",
            vpc=pair.away_vpc,
            description="Access to restored Redshift clusters: nobody yet",
        ).security_group_id
        self.parameter_group = _parameter_group(stack).cluster_parameter_group_name
        restore = Restore(stack, common, clusters=pair.clusters, key_arn=self.key_arn)
        self.machine_arn = restore.machine.state_machine_arn
        self.plans_policy = restore.plans_policy


class _Home:
    """The clusters' stack: what all clusters share."""

    def __init__(self, stack: cdk.Stack) -> None:
        common = Common(stack, HOME_REGION, _COPY_READS)
        self.handler_role = common.handler_role
        self.service_token = common.service_token
        self.parameter_group = _parameter_group(stack)
        any_key = f"arn:{PARTITION}:kms:*:{ACCOUNT}:key/*"
        read_keys = iam.PolicyStatement(actions=["kms:DescribeKey"], resources=[any_key])
        self.source_keys = iam.Policy(stack, "SourceKeys", roles=[self.handler_role], statements=[read_keys])
        self.queue = sqs.Queue(
            stack,
            "DeadLetters",
            encryption_master_key=common.key,
            retention_period=cdk.Duration.days(14),
            enforce_ssl=True,
        )
        cloudwatch.Alarm(
            stack,
            "DeadLettersAlarm",
            alarm_description="an event could not be delivered",
            metric=self.queue.metric_approximate_number_of_messages_visible(statistic="Maximum"),
            evaluation_periods=1,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.snapshots = Snapshots(stack, common)


def _cluster(pair: Pair, home: _Home, away: _Away, name: str) -> None:
    """One cluster, its copy, its rule, and the record of its plan in both Regions."""
    stack = pair.home
    key = kms.Key(
        stack,
        f"{name}Key",
        description="Encrypts a Redshift cluster, its snapshots and its admin secret",
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    key_arn = key.key_arn
    security_group = ec2.SecurityGroup(
        stack, f"{name}SecurityGroup", vpc=pair.home_vpc, description="Access to a Redshift cluster"
    )
    cluster = alpha.Cluster(
        stack,
        name,
        master_user=alpha.Login(
            master_username="warehouse_admin",
            master_password=cdk.SecretValue.unsafe_plain_text("replaced below"),
        ),
        vpc=pair.home_vpc,
        cluster_name=name,
        cluster_type=alpha.ClusterType.MULTI_NODE,
        default_database_name="dev",
        encrypted=True,
        encryption_key=key,
        enhanced_vpc_routing=True,
        multi_az=False,
        node_type=alpha.NodeType.RA3_LARGE,
        number_of_nodes=2,
        parameter_group=home.parameter_group,
        port=5440,
        preferred_maintenance_window="sat:10:00-sat:10:30",
        publicly_accessible=False,
        removal_policy=cdk.RemovalPolicy.SNAPSHOT,
        security_groups=[security_group],
    )
    l1 = cast("redshift.CfnCluster", cluster.node.default_child)  # what the L2 does not offer
    l1.automated_snapshot_retention_period = 14
    l1.manual_snapshot_retention_period = -1
    l1.master_user_password = None
    l1.manage_master_password = True
    l1.master_password_secret_kms_key_id = key_arn
    l1.logging_properties = {  # type: ignore[assignment]  # jsii takes the dictionary
        "logDestinationType": "cloudwatch",
        "logExports": ["connectionlog", "userlog", "useractivitylog"],
    }
    identifier = cluster.cluster_name

    copy_policy = iam.Policy(
        stack,
        f"{name}CopyPolicy",
        roles=[home.handler_role],
        statements=[
            iam.PolicyStatement(
                actions=[
                    "redshift:EnableSnapshotCopy",
                    "redshift:DisableSnapshotCopy",
                    "redshift:ModifySnapshotCopyRetentionPeriod",
                    "redshift:CreateTags",
                    "redshift:DeleteTags",
                ],
                resources=[f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:cluster:{identifier}"],
            )
        ],
    )
    home.source_keys.add_statements(
        iam.PolicyStatement(
            actions=["kms:CreateGrant"],
            resources=[key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )
    )
    copy = cdk.CustomResource(
        stack,
        f"{name}Copy",
        service_token=home.service_token,
        service_timeout=cdk.Duration.minutes(50),
        resource_type="Custom::RedshiftSnapshotCopy",
        removal_policy=cdk.RemovalPolicy.RETAIN,
        properties={
            "ClusterIdentifier": identifier,
            "DestinationRegion": AWAY_REGION,
            "RetentionPeriod": "14",
            "ManualSnapshotRetentionPeriod": "14",
            "RemovalPolicy": "retain",
            "AcceptLossOfCopies": "false",
            "SnapshotCopyGrantName": away.grant,
        },
    )
    copy.node.add_dependency(copy_policy, home.source_keys)

    snapshots_policy = iam.Policy(
        stack,
        f"{name}SnapshotsPolicy",
        roles=[home.snapshots.function_role],
        statements=[
            iam.PolicyStatement(
                actions=[
                    "redshift:CreateClusterSnapshot",
                    "redshift:CreateTags",
                    "redshift:DeleteClusterSnapshot",
                    "redshift:ModifyClusterSnapshot",
                ],
                resources=[f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:snapshot:{identifier}/*"],
            )
        ],
    )
    plan = f"{name}-{HOME_REGION}"
    target = targets.SfnStateMachine(
        home.snapshots.machine,
        role=home.snapshots.events_role,
        dead_letter_queue=home.queue,
        max_event_age=cdk.Duration.days(1),
        retry_attempts=185,
        input=events.RuleTargetInput.from_object(
            {
                "cluster_identifier": identifier,
                "rule": "nightly",
                "keep_days": 7,
                "keep_in_recovery_days": 14,
                "plan": plan,
                "gap_seconds": 86400,
                "scheduled_time": events.EventField.time,
            }
        ),
    )
    rule = events.Rule(
        stack,
        f"{name}Nightly",
        description="manual snapshots 'nightly'",
        schedule=events.Schedule.cron(hour="3", minute="0"),
        targets=[target],
    )
    rule.node.add_dependency(snapshots_policy)

    snapshots_arn = home.snapshots.machine.state_machine_arn
    _record(pair.home, name, plan, record(name, plan, away, snapshots_arn=snapshots_arn))
    _record(pair.away, name, plan, record(name, plan, away)).node.add_dependency(away.plans_policy)
    cloudwatch.Alarm(
        pair.away,
        f"{name}SlowFailoverAlarm",
        alarm_description=f"a failover of {plan} takes longer than it should",
        metric=cloudwatch.Metric(
            namespace="ResilientRedshift", metric_name="RtoMissed", dimensions_map={"Plan": plan}, statistic="Maximum"
        ),
        evaluation_periods=1,
        threshold=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )


def _record(stack: cdk.Stack, name: str, plan: str, value: str) -> ssm.StringParameter:
    return ssm.StringParameter(
        stack,
        f"{name}Record",
        parameter_name=f"/resilient-redshift/plans/{plan}",
        tier=ssm.ParameterTier.INTELLIGENT_TIERING,
        description=f"how {name} of {HOME_REGION} is restored",
        string_value=value,
    )


def _parameter_group(stack: cdk.Stack) -> alpha.ClusterParameterGroup:
    return alpha.ClusterParameterGroup(
        stack,
        "Parameters",
        description="Parameters of Redshift clusters",
        parameters={"enable_user_activity_logging": "true", "require_ssl": "true"},
    )
