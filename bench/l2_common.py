"""What both stacks of a pair hold once, with L2 constructs: a key, a log group, and the custom resources' provider."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources

from bench.scene import ACCOUNT, PACKAGE, PARTITION


class Common:
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
        self.code = lambda_.Code.from_asset(
            str(PACKAGE / "cloud"),
            exclude=["__pycache__"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        functions = [
            lambda_.Function(
                stack,
                name,
                code=self.code,
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
