"""The account and Region of a construct, and the ARNs of its stack."""

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
    """An account and a Region; each is None where only the deployment decides it."""

    account: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ArnParts:
    """The parts that the ARNs of one stack share; a part is a token where only the deployment decides it."""

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
    """The account and Region for which a stack is declared."""
    parts = arn_parts_of(stack)
    return Environment(literal(parts.account), literal(parts.region))


@Remembered
def environment_of(construct: IEnvironmentAware) -> Environment:
    """The account and Region of a resource. An imported resource has its own; any other resource has its stack's."""
    env: Any = construct.env
    return Environment(literal(env.account), literal(env.region))


def remember_place(construct: IConstruct, stack: Stack, scope: IConstruct, construct_id: str) -> None:
    """Remember the stack and the path of a new construct, which its parent already knows.

    Args:
        construct: the new construct.
        stack: its stack.
        scope: its parent.
        construct_id: its id in that scope.
    """
    stack_of.remember(construct, stack)
    if "/" not in construct_id:  # CDK replaces a slash in an id
        path_of.remember(construct, f"{path_of(scope)}/{construct_id}")


def check_environment(
    problems: Problems,
    argument: str,
    construct: IEnvironmentAware,
    here: Environment,
    *,
    account: bool = True,
    why: str = "Redshift is regional",
) -> None:
    """Record a problem when an argument is in another Region or account than the construct that receives it.

    A Region or an account that only the deployment decides passes.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        construct: the resource that the user passed.
        here: the environment of the construct that receives it.
        account: whether the accounts must be equal too. Default: the accounts must be equal.
        why: why the Regions must be equal. Default: because Redshift is regional.
    """
    theirs = environment_of(construct)
    if theirs.region and here.region:
        allowed = f"in the Region of the stack, {here.region}"
        problems.check(theirs.region == here.region, argument, f"one in {theirs.region}", allowed, why)
    if account and theirs.account and here.account:
        allowed = f"in the account of the stack, {here.account}"
        problems.check(theirs.account == here.account, argument, f"one in {theirs.account}", allowed)
