"""Writes times and lengths of time as people and machines read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_MILLISECOND: Final = 1000  # microseconds


def iso(moment: datetime) -> str:
    """A time for machines and JSON: UTC, ending in Z, with milliseconds only if they are not zero."""
    precision = "milliseconds" if moment.microsecond >= _MILLISECOND else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def span(length: timedelta | float) -> str:
    """A length in its two largest units: ``3 d 4 h``, ``2 h 14 min``, ``45 s``."""
    seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return sign + f"{days} d" + (f" {hours % 24} h" if hours % 24 else "")
    if hours:
        return sign + f"{hours} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    if minutes:
        return sign + f"{minutes} min" + (f" {seconds % 60} s" if seconds % 60 else "")
    return sign + f"{seconds} s"
