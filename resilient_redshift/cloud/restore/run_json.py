"""A run as JSON: dataclasses, lists and times, there and back."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache, partial
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

#: Types whose values are JSON as they are.
_PLAIN: Final = frozenset({str, int, float, bool, NoneType, dict})


def iso(moment: datetime) -> str:
    """A time as reports and parameters have it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def written(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON. A field with its default value is left out."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    if kind is list:
        return [written(each) for each in value]
    if kind is datetime:
        return iso(value)
    if not is_dataclass(value):
        return value
    shown = ((name, getattr(value, name), default) for name, default in _defaults(kind))
    return {name: written(content) for name, content, default in shown if content != default}


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401 - of any dataclass
    """The fields of a dataclass, each with its default value."""
    return tuple(
        (one.name, one.default if one.default_factory is MISSING else one.default_factory()) for one in fields(kind)
    )


def read(kind: Any, value: Any) -> Any:  # noqa: ANN401 - of any field
    """Read JSON as a value of a type. A field that the type does not have is left out."""
    reader = _reader(kind)
    return value if reader is None else reader(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401 - of any field
    """What reads a value of a type. None: JSON has it as it is."""
    if get_origin(kind) is list:
        return partial(_list, _reader(get_args(kind)[0]))
    if get_origin(kind) is UnionType:
        return partial(_optional, _reader(get_args(kind)[0]))
    if kind is datetime:
        return datetime.fromisoformat
    if not is_dataclass(kind):
        return None
    hints: dict[str, Any] = get_type_hints(kind)
    return partial(_instance, kind, {name: _reader(hint) for name, hint in hints.items()})


def _list(reader: Callable[[Any], Any] | None, value: list[Any]) -> list[Any]:
    return list(value) if reader is None else [reader(each) for each in value]


def _optional(reader: Callable[[Any], Any] | None, value: Any) -> Any:  # noqa: ANN401 - of any field
    return value if reader is None or value is None else reader(value)


def _instance(kind: Any, readers: dict[str, Callable[[Any], Any] | None], value: dict[str, Any]) -> Any:  # noqa: ANN401 - of any class of a run
    given = {}
    for name, part in value.items():
        if name in readers:
            reader = readers[name]
            given[name] = part if reader is None else reader(part)
    return kind(**given)
