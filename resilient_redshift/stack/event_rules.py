"""The rules of EventBridge that start machines and functions, and the targets of these rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_events as events

from resilient_redshift.rules.limits import LONGEST_DELIVERY_SECONDS, MOST_DELIVERY_RETRIES
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct


def rule_target(
    scope: Construct,
    target_id: str,
    arn: str,
    given: Mapping[str, Any],
    *,
    patience: int,
    role_arn: str | None = None,
    scheduled: bool = False,
) -> dict[str, Any]:
    """The target with which a rule starts something. An event that is not delivered goes to the dead-letter queue.

    Args:
        scope: a construct of the rule's stack.
        target_id: the target's id in its rule.
        arn: the ARN of what the rule starts.
        given: the input; not empty.
        patience: how long EventBridge tries to deliver an event, in seconds, 60 to 86,400 (EventBridge API,
            RetryPolicy).
        role_arn: the role with which EventBridge starts it. Default: none, as for a function, whose own policy lets
            EventBridge in (EventBridge User Guide, "Using resource-based policies").
        scheduled: whether the input also has the event's time, as ``scheduled_time``. Default: it has not.
    """
    input_text = json.dumps(given, separators=(",", ":"))
    # <time> has no quotes here, because EventBridge adds them
    transformer = {
        "inputPathsMap": {"time": "$.time"},
        "inputTemplate": f'{input_text[:-1]},"scheduled_time":<time>}}',
    }
    return {
        "id": target_id,
        "arn": arn,
        **({} if role_arn is None else {"roleArn": role_arn}),
        **({"inputTransformer": transformer} if scheduled else {"input": input_text}),
        **_delivery(scope, patience),
    }


def notice_target(
    scope: Construct, target_id: str, topic_arn: str, text: str, given: Mapping[str, str]
) -> dict[str, Any]:
    """The target with which a rule publishes a sentence to a topic. EventBridge tries to deliver it for 24 hours.

    Args:
        scope: a construct of the rule's stack.
        target_id: the target's id in its rule.
        topic_arn: the ARN of the topic, whose policy lets EventBridge publish.
        text: the sentence, with names of values in angle brackets, such as ``<caller>``.
        given: the path of each value in the event, by its name.
    """
    return {
        "id": target_id,
        "arn": topic_arn,
        "inputTransformer": {"inputPathsMap": dict(given), "inputTemplate": json.dumps(text)},
        **_delivery(scope, LONGEST_DELIVERY_SECONDS),
    }


def _delivery(scope: Construct, patience: int) -> dict[str, Any]:
    """How long EventBridge tries to deliver an event, and where an event goes that is not delivered."""
    return {
        "deadLetterConfig": {"arn": StackServices.of(scope).dead_letter_queue_arn},
        "retryPolicy": {"maximumEventAgeInSeconds": patience, "maximumRetryAttempts": MOST_DELIVERY_RETRIES},
    }


def hourly_rule(
    scope: Construct, construct_id: str, *, plan: str, description: str, target: dict[str, Any]
) -> events.CfnRule:
    """Make a rule that starts something for one plan every hour.

    The minute follows from the plan's name, so that the plans of a Region do not all call AWS at the same time.

    Args:
        scope: the rule's parent.
        construct_id: the rule's id in that scope.
        plan: the plan's name.
        description: the rule's description.
        target: the rule's target, from :func:`rule_target`.
    """
    return events.CfnRule(
        scope,
        construct_id,
        description=description,
        schedule_expression=f"cron({int(short_hash(plan), 16) % 60} * * * ? *)",
        state="ENABLED",
        targets=[target],
    )
