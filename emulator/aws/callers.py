"""Who sent the request that this thread (and what it starts) works for."""

from __future__ import annotations

import contextvars
import enum


class Caller(enum.Enum):
    """Where a request comes from."""

    NOBODY = "nobody"  # time itself: a schedule, an execution, CloudFormation
    OUTSIDE = "outside"  # a test, the CLI, a user: he may be waiting
    FUNCTION = "function"  # a function of ours, which counts as an actor and waits for its answer


caller: contextvars.ContextVar[Caller] = contextvars.ContextVar("emulated_aws_caller", default=Caller.NOBODY)
