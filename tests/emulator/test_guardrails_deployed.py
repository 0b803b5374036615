"""Guardrails, deployed: the managed policy stops who has it, and accepted calls reach the topic, but for our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import assertions
from aws_cdk import aws_sns as sns
from botocore.exceptions import ClientError

import resilient_redshift as rr
from tests.emulator.aws_scene import HERE, THERE, allow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

OUR_PATH = "/guarded/"
PATIENCE = {"Delay": 0.02, "MaxAttempts": 5000}


@pytest.fixture(scope="module")
def guarded(one_aws: EmulatedAws) -> Iterator[EmulatedAws]:
    """An account with a stack of guardrails; IAM is enforced."""
    env = cdk.Environment(account=one_aws.account, region=THERE)
    synthesizer = cdk.BootstraplessSynthesizer()
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Guarded", env=env, synthesizer=synthesizer)
    rr.StackSettings(role_path=OUR_PATH).apply(stack)
    topic = sns.CfnTopic(stack, "Topic", topic_name="guarded-operators")
    break_glass = f"arn:aws:iam::{one_aws.account}:role/GuardedBreakGlass"
    made = rr.RecoveryGuardrails(stack, "Guardrails", break_glass_roles=[break_glass], notify=topic)
    made.policy.managed_policy_name = "guarded"
    body = json.dumps(assertions.Template.from_stack(stack).to_json())
    cloudformation = one_aws.client("cloudformation", THERE)
    cloudformation.create_stack(StackName="Guarded", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="Guarded", WaiterConfig=PATIENCE)
    one_aws.enforce_iam(True)
    yield one_aws
    one_aws.enforce_iam(False)
    # the account is that of other modules too, which count what is delivered
    cloudformation.delete_stack(StackName="Guarded")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="Guarded", WaiterConfig=PATIENCE)


def switch_off(aws: EmulatedAws, name: str, path: str) -> tuple[str, list[str]]:
    """Switch a copy off under a role that may do everything and has the managed policy.

    Returns:
        The refusal, empty without one, and what the topic got.
    """
    cluster = f"guarded-{name.lower()}"
    aws.model("given_cluster", THERE, cluster)
    aws.client("redshift", THERE).enable_snapshot_copy(ClusterIdentifier=cluster, DestinationRegion=HERE)
    iam = aws.client("iam", HERE)
    made = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument="{}")["Role"]
    document = {"Version": "2012-10-17", "Statement": [allow("*")]}
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=json.dumps(document))
    iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::{aws.account}:policy/guarded")
    env = aws.sign_in(made["Arn"])
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"], THERE)
    since, refusal = len(aws.deliveries()), ""
    try:
        session.client("redshift", endpoint_url=aws.endpoint).disable_snapshot_copy(ClusterIdentifier=cluster)
    except ClientError as error:
        refusal = str(error)
    sent = aws.deliveries(since)
    assert [each["refused"] for each in sent] == [None] * len(sent)
    return refusal, [json.loads(each["body"]) for each in sent]


def test_an_administrator_is_denied(guarded: EmulatedAws) -> None:
    refusal, told = switch_off(guarded, "GuardedAdmin", "/")
    assert "explicit deny" in refusal
    assert told == []


def test_the_break_glass_role_is_let_through_and_told(guarded: EmulatedAws) -> None:
    refusal, [message] = switch_off(guarded, "GuardedBreakGlass", "/")
    assert refusal == ""
    assert message.startswith(f"arn:aws:sts::{guarded.account}:assumed-role/GuardedBreakGlass/")
    assert f"called DisableSnapshotCopy in account {guarded.account}, {THERE}, at " in message


def test_a_role_of_our_path_is_let_through_and_not_told(guarded: EmulatedAws) -> None:
    assert switch_off(guarded, "GuardedOurs", OUR_PATH) == ("", [])
