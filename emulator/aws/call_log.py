"""Every call that our roles make, and every call of Redshift, with who made it and when (virtual time)."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

_READS = ("Describe", "Get", "List", "Head", "Lookup", "BatchGet", "Filter")


@dataclasses.dataclass
class Call:
    """One call; ``principal`` is a role's ARN, ``root``, or a service such as ``cloudformation.amazonaws.com``."""

    at: dt.datetime
    principal: str
    region: str
    service: str
    operation: str
    params: dict[str, Any]
    via: str = ""  # states, lambda, events, scheduler, cloudformation, http
    error: str | None = None
    mutating: bool = True


def is_read(operation: str) -> bool:
    """Whether an operation changes nothing, by its name."""
    return operation.startswith(_READS)


class CallLog:
    """The calls in order."""

    def __init__(self) -> None:
        """Begin empty."""
        self.entries: list[Call] = []
        #: Who else wants to know of each call, when it is over.
        self.on_call: Callable[[Call], None] = lambda _: None

    @contextlib.contextmanager
    def record(self, call: Call) -> Iterator[Call]:
        """Note ``call`` now; whoever makes it sets its error."""
        call.mutating = not is_read(call.operation)
        self.entries.append(call)
        try:
            yield call
        finally:
            self.on_call(call)
