"""What a function needs from outside, in one value. Tests bring their own clock, sleep and AWS."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_kms import KMSClient
    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_stepfunctions import SFNClient


class LambdaContext(Protocol):
    """The part of Lambda's context object that the functions use."""

    invoked_function_arn: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends this invocation."""
        ...


class ParameterReader(Protocol):
    """The part of a Systems Manager client that the functions use."""

    def get_parameter(self, *, Name: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's name
        """Read a parameter."""
        ...


class MetricWriter(Protocol):
    """The part of a CloudWatch client that the functions use."""

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> object:  # noqa: N803 - boto3's
        """Write metrics."""
        ...


class FunctionCaller(Protocol):
    """The part of a Lambda client that the handler uses."""

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Mapping[str, Any]:  # noqa: N803 - boto3's names
        """Call a function, and wait for its answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """The time of one invocation.

    Args:
        now: returns the time, timezone-aware, in UTC.
        sleep: waits for a number of seconds.
        remaining: returns the seconds until Lambda ends this invocation.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    remaining: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Runtime(Invocation):
    """The surroundings of one invocation of the provider's handler.

    Args:
        redshift: returns a Redshift client of a Region.
        kms: returns a KMS client of a Region.
        stepfunctions: returns a Step Functions client of a Region.
        functions: returns a Lambda client of a Region, which waits as long as a function may run.
        allowed_stack: the id of the only stack whose events the handler accepts.
    """

    redshift: Callable[[str], RedshiftClient]
    kms: Callable[[str], KMSClient]
    stepfunctions: Callable[[str], SFNClient]
    functions: Callable[[str], FunctionCaller]
    allowed_stack: str


# boto3 makes one attempt only, because a retry inside boto3 would hide a lost answer. The functions must see it: a lost
# answer decides who switched a copy on. The timeouts bound the wait for an endpoint that never answers.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
#: Lambda answers a call when the function has run, which takes up to 15 minutes.
_PATIENT: Final = Config(read_timeout=900)


@lru_cache(maxsize=8)
def client(service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes the classes of its clients at run time
    """Return a client of a service in a Region, the same one each time."""
    config = _CONFIG.merge(_PATIENT) if service == "lambda" else _CONFIG
    return boto3.client(cast("Any", service), region_name=region, config=config)


def time_of(context: LambdaContext) -> Invocation:
    """Return the real time: the wall clock and Lambda's own time limit."""
    return Invocation(
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
        remaining=lambda: context.get_remaining_time_in_millis() / 1000,
    )


def in_lambda(context: LambdaContext, allowed_stack: str) -> Runtime:
    """Return the handler's real surroundings: boto3, the wall clock and Lambda's own time limit.

    Args:
        context: Lambda's context object.
        allowed_stack: the id of the only stack whose events the handler accepts.
    """
    return Runtime(
        redshift=lambda region: cast("RedshiftClient", client("redshift", region)),
        kms=lambda region: cast("KMSClient", client("kms", region)),
        stepfunctions=lambda region: cast("SFNClient", client("stepfunctions", region)),
        functions=lambda region: cast("FunctionCaller", client("lambda", region)),
        allowed_stack=allowed_stack,
        **vars(time_of(context)),
    )
