"""A JSON value with one field replaced by each kind of value that it must not have."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


def nested(levels: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


DEEP: Final[list[Any]] = nested(200)

#: One value of each kind that JSON has, and the extremes of each.
WRONG: Final[dict[str, Any]] = {
    "nothing": None,
    "a flag": True,
    "zero": 0,
    "below": -2,
    "a fraction": 0.5,
    "a huge number": 10**300,
    "no number": float("nan"),
    "an empty text": "",
    "a text": "garbage",
    "half a character": "\ud800",
    "a list": ["garbage"],
    "an empty list": [],
    "an object": {"garbage": 1},
    "an empty object": {},
    "a deep list": DEEP,
}


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each part of a JSON value, the whole last."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from paths_of(part, (*path, name))
    yield path


def spoiled(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    """A copy of a JSON value in which one part is replaced."""
    if not path:
        return wrong
    changed = copy.deepcopy(value)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = wrong
    return changed
