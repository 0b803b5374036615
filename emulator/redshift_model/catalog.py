"""The columns of a table: as pg_attribute and pg_class show them, and as CREATE TABLE defines them [D].

Only one query of the catalog is known: name, type, NOT NULL, encoding, distribution key, place in the sort key, kind and
DISTSTYLE of each column of one table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.redshift_model.content import Column

if TYPE_CHECKING:
    from emulator.redshift_model.content import Table

HEADINGS = (
    "attname",
    "format_type",
    "attnotnull",
    "format_encoding",
    "attisdistkey",
    "attsortkeyord",
    "relkind",
    "style",
)
#: The query, as ``content.normal`` writes it; its groups are schema and table.
COLUMNS = (
    r"select a\.attname\S* .+ from pg_attribute a join pg_class c on c\.oid = a\.attrelid "
    r"join pg_namespace n on n\.oid = c\.relnamespace "
    r"where n\.nspname = '([^']*)' and c\.relname = '([^']*)' .+"
)
_COLUMN = re.compile(
    r'"?([^"]+?)"? ((?:(?!encode |not null|distkey|sortkey|default |identity).)+?)(?: (?=encode|not null|dist|sort|default|ident)(.*))?'
)
_STYLES = {"even": 0, "key": 1, "all": 8, "auto": 10}


def rows(table: Table) -> list[list[Any]]:
    """What the query answers."""
    return [[c.name, c.type, c.not_null, c.encoding, c.distkey, c.sortkey, "r", table.diststyle] for c in table.columns]


def defined(text: str) -> tuple[tuple[Column, ...], int]:
    """Columns and DISTSTYLE out of what follows the name in a CREATE TABLE."""
    columns, start, depth, end = [], 1, 0, len(text)
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if (letter == "," and depth == 1) or depth == 0:
            columns.append(text[start:index].strip())
            start = index + 1
        if depth == 0:
            end = index + 1
            break
    rest = text[end:]
    style = re.search(r"diststyle (\w+)", rest)
    return tuple(_column(column, rest) for column in columns), _STYLES[style[1]] if style else 10


def _column(text: str, rest: str) -> Column:
    match = _COLUMN.fullmatch(text)
    if match is None:
        return Column(text.strip('"'))
    name, more = match[1], match[3] or ""
    encoding = re.search(r"encode (\w+)", more)
    key = re.search(r"(interleaved )?sortkey ?\(([^)]*)\)", rest)
    keys = [one.strip(' "') for one in key[2].split(",")] if key else []
    place = keys.index(name) + 1 if name in keys else 0
    sign = -1 if key and key[1] and place % 2 == 0 else 1
    return Column(
        name,
        match[2].strip(),
        not_null="not null" in more,
        encoding=encoding[1] if encoding else "az64",
        distkey=re.search(rf'distkey ?\("?{re.escape(name)}"?\)', rest) is not None,
        sortkey=place * sign,
    )
