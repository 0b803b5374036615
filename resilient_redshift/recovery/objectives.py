"""What a plan promises: a value, checked when made, without CDK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import Span, span


@dataclass(frozen=True, init=False)
class Objectives:
    """What the business accepts to lose and to wait for when the Region is lost.

    Args:
        recovery_point: the longest time whose data may be lost; longer than the longest gap between snapshots, the copy
            time and the 15 minutes between two checks together, or synth fails.
        recovery_time: the longest time until a restored cluster answers and is checked; any length above zero. Nothing
            can tell at synth: each drill measures it.
        expected_copy_time: how long a snapshot takes to the recovery Region; AWS promises nothing. Default: one hour.

    Raises:
        ResilientRedshiftError: a length that is no Duration or timedelta, a token, or not longer than zero.
    """

    recovery_point: timedelta
    recovery_time: timedelta
    expected_copy_time: timedelta

    def __init__(
        self, *, recovery_point: Span, recovery_time: Span, expected_copy_time: Span = timedelta(hours=1)
    ) -> None:
        problems = Problems("Objectives")
        given = {
            "recovery_point": recovery_point,
            "recovery_time": recovery_time,
            "expected_copy_time": expected_copy_time,
        }
        stored = {name: span(problems, name, value) for name, value in given.items()}
        problems.raise_if_any()
        for name, value in stored.items():
            object.__setattr__(self, name, value)
