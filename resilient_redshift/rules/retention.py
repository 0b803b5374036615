"""How long a recovery point is kept: a whole number of days, or for ever."""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from resilient_redshift.rules.tokens import known, length_of

if TYPE_CHECKING:
    from aws_cdk import Duration

    from resilient_redshift.errors import Problems

DAY = timedelta(days=1)
#: How the Redshift API writes "for ever": ``ManualSnapshotRetentionPeriod`` -1.
FOREVER_DAYS: Final = -1


class Forever(enum.Enum):
    """The type of :data:`FOREVER`."""

    FOREVER = FOREVER_DAYS

    def __repr__(self) -> str:
        """Show it as a user writes it."""
        return "FOREVER"


#: Kept until somebody deletes it.
FOREVER: Final = Forever.FOREVER

Span: TypeAlias = "Duration | timedelta"
Keep: TypeAlias = "Duration | timedelta | Forever"


def to_timedelta(value: Span) -> timedelta:
    """The length of a Duration or timedelta that is known."""
    if isinstance(value, timedelta):
        return value
    found = length_of(value)
    assert found is not None  # noqa: S101 - the caller knows that it is known
    return found


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
    """Turn a retention into whole days for the API, recording a problem where it is none.

    Returns:
        The days; -1 for FOREVER; a token's number unchanged; 0 where a problem was recorded.
    """
    allowed = f"{minimum} to {maximum} whole days" + (" or FOREVER" if forever else "")
    if isinstance(value, Forever):
        return int(value.value) if problems.check(forever, argument, value, allowed, why) else 0
    if not isinstance(value, timedelta):
        if not hasattr(value, "to_milliseconds"):
            problems.add(argument, value, f"a Duration of {allowed}", why)
            return 0
        if not known(value):
            return value.to_days(integral=False)  # type: ignore[return-value]  # a token; CloudFormation sees the number
    length = to_timedelta(value)
    whole, rest = divmod(length, DAY)
    if problems.check(not rest and minimum <= whole <= maximum, argument, value, allowed, why):
        return whole
    return 0


def span(problems: Problems, argument: str, value: Span, *, why: str = "") -> timedelta:
    """Turn a Duration, known and longer than nothing, into a timedelta, recording a problem where it is none."""
    if not isinstance(value, timedelta) and not hasattr(value, "to_milliseconds"):
        problems.add(argument, value, "a Duration", why)
        return timedelta(0)
    if not known(value):
        problems.add(argument, "a token", "a Duration known at synth", why)
        return timedelta(0)
    length = to_timedelta(value)
    problems.check(length > timedelta(0), argument, value, "longer than zero", why)
    return length
