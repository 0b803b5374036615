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
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.compliance import acknowledge
from resilient_redshift.stack.key import let_services_use, new_key
from resilient_redshift.stack.settings import settings_for

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct

    from resilient_redshift.errors import Problems

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
            policy_document={"Version": "2012-10-17", "Statement": self._queue_statements(arn)},
        )
        acknowledge(queue, {"AwsSolutions-SQS3": "this is itself the dead-letter queue, of EventBridge rules"})
        self.alarm(
            "DeadLettersAlarm",
            alarm_description="an event of a rule of this stack could not be delivered; the queue holds it for 14 days",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions=[{"name": "QueueName", "value": queue.attr_queue_name}],
            statistic="Maximum",
            period=300,
        )
        return queue

    @functools.cached_property
    def dead_letter_queue_arn(self) -> str:
        """The dead-letter queue's ARN."""
        return self.dead_letter_queue.attr_arn

    def alarm(self, construct_id: str, *, scope: Construct | None = None, **settings: Any) -> cloudwatch.CfnAlarm:  # noqa: ANN401
        """Make an alarm that rings at the first failure and tells every topic of this stack.

        Missing data is no breach here: these metrics count failures and exist only where something failed. That a
        *success* is missing is another alarm's matter, one on the age of the newest recovery point.

        Args:
            construct_id: the id under ``scope``.
            scope: the parent; default: these services.
            settings: properties of ``AWS::CloudWatch::Alarm`` that differ from one failure in one period.
        """
        alarm = cloudwatch.CfnAlarm(
            scope or self,
            construct_id,
            **{
                "comparison_operator": "GreaterThanOrEqualToThreshold",
                "evaluation_periods": 1,
                "threshold": 1,
                "treat_missing_data": "notBreaching",
                **settings,
            },
        )
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
                **_allow({"Service": "events.amazonaws.com"}, "sqs:SendMessage", queue),
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


def check_topic(problems: Problems, argument: str, topic: ITopicRef, stack: cdk.Stack) -> None:
    """Record a problem where alarms in ``stack`` cannot tell ``topic``: another Region or account (CloudWatch API)."""
    env = topic.env
    foreign = cdk.Stack.of(topic) is not stack
    for what, theirs, ours in (("Region", env.region, stack.region), ("account", env.account, stack.account)):
        if theirs == ours or not (foreign or (known(theirs) and known(ours))):
            continue
        allowed = f"a topic in {ours}" if known(ours) else f"a topic in this stack's own {what}"
        got = theirs if known(theirs) else f"one of a stack without a {what}"
        problems.add(argument, got, allowed, f"an alarm tells topics of its own {what} only")


def _allow(principal: dict[str, str], action: str | list[str], resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
