"""What else the alarms of a watch do when they ring, besides notifying topics: any action of CDK, or one of yours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.naming_path import naming_path

if TYPE_CHECKING:
    from collections.abc import Sequence

#: An alarm has five actions (CloudWatch API, PutMetricAlarm and PutCompositeAlarm: AlarmActions); one is the topic's.
MOST_ACTIONS: Final = 4
_TOPIC_ACTION: Final = "aws-cdk-lib.aws_cloudwatch_actions.SnsAction"
#: The services whose actions no composite alarm takes (CloudWatch User Guide, composite alarms).
_REFUSED: Final = re.compile(r":(automate|swf|autoscaling):")


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Who hears of what a watch finds, besides the topics that all alarms of the stack notify.

    Attributes:
        alarm_actions: what the alarm on problems does.
        warning_topics: the ARNs of the topics that hear of warnings.
        warning_actions: what the alarm on warnings does.
    """

    alarm_actions: Sequence[cloudwatch.IAlarmAction] = ()
    warning_topics: Sequence[str] = ()
    warning_actions: Sequence[cloudwatch.IAlarmAction] = ()

    @property
    def of_warnings(self) -> bool:
        """Whether anybody hears of warnings."""
        return bool(self.warning_topics or self.warning_actions)


def check_actions(
    problems: Problems,
    alarm_actions: Sequence[cloudwatch.IAlarmAction],
    warning_actions: Sequence[cloudwatch.IAlarmAction],
) -> None:
    """Record a problem for too many actions, and for an action that is a topic.

    Args:
        problems: collects the problems of the call.
        alarm_actions: the argument of that name.
        warning_actions: the argument of that name.
    """
    why = "CloudWatch API, PutCompositeAlarm: an alarm has at most 5 actions, and one is the topic's"
    few = len(alarm_actions) <= MOST_ACTIONS
    problems.check(few, "alarm_actions", alarm_actions, f"at most {MOST_ACTIONS} actions", why)
    few = len(warning_actions) <= MOST_ACTIONS
    problems.check(few, "warning_actions", warning_actions, f"at most {MOST_ACTIONS} actions", why)
    for argument, actions, topic in (
        ("alarm_actions", alarm_actions, "notify"),
        ("warning_actions", warning_actions, "notify_warnings"),
    ):
        if any(getattr(type(action), "__jsii_type__", "") == _TOPIC_ACTION for action in actions):
            why = f"pass the topic itself as {topic}, which lets CloudWatch publish to it and use its key"
            problems.add(argument, "an SnsAction", "actions other than an SnsAction", why)


def bound(
    alarm: cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm,
    argument: str,
    actions: Sequence[cloudwatch.IAlarmAction],
) -> list[str]:
    """Bind actions to an alarm.

    Args:
        alarm: the alarm, without these actions so far.
        argument: the argument with the actions, as the user writes it.
        actions: the actions.

    Returns:
        The ARNs of the actions, each once.

    Raises:
        ResilientRedshiftError: an action cannot be bound, or is one that only an alarm on an instance can have.
    """
    if not actions:
        return []
    scope = alarm.node.scope
    # the id differs for each alarm: CDK's LambdaAction makes the id of its permission from it
    seen = cloudwatch.Alarm.from_alarm_arn(scope, f"Acting{short_hash(naming_path(alarm))}", alarm.attr_arn)  # type: ignore[arg-type]
    problems = Problems(path_of(alarm))
    arns = []
    for action in actions:
        try:
            arns.append(action.bind(scope, seen).alarm_action_arn)  # type: ignore[arg-type]
        except RuntimeError as error:  # of jsii
            why = f"{_first_line(error)}. A LambdaAction takes several alarms with use_unique_permission_id=True"
            problems.add(argument, type(action).__name__, "actions that can be bound to each alarm", why)
            continue
        service = _REFUSED.search(str(cdk.Stack.of(alarm).resolve(arns[-1])))
        if service is not None:
            why = "CloudWatch User Guide: a composite alarm performs no actions of EC2 and of Auto Scaling"
            problems.add(argument, f"an action of '{service[1]}'", "another action", why)
    problems.raise_if_any()
    return list(dict.fromkeys(arns))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].strip()
