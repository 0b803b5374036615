"""Parts of a comment in the Markdown of GitHub and GitLab: escaped texts, tables, folded details, and the limit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._terminal import printable
from resilient_redshift.planning.reports._summary import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The longest body of a comment (the error of GitHub's REST API: "body is too long (maximum is 65536 characters)").
MOST_LETTERS: Final = 65_536
#: What the notes about left-out parts, and the ends of lines, may take.
_RESERVE: Final = 1_000
_LONGEST_LIST: Final = 8_000
#: What Markdown, HTML, or a service's links and emojis read as more than a letter, and what begins a list.
_MARKS: Final = re.compile(r"^\d{1,9}[.)]|^[-+=]|(?i:www)\.|:(?=\S)|(?<![^\W_])_|_(?![^\W_])|[!#$%&*<>@\[\\\]^`{|}~]")
_NO_LETTER: Final = re.compile(r"\W|_")
#: What begins a reference to a person, an issue, a change, a label and so on, in GitHub or GitLab.
_REFERENCE: Final = re.compile(r"([@#!~%$&])(?=\w)")
_WORD_JOINER: Final = "\u2060"


@dataclass(frozen=True, slots=True)
class Entry:
    """One cluster of a comment.

    Attributes:
        row: its line in the table.
        details: its folded details; empty for a cluster without details.
    """

    row: str
    details: str


def escaped(text: str) -> str:
    """A text of which Markdown and HTML show each letter as it is, on one line; it mentions and links nobody."""
    return _entities(_REFERENCE.sub(rf"\1{_WORD_JOINER}", printable(text)))


def code(text: str) -> str:
    """A name in the letters of code. A reference in it is none."""
    return f"<code>{_entities(printable(text))}</code>"


def row(cells: Iterable[str]) -> str:
    """A line of a table, of cells that are escaped already."""
    return f"| {' | '.join(cells)} |\n"


def table(headings: Sequence[str], rows: Iterable[str]) -> str:
    """A table of finished lines, with its headings."""
    return row(headings) + row("---" for _ in headings) + "".join(rows)


def folded(summary: str, content: str) -> str:
    """Details that the reader unfolds.

    Args:
        summary: the line that is always there, escaped.
        content: what the reader unfolds, as Markdown that ends with a line feed.
    """
    return f"<details><summary>{summary}</summary>\n\n{content}\n</details>\n"


def comment(head: str, headings: Sequence[str], entries: Sequence[Entry], rest: str) -> str:
    """A comment that is no longer than GitHub allows. Whole clusters are left out, and it says how many.

    Args:
        head: what comes first.
        headings: the headings of the table of clusters.
        entries: the clusters, the most important ones first.
        rest: what comes last.
    """
    room = MOST_LETTERS - _RESERVE - letters(head) - letters(rest) - letters(table(headings, []))
    rows = _fitting([entry.row for entry in entries], room)
    room -= sum(map(letters, rows))
    wanted = [entry.details for entry in entries if entry.details]
    details = _fitting(wanted, room)
    parts = [head]
    parts += [table(headings, rows)] if rows else []
    parts += [_left_out(len(entries) - len(rows), "")] if len(rows) < len(entries) else []
    parts += details
    parts += [_left_out(len(wanted) - len(details), "the details of ")] if len(details) < len(wanted) else []
    return "\n".join([*parts, *([rest] if rest else [])])


def letters(text: str) -> int:
    """The length of a text as JavaScript counts it, which is never less than GitHub's count."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def listed(lines: Sequence[str]) -> str:
    """A list of finished lines; it says how many lines have no room."""
    items = _fitting([f"* {line}\n" for line in lines], _LONGEST_LIST)
    return "".join(items) + (f"* and {len(lines) - len(items)} more\n" if len(items) < len(lines) else "")


def _entities(text: str) -> str:
    return _MARKS.sub(lambda match: _NO_LETTER.sub(_entity, match[0]), text)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def _fitting(parts: Iterable[str], room: int) -> list[str]:
    """The parts that fit, each of them whole. A part that is too long leaves its room to later ones."""
    found = []
    for part in parts:
        if letters(part) < room:
            found.append(part)
            room -= letters(part) + 1
    return found


def _left_out(number: int, what: str) -> str:
    return f"Left out, because a comment has at most {MOST_LETTERS:,} letters: {what}{counted(number, 'cluster')}.\n"
