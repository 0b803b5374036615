"""Lengths and times of day as the demo says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta


def hours(span: timedelta) -> str:
    """Hours, with one digit where they are no whole number: "26 h", "9.5 h"."""
    return f"{round(span.total_seconds() / 3600, 1):g} h"


def moment(at: datetime) -> str:
    """A time to the minute: "2026-12-24 03:00 UTC"."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def exactly(span: timedelta) -> str:
    """Hours, minutes and seconds, without those that are none: "26 h", "13 min 20 s"."""
    seconds = round(span.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
