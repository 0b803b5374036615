"""Reads tables, texts, lengths and dates of a policy file, and collects every problem with the key that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._arguments import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH: Final = re.compile(r"([0-9]{1,8})(min|h|d|w)", re.ASCII)
_UNITS: Final = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
#: How much of a wrong value a problem shows.
_SHOWN: Final = 60


class FileProblems:
    """The problems of one policy file.

    Attributes:
        found: one line for each problem, in the order of the file.
    """

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, key: str, text: str) -> None:
        """Record a problem with a key."""
        self.found.append(f"{key} {text}")

    def wrong(self, key: str, allowed: str, got: object) -> None:
        """Record that a key has another value than it may have."""
        self.add(key, f"must be {allowed}, got {_as_in_toml(got)}")

    def unknown_keys(self, place: str, table: Mapping[str, object], known: Iterable[str]) -> None:
        """Record each key of a table that it cannot have, with the nearest one that it can."""
        names = list(known)
        for key in table:
            if key not in names:
                near = get_close_matches(key.replace("_", "-").lower(), names, n=1)
                hint = f"do you mean {near[0]}?" if near else f"the keys here are {', '.join(names)}"
                self.add(inside(place, key), f"is not known; {hint}")

    def table(self, key: str, value: object) -> Mapping[str, object] | None:
        """A value as a table; None with a problem recorded for any other value."""
        if isinstance(value, Mapping):
            return value
        self.wrong(key, "a table", value)
        return None

    def tables(self, key: str, value: object) -> list[tuple[str, Mapping[str, object]]]:
        """The entries of a list of tables, each with its key, such as ``cluster[2]``."""
        if not isinstance(value, list):
            self.wrong(key, f"written as [[{key}]]", value)
            return []
        read = [(each, self.table(each, entry)) for each, entry in numbered(key, value)]
        return [(each, entry) for each, entry in read if entry is not None]

    def text(self, key: str, value: object) -> str | None:
        """A value as a text that is not empty; None with a problem recorded for any other value."""
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(key, "a text in quotes that is not empty", value)
        return None

    def length(self, key: str, value: object, *, zero: bool = False) -> timedelta | None:
        """A value as a length; None with a problem recorded for any other value.

        Args:
            key: the key.
            value: the value.
            zero: whether the length may be 0. Default: it may not.
        """
        match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        length = int(match[1]) * _UNITS[match[2]] if match else None
        if length is None:
            self.wrong(key, 'a length such as "15min", "8h", "7d" or "2w"', value)
        elif length > LONGEST or not (length or zero):
            self.wrong(key, f"{'0' if zero else 'more than 0'} to {LONGEST.days} days", value)
        else:
            return length
        return None

    def truth(self, key: str, value: object) -> bool | None:
        """A value as a truth value; None with a problem recorded for any other value."""
        if isinstance(value, bool):
            return value
        self.wrong(key, "true or false", value)
        return None

    def day(self, key: str, value: object) -> date | None:
        """A value as a date; None with a problem recorded for any other value."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.wrong(key, "a date without quotes and without a time of day, such as 2027-03-31", value)
        return None


def inside(place: str, key: str) -> str:
    """The full name of a key."""
    return f"{place}.{key}" if place else key


def numbered(key: str, entries: Iterable[object]) -> list[tuple[str, object]]:
    """Each entry of a list with its name; the first one is number 1."""
    return [(f"{key}[{number}]", entry) for number, entry in enumerate(entries, 1)]


def _as_in_toml(value: object) -> str:
    """A value as the file has it; a long one is cut."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, Mapping):
        text = "a table"
    elif isinstance(value, list):
        text = "a list"
    elif isinstance(value, date):  # a time of day too
        text = value.isoformat()
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
