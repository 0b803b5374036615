"""HTML elements as text. Whatever is not an element itself is escaped, because AWS's texts may hold anything."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli.output import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


#: The elements without an end tag that the page uses (HTML standard, "Void elements").
_VOID: Final = frozenset({"br", "meta"})


def text(value: object) -> Markup:
    """A value as HTML: escaped, and without control characters, which HTML does not allow."""
    return value if isinstance(value, Markup) else Markup(html.escape(harmless(str(value)), quote=True))


def element(tag: str, *parts: object, **attributes: str) -> Markup:
    """An element.

    Args:
        tag: the name of the element.
        parts: what is in it.
        attributes: its attributes. A trailing underscore of a name is dropped, other ones become hyphens.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items() if value
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(parts)}</{tag}>")


def joined(parts: Iterable[object], separator: str = "") -> Markup:
    """Parts as one piece of HTML."""
    return Markup(separator.join(text(part) for part in parts))


def lines(parts: Iterable[object]) -> Markup:
    """Parts, each on a line of its own. Empty ones are left out."""
    return joined((part for part in parts if part), str(element("br")))


def bullets(parts: Sequence[object]) -> Markup:
    """A list."""
    return element("ul", *(element("li", part) for part in parts))


def table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()
) -> Markup:
    """A table whose headings repeat on each printed page. The first cell of a row is the row's heading.

    Args:
        caption: what the table shows.
        headings: the headings.
        rows: the cells of each row.
        right: the numbers of the columns that hold numbers.
    """

    def cell(number: int, part: object) -> Markup:
        style = "number" if number in right else ""
        return element("td", part, class_=style) if number else element("th", part, scope="row", class_=style)

    head = element("tr", *(element("th", one, scope="col") for one in headings))
    body = [element("tr", *(cell(number, part) for number, part in enumerate(row))) for row in rows]
    return element("table", element("caption", caption), element("thead", head), element("tbody", *body))
