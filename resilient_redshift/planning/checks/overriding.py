"""Replaces what a policy requires of every cluster, for callers who write requirements in Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resilient_redshift.planning.checks.policy import DEFAULT_POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from resilient_redshift.planning._verdicts import Failure
    from resilient_redshift.planning.checks.findings import Requirement
    from resilient_redshift.planning.checks.policy import ResiliencePolicy


def overridden(policy: ResiliencePolicy, lose_at_most: Mapping[Failure, timedelta], *, by: str) -> ResiliencePolicy:
    """A policy that allows other losses in some failures.

    How long afterwards somebody may notice a failure stays as in the policy. For a failure about which the policy says
    nothing, it is as in the default policy. The entries for some clusters stay.

    Args:
        policy: the policy.
        lose_at_most: the most that may be lost, by failure.
        by: who allows it, for the reader of a report.
    """
    if not lose_at_most:
        return policy
    kept = tuple(each for each in policy.survive if each.failure not in lose_at_most)
    replaced = (each for failure, most in lose_at_most.items() for each in _replaced(policy, failure, most))
    return replace(policy, survive=(*kept, *replaced), source=f"{policy.source}, changed by {by}")


def _replaced(policy: ResiliencePolicy, failure: Failure, lose_at_most: timedelta) -> list[Requirement]:
    found = [each for each in policy.survive if each.failure is failure]
    found = found or [each for each in DEFAULT_POLICY.survive if each.failure is failure]
    return [replace(each, lose_at_most=lose_at_most) for each in found]
