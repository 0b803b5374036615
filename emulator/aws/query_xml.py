"""The answers of a service that speaks the Query protocol, as XML: moto's serializer takes ten times as long for a long list."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

#: Writes a value between the tags of its name.
Write = Callable[[str, Any], str]


def written(operation: OperationModel, result: dict[str, Any], request_id: str) -> str:
    """Write an answer."""
    output, metadata = operation.output_shape, operation.service_model.metadata
    body = "" if output is None else _structure(output)(output.serialization["resultWrapper"], result)
    return (
        f'<{operation.name}Response xmlns="{metadata["xmlNamespace"]}">{body}<ResponseMetadata>'
        f"<RequestId>{request_id}</RequestId></ResponseMetadata></{operation.name}Response>"
    )


def _writer(shape: Any) -> Write:
    """What writes values of a shape."""
    kinds = {"structure": _structure, "list": _list, "map": _map}
    return kinds.get(shape.type_name, _scalar)(shape)


@functools.cache
def _structure(shape: StructureShape) -> Write:
    members = [(key, part.serialization.get("name", key), _writer(part)) for key, part in shape.members.items()]

    def write(tag: str, value: dict[str, Any]) -> str:
        shown = [write_part(name, value[key]) for key, name, write_part in members if value.get(key) is not None]
        return f"<{tag}>{''.join(shown)}</{tag}>"

    return write


@functools.cache
def _list(shape: ListShape) -> Write:
    name, write_item = shape.member.serialization.get("name", "member"), _writer(shape.member)
    return lambda tag, value: f"<{tag}>{''.join([write_item(name, each) for each in value])}</{tag}>"


@functools.cache
def _map(shape: MapShape) -> Write:
    write_key, write_value = _writer(shape.key), _writer(shape.value)

    def write(tag: str, value: dict[str, Any]) -> str:
        entries = [f"<entry>{write_key('key', key)}{write_value('value', each)}</entry>" for key, each in value.items()]
        return f"<{tag}>{''.join(entries)}</{tag}>"

    return write


@functools.cache
def _scalar(shape: Shape) -> Write:
    text = _TEXTS[shape.type_name]
    return lambda tag, value: f"<{tag}>{text(value)}</{tag}>"


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


_TEXTS: dict[str, Callable[[Any], str]] = {
    "string": escape,
    "boolean": lambda value: "true" if value else "false",
    "timestamp": _time,
    "integer": str,
    "long": str,
    "double": str,
}
