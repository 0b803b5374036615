"""Checks of the arguments of planning. A number out of range would end in an error of Python's arithmetic."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems


#: The longest time that planning works with: a hundred years.
LONGEST: Final = timedelta(days=36_500)
#: The largest amount of anything: GB, prices, calls.
MOST: Final = 10**12


def is_whole(value: object, least: int, most: int) -> bool:
    """Whether a value is a whole number within limits. A truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def check_length(problems: Problems, argument: str, value: object) -> None:
    """Record a problem unless a value is a timedelta of 0 to 36500 days."""
    ok = isinstance(value, timedelta) and timedelta(0) <= value <= LONGEST
    problems.check(ok, argument, value, f"a timedelta of 0 to {LONGEST.days} days")


def check_amount(problems: Problems, argument: str, value: object) -> None:
    """Record a problem unless a value is a number of 0 to 10^12. A truth value is none."""
    ok = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST
    problems.check(ok, argument, value, "a number from 0 to 10^12")
