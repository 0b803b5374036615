"""The few statements that the model understands; every other one fails as Redshift fails on bad SQL.

Answers that a test prepared come first. Then literals (``select 1``), aggregates over svv_table_info and single tables,
and insert, create, drop, truncate and delete without a condition, so that a test can write after a failover.
Types [D]: count and sizes are bigint; ``sum(size)`` is numeric, which the Data API gives as text [3] unless cast to bigint.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import catalog
from emulator.redshift_model.content import Answer, Content, Table, full_name, normal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NAME = r'((?:"?[a-z_][\w$]*"?\.){0,2}"?[a-z_][\w$]*"?)'
_CAST = re.compile(r"::\s*(bigint|int8|integer|int|varchar(?:\(\d+\))?|text|float8?|numeric(?:\([\d, ]+\))?)$")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "<>": lambda a, b: a != b,
    "!=": lambda a, b: a != b,
    "=": lambda a, b: a == b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


#: The databases that are the cluster's own; SVV_REDSHIFT_DATABASES has shared ones as well, of the type ``shared`` [D].
_DATABASES = "select database_name from svv_redshift_databases where database_type = 'local' order by database_name"


class SqlError(Exception):
    """What Redshift says of a statement that it cannot run."""


class Numeric(int):
    """A whole number of type numeric."""


@dataclasses.dataclass
class Result:
    """What a statement gave: ``rows`` None where there is no result set; ``seconds`` None: the usual time."""

    columns: list[str] = dataclasses.field(default_factory=list)
    rows: list[list[Any]] | None = None
    affected: int = 0
    seconds: float | None = None


def seconds_of(content: Content, sql: str) -> float | None:
    """How long a prepared answer takes, if it says so."""
    answer = content.answers.get(normal(sql))
    return float(answer["seconds"]) if isinstance(answer, dict) and "seconds" in answer else None


def run(content: Content, sql: str, database: str, databases: Sequence[str] = ()) -> Result:
    """Run one statement over ``content`` (and change it, if it writes); ``databases`` are all of the cluster.

    Raises:
        SqlError: the text that DescribeStatement shows as ``Error``.
    """
    text = normal(sql)
    if text in content.answers:
        return _prepared(content.answers[text])
    if text == _DATABASES:
        return Result(["database_name"], [[name] for name in databases])
    for pattern, statement in _STATEMENTS:
        match = re.fullmatch(pattern, text)
        if match:
            return statement(content, match, database)
    word = text.split(" ")[0] if text else ";"
    raise SqlError(f'ERROR: syntax error at or near "{word}"\n  Position: 1')


def _prepared(answer: Answer) -> Result:
    columns: list[str] = []
    if isinstance(answer, BaseException):
        raise SqlError(str(answer))
    if isinstance(answer, dict):
        if "error" in answer:
            raise SqlError(str(answer["error"]))
        columns, answer = list(answer.get("columns", ())), answer.get("rows", [])
    if not isinstance(answer, (list, tuple)):
        answer = [[answer]]
    elif answer and not isinstance(answer[0], (list, tuple)):
        answer = [answer]
    rows = [list(row) for row in answer]
    width = len(rows[0]) if rows else max(1, len(columns))
    return Result(columns or [f"column{n}" for n in range(width)], rows)


def _literals(_: Content, match: re.Match[str], __: str) -> Result:
    columns, row = [], []
    for item in _items(match[1]):
        value, name = _aliased(item, "?column?")
        row.append(_literal(value))
        columns.append(name)
    return Result(columns, [row])


def _literal(text: str) -> Any:
    text = _CAST.sub("", text).strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    if re.fullmatch(r"'[^']*'", text):
        return text[1:-1]
    words = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    if text in {"current_database()", "version()", "current_user"}:
        return text.strip("()")
    raise SqlError(f"ERROR: column {text!r} does not exist".replace("'", '"'))


def _aggregate(content: Content, match: re.Match[str], database: str) -> Result:
    items, source, condition = match[1], match[2], match[3]
    rows = _svv_table_info(content, database) if _is_info(source) else _table_rows(content, source)
    if condition:
        rows = [row for row in rows if _holds(condition, row)]
    columns, values = [], []
    for item in _items(items):
        value, name = _aliased(item, item.split("(")[0].strip('" '))
        values.append(_value(value, rows))
        columns.append(name)
    return Result(columns, [values])


def _is_info(name: str) -> bool:
    return name.replace('"', "") in {"svv_table_info", "pg_catalog.svv_table_info"}


def _svv_table_info(content: Content, database: str) -> list[dict[str, Any]]:
    """Rows of svv_table_info: tables with rows only, "does not return any information for empty tables" [D]."""
    found = []
    for name, table in content.tables.items():
        schema, _, bare = name.partition(".")
        row = {"database": database, "schema": schema, "table": bare, "size": table.megabytes, "tbl_rows": table.rows}
        found += [row] if table.rows > 0 else []
    return found


def _table(content: Content, name: str) -> Table:
    table = content.tables.get(full_name(name))
    if table is None:
        raise SqlError(f'ERROR: relation "{name.replace(chr(34), "")}" does not exist')
    return table


def _table_rows(content: Content, name: str) -> list[dict[str, Any]]:
    return [{}] * _table(content, name).rows


def _items(text: str) -> list[str]:
    """Split a select list at its outer commas."""
    found, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append(text[start:index].strip())
            start = index + 1
    return [*found, text[start:].strip()]


def _aliased(item: str, name: str) -> tuple[str, str]:
    match = re.fullmatch(r'(.+?) as "?(\w+)"?', item)
    return (match[1].strip(), match[2]) if match else (item, name)


def _value(text: str, rows: list[dict[str, Any]]) -> Any:
    """An aggregate over rows: count, sum, min, max, coalesce, casts and one comparison with a number."""
    text = text.strip()
    for pattern, expression in _EXPRESSIONS:
        match = re.fullmatch(pattern, text)
        if match:
            return expression(match, rows)
    return _literal(text)


def _compared(match: re.Match[str], rows: list[dict[str, Any]]) -> Any:
    left = _value(match[1], rows)
    return None if left is None else _COMPARE[match[2]](float(left), float(match[3]))


def _or_else(match: re.Match[str], rows: list[dict[str, Any]]) -> Any:
    value = _value(match[1], rows)
    return Numeric(match[2]) if value is None else value


def _reduced(match: re.Match[str], rows: list[dict[str, Any]]) -> Any:
    values = [_column(row, match[2]) for row in rows]
    if not values:
        return None
    return Numeric(sum(values)) if match[1] == "sum" else {"min": min, "max": max}[match[1]](values)


_EXPRESSIONS: list[tuple[str, Callable[[re.Match[str], list[dict[str, Any]]], Any]]] = [
    (r"(.+?)\s*(>=|<=|<>|!=|=|>|<)\s*(-?\d+(?:\.\d+)?)", _compared),
    (r"(.+)::\s*([a-z0-9]+(?:\([\d, ]+\))?)", lambda match, rows: _as(match[2], _value(match[1], rows))),
    (r"cast\s*\((.+) as ([\w() ,]+)\)", lambda match, rows: _as(match[2].strip(), _value(match[1], rows))),
    (r"\((.+)\)", lambda match, rows: _value(match[1], rows)),
    (r"(?:coalesce|nvl)\s*\((.+),\s*(-?\d+)\s*\)", _or_else),
    (r"count\s*\(\s*(?:\*|1)\s*\)", lambda _, rows: len(rows)),
    (r'count\s*\(\s*distinct "?(\w+)"?\s*\)', lambda match, rows: len({_column(row, match[1]) for row in rows})),
    (r'(sum|min|max)\s*\(\s*"?(\w+)"?\s*\)', _reduced),
]


def _as(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind.startswith(("varchar", "text")):
        return str(int(value)) if isinstance(value, Numeric) else str(value)
    if kind.startswith("float"):
        return float(value)
    return Numeric(value) if kind.startswith("numeric") else int(value)


def _column(row: dict[str, Any], name: str) -> Any:
    if name not in row:
        raise SqlError(f'ERROR: column "{name}" does not exist')
    return row[name]


def _holds(condition: str, row: dict[str, Any]) -> bool:
    for part in condition.split(" and "):
        match = re.fullmatch(r'"?(\w+)"?\s*(=|<>|!=|not in|in|>|<|>=|<=)\s*(.+)', part.strip())
        if match is None:
            raise SqlError(f'ERROR: syntax error at or near "{part.strip().split(" ")[0]}"')
        value, wanted = _column(row, match[1]), [_literal(item) for item in _items(match[3].strip("() "))]
        if match[2] in {"=", "in"}:
            held = value in wanted
        elif match[2] in {"<>", "!=", "not in"}:
            held = value not in wanted
        else:
            held = _COMPARE[match[2]](float(value), float(wanted[0]))
        if not held:
            return False
    return True


def _insert(content: Content, match: re.Match[str], _: str) -> Result:
    table = _table(content, match[1])
    count = len(_items(match[2]))
    table.rows += count
    return Result(affected=count)


def _create(content: Content, match: re.Match[str], _: str) -> Result:
    name = full_name(match[2])
    if name in content.tables and not match[1]:
        raise SqlError(f'ERROR: Relation "{match[2]}" already exists')
    columns, diststyle = catalog.defined(match[3])
    content.tables.setdefault(name, Table(0, columns=columns, diststyle=diststyle))
    return Result()


def _columns(content: Content, match: re.Match[str], _: str) -> Result:
    table = content.tables.get(f"{match[1]}.{match[2]}")
    return Result(list(catalog.HEADINGS), [] if table is None else catalog.rows(table))


def _drop(content: Content, match: re.Match[str], _: str) -> Result:
    _table(content, match[1])
    del content.tables[full_name(match[1])]
    return Result()


def _empty(content: Content, match: re.Match[str], _: str) -> Result:
    table = _table(content, match[1])
    gone, table.rows = table.rows, 0
    return Result(affected=gone)


# Patterns, not queries (S608 takes them for queries built from text).
_STATEMENTS: list[tuple[str, Callable[[Content, re.Match[str], str], Result]]] = [
    (catalog.COLUMNS, _columns),
    (rf"select (.+) from {_NAME}(?: where (.+))?", _aggregate),  # noqa: S608
    (r"select (.+)", _literals),
    (rf"insert into {_NAME}(?: ?\([^)]*\))? values ?(\(.+\))", _insert),  # noqa: S608
    (rf"create table (if not exists )?{_NAME} ?(\(.+\).*)", _create),
    (rf"drop table {_NAME}", _drop),
    (rf"(?:truncate(?: table)?|delete from) {_NAME}", _empty),
]
