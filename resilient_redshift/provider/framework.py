"""The base of the providers: two functions behind CDK's Provider framework, with separate roles.

The logical ids of all resources here never change, because CloudFormation refuses another ServiceToken for a custom
resource that exists.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources
from constructs import Construct

from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import ref_of
from resilient_redshift.stack.compliance import PROVIDER, acknowledge, wildcard_finding
from resilient_redshift.stack.functions import (
    CALL_ACTIONS,
    LOG_ACTIONS,
    LONGEST_SECONDS,
    acknowledge_functions,
    function_code,
    function_role,
    new_function,
)
from resilient_redshift.stack.iam import Statement, allow, document, inline_policy
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs import IConstruct, Node

    from resilient_redshift.stack.network import FunctionNetwork

#: The framework calls is_complete for at most this long.
_WAIT_MINUTES: Final = 30
_QUERY_INTERVAL_SECONDS: Final = 20
#: How long CloudFormation waits for a handler that does not answer: one invocation, the waiting and five minutes.
#: CloudFormation allows at most 3600 seconds (ServiceTimeout).
SERVICE_TIMEOUT_MINUTES: Final = LONGEST_SECONDS // 60 + _WAIT_MINUTES + 5


class Provider(Construct):
    """Runs custom resources of one stack. A subclass says which ones, and what the handler may do.

    Use :meth:`of` to get the provider of a stack.

    Args:
        scope: the stack.
        construct_id: always :attr:`ID`.
    """

    #: The id of the provider in its stack.
    ID: ClassVar[str]
    #: The purpose of the functions, for their descriptions.
    SERVES: ClassVar[str]
    #: The reading actions that the handler may call in every stack.
    READS: ClassVar[Sequence[str]]
    #: Why the resource of these actions has a wildcard; the reason of an acknowledgment.
    READS_REASON: ClassVar[str]

    def __init__(self, scope: cdk.Stack, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        remember_place(self, scope, scope, construct_id)
        self._stack = scope
        _providers(scope)[self.ID] = self
        services = StackServices.of(scope)
        self._log_group_arn = services.log_group_arn
        self._log_group_name = ref_of(services.log_group)
        self._policies: dict[str, iam.CfnPolicy] = {}
        self._role_path = services.role_path
        self._network = services.network
        self._role = function_role(self, "HandlerRole")
        self._handler = self._handler_policy()
        self.service_token: str = self._framework(*self._handlers(self._handler))
        acknowledge_functions(self, PROVIDER)

    @classmethod
    def of(cls, scope: IConstruct) -> Self:
        """The provider of the scope's stack. The first call makes it."""
        stack = stack_of(scope)
        provider = _providers(stack).get(cls.ID)
        return cast("Self", provider) if provider is not None else cls(stack, cls.ID)

    def _handler_policy(self) -> iam.CfnPolicy:
        policy = self._policy("HandlerPolicy", self._handler_statements(self.READS))
        # on this policy alone: on the provider it would hide a wildcard in every other policy
        acknowledge(policy, {wildcard_finding(self._stack, self._readable()): self.READS_REASON})
        return policy

    def _handler_statements(self, reads: Sequence[str]) -> list[dict[str, Any]]:
        return [allow(LOG_ACTIONS, self._log_group_arn), allow(reads, self._readable())]

    def _read(self, reads: Sequence[str]) -> None:
        """Let the handler call these reading actions instead of :attr:`READS`."""
        self._handler.policy_document = document(self._handler_statements(reads))

    def _readable(self) -> str:
        """The resource of the reading actions."""
        return "*"

    def _handlers(self, policy: iam.CfnPolicy) -> Iterator[str]:
        """Make the functions on_event and is_complete.

        Yields:
            The ARN of each function.
        """
        code = function_code(self)
        role_arn = self._role.attr_arn
        for construct_id, entry in (("OnEvent", "on_event"), ("IsComplete", "is_complete")):
            function = new_function(
                self,
                construct_id,
                code=code,
                handler=f"handler.index.{entry}",
                description=f"resilient_redshift: {self.SERVES}, {entry}",
                role_arn=role_arn,
                policy=policy,
                log_group_name=self._log_group_name,
                environment={"ALLOWED_STACK_ID": _stack_id()},
            )
            yield function.attr_arn

    def _framework(self, on_event: str, is_complete: str) -> str:
        """Make CDK's framework with a role of this library, and return its service token.

        The framework's own role would allow every version of each function, by a wildcard.
        """
        role = function_role(self, "FrameworkRole")
        write = allow(LOG_ACTIONS, self._log_group_arn)
        invoke = allow(("lambda:GetFunction", *CALL_ACTIONS), on_event, is_complete)
        policy = self._policy("FrameworkPolicy", [write, invoke], role)
        framework_role = _as_role(self, "FrameworkRoleRef", role)
        provider = custom_resources.Provider(
            self,
            "Framework",
            on_event_handler=_without_permissions(self, "OnEventRef", on_event),
            is_complete_handler=_without_permissions(self, "IsCompleteRef", is_complete),
            framework_on_event_role=framework_role,
            framework_complete_and_timeout_role=framework_role,
            query_interval=_query_interval(),
            total_timeout=_total_timeout(),
            # CDK's framework needs an ILogGroup
            log_group=logs.LogGroup.from_log_group_name(self, "Logs", self._log_group_name),
            **({} if self._network is None else _in_vpc(self._network)),
        )
        node = provider.node
        parts = [
            cast("lambda_.Function", node.find_child(f"framework-{name}"))
            for name in ("onEvent", "isComplete", "onTimeout")
        ]
        machine = node.find_child("waiter-state-machine").node
        _narrow_waiter(machine, [part.function_arn for part in parts[1:]], self._role_path)
        waiter = cast("cdk.CfnResource", machine.default_child)
        start = self._policy("StartPolicy", [allow(("states:StartExecution",), waiter.ref)], role)
        for part, policies in zip(parts, ((policy, start), (policy,), (policy,)), strict=True):
            part.node.add_dependency(*policies)
        return provider.service_token

    def _policy(
        self,
        construct_id: str,
        statements: Sequence[Statement] | cdk.IResolvable,
        role: iam.CfnRole | None = None,
    ) -> iam.CfnPolicy:
        return inline_policy(self, construct_id, statements, ref_of(role or self._role))

    def _arn(self, resource: str, name: str) -> str:
        return arn_parts_of(self._stack).arn("redshift", resource, name)


# cached, because these values never change and each stack has a provider
@functools.cache
def _query_interval() -> cdk.Duration:
    return cdk.Duration.seconds(_QUERY_INTERVAL_SECONDS)


@functools.cache
def _total_timeout() -> cdk.Duration:
    return cdk.Duration.minutes(_WAIT_MINUTES)


@functools.cache
def _stack_id() -> str:
    return cdk.Aws.STACK_ID


@Remembered
def _providers(_stack: cdk.Stack) -> dict[str, Provider]:
    """The providers of a stack so far, by id."""
    return {}


def _in_vpc(network: FunctionNetwork) -> dict[str, Any]:
    """The arguments with which CDK's framework puts its functions into a VPC."""
    return {
        "vpc": network.vpc,
        "vpc_subnets": network.vpc_subnets,
        "security_groups": list(network.security_groups),
    }


def _narrow_waiter(machine: Node, functions: Sequence[str], role_path: str | None) -> None:
    """Let the waiter call only the two functions, and give its role the path of the library's roles.

    CDK's own policy also allows every version of the functions, by a wildcard, and CDK has no argument for the path.
    """
    role = machine.find_child("Role").node
    policy = cast("iam.CfnPolicy", role.find_child("DefaultPolicy").node.default_child)
    policy.policy_document = document([allow(CALL_ACTIONS, *functions)])
    if role_path is not None:
        cast("iam.CfnRole", role.default_child).path = role_path


def _as_role(scope: Construct, construct_id: str, role: iam.CfnRole) -> iam.IRole:
    """The role for constructs that need an IRole. They cannot change the role."""
    return iam.Role.from_role_arn(scope, construct_id, role.attr_arn, mutable=False)


def _without_permissions(scope: Construct, construct_id: str, function_arn: str) -> lambda_.IFunction:
    """The function for CDK's framework, without the Lambda permission that it would add to the role's policy."""
    return lambda_.Function.from_function_attributes(
        scope,
        construct_id,
        function_arn=function_arn,
        skip_permissions=True,
    )
