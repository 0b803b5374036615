"""Checks of the arguments of a policy."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from resilient_redshift.planning._arguments import LONGEST
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.checks.findings import Requirement
from resilient_redshift.planning.checks.matching import ClusterMatcher
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.errors import Problems

_T = TypeVar("_T")
_ZERO: Final = timedelta(0)
_LENGTH: Final = f"a timedelta of 0 to {LONGEST.days} days"
_LONGER_THAN_ZERO: Final = f"a timedelta of more than 0 and at most {LONGEST.days} days"
_NEEDS_PATTERN: Final = 'one of name, tag, path, stack, region or account; name = "*" means every cluster'


def check_each(problems: Problems, argument: str, values: object, kind: type[_T]) -> list[_T]:
    """Record a problem for each value that is not of a kind, and unless the values are a tuple or a list.

    Returns:
        The values of that kind.
    """
    if not isinstance(values, tuple | list):
        problems.add(argument, values, f"a tuple of {kind.__name__}")
        return []
    for each in values:
        problems.check(isinstance(each, kind), argument, each, f"a tuple of {kind.__name__}")
    return [each for each in values if isinstance(each, kind)]


def check_survive(problems: Problems, survive: object) -> list[Requirement]:
    """Record a problem for each length that is out of range, and for each failure that is required twice.

    Returns:
        The requirements, those with a problem too.
    """
    requirements = check_each(problems, "survive", survive, Requirement)
    for each in requirements:
        problems.check(isinstance(each.failure, Failure), "failure", each.failure, "a Failure")
        argument, noticed = f"survive: {each.failure}", each.noticed_within
        problems.check(is_length(each.lose_at_most), f"{argument}: lose_at_most", each.lose_at_most, _LENGTH)
        if noticed is not None:
            problems.check(is_length(noticed), f"{argument}: noticed_within", noticed, _LENGTH)
        elif each.failure is Failure.BAD_LOAD:
            problems.add(f"{argument}: noticed_within", None, _LENGTH, "a bad load is only undone when it is noticed")
    for text in repeated(_what(each) for each in requirements):
        problems.add("survive", text, "one requirement for each failure")
    return requirements


def check_optional_length(problems: Problems, argument: str, value: object) -> None:
    """Record a problem unless a value is None, or a timedelta of more than 0 and at most 36500 days."""
    if value is not None:
        problems.check(is_length(value) and value != _ZERO, argument, value, _LONGER_THAN_ZERO)


def check_matcher(problems: Problems, value: object) -> None:
    """Record a problem unless a value is a matcher with at least one pattern."""
    if not isinstance(value, ClusterMatcher):
        problems.add("match", value, "a ClusterMatcher")
    elif not value.given:
        problems.add("match", value.in_words, _NEEDS_PATTERN)


def is_length(value: object) -> bool:
    """Whether a value is a timedelta of 0 to 36500 days."""
    return isinstance(value, timedelta) and _ZERO <= value <= LONGEST


def repeated(texts: Iterable[str]) -> list[str]:
    """The texts that occur more than once, each one time."""
    return [text for text, number in Counter(texts).items() if number > 1]


def _what(requirement: Requirement) -> str:
    """What a requirement is about: a failure, and for a bad load the time until it is noticed."""
    if requirement.failure is not Failure.BAD_LOAD or not is_length(requirement.noticed_within):
        return str(requirement.failure)
    return f"{requirement.failure} noticed within {in_words(requirement.noticed_within or _ZERO)}"
