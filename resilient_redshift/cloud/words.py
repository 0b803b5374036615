"""Writes lengths of time as people read them."""

from __future__ import annotations

from datetime import timedelta


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
