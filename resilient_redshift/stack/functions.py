"""The library's Lambda functions: how each one is made, and the base of those with a role of their own.

A state machine calls a :class:`MachineFunction`. Rules of EventBridge call a :class:`ScheduledFunction`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import after, ref_of
from resilient_redshift.stack.alarms import FIVE_MINUTES, HOUR, AlarmMetric, at_first
from resilient_redshift.stack.archive import archive_folder
from resilient_redshift.stack.compliance import CALLED_FUNCTION, SCHEDULED_FUNCTION, acknowledge, function_findings
from resilient_redshift.stack.event_rules import rule_target
from resilient_redshift.stack.iam import Statement, allow, document, inline_policy, service_role
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam

#: The runtime of a function whose stack has no setting: the newest Python that CDK names for every partition.
RUNTIME: Final = "python3.13"
#: Lambda ends an invocation after at most this many seconds (Lambda quotas). The code's own deadlines are shorter.
LONGEST_SECONDS: Final = 15 * 60
#: The actions with which Lambda writes a function's log, on the log group.
LOG_ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
#: The actions with which Lambda writes a function's traces. They support no resource type (Lambda Developer Guide,
#: "Visualize Lambda function invocations using AWS X-Ray").
TRACE_ACTIONS: Final = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
#: The action that calls a function.
CALL_ACTIONS: Final = ("lambda:InvokeFunction",)
_SERVICE: Final = "lambda.amazonaws.com"
_MEMORY_MEGABYTES: Final = 256
#: How often Lambda repeats a run that failed: after one minute, and after two more (Lambda Developer Guide, "How Lambda
#: handles errors and retries with asynchronous invocation").
_RETRIES: Final = 2


def function_code(scope: Construct) -> Mapping[str, str]:
    """The code of every function of this library, as a property of ``AWS::Lambda::Function``. A stack has it once."""
    return _code_of(StackServices.of(scope))


def function_role(scope: Construct, construct_id: str) -> iam.CfnRole:
    """The role of a function, with the rights that Lambda needs in the VPC of the stack's settings.

    It has no condition on the account, because Lambda takes a role of its account only.
    """
    services = StackServices.of(scope)
    return service_role(
        scope, construct_id, _SERVICE, path=services.role_path, managed_policies=services.network_policies
    )


def new_function(
    scope: Construct,
    construct_id: str,
    *,
    code: Mapping[str, str],
    handler: str,
    description: str,
    role_arn: str,
    policy: iam.CfnPolicy,
    log_group_name: str,
    environment: Mapping[str, str] | None = None,
    reserved_concurrency: int | None = None,
    traced: bool = False,
    name: str | None = None,
) -> lambda_.CfnFunction:
    """Make a function with the runtime and in the VPC of the stack's settings.

    CloudFormation makes the function after its policy and deletes it before, so it never runs without rights.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        code: from :func:`function_code`.
        handler: the handler string.
        description: the description.
        role_arn: the ARN of the function's role.
        policy: the role's policy.
        log_group_name: the log group of the stack.
        environment: the environment variables. Default: none.
        reserved_concurrency: how many runs there may be at the same time. Default: as many as the account has room for.
        traced: whether X-Ray traces the runs; the role then needs :data:`TRACE_ACTIONS`. Default: it does not.
        name: the function's name, where a stack of another Region names it. Default: CloudFormation chooses one.
    """
    services = StackServices.of(scope)
    more: dict[str, Any] = {}
    if services.network is not None:
        more["vpc_config"] = services.network.vpc_config()
    if environment is not None:
        more["environment"] = {"variables": dict(environment)}
    if reserved_concurrency is not None:
        more["reserved_concurrent_executions"] = reserved_concurrency
    if traced:
        more["tracing_config"] = {"mode": "Active"}
    function = lambda_.CfnFunction(
        scope,
        construct_id,
        code=dict(code),
        function_name=name,
        handler=handler,
        description=description,
        runtime=services.lambda_runtime or RUNTIME,
        role=role_arn,
        timeout=LONGEST_SECONDS,
        memory_size=_MEMORY_MEGABYTES,
        logging_config={"logGroup": log_group_name},
        **more,
    )
    after(function, policy)
    if services.network is not None:
        function.node.add_dependency(*services.network.routes)
    return function


def acknowledge_functions(scope: Construct, of_caller: Mapping[str, str], *, reserved: bool = False) -> None:
    """Acknowledge the findings that functions of this library have with the stack's settings.

    Args:
        scope: the parent of the functions, or the function.
        of_caller: the findings that follow from who calls the functions, such as :data:`SCHEDULED_FUNCTION`.
        reserved: whether the functions have reserved concurrency. Default: they have not.
    """
    services = StackServices.of(scope)
    in_vpc, default_runtime = services.network is not None, services.lambda_runtime is None
    acknowledge(scope, function_findings(of_caller, in_vpc=in_vpc, default_runtime=default_runtime, reserved=reserved))


class LibraryFunction(Construct):
    """A function with a role of its own, that role's policy, the stack's log, and traces.

    A subclass calls :meth:`_build` once.
    """

    #: The findings of compliance packs on the function that follow from who calls it.
    _CALLER_FINDINGS: ClassVar[Mapping[str, str]]

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._stack = stack_of(scope)
        remember_place(self, self._stack, scope, construct_id)
        self._arn_parts = arn_parts_of(self._stack)

    def _build(
        self,
        handler: str,
        *,
        statements: Sequence[Statement],
        findings: Mapping[str, str],
        description: str,
        reserved_concurrency: int | None = None,
        environment: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> None:
        """Make the function, its role and its policy.

        Args:
            handler: the handler string, ``handler.<module>.<function>`` of an entry in ``stack/archive.py``.
            statements: what the function may do in every run, besides its log and its traces.
            findings: the findings of compliance packs on these statements, each with the reason of its acknowledgment.
            description: the function's description, 1 to 256 characters (Lambda API, CreateFunction: Description).
            reserved_concurrency: how many runs there may be at the same time: 1 or more, where more runs must not meet.
                Lambda takes them from the account's concurrency, also while nothing runs, and leaves 100 for other
                functions. Default: as many as the account has room for.
            environment: the environment variables. Default: none.
            name: the function's name, where a stack of another Region names it. Default: CloudFormation chooses one.
        """
        services = StackServices.of(self)
        #: The role of the function.
        self.role = function_role(self, "Role")
        self._role_name: str = self.role.ref
        self._writes = [allow(LOG_ACTIONS, services.log_group_arn), allow(TRACE_ACTIONS, "*")]
        #: The policy with what the function may do in every run.
        self.policy = inline_policy(self, "Policy", [*statements, *self._writes], self._role_name)
        self.function = new_function(
            self,
            "Resource",
            code=function_code(self),
            handler=handler,
            description=description,
            role_arn=self.role.attr_arn,
            policy=self.policy,
            log_group_name=ref_of(services.log_group),
            reserved_concurrency=reserved_concurrency,
            environment=environment,
            traced=True,
            name=name,
        )
        #: The function's ARN.
        self.function_arn: str = self.function.attr_arn
        acknowledge_functions(self, self._CALLER_FINDINGS, reserved=reserved_concurrency is not None)
        # on this policy alone: on the function it would hide a wildcard in every other policy
        acknowledge(self.policy, findings)
        self._let_callers_in()

    def _allow_instead(self, statements: Sequence[Statement]) -> None:
        """Replace what the function may do in every run, besides its log and its traces."""
        self.policy.policy_document = document([*statements, *self._writes])

    def _let_callers_in(self) -> None:
        """Let in whoever calls the function without a right of his own. Nobody, unless a subclass says so."""

    def _arn(self, resource: str, name: str) -> str:
        """An ARN of Redshift in this Region and account."""
        return self._arn_parts.arn("redshift", resource, name)


class MachineFunction(LibraryFunction):
    """A function that the Tasks of a state machine call.

    Args:
        scope: the machine.
        construct_id: the id in that scope.
        handler: the handler string, ``handler.<module>.<function>`` of an entry in ``stack/archive.py``.
        statements: what the function may do in every run, besides its log and its traces.
        findings: the findings of compliance packs on these statements, each with the reason of its acknowledgment.
        description: the function's description, 1 to 256 characters (Lambda API, CreateFunction: Description).
        reserved_concurrency: how many runs there may be at the same time. Default: as many as the account has room for.
    """

    _CALLER_FINDINGS: ClassVar[Mapping[str, str]] = CALLED_FUNCTION

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        statements: Sequence[Statement],
        findings: Mapping[str, str],
        description: str,
        reserved_concurrency: int | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._build(
            handler,
            statements=statements,
            findings=findings,
            description=description,
            reserved_concurrency=reserved_concurrency,
        )
        #: The name of the function's role.
        self.role_name: str = self._role_name


class ScheduledFunction(LibraryFunction):
    """A function that rules of this stack call. EventBridge needs no role, because the function lets it in."""

    _CALLER_FINDINGS: ClassVar[Mapping[str, str]] = SCHEDULED_FUNCTION

    def _let_callers_in(self) -> None:
        #: The function's name.
        self.function_name: str = self.function.ref
        parts = self._arn_parts
        #: Lets the rules of this account call the function. A rule depends on it.
        self.permission = lambda_.CfnPermission(
            self,
            "Rules",
            action=CALL_ACTIONS[0],
            function_name=self.function_arn,
            principal="events.amazonaws.com",
            # the dead-letter queue lets in the same rules, for the same reason: no prefix of a rule's name is certain
            source_arn=f"arn:{parts.partition}:events:{parts.region}:{parts.account}:rule/*",
        )
        lambda_.CfnEventInvokeConfig(
            self,
            "Retries",
            function_name=self.function_name,
            qualifier="$LATEST",
            maximum_retry_attempts=_RETRIES,
            # the next event then replaces this one
            maximum_event_age_in_seconds=HOUR,
        )

    def target(self, target_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The target with which an hourly rule calls the function. The next event replaces one that is not delivered.

        Args:
            target_id: the target's id in its rule.
            given: the function's input; not empty.
        """
        return rule_target(self, target_id, self.function_arn, given, patience=HOUR)


def errors_alarm(
    scope: Construct, services: StackServices, function_name: str, *, description: str
) -> cloudwatch.CfnAlarm:
    """Make an alarm that is in alarm when a run of a function failed, timed out or was killed.

    Args:
        scope: the alarm's parent.
        services: the services of the stack.
        function_name: the function's name.
        description: what happened, and what to do about it.
    """
    errors = AlarmMetric(
        namespace="AWS/Lambda",
        name="Errors",
        dimensions={"FunctionName": function_name},
        statistic="Sum",
        period=FIVE_MINUTES,
    )
    return services.alarm("Alarm", at_first(errors), description=description, scope=scope)


@Remembered
def _code_of(services: StackServices) -> Mapping[str, str]:
    asset = s3_assets.Asset(services, "Code", path=str(archive_folder()))
    return {"s3Bucket": asset.s3_bucket_name, "s3Key": asset.s3_object_key}
