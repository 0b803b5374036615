"""Throttling by quota: a token bucket for each API of a Region, as AWS throttles an account [D: Step Functions' quotas, EC2's throttling].

A bucket begins full. Each call takes a token, and a call that finds none is refused. Tokens come back at the refill rate, by both clocks:
callers outside wait in real time, functions in virtual time.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, Final

from ministack.core import iam_actions

if TYPE_CHECKING:
    from collections.abc import Callable

#: The services that answer ``Throttling``, as all do that speak AWS's query protocol [S]; others ``ThrottlingException``.
_QUERY: Final = frozenset({"redshift", "cloudformation", "ec2", "iam", "monitoring", "sns", "sts", "route53"})
_STATUS: Final = 400
MESSAGE: Final = "Rate exceeded"
ANY: Final = "*"


@dataclasses.dataclass
class _Bucket:
    tokens: float
    at: float


@dataclasses.dataclass(frozen=True)
class Quota:
    """The quota of each API that it is about: ``burst`` calls at once, then ``rate`` calls a second."""

    region: str
    rate: float
    burst: int
    operation: str = ANY


class Throttling:
    """The quotas of one account; none at first.

    Args:
        seconds: the time by which buckets are refilled.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self.quotas: dict[tuple[str, str], Quota] = {}
        self._buckets: dict[tuple[str, str, str], _Bucket] = {}

    def set(self, quota: Quota) -> None:
        """Throttle a Region's APIs by this quota, with full buckets."""
        if quota.rate <= 0 or quota.burst < 1:
            raise ValueError(f"a quota has a rate above 0 and a burst of 1 or more, not {quota.rate} and {quota.burst}")
        self.quotas[(quota.region, quota.operation)] = quota
        self._buckets.clear()

    def lift(self, region: str) -> None:
        """Throttle nothing there any more."""
        self.quotas = {key: quota for key, quota in self.quotas.items() if key[0] != region}

    def refuses(self, region: str, action: str) -> bool:
        """Take a token for a call of ``service:Operation``; tell whether there was none."""
        service, _, operation = action.partition(":")
        quota = self.quotas.get((region, operation)) or self.quotas.get((region, ANY))
        if quota is None:
            return False
        now = self._seconds()
        bucket = self._buckets.setdefault((region, service, operation), _Bucket(float(quota.burst), now))
        bucket.tokens = min(float(quota.burst), bucket.tokens + (now - bucket.at) * quota.rate)
        bucket.at = now
        if bucket.tokens < 1:
            return True
        bucket.tokens -= 1
        return False


def both_clocks(virtual: Callable[[], float]) -> Callable[[], float]:
    """Seconds that pass when either the virtual or the real time does."""
    begun = virtual()
    return lambda: time.monotonic() + virtual() - begun


def refusal(service: str, action: str, request_id: str, headers: Any) -> tuple[int, Any, Any]:
    """The answer of a service that throttles, in its own protocol."""
    code = "Throttling" if service in _QUERY else "ThrottlingException"
    # the service's own protocol, which ministack does not know of Redshift: the same as SNS's
    protocol = "sns" if service == "redshift" else service
    answer = iam_actions.access_denied_response(
        protocol, action, "", request_id, error_code=code, message=MESSAGE, headers=headers
    )
    return (_STATUS, *answer[1:])
