"""In which account and Region a construct is, and the ARNs of its stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.tokens import literal

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk.interfaces import IEnvironmentAware
    from constructs import IConstruct

    from resilient_redshift.errors import Problems


@dataclass(frozen=True, slots=True)
class Environment:
    """An account and a Region; None where the deployment decides."""

    account: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ArnParts:
    """The parts that the ARNs of one stack share; tokens where the deployment decides."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str, name: str) -> str:
        """An ARN in the stack's Region and account, with a colon between the resource and its name."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}:{name}"


@Remembered
def stack_of(construct: IConstruct) -> Stack:
    """The construct's stack."""
    return cdk.Stack.of(construct)


@Remembered
def arn_parts_of(stack: Stack) -> ArnParts:
    """The stack's partition, Region and account."""
    return ArnParts(stack.partition, stack.region, stack.account)


@Remembered
def stack_environment(stack: Stack) -> Environment:
    """The account and Region that a stack is declared for."""
    parts = arn_parts_of(stack)
    return Environment(literal(parts.account), literal(parts.region))


@Remembered
def environment_of(construct: IEnvironmentAware) -> Environment:
    """The account and Region of a resource: its own for an imported one, otherwise its stack's."""
    env: Any = construct.env
    return Environment(literal(env.account), literal(env.region))


def remember_place(construct: IConstruct, stack: Stack, scope: IConstruct, construct_id: str) -> None:
    """Set the stack and the path of a construct that was just made."""
    stack_of.remember(construct, stack)
    if "/" not in construct_id:  # CDK replaces a slash in an id
        path_of.remember(construct, f"{path_of(scope)}/{construct_id}")


def check_environment(
    problems: Problems, argument: str, construct: IEnvironmentAware, here: Environment, *, account: bool = True
) -> None:
    """Record a problem where an argument is of another Region, or account, than the construct that receives it.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name.
        construct: what was passed.
        here: the environment of the construct that receives it.
        account: whether the accounts must be the same too. Default: they must.
    """
    there = environment_of(construct)
    if there.region and here.region:
        allowed = f"in the Region of the stack, {here.region}"
        problems.check(there.region == here.region, argument, f"one in {there.region}", allowed, "Redshift is regional")
    if account and there.account and here.account:
        allowed = f"in the account of the stack, {here.account}"
        problems.check(there.account == here.account, argument, f"one in {there.account}", allowed)
