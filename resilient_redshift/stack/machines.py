"""The base of the library's state machines: roles, inline policies, a log, traces and an alarm on failed runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from resilient_redshift import definitions
from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.tree import after
from resilient_redshift.stack.alarms import FIVE_MINUTES, AlarmMetric, at_first_of
from resilient_redshift.stack.compliance import INLINE_POLICIES, acknowledge
from resilient_redshift.stack.event_rules import rule_target
from resilient_redshift.stack.functions import CALL_ACTIONS
from resilient_redshift.stack.iam import Statement, allow, inline_policy, service_role
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch


#: The actions that write a machine's log. They and :data:`MACHINE_TRACE_ACTIONS` support no resource type (Step
#: Functions guide, "Logging using CloudWatch Logs" and "X-Ray").
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
#: The actions that write a machine's traces.
MACHINE_TRACE_ACTIONS: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


class Machine(Construct):
    """A state machine with its role, the role with which rules start it, and an alarm on failed runs."""

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
        function_arn: str,
    ) -> None:
        """Make the machine, its roles, its policies and its alarm.

        Args:
            definition: the name of the machine's definition.
            statements: what the machine may do in every run.
            findings: the findings of compliance packs on these statements, each with the reason of its acknowledgment.
            description: the description of the alarm on failed runs.
            label: the label of the alarm's expression.
            function_arn: the ARN of the function that the definition's Tasks call. The machine may call it.
        """
        services = StackServices.of(self)
        #: The role of the machine.
        self.role = self._service_role("Role", "states.amazonaws.com")
        self._role_name: str = self.role.ref
        #: The policy with what the machine may do in every run.
        self.policy = inline_policy(self, "Policy", [allow(CALL_ACTIONS, function_arn), *statements], self._role_name)
        #: The state machine.
        self.state_machine = state_machine(
            self,
            definition,
            services=services,
            partition=self._arn_parts.partition,
            role=self.role,
            policy=self.policy,
            function_arn=function_arn,
        )
        #: The state machine's ARN.
        self.state_machine_arn: str = self.state_machine.ref
        events_role = self._service_role("EventsRole", "events.amazonaws.com")
        #: The ARN of the role with which EventBridge starts the machine, for all rules.
        self.events_role_arn: str = events_role.attr_arn
        start = [allow(("states:StartExecution",), self.state_machine_arn)]
        #: The policy of that role; a rule depends on the policy.
        self.events_policy = inline_policy(self, "EventsPolicy", start, events_role.ref)
        acknowledge(self, INLINE_POLICIES)
        # on this policy alone: on the machine it would hide a wildcard in every other policy
        acknowledge(self.policy, findings)
        #: Goes into the ALARM state when a run failed, timed out or was aborted.
        self.alarm = failures_alarm(self, services, self.state_machine_arn, description=description, label=label)

    def target(
        self, target_id: str, machine_input: Mapping[str, Any], *, patience: int, scheduled: bool = False
    ) -> dict[str, Any]:
        """The target with which a rule starts this machine.

        Args:
            target_id: the target's id in its rule.
            machine_input: the machine's input; not empty.
            patience: how long EventBridge tries to deliver an event, in seconds, 60 to 86,400 (EventBridge API,
                RetryPolicy).
            scheduled: whether the input also has the event's time, as ``scheduled_time``. Default: False.
        """
        return rule_target(
            self,
            target_id,
            self.state_machine_arn,
            machine_input,
            patience=patience,
            role_arn=self.events_role_arn,
            scheduled=scheduled,
        )

    def _service_role(self, construct_id: str, service: str) -> iam.CfnRole:
        """A role that one service may assume, and only for this account."""
        path = StackServices.of(self).role_path
        return service_role(self, construct_id, service, path=path, source_account=self._arn_parts.account)

    def _arn(self, resource: str, name: str) -> str:
        """An ARN of Redshift in this Region and account."""
        return self._arn_parts.arn("redshift", resource, name)


def writing_statement() -> Statement:
    """The statement that lets a machine write its log and its traces."""
    return allow((*LOG_DELIVERY_ACTIONS, *MACHINE_TRACE_ACTIONS), "*")


def state_machine(
    scope: Construct,
    definition: str,
    *,
    services: StackServices,
    partition: str,
    role: iam.CfnRole,
    policy: iam.CfnPolicy,
    function_arn: str,
) -> stepfunctions.CfnStateMachine:
    """Make a state machine that writes a log and traces.

    Args:
        scope: the parent.
        definition: the name of the machine's definition.
        services: the services of the stack, for the log group.
        partition: the partition of the ARNs in the definition.
        role: the machine's role.
        policy: the role's policy, which CloudFormation makes before the machine.
        function_arn: the ARN of the function that the definition's Tasks call.
    """
    machine = stepfunctions.CfnStateMachine(
        scope,
        "Resource",
        role_arn=role.attr_arn,
        definition_string=definitions.definition_string(definition),
        definition_substitutions={"Partition": partition, "Function": function_arn},
        logging_configuration={
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": services.log_group_arn}}],
            "includeExecutionData": True,
            "level": "ALL",
        },
        tracing_configuration={"enabled": True},
    )
    # Step Functions tests the log delivery when CloudFormation makes the machine, and needs the policy for it
    after(machine, policy)
    # cfn-lint's check of definitions ignores DefinitionSubstitutions and knows only the partition aws. It would report
    # the ARN in each Task as an error. A test applies the substitution and runs the check.
    machine.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
    return machine


def failures_alarm(
    scope: Construct, services: StackServices, machine_arn: str, *, description: str, label: str
) -> cloudwatch.CfnAlarm:
    """Make an alarm that goes into the ALARM state when a run failed, timed out or was aborted."""
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
