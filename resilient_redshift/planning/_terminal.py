"""Fits texts into the columns of a terminal: makes them safe to print, measures, wraps and aligns them."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_GAP: Final = "  "
_NARROWEST: Final = 12
_NARROWEST_NOTE: Final = 40
_BULLET: Final = "  * "
#: A long word may end after a hyphen between letters.
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_]{2}-)(?=[^\W\d_]-?[^\W\d_])")
#: What a log of a CI service takes for a command: ``::`` of GitHub Actions at the start of a line, to which each word
#: may come, and ``##[`` of GitHub Actions, ``##vso[`` of Azure Pipelines or ``##teamcity[`` anywhere.
_COMMAND: Final = re.compile(r"(?<!\S):+(?=:)|#(?=#\w*\[)")
#: White space, without the separators that end a line or a record; those are shown.
_SPACES: Final = re.compile(r"[^\S\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_WITHOUT_WIDTH: Final = frozenset({"Mn", "Me"})
_WIDE: Final = frozenset({"W", "F"})


def printable(text: str) -> str:
    r"""A text without what controls a terminal, or a CI service that reads the output.

    Each run of white space becomes one space. Other control characters, and those that change the direction of the
    text, show their number, such as ``\x1b``. Half of a surrogate pair becomes a question mark. A space breaks commands
    of CI services, such as ``::add-mask::x``.

    Args:
        text: any text, such as a name in a template.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_shown, _SPACES.sub(" ", text)))
    return _COMMAND.sub(lambda match: " ".join([*match[0], ""]), text)


def json_text(value: object) -> str:
    """A value as JSON on several lines, in ASCII. A log with it holds no command of a CI service.

    Args:
        value: what JSON can hold. Its texts stay what they are: ``##`` is written as escapes, and means the same.
    """
    return json.dumps(value, indent=2).replace("##", "\\u0023\\u0023")


def width_of(text: str) -> int:
    """The columns that a printable text takes. East Asian wide letters take two, and combining marks take none."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """A text as lines that are at most so wide, safe to print; at least one line.

    Args:
        text: any text.
        width: the columns to fit, with the indents.
        first: the indent of the first line. Default: no indent.
        rest: the indent of the other lines. Default: no indent.
    """
    lines: list[str] = []
    line, indent = "", first
    for space, piece in _pieces(printable(text)):
        if line and width_of(f"{indent}{line}{space}{piece}") <= width:
            line += f"{space}{piece}"
            continue
        if line:
            lines.append(f"{indent}{line}")
            indent = rest
        line = piece
        while width_of(f"{indent}{line}") > width and len(head := _head(line, width - len(indent))) < len(line):
            lines.append(f"{indent}{head}")
            line, indent = printable(line[len(head) :]), rest
    return [*lines, f"{indent}{line}".rstrip()]


def paragraph(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """A text as lines, safe to print, none narrower than 40 columns; the arguments are those of :func:`wrapped`."""
    return wrapped(text, max(width, _NARROWEST_NOTE), first=first, rest=rest)


def columns(cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """A table as lines: the headings, a rule, and the rows.

    Args:
        cells: the headings, then the rows; all of the same length.
        width: the columns to fit. No column of the table becomes narrower than 12.
    """
    safe = [[printable(cell) for cell in row] for row in cells]
    widths = _widths(safe, width)
    headings, *rows = (_row(row, widths) for row in safe)
    return [*headings, _GAP.join("-" * column for column in widths), *(line for row in rows for line in row)]


def bullets(notes: Iterable[str], width: int) -> list[str]:
    """Notes as lines, none narrower than 40 columns."""
    indent = " " * len(_BULLET)
    return [line for note in notes for line in paragraph(note, width, first=_BULLET, rest=indent)]


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category in _CONTROL:
        return letter.encode("unicode_escape").decode()
    return "?" if category == "Cs" else letter


def _columns_of(letter: str) -> int:
    if unicodedata.category(letter) in _WITHOUT_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The pieces between which a line may end, each with the space before it."""
    for word in text.split():
        for number, piece in enumerate(_HYPHEN.split(word)):
            yield "" if number else " ", piece


def _head(text: str, room: int) -> str:
    """The longest start of a text that fits; one letter at least."""
    used = 0
    for place, letter in enumerate(text):
        used += _columns_of(letter)
        if used > room:
            return text[: max(place, 1)]
    return text


def _widths(cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """The width of each column: its widest cell. The widest columns become narrower until all columns fit."""
    widths = [max(width_of(row[column]) for row in cells) for column in range(len(cells[0]))]
    room = width - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [wrapped(cell, column) for cell, column in zip(row, widths, strict=True)]
    height = max(map(len, cells))
    padded = [[*lines, *[""] * (height - len(lines))] for lines in cells]
    return [_GAP.join(map(_padded, parts, widths)).rstrip() for parts in zip(*padded, strict=True)]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - width_of(text))
