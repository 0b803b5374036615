"""Everything that the handler needs from outside, in one value. Tests bring their own clock, sleep and AWS."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_kms import KMSClient
    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_stepfunctions import SFNClient


class LambdaContext(Protocol):
    """The part of Lambda's context object that the handler uses."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""
        ...


@dataclass(frozen=True)
class Runtime:
    """The surroundings of one invocation.

    Args:
        redshift: returns a Redshift client of a Region.
        kms: returns a KMS client of a Region.
        stepfunctions: returns a Step Functions client of a Region.
        now: returns the time, timezone-aware, in UTC.
        sleep: waits for a number of seconds.
        remaining: returns the seconds until Lambda ends this invocation.
        allowed_stack: the id of the only stack whose events the handler accepts.
    """

    redshift: Callable[[str], RedshiftClient]
    kms: Callable[[str], KMSClient]
    stepfunctions: Callable[[str], SFNClient]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    remaining: Callable[[], float]
    allowed_stack: str


# boto3 makes one attempt only, because a retry inside boto3 would hide a lost answer. The handler must see it: a lost
# answer decides who switched a copy on. The timeouts bound the wait for an endpoint that never answers.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})


@lru_cache(maxsize=8)
def _client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes the classes of its clients at run time
    return boto3.client(cast("Any", service), region_name=region, config=_CONFIG)


def in_lambda(context: LambdaContext, allowed_stack: str) -> Runtime:
    """Return the real surroundings: boto3, the wall clock and Lambda's own time limit.

    Args:
        context: Lambda's context object.
        allowed_stack: the id of the only stack whose events the handler accepts.
    """
    return Runtime(
        redshift=lambda region: cast("RedshiftClient", _client("redshift", region)),
        kms=lambda region: cast("KMSClient", _client("kms", region)),
        stepfunctions=lambda region: cast("SFNClient", _client("stepfunctions", region)),
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
        remaining=lambda: context.get_remaining_time_in_millis() / 1000,
        allowed_stack=allowed_stack,
    )
