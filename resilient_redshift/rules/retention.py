"""How long Redshift keeps a snapshot: a whole number of days, or for ever."""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from resilient_redshift.rules.tokens import known, length_of

if TYPE_CHECKING:
    from aws_cdk import Duration

    from resilient_redshift.errors import Problems

DAY = timedelta(days=1)
#: The longest time that an argument may be: the longest retention of a snapshot, and of a log group in ten years.
LONGEST_SPAN: Final = timedelta(days=3653)
#: How the Redshift API writes "for ever": ``ManualSnapshotRetentionPeriod`` -1.
FOREVER_DAYS: Final = -1


class Forever(enum.Enum):
    """The type of :data:`FOREVER`."""

    FOREVER = FOREVER_DAYS

    def __repr__(self) -> str:
        """Show the value as a user writes it."""
        return "FOREVER"


#: The retention of a snapshot that never expires: Redshift keeps the snapshot until a person or a program deletes it.
FOREVER: Final = Forever.FOREVER

Span: TypeAlias = "Duration | timedelta"
Keep: TypeAlias = "Duration | timedelta | Forever"


def is_span(value: object) -> bool:
    """Whether a value is a Duration or a timedelta; a token in it counts."""
    return isinstance(value, timedelta) or hasattr(type(value), "to_milliseconds")


def to_timedelta(value: Span) -> timedelta:
    """The length of a Duration or timedelta. The caller has checked that it is known at synth."""
    if isinstance(value, timedelta):
        return value
    length = length_of(value)
    assert length is not None  # noqa: S101 - the caller has checked that the value is known
    return length


def days(
    problems: Problems,
    argument: str,
    value: Keep,
    *,
    minimum: int,
    maximum: int,
    forever: bool = False,
    why: str = "",
) -> int:
    """Turn a retention into whole days for the Redshift API; record a problem for a value that is no such retention.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        value: the retention that the user passed.
        minimum: the fewest days that are allowed.
        maximum: the most days that are allowed.
        forever: whether FOREVER is allowed. Default: False.
        why: the reason or the source of the rule. Default: the error text gives no reason.

    Returns:
        The days; :data:`FOREVER_DAYS` for FOREVER; the unchanged number of a token; 0 after a problem.
    """
    allowed = f"{minimum} to {maximum} whole days" + (" or FOREVER" if forever else "")
    if isinstance(value, Forever):
        return FOREVER_DAYS if problems.check(forever, argument, value, allowed, why) else 0
    if not is_span(value):
        problems.add(argument, value, f"a Duration of {allowed}", why)
        return 0
    if not isinstance(value, timedelta) and not known(value):
        return value.to_days(integral=False)  # type: ignore[return-value]  # a token; CloudFormation sees the number
    length = to_timedelta(value)
    whole, rest = divmod(length, DAY)
    if problems.check(not rest and minimum <= whole <= maximum, argument, value, allowed, why):
        return whole
    return 0


def span(problems: Problems, argument: str, value: Span, *, why: str = "") -> timedelta:
    """Turn a Duration into a timedelta; record a problem unless it is known at synth, and above 0 to 3653 days.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        value: the length that the user passed.
        why: the reason or the source of the rule. Default: the error text gives no reason.

    Returns:
        The length; zero after a problem.
    """
    if not is_span(value):
        problems.add(argument, value, "a Duration", why)
        return timedelta(0)
    if not known(value):
        problems.add(argument, "a token", "a Duration known at synth", why)
        return timedelta(0)
    length = to_timedelta(value)
    if problems.check(length > timedelta(0), argument, value, "longer than zero", why):
        problems.check(length <= LONGEST_SPAN, argument, value, f"at most {LONGEST_SPAN // DAY} days", why)
    return length
