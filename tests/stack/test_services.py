"""The services that the parts of one stack share."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift.stack.alarms import AlarmMetric, at_first
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.settings import StackSettings
from tests.scenes.clusters import HERE, new_stack, resources_of
from tests.scenes.nag import rules_found

COUNT = AlarmMetric(namespace="N", name="M", dimensions={}, statistic="Sum", period=60)


def services_of(env: cdk.Environment | None = HERE) -> StackServices:
    services = StackServices.of(new_stack(env))
    assert services.dead_letter_queue_arn
    assert services.log_group_arn
    return services


def stack_of(services: StackServices) -> cdk.Stack:
    return cdk.Stack.of(services)


def only(services: StackServices, kind: str) -> dict[str, Any]:
    [resource] = resources_of(stack_of(services), kind)
    return resource


def test_one_per_stack_made_when_asked_for() -> None:
    stack = new_stack()
    first = StackServices.of(stack)
    assert StackServices.of(first) is first
    assert resources_of(stack, "AWS::KMS::Key") == []


def test_the_log_group_is_encrypted_kept_a_year_and_named_for_delivery_and_for_this_life_alone() -> None:
    services = services_of()
    properties = only(services, "AWS::Logs::LogGroup")["Properties"]
    assert properties["RetentionInDays"] == 365
    assert "Fn::GetAtt" in properties["KmsKeyId"]
    start, stack_name, dash, unique = properties["LogGroupName"]["Fn::Join"][1]
    assert (start, stack_name, dash) == ("/aws/vendedlogs/resilient-redshift/", {"Ref": "AWS::StackName"}, "-")
    # a log group that was kept blocks no other one: the next one has another key, also in this stack
    assert unique["Fn::Select"][1]["Fn::Split"][1]["Fn::Select"] == [1, {"Fn::Split": ["/", properties["KmsKeyId"]]}]


def test_with_the_users_key_the_log_group_has_a_name_for_this_stack_alone() -> None:
    stack = new_stack()
    StackSettings(encryption_key=kms.Key(stack, "Theirs")).apply(stack)
    services = StackServices.of(stack)
    assert services.log_group_arn
    name = only(services, "AWS::Logs::LogGroup")["Properties"]["LogGroupName"]
    assert "AWS::StackId" in json.dumps(name)


def test_the_queue_is_encrypted_keeps_two_weeks_and_takes_only_rules_of_this_account_over_tls() -> None:
    services = services_of()
    properties = only(services, "AWS::SQS::Queue")["Properties"]
    assert properties["MessageRetentionPeriod"] == 1_209_600
    assert "Fn::GetAtt" in properties["KmsMasterKeyId"]
    allow, deny = only(services, "AWS::SQS::QueuePolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert f":{HERE.account}:rule/*" in json.dumps(allow["Condition"]["ArnLike"])
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_first_dead_letter_breaches_and_an_idle_queue_does_not() -> None:
    alarm = only(services_of(), "AWS::CloudWatch::Alarm")["Properties"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert alarm["TreatMissingData"] == "notBreaching"
    assert "AlarmActions" not in alarm


def test_alarms_notify_every_topic_whenever_it_is_added() -> None:
    # GIVEN an alarm before, between and after two topics
    services = services_of()
    stack = stack_of(services)
    first, second = sns.Topic(stack, "First"), sns.Topic(stack, "Second")
    services.notify(first)
    services.alarm("Between", at_first(COUNT), description="something failed")
    services.notify(second)
    services.notify(first)
    services.alarm("After", at_first(COUNT), description="something failed")
    # THEN each alarm notifies both, once
    actions = [alarm["Properties"]["AlarmActions"] for alarm in resources_of(stack, "AWS::CloudWatch::Alarm")]
    assert actions == [stack.resolve([first.topic_arn, second.topic_arn])] * 3


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_no_finding(pack: Any) -> None:
    services = services_of()
    services.notify(sns.Topic.from_topic_arn(services, "Operators", f"arn:aws:sns:us-east-1:{HERE.account}:operators"))
    assert rules_found(pack, stack_of(services)) == []
