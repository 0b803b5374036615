"""The second baseline: the same by hand with CDK's L2 constructs where they exist, the alpha cluster among them.

Frozen as l1.py is. It holds one AWS::IAM::Policy less in each stack: CDK's framework lets a role that can grow start
its waiter by a statement of that role's own policy. The alpha cluster would make a secret and its attachment;
Redshift's managed password replaces both, by an escape hatch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import custom_resources

from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, Pair, pairs, record

_PACKAGE: Final = Path(__file__).parent.parent / "resilient_redshift"
_DEFINITION: Final = json.dumps(
    json.loads((_PACKAGE / "_definitions" / "manual_snapshot.asl.json").read_text(encoding="utf-8")),
    separators=(",", ":"),
    ensure_ascii=False,
)
_FIVE_MINUTES: Final = cdk.Duration.minutes(5)


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


class _Common:
    """What both stacks of a pair hold once."""

    def __init__(self, stack: cdk.Stack, region: str, reads: list[str]) -> None:
        self.key = kms.Key(
            stack,
            "LogsKey",
            description="logs and dead letters of this stack",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
                actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
                resources=["*"],
                conditions={
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": f"arn:{PARTITION}:logs:{region}:{ACCOUNT}:log-group:*"
                    }
                },
            )
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
            )
        )
        self.log_group = logs.LogGroup(
            stack,
            "Logs",
            log_group_name=f"/aws/vendedlogs/snapshots/{stack.stack_name}",
            retention=logs.RetentionDays.ONE_YEAR,
            encryption_key=self.key,
            removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )
        self._provider(stack, reads)

    def _provider(self, stack: cdk.Stack, reads: list[str]) -> None:
        self.handler_role = iam.Role(stack, "HandlerRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.handler_role)
        self.handler_role.add_to_policy(
            iam.PolicyStatement(
                actions=reads,
                resources=["*"],
            )
        )
        code = lambda_.Code.from_asset(
            str(_PACKAGE / "_provider"),
            exclude=["*", "!handler", "!handler/*.py"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        functions = [
            lambda_.Function(
                stack,
                name,
                code=code,
                handler=f"handler.index.{entry}",
                runtime=lambda_.Runtime.PYTHON_3_13,
                role=self.handler_role,
                timeout=cdk.Duration.minutes(15),
                memory_size=256,
                log_group=self.log_group,
                environment={"ALLOWED_STACK_ID": cdk.Aws.STACK_ID},
                description=f"snapshot copies and grants, {entry}",
            )
            for name, entry in (("OnEvent", "on_event"), ("IsComplete", "is_complete"))
        ]
        framework_role = iam.Role(stack, "FrameworkRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(framework_role)
        self.service_token = custom_resources.Provider(
            stack,
            "Framework",
            on_event_handler=functions[0],
            is_complete_handler=functions[1],
            framework_on_event_role=framework_role,
            framework_complete_and_timeout_role=framework_role,
            query_interval=cdk.Duration.seconds(20),
            total_timeout=cdk.Duration.minutes(30),
            log_group=self.log_group,
        ).service_token


class _Away:
    """The recovery stack."""

    def __init__(self, pair: Pair, grant: str) -> None:
        stack = pair.away
        common = _Common(stack, AWAY_REGION, _GRANT_READS)
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


class _Home:
    """The clusters' stack: what all clusters share."""

    def __init__(self, stack: cdk.Stack) -> None:
        common = _Common(stack, HOME_REGION, _COPY_READS)
        self.handler_role = common.handler_role
        self.service_token = common.service_token
        self.parameter_group = _parameter_group(stack)
        any_key = f"arn:{PARTITION}:kms:{HOME_REGION}:{ACCOUNT}:key/*"
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
        self._machine(stack, common.log_group)

    def _machine(self, stack: cdk.Stack, log_group: logs.LogGroup) -> None:
        of_account = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        states = iam.ServicePrincipal("states.amazonaws.com", conditions=of_account)
        self.machine_role = iam.Role(stack, "SnapshotsRole", assumed_by=states)
        for actions, resource, conditions in (
            (["redshift:DescribeClusterSnapshots"], "*", None),
            (
                ["redshift:CreateClusterSnapshot", "redshift:DescribeClusters"],
                f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:cluster:*",
                None,
            ),
            (
                ["cloudwatch:PutMetricData"],
                "*",
                {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}},
            ),
        ):
            self.machine_role.add_to_policy(
                iam.PolicyStatement(actions=actions, resources=[resource], conditions=conditions)
            )
        self.machine_role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=["redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"],
                not_resources=[
                    f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:{name}"
                    for name in ("cluster:*", "snapshot:*/*-????????t????z*", "snapshot:*/*-ondemand-????????t??????z*")
                ],
            )
        )
        self.machine = stepfunctions.StateMachine(
            stack,
            "Snapshots",
            role=self.machine_role,
            definition_body=stepfunctions.DefinitionBody.from_string(_DEFINITION),
            definition_substitutions={"Partition": PARTITION},
            logs=stepfunctions.LogOptions(
                destination=log_group, include_execution_data=True, level=stepfunctions.LogLevel.ALL
            ),
            tracing_enabled=True,
        )
        failed = cloudwatch.MathExpression(
            expression="FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)",
            label="snapshots not taken",
            period=_FIVE_MINUTES,
            using_metrics={
                "m0": self.machine.metric_failed(),
                "m1": self.machine.metric_timed_out(),
                "m2": self.machine.metric_aborted(),
            },
        )
        cloudwatch.Alarm(
            stack,
            "SnapshotsAlarm",
            alarm_description="a run that should have taken a manual snapshot failed",
            metric=failed,
            evaluation_periods=1,
            threshold=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.events_role = iam.Role(
            stack, "EventsRole", assumed_by=iam.ServicePrincipal("events.amazonaws.com", conditions=of_account)
        )


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
        roles=[home.machine_role],
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
        home.machine,
        role=home.events_role,
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

    for where, here in ((pair.home, False), (pair.away, True)):
        ssm.StringParameter(
            where,
            f"{name}Record",
            parameter_name=f"/resilient-redshift/plans/{plan}",
            tier=ssm.ParameterTier.INTELLIGENT_TIERING,
            description=f"how {name} of {HOME_REGION} is restored",
            string_value=record(name, plan, away, here=here),
        )


def _parameter_group(stack: cdk.Stack) -> alpha.ClusterParameterGroup:
    return alpha.ClusterParameterGroup(
        stack,
        "Parameters",
        description="Parameters of Redshift clusters",
        parameters={"enable_user_activity_logging": "true", "require_ssl": "true"},
    )
