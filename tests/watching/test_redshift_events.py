"""Redshift's own error events: one subscription for each stack and topic."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from resilient_redshift import StackSettings
from resilient_redshift.watching.redshift_events import subscribe
from tests.scenes.clusters import HERE, new_app, new_stack
from tests.scenes.recovery import OBJECTIVES, existing, of_type, only, site_of, template_of, two_stacks

KIND = "AWS::Redshift::EventSubscription"


def test_errors_of_every_source_go_to_a_topic_once() -> None:
    # GIVEN a stack with two topics, one of them asked for twice
    stack = new_stack()
    topic, other = sns.Topic(stack, "Topic"), sns.Topic(stack, "Other")
    # WHEN
    assert subscribe(stack, topic) is subscribe(stack, topic)
    subscribe(stack, other)
    # THEN each topic has a subscription that names no source and no category
    first, second = of_type(template_of(stack), KIND).values()
    assert set(first["Properties"]) == {"Severity", "SnsTopicArn", "SubscriptionName"}
    assert first["Properties"]["Severity"] == "ERROR"
    assert first["Properties"]["SubscriptionName"] != second["Properties"]["SubscriptionName"]


def name_in(name: str, scope: cdk.App | cdk.Stage) -> str:
    stack = cdk.Stack(scope, name, stack_name=name, env=HERE)
    topic = sns.Topic(stack, "Topic")
    subscription = subscribe(stack, topic)
    assert subscription is not None
    return subscription.subscription_name


def test_the_name_stays_in_a_stage_and_differs_in_another_stack() -> None:
    app = new_app()
    name = name_in("One", app)
    assert name == name_in("One", cdk.Stage(app, "Live"))
    assert name != name_in("Two", app)
    assert name == "resilient-redshift-ae6fd4f66b03"


def test_the_settings_of_a_stack_can_leave_the_events_out() -> None:
    # GIVEN an account whose 20 subscriptions are taken WHEN a stack's settings say so THEN it takes none
    stack = new_stack()
    StackSettings(redshift_events=False).apply(stack)
    assert subscribe(stack, sns.Topic(stack, "Topic")) is None
    assert of_type(template_of(stack), KIND) == {}


def test_a_plan_sends_the_events_of_both_regions_to_its_topics() -> None:
    home, away = two_stacks()
    here, there = sns.Topic(home, "Topic"), sns.Topic(away, "Topic")
    site = site_of(away, notify=there)
    for name in ("sales", "crm"):
        site.protect(existing(home, name), objectives=OBJECTIVES, notify_primary=here)
    for stack, topic in ((home, here), (away, there)):
        assert only(template_of(stack), KIND)["Properties"]["SnsTopicArn"] == stack.resolve(topic.topic_arn)
