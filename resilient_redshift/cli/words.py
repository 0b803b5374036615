"""Times, lengths and sizes as people read them, and as they type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_MILLISECOND: Final = 1000  # microseconds
_MEGABYTES: Final = (("TB", 1024 * 1024), ("GB", 1024), ("MB", 1))


def parsed(text: str) -> datetime:
    """Read a time: ISO 8601; without an offset it is UTC.

    Raises:
        ValueError: it is none.
    """
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def iso(moment: datetime) -> str:
    """A time as machines and JSON have it: UTC, ending with Z, milliseconds only where there are some."""
    precision = "milliseconds" if moment.microsecond >= _MILLISECOND else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def shown(moment: datetime | None) -> str:
    """A time as people read it, to the minute."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def shown_text(text: object) -> str:
    """The same of a time that a machine wrote; what is none stays as it is, and nothing is ``?``."""
    try:
        return shown(parsed(str(text)))
    except ValueError:
        return str(text or "?")


def stamp(moment: datetime) -> str:
    """A time as it stands in names, to the second: ``20261123t081500z``."""
    return f"{moment.astimezone(UTC):%Y%m%dt%H%M%Sz}"


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


def size(megabytes: float | None) -> str:
    """A size in the largest unit that leaves a digit before the point."""
    if megabytes is None:
        return "-"
    unit, factor = next(((unit, factor) for unit, factor in _MEGABYTES if megabytes >= factor), ("MB", 1))
    return f"{megabytes / factor:.1f} {unit}" if factor > 1 else f"{megabytes:.0f} MB"


def count(number: int, thing: str) -> str:
    """``1 snapshot``, ``2 snapshots``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
