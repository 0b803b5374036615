"""What a cluster holds, as little of it as recovery needs: tables with their rows and size, and prepared answers to SQL."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Rows of a query: a list of rows, one row, or one value; ``{"rows": ..., "seconds": 90}`` for a slow one, ``{"error": text}`` for a failing one.
Answer = Any


@dataclasses.dataclass(frozen=True)
class Column:
    """One column, as pg_attribute has it; ``sortkey`` alternates its sign where the sort key is interleaved [D]."""

    name: str
    type: str = "bigint"
    not_null: bool = False
    encoding: str = "az64"
    distkey: bool = False
    sortkey: int = 0


@dataclasses.dataclass
class Table:
    """One table; ``megabytes`` is svv_table_info's ``size`` (blocks of 1 MB [D]), ``diststyle`` is pg_class's number."""

    rows: int
    megabytes: int = 1
    columns: tuple[Column, ...] = (Column("id"),)
    diststyle: int = 10


@dataclasses.dataclass
class Content:
    """All data of one cluster at one moment; a snapshot keeps a copy of its own.

    ``tables`` by their full name (``public.orders``), ``answers`` by SQL as ``normal`` writes it. ``databases`` are those
    beside the cluster's own, by their name, each with tables and answers of its own.
    """

    tables: dict[str, Table] = dataclasses.field(default_factory=dict)
    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    databases: dict[str, Content] = dataclasses.field(default_factory=dict)

    def copy(self) -> Content:
        """The same data, from now on on its own."""
        return copy.deepcopy(self)


def normal(sql: str) -> str:
    """One spelling of a statement: lower case, single spaces, no final semicolon (good enough for prepared answers)."""
    return " ".join(sql.split()).rstrip("; ").lower()


def full_name(name: str) -> str:
    """``orders`` is ``public.orders``; quotes are dropped."""
    name = name.replace('"', "").lower()
    return name if "." in name else f"public.{name}"


def of_size(megabytes: float) -> Content:
    """What a cluster holds that nobody described: one table of its whole size."""
    return Content({"public.facts": Table(1_000_000, max(1, int(megabytes)))})


def tables_of(given: Mapping[str, Any], megabytes: float) -> dict[str, Table]:
    """Tables from ``{name: rows}`` (sharing the cluster's size), ``{name: (rows, megabytes)}`` or ``{name: Table}``."""
    share = max(1, int(megabytes / max(1, len(given))))
    found: dict[str, Table] = {}
    for name, value in given.items():
        if isinstance(value, Table):
            found[full_name(name)] = dataclasses.replace(value)
        elif isinstance(value, (list, tuple)):
            found[full_name(name)] = Table(int(value[0]), int(value[1]))
        else:
            found[full_name(name)] = Table(int(value), share)
    return found
