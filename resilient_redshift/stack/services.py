"""What the library's parts in one stack share: a key, a log group, a dead-letter queue, and whom alarms tell.

Each is made when first asked for, under one construct with a fixed id, so that a stack never holds two.
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
from resilient_redshift.stack.settings import settings_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct


_ID: Final = "ResilientRedshift"
_LOG_DAYS: Final = 365
_DEAD_LETTER_SECONDS: Final = 14 * 86400  # the longest that SQS keeps a message


class StackServices(Construct):
    """The shared services of one stack; get it with :meth:`of`."""

    def __init__(self, stack: cdk.Stack) -> None:
        super().__init__(stack, _ID)
        remember_place(self, stack, stack, _ID)
        self._stack = stack
        self._alarms: list[cloudwatch.CfnAlarm] = []
        self._topics: list[str] = []
        self._settings = settings_for(stack)
        #: The path of each role that the library makes in this stack; None for ``/``.
        self.role_path = self._settings.role_path
        _services_of.remember(stack, self)

    @classmethod
    def of(cls, scope: IConstruct) -> StackServices:
        """Return the services of the stack that ``scope`` is in."""
        return _services_of(stack_of(scope))

    @functools.cached_property
    def key_arn(self) -> str:
        """The ARN of the key for logs and dead letters."""
        given = self._settings.encryption_key
        if given is None:
            return new_key(self, self._stack).attr_arn
        let_services_use(self, self._stack, given)
        return given.key_ref.key_arn

    @functools.cached_property
    def log_group(self) -> logs.CfnLogGroup:
        """The encrypted log group; kept when the stack goes, as it tells why a deletion failed. One year unless told.

        The name starts with /aws/vendedlogs/ because log delivery of Step Functions otherwise fills the Region's
        resource policy, which holds 5,120 characters (Step Functions guide, "Logging using CloudWatch Logs"). It ends
        with a part of its key's id, as both are made and kept together: a kept log group would otherwise block the next
        one, of a stack of the same name or of this one when it comes back to the library. A key that somebody gave
        stays the same, so that there it is a part of the stack's id, which helps another stack only.
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
        """The log group's ARN, ending with ``:*`` as CloudFormation returns it."""
        return self.log_group.attr_arn

    @functools.cached_property
    def dead_letter_queue(self) -> sqs.CfnQueue:
        """The encrypted queue of events that could not be delivered, 14 days, with an alarm on the first message."""
        queue = sqs.CfnQueue(
            self,
            "DeadLetters",
            kms_master_key_id=self.key_arn,
            message_retention_period=_DEAD_LETTER_SECONDS,
        )
        arn = self.__dict__["dead_letter_queue_arn"] = queue.attr_arn
        sqs.CfnQueuePolicy(
            self,
            "DeadLettersPolicy",
            queues=[queue.ref],
            policy_document=document(self._queue_statements(arn)),
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
        return self.dead_letter_queue.attr_arn

    def alarm(
        self, construct_id: str, properties: Mapping[str, Any], *, description: str, scope: Construct | None = None
    ) -> cloudwatch.CfnAlarm:
        """Make an alarm that notifies every topic of this stack.

        Args:
            construct_id: the id under ``scope``.
            properties: what is watched and when it breaches, from ``stack/alarms.py``.
            description: what happened, and what to do.
            scope: the parent. Default: these services.
        """
        alarm = cloudwatch.CfnAlarm(scope or self, construct_id, alarm_description=description, **properties)
        self._alarms.append(alarm)
        if self._topics:
            alarm.alarm_actions = self._topics
        return alarm

    def notify(self, topic: ITopicRef) -> str:
        """Let this stack's shared alarms, made already or later, tell ``topic`` too; return its ARN.

        Check the topic with :func:`check_topic` first. Its policy must let CloudWatch publish, and so must its key's.
        """
        arn = topic.topic_ref.topic_arn
        if arn not in self._topics:
            self._topics = [*self._topics, arn]
            for alarm in self._alarms:
                alarm.alarm_actions = self._topics
        return arn

    def _queue_statements(self, queue: str) -> list[dict[str, Any]]:
        stack = self._stack
        # any rule of this account: CloudFormation shortens a long stack's name in names it generates, so no prefix is
        # sure
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


def _log_group_name(arn: str) -> str:
    """A name that is new as often as ``arn``, which ends with ``/`` and a UUID."""
    # an ARN of a stack has its name before the UUID, that of a key has not
    uuid = cdk.Fn.select(2 if arn == cdk.Aws.STACK_ID else 1, cdk.Fn.split("/", arn))
    unique = cdk.Fn.select(0, cdk.Fn.split("-", uuid))
    return f"/aws/vendedlogs/resilient-redshift/{cdk.Aws.STACK_NAME}-{unique}"
