"""What the library's constructs in one stack share: a key, a log group, a dead-letter queue and the alarms' topics.

Each resource is made when a construct first needs it. All of them are children of one construct with a fixed id, so
that a stack never has two.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.retention import DAY
from resilient_redshift.stack.alarms import FIVE_MINUTES, AlarmMetric, at_first
from resilient_redshift.stack.compliance import acknowledge
from resilient_redshift.stack.iam import allow_principal, document
from resilient_redshift.stack.key import let_services_use, new_key
from resilient_redshift.stack.network import FunctionNetwork, function_network, network_policy
from resilient_redshift.stack.settings import settings_for
from resilient_redshift.stack.topic_policies import let_publish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct


_ID: Final = "ResilientRedshift"
_LOG_DAYS: Final = 365
#: SQS keeps a message for at most 14 days (SQS API, SetQueueAttributes: MessageRetentionPeriod).
_DEAD_LETTER_SECONDS: Final = 14 * 86_400


class StackServices(Construct):
    """The shared services of one stack. Use :meth:`of` to get them."""

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, _ID)
        remember_place(self, stack, stack, _ID)
        self._stack = stack
        self._alarms: list[cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm] = []
        self._actions: dict[cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm, Sequence[str]] = {}
        self._topics: list[str] = []
        self._reached: set[str] = set()
        self._settings = settings_for(stack)
        #: The path of each role that the library makes in this stack; None means ``/``.
        self.role_path = self._settings.role_path
        #: The runtime of the library's own functions that the settings name; None means the default.
        self.lambda_runtime = self._settings.lambda_runtime
        #: Whether Redshift's own error events go to the topics of this stack.
        self.redshift_events = self._settings.redshift_events is not False
        _services_of.remember(stack, self)

    @classmethod
    def of(cls, scope: IConstruct) -> StackServices:
        """The services of the scope's stack, made on the first call."""
        return _services_of(stack_of(scope))

    @functools.cached_property
    def key_arn(self) -> str:
        """The ARN of the key for logs and dead letters."""
        key = self._settings.encryption_key
        if key is None:
            return new_key(self, self._stack).attr_arn
        let_services_use(self, self._stack, key)
        return key.key_ref.key_arn

    @functools.cached_property
    def network(self) -> FunctionNetwork | None:
        """The VPC in which the stack's functions run; None where they run in none."""
        return function_network(self, self._settings)

    @functools.cached_property
    def network_policies(self) -> Sequence[str]:
        """The ARNs of the managed policies that each function's role needs for the VPC; empty without a VPC."""
        return () if self.network is None else (network_policy(self).ref,)

    @functools.cached_property
    def log_group(self) -> logs.CfnLogGroup:
        """The encrypted log group. It keeps entries for one year, or as long as the stack's settings say.

        The log group outlives the stack, because it shows why a deletion failed. The name starts with
        ``/aws/vendedlogs/``: without that prefix, the log delivery of Step Functions fills the Region's resource
        policy, which holds 5,120 characters (Step Functions guide, "Logging using CloudWatch Logs").

        The name ends with part of the key's id, because a new key and its log group are made and kept together. A log
        group that was kept would otherwise block the next one: that of another stack with the same name, or that of
        this stack when it uses the library again. With a given key the name ends with part of the stack's id instead.
        That avoids a clash with another stack, not with this one when it is made again.
        """
        retention = self._settings.log_retention
        group = logs.CfnLogGroup(
            self,
            "Logs",
            log_group_name=_log_group_name(self.key_arn if self._settings.encryption_key is None else cdk.Aws.STACK_ID),
            retention_in_days=_LOG_DAYS if retention is None else retention // DAY,
            kms_key_id=self.key_arn,
        )
        group.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        return group

    @functools.cached_property
    def log_group_arn(self) -> str:
        """The log group's ARN as CloudFormation returns it, with ``:*`` at the end."""
        return self.log_group.attr_arn

    @functools.cached_property
    def dead_letter_queue(self) -> sqs.CfnQueue:
        """The encrypted queue that keeps undelivered events for 14 days, with an alarm on the first message."""
        queue = sqs.CfnQueue(
            self,
            "DeadLetters",
            kms_master_key_id=self.key_arn,
            message_retention_period=_DEAD_LETTER_SECONDS,
        )
        sqs.CfnQueuePolicy(
            self,
            "DeadLettersPolicy",
            queues=[queue.ref],
            policy_document=document(self._queue_statements(_queue_arn(queue))),
        )
        acknowledge(queue, {"AwsSolutions-SQS3": "this is itself the dead-letter queue, of EventBridge rules"})
        waiting = AlarmMetric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue.attr_queue_name},
            statistic="Maximum",
            period=FIVE_MINUTES,
        )
        self.alarm(
            "DeadLettersAlarm",
            at_first(waiting),
            description="an event of a rule of this stack could not be delivered; the queue holds it for 14 days",
        )
        return queue

    @functools.cached_property
    def dead_letter_queue_arn(self) -> str:
        """The dead-letter queue's ARN."""
        return _queue_arn(self.dead_letter_queue)

    def alarm(
        self, construct_id: str, properties: Mapping[str, Any], *, description: str, scope: Construct | None = None
    ) -> cloudwatch.CfnAlarm:
        """Make an alarm that notifies every topic of this stack.

        Args:
            construct_id: the id under ``scope``.
            properties: the metric and the condition of the alarm, from ``stack/alarms.py``.
            description: what happened, and what to do about it.
            scope: the parent. Default: the construct of these services.
        """
        actions = self._topics or None
        alarm = cloudwatch.CfnAlarm(
            scope or self, construct_id, alarm_description=description, alarm_actions=actions, **properties
        )
        self._alarms.append(alarm)
        return alarm

    def composite_alarm(
        self, construct_id: str, rule: str, *, description: str, scope: Construct
    ) -> cloudwatch.CfnCompositeAlarm:
        """Make an alarm over other alarms that notifies every topic of this stack.

        Args:
            construct_id: the id under ``scope``.
            rule: the condition on the other alarms (CloudWatch API, PutCompositeAlarm: AlarmRule).
            description: what happened, and what to do about it.
            scope: the parent.
        """
        alarm = cloudwatch.CfnCompositeAlarm(
            scope, construct_id, alarm_rule=rule, alarm_description=description, alarm_actions=self._topics or None
        )
        self._alarms.append(alarm)
        return alarm

    def act(self, alarm: cloudwatch.CfnCompositeAlarm, actions: Sequence[str]) -> None:
        """Let one of these alarms do more than notify the topics of this stack.

        Args:
            alarm: an alarm that these services made.
            actions: the ARNs of what it does besides.
        """
        if actions:
            self._actions[alarm] = actions
            alarm.alarm_actions = [*self._topics, *actions]

    def notify(self, topic: ITopicRef) -> str:
        """Make every alarm of these services notify one more topic, also the alarms that are made later.

        Check the topic with :func:`check_topic` first. The policies of a topic of the app and of its key let CloudWatch
        and EventBridge in from then on.

        Args:
            topic: a topic of the stack's Region and account.

        Returns:
            The topic's ARN.
        """
        arn = self.reach(topic)
        if arn not in self._topics:
            self._topics = [*self._topics, arn]
            for alarm in self._alarms:
                alarm.alarm_actions = [*self._topics, *self._actions.get(alarm, ())]
        return arn

    def reach(self, topic: ITopicRef) -> str:
        """Let the alarms of this stack publish to a topic that not all of them notify.

        Args:
            topic: as for :meth:`notify`.

        Returns:
            The topic's ARN.
        """
        arn = topic.topic_ref.topic_arn
        if arn not in self._reached:
            self._reached.add(arn)
            let_publish(self, topic)
        return arn

    def _queue_statements(self, queue: str) -> list[dict[str, Any]]:
        stack = self._stack
        # Any rule of this account may send. No prefix of a rule's name is certain, because CloudFormation shortens a
        # long stack name in the names that it generates.
        parts = arn_parts_of(stack)
        rules = f"arn:{parts.partition}:events:{parts.region}:{parts.account}:rule/*"
        return [
            {
                **allow_principal({"Service": "events.amazonaws.com"}, ["sqs:SendMessage"], queue),
                "Condition": {"ArnLike": {"aws:SourceArn": rules}},
            },
            {
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "sqs:*",
                "Resource": queue,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]


@Remembered
def _services_of(stack: cdk.Stack) -> StackServices:
    return StackServices(stack)


@Remembered
def _queue_arn(queue: sqs.CfnQueue) -> str:
    return queue.attr_arn


def _log_group_name(arn: str) -> str:
    """A name that changes when an ARN changes; the ARN ends with ``/`` and a UUID."""
    # the ARN of a stack has the stack's name before the UUID; the ARN of a key has only the UUID
    uuid = cdk.Fn.select(2 if arn == cdk.Aws.STACK_ID else 1, cdk.Fn.split("/", arn))
    unique = cdk.Fn.select(0, cdk.Fn.split("-", uuid))
    return f"/aws/vendedlogs/resilient-redshift/{cdk.Aws.STACK_NAME}-{unique}"
