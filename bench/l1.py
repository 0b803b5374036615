"""The baseline: the library's resources as a careful engineer writes them by hand, with L1 constructs and dictionaries.

Frozen. This file holds resources and nothing else: no checks, no warnings, no acknowledgments, no grouping constructs.
It changes only when the library's resources do, and imports nothing of the library; the handler and the state machine's
definition are files that it names. CDK's Provider framework has no L1 (its code lies inside aws-cdk-lib), so that it
stands here as it does in the library.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import custom_resources

from bench.scene import ACCOUNT, AWAY_REGION, HOME_REGION, PARTITION, SUBNETS, VPC_ID, Pair, pairs, record

_PACKAGE: Final = Path(__file__).parent.parent / "resilient_redshift"
_DEFINITION: Final = json.dumps(
    json.loads((_PACKAGE / "_definitions" / "manual_snapshot.asl.json").read_text(encoding="utf-8")),
    separators=(",", ":"),
    ensure_ascii=False,
)
_LIBRARY_LOGS: Final = ["logs:CreateLogStream", "logs:PutLogEvents"]
_PARAMETERS: Final = [
    {"parameterName": "enable_user_activity_logging", "parameterValue": "true"},
    {"parameterName": "require_ssl", "parameterValue": "true"},
]
_EGRESS: Final = [
    {"cidrIp": "0.0.0.0/0", "description": "Allow all outbound traffic by default", "ipProtocol": "-1"},
]
_GRANT: Final = "recovery-copies"
_SPARED: Final = [
    f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:{name}"
    for name in ("cluster:*", "snapshot:*/*-????????t????z*", "snapshot:*/*-ondemand-????????t??????z*")
]


def build(app: cdk.App, n: int) -> None:
    """Declare ``n`` clusters."""
    for number, pair in enumerate(pairs(app, n)):
        away = _Away(pair.away, f"{_GRANT}-{number}")
        home = _Home(pair.home)
        getattr(pair.home, "add_stack_dependency", pair.home.add_dependency)(pair.away)
        for name in pair.clusters:
            _cluster(pair, home, away, name)


_GRANT_READS = ["redshift:DescribeSnapshotCopyGrants"]
_COPY_READS = ["redshift:DescribeClusterSnapshots", "redshift:DescribeClusters", *_GRANT_READS]


class _Common:
    """What both stacks of a pair hold once: a key, a log group, and the functions behind the custom resources."""

    def __init__(self, stack: cdk.Stack, region: str, reads: list[str]) -> None:
        self.key = kms.CfnKey(
            stack,
            "LogsKey",
            description="logs and dead letters of this stack",
            enable_key_rotation=True,
            key_policy=_document(
                _root(),
                {
                    **_allow(
                        ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"], "*"
                    ),
                    "Principal": {"Service": f"logs.{region}.amazonaws.com"},
                    "Condition": {
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": f"arn:{PARTITION}:logs:{region}:{ACCOUNT}:log-group:*"
                        }
                    },
                },
                {
                    **_allow(["kms:Decrypt", "kms:GenerateDataKey"], "*"),
                    "Principal": {"Service": "events.amazonaws.com"},
                },
            ),
        )
        self.key.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.key_arn = self.key.attr_arn
        log_group = logs.CfnLogGroup(
            stack,
            "Logs",
            log_group_name=f"/aws/vendedlogs/snapshots/{stack.stack_name}",
            retention_in_days=365,
            kms_key_id=self.key_arn,
        )
        log_group.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.log_group_arn = log_group.attr_arn
        self._provider(stack, log_group.ref, reads)

    def _provider(self, stack: cdk.Stack, log_group: str, reads: list[str]) -> None:
        role = _role(stack, "HandlerRole", "lambda.amazonaws.com")
        self.handler_role = role.ref
        policy = _policy(
            stack,
            "HandlerPolicy",
            self.handler_role,
            _allow(_LIBRARY_LOGS, self.log_group_arn),
            _allow(reads, "*"),
        )
        asset = s3_assets.Asset(
            stack,
            "HandlerCode",
            path=str(_PACKAGE / "_provider"),
            exclude=["*", "!handler", "!handler/*.py"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        code = {"s3Bucket": asset.s3_bucket_name, "s3Key": asset.s3_object_key}
        role_arn = role.attr_arn
        arns = []
        for function, entry in (("OnEvent", "on_event"), ("IsComplete", "is_complete")):
            made = lambda_.CfnFunction(
                stack,
                function,
                code=code,
                handler=f"handler.index.{entry}",
                runtime="python3.13",
                role=role_arn,
                timeout=900,
                memory_size=256,
                logging_config={"logGroup": log_group},
                environment={"variables": {"ALLOWED_STACK_ID": cdk.Aws.STACK_ID}},
                description=f"snapshot copies and grants, {entry}",
            )
            _after(made, policy)
            arns.append(made.attr_arn)
        framework_role = _role(stack, "FrameworkRole", "lambda.amazonaws.com")
        _policy(
            stack,
            "FrameworkPolicy",
            framework_role.ref,
            _allow(_LIBRARY_LOGS, self.log_group_arn),
            _allow(["lambda:GetFunction", "lambda:InvokeFunction"], arns),
        )
        as_role = iam.Role.from_role_arn(stack, "FrameworkRoleRef", framework_role.attr_arn, mutable=False)
        on_event, is_complete = (
            lambda_.Function.from_function_attributes(
                stack, f"Function{index}", function_arn=arn, skip_permissions=True
            )
            for index, arn in enumerate(arns)
        )
        provider = custom_resources.Provider(
            stack,
            "Framework",
            on_event_handler=on_event,
            is_complete_handler=is_complete,
            framework_on_event_role=as_role,
            framework_complete_and_timeout_role=as_role,
            query_interval=cdk.Duration.seconds(20),
            total_timeout=cdk.Duration.minutes(30),
            log_group=logs.LogGroup.from_log_group_name(stack, "LogsRef", log_group),
        )
        waiter: Any = provider.node.find_child("waiter-state-machine").node.default_child
        _policy(stack, "StartPolicy", framework_role.ref, _allow("states:StartExecution", waiter.ref))
        self.service_token = provider.service_token


class _Away:
    """The recovery stack: key, grant, subnets, security group and parameters of restored clusters."""

    def __init__(self, stack: cdk.Stack, grant: str) -> None:
        common = _Common(stack, AWAY_REGION, _GRANT_READS)
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
            key_policy=_document(
                _root(),
                {
                    **_allow(
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
                    **_allow(["kms:CreateGrant"], "*"),
                    "Sid": "RedshiftGrants",
                    "Principal": {"AWS": "*"},
                    "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
                },
            ),
        )
        key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        self.key_arn = key.attr_arn
        self.grant = grant
        policy = _policy(
            stack,
            "GrantPolicy",
            common.handler_role,
            _allow(
                ["redshift:CreateSnapshotCopyGrant", "redshift:CreateTags"],
                f"arn:{PARTITION}:redshift:{AWAY_REGION}:{ACCOUNT}:snapshotcopygrant:{grant}",
            ),
            _allow("kms:DescribeKey", self.key_arn),
            {
                **_allow("kms:CreateGrant", self.key_arn),
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
        _after(resource, policy)
        self.subnet_group = redshift.CfnClusterSubnetGroup(
            stack, "Subnets", description="Subnets of restored Redshift clusters", subnet_ids=list(SUBNETS)
        ).ref
        self.security_group = ec2.CfnSecurityGroup(
            stack,
            "SecurityGroup",
            group_description="Access to restored Redshift clusters: nobody yet",
            security_group_egress=_EGRESS,
            vpc_id=VPC_ID,
        ).attr_group_id
        self.parameter_group = _parameter_group(stack)


class _Home:
    """The clusters' stack: what all clusters share."""

    def __init__(self, stack: cdk.Stack) -> None:
        common = _Common(stack, HOME_REGION, _COPY_READS)
        self.handler_role = common.handler_role
        self.service_token = common.service_token
        self.parameter_group = _parameter_group(stack)
        self.source_keys: list[str] = []
        self.source_keys_policy = _policy(stack, "SourceKeys", common.handler_role)
        self._queue(stack, common.key_arn)
        self._machine(stack, common.log_group_arn)

    def _queue(self, stack: cdk.Stack, key_arn: str) -> None:
        queue = sqs.CfnQueue(stack, "DeadLetters", kms_master_key_id=key_arn, message_retention_period=1209600)
        self.queue_arn = queue.attr_arn
        sqs.CfnQueuePolicy(
            stack,
            "DeadLettersPolicy",
            queues=[queue.ref],
            policy_document=_document(
                {
                    **_allow("sqs:SendMessage", self.queue_arn),
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
        _alarm(
            stack,
            "DeadLettersAlarm",
            alarm_description="an event could not be delivered",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions=[{"name": "QueueName", "value": queue.attr_queue_name}],
            statistic="Maximum",
            period=300,
        )

    def _machine(self, stack: cdk.Stack, log_group_arn: str) -> None:
        role = _role(stack, "SnapshotsRole", "states.amazonaws.com", of_account=True)
        self.machine_role = role.ref
        policy = _policy(
            stack,
            "SnapshotsPolicy",
            self.machine_role,
            _allow("redshift:DescribeClusterSnapshots", "*"),
            _allow(
                ["redshift:CreateClusterSnapshot", "redshift:DescribeClusters"],
                f"arn:{PARTITION}:redshift:{HOME_REGION}:{ACCOUNT}:cluster:*",
            ),
            {
                **_allow("cloudwatch:PutMetricData", "*"),
                "Condition": {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}},
            },
            _allow(
                [
                    "logs:CreateLogDelivery",
                    "logs:DeleteLogDelivery",
                    "logs:DescribeLogGroups",
                    "logs:DescribeResourcePolicies",
                    "logs:GetLogDelivery",
                    "logs:ListLogDeliveries",
                    "logs:PutResourcePolicy",
                    "logs:UpdateLogDelivery",
                    "xray:GetSamplingRules",
                    "xray:GetSamplingTargets",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments",
                ],
                "*",
            ),
            {
                "Effect": "Deny",
                "Action": ["redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"],
                "NotResource": _SPARED,
            },
        )
        machine = stepfunctions.CfnStateMachine(
            stack,
            "Snapshots",
            role_arn=role.attr_arn,
            definition_string=_DEFINITION,
            definition_substitutions={"Partition": PARTITION},
            logging_configuration={
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": log_group_arn}}],
                "includeExecutionData": True,
                "level": "ALL",
            },
            tracing_configuration={"enabled": True},
        )
        _after(machine, policy)
        self.machine_arn = machine.ref
        names = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
        dimensions = [{"name": "StateMachineArn", "value": self.machine_arn}]
        _alarm(
            stack,
            "SnapshotsAlarm",
            alarm_description="a run that should have taken a manual snapshot failed",
            metrics=[
                {
                    "id": "total",
                    "expression": "FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)",
                    "label": "snapshots not taken",
                },
                *(
                    {
                        "id": f"m{index}",
                        "metricStat": {
                            "metric": {"namespace": "AWS/States", "metricName": name, "dimensions": dimensions},
                            "period": 300,
                            "stat": "Sum",
                        },
                        "returnData": False,
                    }
                    for index, name in enumerate(names)
                ),
            ],
        )
        events_role = _role(stack, "EventsRole", "events.amazonaws.com", of_account=True)
        self.events_role_arn = events_role.attr_arn
        self.events_policy = _policy(
            stack, "EventsPolicy", events_role.ref, _allow("states:StartExecution", self.machine_arn)
        )


def _cluster(pair: Pair, home: _Home, away: _Away, name: str) -> None:
    """One cluster, its copy, its rule, and the record of its plan in both Regions."""
    stack = pair.home
    key = kms.CfnKey(
        stack,
        f"{name}Key",
        description="Encrypts a Redshift cluster, its snapshots and its admin secret",
        enable_key_rotation=True,
        key_policy=_document(_root()),
    )
    key.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    key_arn = key.attr_arn
    security_group = ec2.CfnSecurityGroup(
        stack,
        f"{name}SecurityGroup",
        group_description="Access to a Redshift cluster",
        security_group_egress=_EGRESS,
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

    copy_policy = _policy(
        stack,
        f"{name}CopyPolicy",
        home.handler_role,
        _allow(
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
    home.source_keys_policy.policy_document = _document(
        _allow("kms:DescribeKey", f"arn:{PARTITION}:kms:{HOME_REGION}:{ACCOUNT}:key/*"),
        {
            **_allow("kms:CreateGrant", home.source_keys),
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
    _after(copy, copy_policy)
    _after(copy, home.source_keys_policy)

    snapshots_policy = _policy(
        stack,
        f"{name}SnapshotsPolicy",
        home.machine_role,
        _allow(
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
                "arn": home.machine_arn,
                "roleArn": home.events_role_arn,
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
    _after(rule, home.events_policy)
    _after(rule, snapshots_policy)

    for where, here in ((pair.home, False), (pair.away, True)):
        ssm.CfnParameter(
            where,
            f"{name}Record",
            name=f"/resilient-redshift/plans/{plan}",
            type="String",
            tier="Intelligent-Tiering",
            description=f"how {name} of {HOME_REGION} is restored",
            value=record(name, plan, away, here=here),
        )


def _after(resource: cdk.CfnResource, other: cdk.CfnResource) -> None:
    # the new name where this CDK has it
    getattr(resource, "add_resource_dependency", resource.add_dependency)(other)


def _parameter_group(stack: cdk.Stack) -> str:
    return redshift.CfnClusterParameterGroup(
        stack,
        "Parameters",
        description="Parameters of Redshift clusters",
        parameter_group_family="redshift-1.0",
        parameters=_PARAMETERS,
    ).ref


def _alarm(stack: cdk.Stack, construct_id: str, **settings: Any) -> None:  # noqa: ANN401 - an L1's properties
    cloudwatch.CfnAlarm(
        stack,
        construct_id,
        comparison_operator="GreaterThanOrEqualToThreshold",
        evaluation_periods=1,
        threshold=1,
        treat_missing_data="notBreaching",
        **settings,
    )


def _role(stack: cdk.Stack, construct_id: str, service: str, *, of_account: bool = False) -> iam.CfnRole:
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if of_account:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return iam.CfnRole(stack, construct_id, assume_role_policy_document=_document(trust))


def _policy(stack: cdk.Stack, construct_id: str, role: str, *statements: dict[str, Any]) -> iam.CfnPolicy:
    return iam.CfnPolicy(
        stack, construct_id, policy_name=construct_id, policy_document=_document(*statements), roles=[role]
    )


def _root() -> dict[str, Any]:
    return {**_allow("kms:*", "*"), "Principal": {"AWS": f"arn:{PARTITION}:iam::{ACCOUNT}:root"}}


def _allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
