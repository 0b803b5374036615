"""Names of tables, and how names and texts stand in SQL. No text reaches a statement in another way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli.options import TextType

if TYPE_CHECKING:
    import click

#: The longest name, in bytes (Redshift Database Developer Guide, "Names and identifiers").
_LONGEST: Final = 127
#: A part of a name: letters of any script, digits and a few signs. No quote, backslash, point or control character.
_PART: Final = re.compile(r"[^\W\d](?:[\w$#@ -]*[\w$#@-])?")
_ALLOWED: Final = (
    f"a letter or underscore, then letters, digits, blanks and _ $ # @ -, at most {_LONGEST} bytes (Redshift Database "
    "Developer Guide, 'Names and identifiers')"
)
#: Redshift folds the letters of ASCII, in quoted names too (the same page).
_FOLDED: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def fold(name: str) -> str:
    """The name as Redshift stores it."""
    return name.translate(_FOLDED)


def is_name(text: str) -> bool:
    """Whether a text may be the name of a database, a schema or a table."""
    return _PART.fullmatch(text) is not None and len(text.encode(errors="replace")) <= _LONGEST


def identifier(name: str) -> str:
    """The name as SQL has it, in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as SQL has it, in single quotes. Redshift reads a backslash in a text, so a backslash is doubled too."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class TableName:
    """A table of a database."""

    schema: str
    table: str

    def __str__(self) -> str:
        """The name as people write it."""
        return f"{self.schema}.{self.table}"

    @property
    def sql(self) -> str:
        """The name as SQL has it."""
        return f"{identifier(self.schema)}.{identifier(self.table)}"


class _Database(TextType):
    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the folded name of a database."""
        if not is_name(value):
            self.fail(f"{value!r} is not the name of a database: {_ALLOWED}", param, ctx)
        return fold(value)


class _Table(TextType):
    """A name of one or two parts. The command puts the schema in front of a name without one."""

    def __init__(self, *, name: str, schema_needed: bool) -> None:
        self.name = name
        self._schema_needed = schema_needed

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the folded name."""
        parts = value.split(".")
        right = len(parts) == 2 or (len(parts) == 1 and not self._schema_needed)  # noqa: PLR2004 - schema and table
        if not right or not all(map(is_name, parts)):
            self.fail(f"{value!r} is not {self.name}; each part is {_ALLOWED}", param, ctx)
        return fold(value)


DATABASE: Final = _Database()
TABLE: Final = _Table(name="schema.table", schema_needed=True)
NEW_TABLE: Final = _Table(name="[schema.]new_name", schema_needed=False)


def table_of(text: str, schema: str = "") -> TableName:
    """The table of a checked text.

    Args:
        text: what ``TABLE`` or ``NEW_TABLE`` returned.
        schema: the schema of a name without one.
    """
    first, point, second = text.partition(".")
    return TableName(first, second) if point else TableName(schema, first)
