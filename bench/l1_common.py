"""What both stacks of a pair hold once, with L1 constructs: a key, a log group, and the custom resources' provider."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import custom_resources

from bench import l1_parts as parts
from bench.scene import ACCOUNT, PACKAGE, PARTITION

LIBRARY_LOGS: Final = ["logs:CreateLogStream", "logs:PutLogEvents"]


class Common:
    """What both stacks of a pair hold once: a key, a log group, and the functions behind the custom resources."""

    def __init__(self, stack: cdk.Stack, region: str, reads: list[str]) -> None:
        self.key = kms.CfnKey(
            stack,
            "LogsKey",
            description="logs and dead letters of this stack",
            enable_key_rotation=True,
            key_policy=parts.document(
                parts.root(),
                {
                    **parts.allow(
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
                    **parts.allow(["kms:Decrypt", "kms:GenerateDataKey"], "*"),
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
        self.log_group_name = log_group.ref
        self._provider(stack, self.log_group_name, reads)

    def _provider(self, stack: cdk.Stack, log_group: str, reads: list[str]) -> None:
        role = parts.role(stack, "HandlerRole", "lambda.amazonaws.com")
        self.handler_role = role.ref
        policy = parts.policy(
            stack,
            "HandlerPolicy",
            self.handler_role,
            parts.allow(LIBRARY_LOGS, self.log_group_arn),
            parts.allow(reads, "*"),
        )
        asset = s3_assets.Asset(
            stack,
            "HandlerCode",
            path=str(PACKAGE / "cloud"),
            exclude=["__pycache__"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        self.code = {"s3Bucket": asset.s3_bucket_name, "s3Key": asset.s3_object_key}
        role_arn = role.attr_arn
        arns = []
        for function, entry in (("OnEvent", "on_event"), ("IsComplete", "is_complete")):
            made = lambda_.CfnFunction(
                stack,
                function,
                code=self.code,
                handler=f"handler.index.{entry}",
                runtime="python3.13",
                role=role_arn,
                timeout=900,
                memory_size=256,
                logging_config={"logGroup": log_group},
                environment={"variables": {"ALLOWED_STACK_ID": cdk.Aws.STACK_ID}},
                description=f"snapshot copies and grants, {entry}",
            )
            parts.after(made, policy)
            arns.append(made.attr_arn)
        framework_role = parts.role(stack, "FrameworkRole", "lambda.amazonaws.com")
        parts.policy(
            stack,
            "FrameworkPolicy",
            framework_role.ref,
            parts.allow(LIBRARY_LOGS, self.log_group_arn),
            parts.allow(["lambda:GetFunction", "lambda:InvokeFunction"], arns),
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
        parts.policy(stack, "StartPolicy", framework_role.ref, parts.allow("states:StartExecution", waiter.ref))
        self.service_token = provider.service_token
