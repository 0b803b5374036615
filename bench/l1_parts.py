"""Small parts that the L1 baseline is made of: policies, roles, alarms."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_redshift as redshift

from bench.scene import ACCOUNT, PARTITION

EGRESS: Final = [
    {"cidrIp": "0.0.0.0/0", "description": "Allow all outbound traffic by default", "ipProtocol": "-1"},
]
_PARAMETERS: Final = [
    {"parameterName": "enable_user_activity_logging", "parameterValue": "true"},
    {"parameterName": "require_ssl", "parameterValue": "true"},
]


def after(resource: cdk.CfnResource, other: cdk.CfnResource) -> None:
    # the new name where this CDK has it
    getattr(resource, "add_resource_dependency", resource.add_dependency)(other)


def parameter_group(stack: cdk.Stack) -> str:
    return redshift.CfnClusterParameterGroup(
        stack,
        "Parameters",
        description="Parameters of Redshift clusters",
        parameter_group_family="redshift-1.0",
        parameters=_PARAMETERS,
    ).ref


def alarm(stack: cdk.Stack, construct_id: str, **settings: Any) -> None:  # noqa: ANN401 - an L1's properties
    cloudwatch.CfnAlarm(
        stack,
        construct_id,
        comparison_operator="GreaterThanOrEqualToThreshold",
        evaluation_periods=1,
        threshold=1,
        treat_missing_data="notBreaching",
        **settings,
    )


def role(stack: cdk.Stack, construct_id: str, service: str, *, of_account: bool = False) -> iam.CfnRole:
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if of_account:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return iam.CfnRole(stack, construct_id, assume_role_policy_document=document(trust))


def policy(stack: cdk.Stack, construct_id: str, role: str, *statements: dict[str, Any]) -> iam.CfnPolicy:
    return iam.CfnPolicy(
        stack, construct_id, policy_name=construct_id, policy_document=document(*statements), roles=[role]
    )


def root() -> dict[str, Any]:
    return {**allow("kms:*", "*"), "Principal": {"AWS": f"arn:{PARTITION}:iam::{ACCOUNT}:root"}}


def allow(actions: str | list[str], resources: str | list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
