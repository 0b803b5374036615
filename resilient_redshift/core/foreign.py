"""Refuses arguments that refer to a stack of another Region or account.

CDK would either refuse such a reference at synth, in its own words, or carry the value across Regions with an export
and custom resources of its own. A recovery Region would then depend on the Region that is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.references import foreign_stack
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import aws_cdk as cdk

    from resilient_redshift.errors import Problems

#: What identifies a resource that the app imports. Its environment is that of the stack that imports it, so that only
#: this value shows where it comes from.
_IDENTITIES: Final = ("key_arn", "vpc_id", "security_group_id", "topic_arn", "bucket_name", "role_arn")
#: The groups of subnets of a VPC.
_SUBNETS: Final = ("public_subnets", "private_subnets", "isolated_subnets")
#: How CDK encodes a list that is a token.
_ENCODED_LIST: Final = "#{Token["
_WHY: Final = "no Region may depend on another one, and CDK would carry the value across with an export"


def check_local(problems: Problems, argument: str, value: object, stack_of_call: Callable[[], cdk.Stack]) -> None:
    """Record a problem when an argument holds a reference to a stack of another Region or account.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        value: what the user passed: a value, a list or a mapping of values, or an imported resource.
        stack_of_call: returns the stack that is to hold the value. It is called only for a token.
    """
    for token in _tokens(value):
        stack = stack_of_call()
        there = foreign_stack(token, stack)
        if there is not None:
            region = stack_environment(stack).region or "the same Region"
            got = f"a reference to the stack '{path_of(there)}'"
            problems.add(argument, got, f"a literal, or a value of a stack in {region}", _WHY)
            return


def _tokens(value: object) -> Iterator[object]:
    """The tokens that a value holds."""
    if isinstance(value, str | int | float):
        if not known(value):
            yield value
    elif isinstance(value, list | tuple):
        if any(isinstance(each, str) and _ENCODED_LIST in each for each in value):
            yield value
        else:
            for each in value:
                yield from _tokens(each)
    elif isinstance(value, Mapping):
        yield from _tokens(list(value.values()))
    elif hasattr(value, "to_days"):  # a Duration
        if not known(value):
            yield from _tokens(_days(value))
    elif _is_imported(value):
        yield from _tokens(_identity(value))


def _days(duration: Any) -> object:  # noqa: ANN401 - a Duration; this room imports no class for it
    try:
        return duration.to_days()
    except RuntimeError:  # CDK converts no token of another unit
        return None


def _is_imported(value: object) -> bool:
    """Whether a value is a resource that the app imports: jsii gives a proxy to what Python cannot make."""
    return type(value).__name__.endswith("Proxy")


@Remembered
def _identity(resource: Any) -> list[object]:  # noqa: ANN401 - an imported resource of any kind
    """The values that identify an imported resource."""
    identity = [getattr(resource, name, None) for name in _IDENTITIES]
    subnets = [subnet for name in _SUBNETS for subnet in getattr(resource, name, ())]
    return [*identity, *(subnet.subnet_id for subnet in subnets)]
