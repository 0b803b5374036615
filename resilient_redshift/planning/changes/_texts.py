"""The values of two resources in words, and whether they are the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from resilient_redshift.planning.reading.template import Resource

NOTHING: Final = "-"
_UNKNOWN: Final = "decided at deployment"
#: A reference to a resource of another template has the number of that template before the logical id. Another stack
#: before it changes the number and not the resource.
_NUMBER: Final = re.compile(r"\$\{[0-9]+:")
_NUMBERED: Final = re.compile(r"[0-9]+:([A-Za-z][A-Za-z0-9:]*)")
_DEEPEST: Final = 40


def text_of(resource: Resource, name: str) -> str | None:
    """A property as text that may hold references; None for an absent or unknown property."""
    text = resource.text(name)
    return None if text is None else _NUMBER.sub("${", text)


def in_words(resource: Resource | None, name: str) -> str:
    """A property in words; ``-`` for an absent one."""
    if resource is None or values.absent(resource.properties.get(name)):
        return NOTHING
    return text_of(resource, name) or _UNKNOWN


def same(before: Resource, after: Resource, name: str) -> bool:
    """Whether a property has the same value before and after, as far as the templates show."""
    texts = text_of(before, name), text_of(after, name)
    if texts[0] is None and texts[1] is None:
        written = before.properties.get(name), after.properties.get(name)
        return bool(_without_numbers(written[0]) == _without_numbers(written[1]))
    return texts[0] == texts[1]


def _without_numbers(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """A value without the numbers of templates in its references; None for an absent value."""
    if values.absent(value) or depth > _DEEPEST:
        return None
    if isinstance(value, str):
        numbered = _NUMBERED.fullmatch(value)
        return numbered[1] if numbered else _NUMBER.sub("${", value)
    if isinstance(value, list):
        return [_without_numbers(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {name: _without_numbers(each, depth + 1) for name, each in value.items()}
    return value


def is_certain(resource: Resource, name: str) -> bool:
    """Whether the template shows the whole value of a property."""
    return values.absent(resource.properties.get(name)) or resource.literal(name) is not None


def attribute(resource: Resource, name: str, default: str) -> str:
    """An attribute of a resource, such as its DeletionPolicy; the default for an absent one."""
    value = resource.attributes.get(name, default)
    return value if isinstance(value, str) else _UNKNOWN
