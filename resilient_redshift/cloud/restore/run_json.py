"""A run as JSON: dataclasses, lists and times, there and back."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints


def iso(moment: datetime) -> str:
    """A time as reports and parameters have it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def written(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON. A field with its default value is left out."""
    if isinstance(value, str):  # most are
        return value
    if isinstance(value, datetime):
        return iso(value)
    if is_dataclass(value):
        shown = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: written(content) for one, content in shown if content != _default(one)}
    if isinstance(value, list):
        return [written(each) for each in value]
    return value


def _default(one: Field[Any]) -> Any:  # noqa: ANN401 - of any field
    return one.default if one.default_factory is MISSING else one.default_factory()


def read(kind: Any, value: Any) -> Any:  # noqa: ANN401 - of any field
    """Read JSON as a value of a type. A field that the type does not have is left out."""
    if get_origin(kind) is list:
        return [read(get_args(kind)[0], each) for each in value]
    if get_origin(kind) is UnionType:
        return None if value is None else read(get_args(kind)[0], value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if is_dataclass(kind):
        hints = _hints(cast("Any", kind))
        return cast("Any", kind)(**{name: read(hints[name], part) for name, part in value.items() if name in hints})
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - of any class of a run
    return get_type_hints(kind)
