"""The constructs to which a value refers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk

from resilient_redshift.core.environment import stack_environment, stack_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct


def referred(name: str) -> IConstruct | None:
    """The construct to which a text refers; None where the text is not a reference alone."""
    if known(name):
        return None
    token = cdk.Tokenization.reverse_string(name).first_token
    # the token is a proxy of jsii, whose class isinstance cannot see
    return cast("cdk.Reference", token).target if token is not None and cdk.Reference.is_reference(token) else None


def foreign_stack(value: object, stack: cdk.Stack) -> cdk.Stack | None:
    """The first stack of another account or Region to which a value refers.

    CDK either refuses such a reference, or carries the value across Regions with custom resources of its own.

    Args:
        value: any value; a reference may be nested in it, as in the result of ``Fn.join``.
        stack: the stack that is to hold the value.

    Returns:
        The stack; None where every reference stays in the account and Region of ``stack``.
    """
    here = stack_environment(stack)
    return next((theirs for theirs in _other_stacks(value, stack) if stack_environment(theirs) != here), None)


def other_stack(value: object, stack: cdk.Stack) -> cdk.Stack | None:
    """The first other stack to which a value refers. CDK carries such a value with an export, or refuses it.

    Args:
        value: any value; a reference may be nested in it.
        stack: the stack that is to hold the value.

    Returns:
        The stack; None where every reference stays in ``stack``.
    """
    return next(_other_stacks(value, stack), None)


def _other_stacks(value: object, stack: cdk.Stack) -> Iterator[cdk.Stack]:
    if known(value):
        return
    found = _References()
    cdk.Tokenization.resolve(value, scope=stack, resolver=found, preparing=True)
    yield from (theirs for theirs in map(stack_of, found.targets) if theirs is not stack)


class _References(cdk.DefaultTokenResolver):
    """A resolver that collects the targets of the references that it resolves."""

    def __init__(self) -> None:
        super().__init__(cdk.StringConcat())
        self.targets: list[IConstruct] = []

    def resolve_token(
        self, t: cdk.IResolvable, context: cdk.IResolveContext, post_processor: cdk.IPostProcessor
    ) -> Any:  # noqa: ANN401 - as the base class has it
        if cdk.Reference.is_reference(t):
            self.targets.append(cast("cdk.Reference", t).target)
            return ""  # to resolve it in another Region is an error of CDK, or gives the resource a name
        return super().resolve_token(t, context, post_processor)
