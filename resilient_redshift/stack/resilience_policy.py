"""The policy of a check inside an app, from the arguments of ``ResilienceChecks``."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.retention import LONGEST_SPAN, is_span, to_timedelta
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.errors import Problems
    from resilient_redshift.planning.checks.policy import ResiliencePolicy
    from resilient_redshift.rules.retention import Span

_ALLOWED: Final = f"a Duration of 0 to {LONGEST_SPAN.days} days, known at synth"


def length(problems: Problems, argument: str, value: Span | None) -> timedelta | None:
    """An optional length as a timedelta; record a problem unless it is known at synth, and 0 to 3653 days.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        value: the length that the user passed.

    Returns:
        The length; None for an argument without a value, and after a problem.
    """
    if value is None:
        return None
    if not is_span(value) or not known(value):
        problems.add(argument, value if is_span(value) is False else "a token", _ALLOWED)
        return None
    found = to_timedelta(value)
    return found if problems.check(timedelta(0) <= found <= LONGEST_SPAN, argument, value, _ALLOWED) else None


def policy_of(given: ResiliencePolicy | str | Path | None, lose_at_most: Mapping[str, timedelta]) -> ResiliencePolicy:
    """The policy of a check.

    Args:
        given: the policy, or the path of its file. Default: the policy that the command finds in the working directory
            or above it.
        lose_at_most: the most that may be lost, by the id of a failure.

    Raises:
        ResilientRedshiftError: when the file cannot be read, and with every problem that it has.
    """
    # an app without a policy loads neither the tables nor their templates
    from resilient_redshift.planning import Failure  # noqa: PLC0415
    from resilient_redshift.planning.checks.overriding import overridden  # noqa: PLC0415
    from resilient_redshift.planning.checks.policy_file import find_policy, read_policy  # noqa: PLC0415

    found = find_policy() if given is None else given
    policy = read_policy(found) if isinstance(found, str | Path) else found
    losses = {Failure(failure): most for failure, most in lose_at_most.items()}
    return overridden(policy, losses, by="ResilienceChecks")
