"""What our state machines have in common: roles, inline policies, log, traces, an alarm on failures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from resilient_redshift import definitions
from resilient_redshift.contract import names
from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.alarms import FIVE_MINUTES, AlarmMetric, at_first_of
from resilient_redshift.stack.compliance import INLINE_POLICIES, acknowledge
from resilient_redshift.stack.iam import allow, inline_policy, service_role
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch


_HOUR: Final = 3600
METRIC_ACTIONS: Final = ("cloudwatch:PutMetricData",)
#: Neither supports resource types (Step Functions guide, "Logging using CloudWatch Logs" and "X-Ray").
LOG_DELIVERY_ACTIONS: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACE_ACTIONS: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


class Machine(Construct):
    """One of our state machines with its role, the role that starts it by a rule, and an alarm on failed runs."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        remember_place(self, stack_of(scope), scope, construct_id)
        self._stack = stack_of(self)
        self._arn_parts = arn_parts_of(self._stack)

    def _build(
        self,
        definition: str,
        *,
        statements: Sequence[dict[str, Any]],
        findings: Mapping[str, str],
        description: str,
        label: str,
    ) -> None:
        """Make everything.

        Args:
            definition: the definition's name.
            statements: what the machine may do whatever it is started for.
            findings: what compliance packs find on that policy, each with its reason.
            description: the alarm's.
            label: the alarm's expression.
        """
        services = StackServices.of(self)
        #: The role that the machine runs with.
        self.role = self._service_role("Role", "states.amazonaws.com")
        self._role_name: str = self.role.ref
        #: What the machine may do whatever it is started for.
        self.policy = inline_policy(self, "Policy", statements, self._role_name)
        #: The state machine.
        self.state_machine = state_machine(
            self,
            definition,
            services=services,
            partition=self._arn_parts.partition,
            role=self.role,
            policy=self.policy,
        )
        #: Its ARN.
        self.state_machine_arn: str = self.state_machine.ref
        events_role = self._service_role("EventsRole", "events.amazonaws.com")
        #: The role with which EventBridge starts the machine, for all its rules.
        self.events_role_arn: str = events_role.attr_arn
        start = [allow(("states:StartExecution",), self.state_machine_arn)]
        #: What the events role may do; a rule depends on it.
        self.events_policy = inline_policy(self, "EventsPolicy", start, events_role.ref)
        # on the machine, whose per-cluster findings come there too: each names its resource
        acknowledge(self, {**INLINE_POLICIES, **findings})
        #: Rings when a run failed.
        self.alarm = failures_alarm(self, services, self.state_machine_arn, description=description, label=label)

    def target(
        self, target_id: str, given: Mapping[str, Any], *, patience: int, scheduled: bool = False
    ) -> dict[str, Any]:
        """What a rule starts this machine with.

        Args:
            target_id: names the target in its rule.
            given: the machine's input.
            patience: how many seconds EventBridge goes on delivering.
            scheduled: add the event's time as ``scheduled_time``.
        """
        told = json.dumps(given, separators=(",", ":"))
        # <time> stands bare: EventBridge puts the quotes
        transformer = {
            "inputPathsMap": {"time": "$.time"},
            "inputTemplate": f'{told[:-1]},"scheduled_time":<time>}}',
        }
        return {
            "id": target_id,
            "arn": self.state_machine_arn,
            "roleArn": self.events_role_arn,
            **({"inputTransformer": transformer} if scheduled else {"input": told}),
            "deadLetterConfig": {"arn": StackServices.of(self).dead_letter_queue_arn},
            "retryPolicy": {"maximumEventAgeInSeconds": patience, "maximumRetryAttempts": 185},
        }

    def hourly(
        self,
        scope: Construct,
        construct_id: str,
        *,
        plan: str,
        description: str,
        target_id: str,
        given: Mapping[str, Any],
    ) -> events.CfnRule:
        """Start this machine for a plan each hour, at a minute of its own: a Region's plans should not all ask at once.

        Args:
            scope: where the rule is made.
            construct_id: its id there.
            plan: the plan's name.
            description: the rule's.
            target_id: names the target.
            given: the machine's input.
        """
        return events.CfnRule(
            scope,
            construct_id,
            description=description,
            schedule_expression=f"cron({int(short_hash(plan), 16) % 60} * * * ? *)",
            state="ENABLED",
            # an hour later the next one does the same
            targets=[self.target(target_id, given, patience=_HOUR)],
        )

    def _service_role(self, construct_id: str, service: str) -> iam.CfnRole:
        """A role that one service may assume for this account alone."""
        path = StackServices.of(self).role_path
        return service_role(self, construct_id, service, path=path, source_account=self._arn_parts.account)

    def _arn(self, resource: str, name: str) -> str:
        """An ARN of Redshift in this Region and account."""
        return self._arn_parts.arn("redshift", resource, name)


def telling_statements() -> list[dict[str, Any]]:
    """What lets a machine tell of itself: metrics of our namespace, log, traces."""
    namespace = {"StringEquals": {"cloudwatch:namespace": names.METRIC_NAMESPACE}}
    return [
        {**allow(METRIC_ACTIONS, "*"), "Condition": namespace},
        allow((*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS), "*"),
    ]


def state_machine(
    scope: Construct,
    definition: str,
    *,
    services: StackServices,
    partition: str,
    role: iam.CfnRole,
    policy: iam.CfnPolicy,
) -> stepfunctions.CfnStateMachine:
    """One of our definitions, logged and traced."""
    machine = stepfunctions.CfnStateMachine(
        scope,
        "Resource",
        role_arn=role.attr_arn,
        definition_string=definitions.definition_string(definition),
        definition_substitutions={"Partition": partition},
        logging_configuration={
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": services.log_group_arn}}],
            "includeExecutionData": True,
            "level": "ALL",
        },
        tracing_configuration={"enabled": True},
    )
    # Step Functions tries the log delivery when the machine is made
    machine.node.add_dependency(policy)
    # cfn-lint's check of definitions applies no DefinitionSubstitutions and knows no partition but aws: it would call
    # every ARN of an SDK integration an error (a test applies the substitution and checks without this)
    machine.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
    return machine


def failures_alarm(
    scope: Construct, services: StackServices, machine_arn: str, *, description: str, label: str
) -> cloudwatch.CfnAlarm:
    """In alarm when a run failed, timed out or was aborted."""
    metrics = [
        AlarmMetric(
            namespace="AWS/States",
            name=name,
            dimensions={"StateMachineArn": machine_arn},
            statistic="Sum",
            period=FIVE_MINUTES,
        )
        for name in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    ]
    return services.alarm("Alarm", at_first_of(metrics, label=label), description=description, scope=scope)
