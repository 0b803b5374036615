"""What the engine is given from outside: time, and the Redshift types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

#: A provider inside this process, in place of a Lambda: the event -> the response (None: it never answers).
Provider = "Callable[[dict[str, Any]], dict[str, Any] | None]"


def _real_wait(event: threading.Event, seconds: float) -> bool:
    return event.wait(seconds)


@dataclass
class Settings:
    """How stack operations wait, and who stands in for functions.

    Attributes:
        wait: (event, virtual seconds) -> whether the event came in time.
        now: virtual seconds since some start.
        providers: in-process handlers by ServiceToken, for tests without Lambda.
        snapshot_deletes: (physical id, properties) -> None by type, where DeletionPolicy Snapshot is one call of the type's own.
        sent_back: whether a type whose own update failed gets the swapped update when the stack rolls back.
    """

    wait: Callable[[threading.Event, float], bool] = _real_wait
    now: Callable[[], float] = lambda: 0.0
    providers: dict[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = field(default_factory=dict)
    snapshot_deletes: dict[str, Callable[[str, dict[str, Any]], None]] = field(default_factory=dict)
    sent_back: Callable[[str], bool] = lambda kind: is_custom(kind) or kind == "AWS::CloudFormation::Stack"


SETTINGS = Settings()


def is_custom(kind: str) -> bool:
    """Whether a type is a custom resource."""
    return kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource"
