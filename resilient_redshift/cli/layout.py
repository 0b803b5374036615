"""Lays text out in a width, so that nothing that a reader copies is broken: names, ARNs, endpoints, times. Pure."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: What stays together although it contains spaces: a time, the expression of a schedule, a number with its unit.
_TOGETHER: Final = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: UTC)?|\b(?:cron|rate|at)\([^)]*\)|"
    r"\b[\d.]+ (?:d|h|min|s|TB|GB|MB)(?: \d+ (?:h|min|s))*\b"
)
#: In place of a space that stays. A private character of Unicode, which no text of AWS contains.
_KEPT_SPACE: Final = "\ue000"
_SPACED: Final = re.compile(r"( *)([^ ]+)")
_BETWEEN: Final = "  "
#: The indentation of what is below the first cell of a row that does not fit into one line.
_BELOW: Final = "  "


def width_of(text: str) -> int:
    """How many columns of a terminal the text takes."""
    width: Callable[[str], int] = import_module("rich.cells").cell_len
    return width(text)


def wrap(text: str, width: int, hang: int = 0) -> list[str]:
    """Break a line at spaces, never within a word, a time or the expression of a schedule.

    Args:
        text: the line. Spaces at its beginning stay.
        width: the columns of the terminal.
        hang: the indentation of the lines after the first one. A word that does not fit behind it gets less, and a word
            that is longer than the terminal is wide begins a line of its own, which the terminal wraps.
    """
    lines, line = list[str](), ""
    for spaces, word in _SPACED.findall(_joined(text)):
        if line.strip() and width_of(line + spaces + word) > width:
            lines.append(line)
            line = " " * max(0, min(hang, width - width_of(word))) + word
        else:
            line += spaces + word
    return [one.rstrip().replace(_KEPT_SPACE, " ") for one in (*lines, line)]


def cut(text: str, width: int) -> str:
    """The text in one line, without the words at its end that do not fit."""
    lines = wrap(text, width)
    if len(lines) == 1 and width_of(text) <= width:
        return text
    first = wrap(text, max(1, width - 4))[0]
    return f"{first} ..." if width_of(first) + 4 <= width else "..."[:width]


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int, right: Sequence[int] = ()
) -> Iterator[tuple[str, bool]]:
    """Lay out a table.

    If the rows do not fit, the widest column with spaces is wrapped. If that is not enough, the first cell gets a line
    of its own, and the others are a table below; if that table does not fit either, each of them is a line with its
    heading.

    Args:
        headings: the headings.
        rows: the cells of each row.
        width: the columns of the terminal.
        right: the numbers of the columns that are aligned to the right.

    Yields:
        Each line, and whether it is a heading.
    """
    grid = [list(headings), *([" ".join(cell.split()) for cell in row] for row in rows)]
    widths = _widths(grid, width)
    if widths is not None:
        yield from _lines(grid, widths, right)
        return
    first, rest = [row[0] for row in grid], [row[1:] for row in grid]
    widths = _widths(rest, width - len(_BELOW))
    if widths is None:
        for cell, row in zip(first[1:], rest[1:], strict=True):
            yield from ((line, False) for line in wrap(cell, width))
            yield from ((line, False) for line in _facts(headings[1:], row, width))
        return
    below = list(_blocks(rest, widths, [number - 1 for number in right]))
    for number, (cell, lines) in enumerate(zip(first, below, strict=True)):
        yield from ((line, number == 0) for line in (*wrap(cell, width), *(f"{_BELOW}{line}" for line in lines)))


def _facts(headings: Sequence[str], cells: Sequence[str], width: int) -> Iterator[str]:
    column = max((width_of(heading) for heading in headings), default=0)
    for heading, cell in zip(headings, cells, strict=True):
        label = f"{_BELOW}{_padded(heading, column)}{_BETWEEN}"
        yield from wrap(label + cell, width, width_of(label)) if cell else ()


def _widths(grid: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """The width of each column, the widest one with spaces made narrower. None if the table does not fit."""
    columns = list(zip(*grid, strict=True))
    widths = [max(map(width_of, column)) for column in columns]
    spare = width - sum(widths) - len(_BETWEEN) * (len(widths) - 1)
    if spare >= 0 or not widths:
        return widths
    least = [max((width_of(word) for cell in column for word in _words(cell)), default=0) for column in columns]
    slack = [most - fewest for most, fewest in zip(widths, least, strict=True)]
    widest = slack.index(max(slack))
    narrower = widths[widest] + spare
    # a column of single words would be one that nobody reads
    if narrower < least[widest] or (2 * narrower < widths[widest] and narrower < width // 3):
        return None
    widths[widest] = narrower
    return widths


def _lines(grid: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[int]) -> Iterator[tuple[str, bool]]:
    for number, lines in enumerate(_blocks(grid, widths, right)):
        yield from ((line, number == 0) for line in lines)


def _blocks(grid: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[int]) -> Iterator[list[str]]:
    """The lines of each row."""
    for row in grid:
        cells = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        yield [
            _BETWEEN.join(
                _padded(text, width, right=number in right)
                for number, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in zip_longest(*cells, fillvalue="")
        ]


def _padded(text: str, width: int, *, right: bool = False) -> str:
    padding = " " * max(0, width - width_of(text))
    return padding + text if right else text + padding


def _words(text: str) -> list[str]:
    """The words of a text. What stays together is one word."""
    return [word.replace(_KEPT_SPACE, " ") for word in _joined(text).split()]


def _joined(text: str) -> str:
    return _TOGETHER.sub(lambda found: found[0].replace(" ", _KEPT_SPACE), text)
