"""Reads times as people type them, and writes times, lengths and sizes as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from resilient_redshift.cloud.words import iso, span
from resilient_redshift.rules.retention import FOREVER_DAYS

__all__ = ["count", "iso", "minute", "minute_of", "parse_time", "retention", "size", "span", "span_of", "stamp"]

_MEGABYTES: Final = (("TB", 1024 * 1024), ("GB", 1024), ("MB", 1))


def parse_time(text: str) -> datetime:
    """Read a time in ISO 8601. A time without an offset is UTC.

    Raises:
        ValueError: the text is not a time, or UTC has no such year.
    """
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is not a time") from error


def minute(moment: datetime | None) -> str:
    """A time for people, to the minute. ``-`` for None."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def minute_of(text: object) -> str:
    """A machine's ISO time for people, to the minute. Another text is unchanged; no text is ``?``."""
    try:
        return minute(parse_time(str(text)))
    except ValueError:
        return str(text or "?")


def stamp(moment: datetime) -> str:
    """A time for use in names, to the second: ``20261123t081500z``."""
    return f"{moment.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def span_of(seconds: float | None) -> str:
    """A length that may be unknown. ``?`` for None."""
    return "?" if seconds is None else span(seconds)


def retention(days: int | None) -> str:
    """A retention of the Redshift API: ``7 days``, ``for ever``. ``?`` for None."""
    return "?" if days is None else "for ever" if days == FOREVER_DAYS else count(days, "day")


def size(megabytes: float | None) -> str:
    """A size in the largest unit that leaves a digit before the point. ``-`` for None."""
    if megabytes is None:
        return "-"
    unit, factor = next(((unit, factor) for unit, factor in _MEGABYTES if megabytes >= factor), ("MB", 1))
    return f"{megabytes / factor:.1f} {unit}" if factor > 1 else f"{megabytes:.0f} MB"


def count(number: int, thing: str) -> str:
    """A number of things: ``1 snapshot``, ``2 snapshots``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
