"""Pages and tag filters, shared by every Describe."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.redshift_model.checks import invalid
from emulator.redshift_model.errors import api_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
DEFAULT_PAGE = 100  # [S] botocore


def scramble(name: str) -> str:
    """Sort key that means nothing: no order is promised [S: none is documented], so no caller may lean on one."""
    return hashlib.sha256(name.encode()).hexdigest()


def tagged(params: dict[str, Any], tags: dict[str, str]) -> bool:
    """TagKeys and TagValues: any of the keys, any of the values, both if both are given [S] botocore."""
    keys, values = set(params.get("TagKeys") or ()), set(params.get("TagValues") or ())
    if keys and values:
        return any(key in keys and value in values for key, value in tags.items())
    return (not keys or bool(keys & set(tags))) and (not values or bool(values & set(tags.values())))


def page(
    params: dict[str, Any],
    items: Iterable[T],
    key: Callable[[T], str],
    *,
    least: int = 20,
    most: int = 100,
    default: int = DEFAULT_PAGE,
    ordered: bool = False,
) -> tuple[list[T], str | None]:
    """Cut one page: MaxRecords within ``least``..``most``, 100 unless given [S]; the Marker names the last item seen."""
    size = int(params.get("MaxRecords") or min(default, most))
    if not least <= size <= most:
        msg = f"The value {size} for MaxRecords is not valid. Value must be between {least} and {most}."
        raise invalid(msg)
    found = list(items) if ordered else sorted(items, key=lambda item: scramble(key(item)))
    start = 0
    marker = params.get("Marker")
    if marker:
        names = [scramble(key(item)) for item in found]
        if ordered:
            if marker not in names:
                raise invalid(f"The marker {marker} is not valid.")
            start = names.index(marker) + 1
        else:
            start = sum(1 for name in names if name <= marker)  # an item deleted between pages loses no other
    chosen = found[start : start + size]
    more = start + size < len(found)
    return chosen, scramble(key(chosen[-1])) if more else None


def exclusive(params: dict[str, Any], one: str, other: str) -> None:
    """Refuse two parameters together: InvalidParameterCombination [D]."""
    if params.get(one) is not None and params.get(other) is not None:
        raise api_error("InvalidParameterCombination", f"You can specify either {one} or {other}, but not both.")


def answer(name: str, items: list[dict[str, Any]], marker: str | None) -> dict[str, Any]:
    """Build the answer of a Describe; no Marker on the last page."""
    return {name: items, **({"Marker": marker} if marker else {})}
