"""What a plan promises: a value that is checked when you make it. This module needs no CDK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import Span, span


@typed
@dataclass(frozen=True, init=False)
class Objectives:
    """How much data the business accepts to lose, and how long it accepts to wait, when the Region is lost.

    Args:
        recovery_point: the longest time whose data may be lost. Synth fails unless it is longer than the sum of the
            longest gap between snapshots, the copy time, and the 15 minutes between two checks.
        recovery_time: the longest time until a restored cluster answers and is checked; above zero, at most 3653 days.
            Synth cannot check it. Each drill measures it.
        expected_copy_time: how long it takes to copy a snapshot to the recovery Region; above zero, at most 3653 days.
            AWS promises no time. Default: one hour.

    Raises:
        ResilientRedshiftError: for a length that is no Duration or timedelta, that is a token, or that is out of range.
    """

    recovery_point: timedelta
    recovery_time: timedelta
    expected_copy_time: timedelta

    def __init__(
        self, *, recovery_point: Span, recovery_time: Span, expected_copy_time: Span = timedelta(hours=1)
    ) -> None:
        problems = Problems("Objectives")
        lengths = {
            "recovery_point": recovery_point,
            "recovery_time": recovery_time,
            "expected_copy_time": expected_copy_time,
        }
        objectives = {name: span(problems, name, length) for name, length in lengths.items()}
        problems.raise_if_any()
        for name, objective in objectives.items():
            object.__setattr__(self, name, objective)
