"""What the alarms of a watch do besides notifying topics: actions of CDK, and those that users write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from resilient_redshift import RecoveryPointMonitor, ResilientRedshiftError
from resilient_redshift.stack.services import StackServices
from tests.scenes.clusters import new_app
from tests.scenes.recovery import (
    ACCOUNT,
    HOME,
    OBJECTIVES,
    existing,
    l1_cluster,
    of_type_with_watch,
    site_of,
    template_of,
    two_stacks,
)

if TYPE_CHECKING:
    from constructs import Construct

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:p"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:chat"


class Chat:
    """An action that a user writes."""

    def bind(self, scope: Construct, alarm: cloudwatch.IAlarm) -> cloudwatch.AlarmActionConfig:
        """Say the ARN."""
        assert alarm.alarm_arn
        del scope
        return cloudwatch.AlarmActionConfig(alarm_action_arn="arn:aws:aiops:us-east-1:1:investigation-group/g")


def on_lambda(scope: Construct, **more: Any) -> actions.LambdaAction:
    """The action of a function that exists."""
    function = lambda_.Function.from_function_attributes(scope, "Chat", function_arn=FUNCTION, same_environment=True)
    return actions.LambdaAction(function, **more)


def test_each_watch_has_the_actions_besides_its_topics() -> None:
    # GIVEN a monitor of two clusters with actions of CDK and one of ours, before the stack has a topic
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    RecoveryPointMonitor(
        stack,
        "Monitor",
        clusters=[existing(stack), l1_cluster(stack)],
        recovery_point=cdk.Duration.hours(9),
        alarm_actions=[on_lambda(stack, use_unique_permission_id=True), Chat()],  # type: ignore[list-item]
        warning_actions=[actions.SsmAction(actions.OpsItemSeverity.LOW)],
    )
    # WHEN the stack gets one
    StackServices.of(stack).notify(sns.Topic.from_topic_arn(stack, "Topic", TOPIC))
    template = template_of(stack)
    # THEN the composite alarms have all of them
    composites = of_type_with_watch(template, "AWS::CloudWatch::CompositeAlarm")
    wanted = [TOPIC, FUNCTION, "arn:aws:aiops:us-east-1:1:investigation-group/g"]
    assert [one["Properties"]["AlarmActions"] for one in composites.values()] == [wanted, wanted]
    # AND each of them may call the function
    permissions = of_type_with_watch(template, "AWS::Lambda::Permission").values()
    sources = [one["Properties"]["SourceArn"]["Fn::GetAtt"] for one in permissions if "alarms" in str(one)]
    assert sorted(sources) == sorted([name, "Arn"] for name in composites)
    # AND the actions of warnings alone make the alarm on warnings
    warnings = [
        one["Properties"]["AlarmActions"]
        for name, one in of_type_with_watch(template, "AWS::CloudWatch::Alarm").items()
        if "WarningAlarm" in name
    ]
    assert len(warnings) == 2
    assert all("opsitem:4" in str(found) and len(found) == 1 for found in warnings)


def test_a_plans_alarm_has_the_actions_of_its_site() -> None:
    # GIVEN a site with an action WHEN it protects a cluster THEN the plan's composite alarm does it
    home, away = two_stacks()
    site = site_of(away, alarm_actions=[Chat()], warning_actions=[Chat()])
    plan = site.protect(existing(home, iam_role_arns=[]), objectives=OBJECTIVES)
    assert plan.alarm.alarm_actions == ["arn:aws:aiops:us-east-1:1:investigation-group/g"]
    assert plan.warning_alarm is not None
    assert plan.warning_alarm.alarm_actions == plan.alarm.alarm_actions


BAD: dict[str, tuple[Any, str]] = {
    "topic": (
        lambda stack: [actions.SnsAction(sns.Topic.from_topic_arn(stack, "Topic", TOPIC))],
        "pass the topic itself as notify",
    ),
    "many": (lambda _: [Chat()] * 5, "at most 4 actions"),
    "kind": (lambda _: [TOPIC], "'alarm_actions[0]' must be a cloudwatch.IAlarmAction"),
    "instance": (lambda _: [actions.Ec2Action(actions.Ec2InstanceAction.REBOOT)], "no actions of EC2"),
    "twice": (lambda stack: [on_lambda(stack)], "use_unique_permission_id=True"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_action_that_an_alarm_cannot_take_is_refused(name: str) -> None:
    # GIVEN a bad list of actions WHEN a monitor is made THEN the error says what to write
    given, words = BAD[name]
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    with pytest.raises(ResilientRedshiftError) as error:
        RecoveryPointMonitor(
            stack,
            "Monitor",
            clusters=[existing(stack), l1_cluster(stack)],
            recovery_point=cdk.Duration.hours(9),
            alarm_actions=given(stack),
        )
    assert words in str(error.value)
