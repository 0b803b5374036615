"""What the client of the control plane writes and reads as JSON; ``control`` has the other side."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any


def dated(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries with their ``at`` as a datetime."""
    return [{**entry, "at": dt.datetime.fromisoformat(entry["at"])} for entry in entries]


def sendable(value: Any) -> Any:
    """A value that JSON can hold: ``{"$copy": ...}`` for a CopyConfig, ``{"$at": ...}`` for a moment."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"$copy": dataclasses.asdict(value)}
    if isinstance(value, dt.datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, dict):
        return {key: sendable(item) for key, item in value.items()}
    return [sendable(item) for item in value] if isinstance(value, (list, tuple)) else value
