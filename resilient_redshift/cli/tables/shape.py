"""The shape of a table: what Redshift's catalog says of its columns, and the SQL that makes and moves such a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli.tables.table_names import TableName, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Types that UNLOAD cannot write to Parquet, and SUPER, which COPY reads back as text (Redshift Database Developer
#: Guide, "UNLOAD").
_NOT_IN_PARQUET: Final = ("geometry", "geography", "hllsketch", "varbyte", "binary varying", "super")
#: ``pg_class.relkind`` of a table, and ``pg_class.reldiststyle`` of DISTSTYLE EVEN and ALL. Every other number is a
#: distribution key, or AUTO.
_TABLE: Final = "r"
_STYLES: Final = {0: "EVEN", 8: "ALL"}
#: The columns of all relations (the tables of PostgreSQL's catalog, as AWS's amazon-redshift-utils asks them).
_CATALOG: Final = (
    "select a.attname::varchar(128), format_type(a.atttypid, a.atttypmod), a.attnotnull, "
    "format_encoding(a.attencodingtype::integer), a.attisdistkey, a.attsortkeyord::integer, "
    "c.relkind::varchar(1), c.reldiststyle::integer "
    "from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    Args:
        name: its name.
        type: its type, as CREATE TABLE takes it.
        not_null: whether it is NOT NULL.
        encoding: its compression encoding.
        distkey: whether it is the distribution key.
        sortkey: its place in the sort key, 0 for none. In an interleaved sort key the sign alternates.
    """

    name: str
    type: str
    not_null: bool = False
    encoding: str = ""
    distkey: bool = False
    sortkey: int = 0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the catalog says of a relation that exists."""

    columns: Sequence[Column]
    is_table: bool = True
    diststyle: int = 0

    @property
    def interleaved(self) -> bool:
        """Whether the table has an interleaved sort key (Redshift Database Developer Guide, PG_TABLE_DEF)."""
        return any(column.sortkey < 0 for column in self.columns)

    @property
    def not_in_parquet(self) -> list[str]:
        """The columns that do not survive UNLOAD and COPY in Parquet, each with its type."""
        return [f"{one.name} ({one.type})" for one in self.columns if one.type.lower().startswith(_NOT_IN_PARQUET)]


def shape_query(table: TableName) -> str:
    """The query for the shape of a table. It gives no row if no relation has the name."""
    where = f"n.nspname = {literal(table.schema)} and c.relname = {literal(table.table)}"
    return f"{_CATALOG} where {where} and a.attnum > 0 and not a.attisdropped order by a.attnum"


def shape_of(rows: Sequence[Sequence[object]]) -> Shape | None:
    """Read the answer to the query. None: no relation has the name."""
    columns, kinds, style = [], set[str](), 0
    for name, kind, not_null, encoding, distkey, sortkey, relkind, diststyle in rows:
        columns.append(
            Column(
                name=str(name),
                type=str(kind),
                not_null=bool(not_null),
                encoding=str(encoding or ""),
                distkey=bool(distkey),
                sortkey=int(str(sortkey or 0)),
            )
        )
        kinds.add(str(relkind))
        style = int(str(diststyle or 0))
    return Shape(columns=columns, is_table=kinds == {_TABLE}, diststyle=style) if columns else None


def create_table(table: TableName, shape: Shape) -> str:
    """The CREATE TABLE for a table of a shape: columns, NOT NULL, encodings, distribution and sort key.

    Defaults, identities and all other constraints are left out: COPY from Parquet could not load an identity.
    """
    columns = ", ".join(map(_column, shape.columns))
    distkey = next((one.name for one in shape.columns if one.distkey), None)
    style = f"KEY DISTKEY ({identifier(distkey)})" if distkey else _STYLES.get(shape.diststyle, "AUTO")
    keys = sorted((one for one in shape.columns if one.sortkey), key=lambda one: abs(one.sortkey))
    kind = "INTERLEAVED" if shape.interleaved else "COMPOUND"
    sorting = f" {kind} SORTKEY ({', '.join(identifier(one.name) for one in keys)})" if keys else ""
    return f"CREATE TABLE {table.sql} ({columns}) DISTSTYLE {style}{sorting}"


def _column(column: Column) -> str:
    encoding = {"": "", "none": " ENCODE raw"}.get(column.encoding, f" ENCODE {column.encoding}")
    return f"{identifier(column.name)} {column.type}{encoding}{' NOT NULL' if column.not_null else ''}"


def unload(table: TableName, shape: Shape, files: str, role: str, region: str) -> str:
    """UNLOAD of a whole table in Parquet, with a manifest. It never overwrites a file.

    Args:
        table: the table.
        shape: its shape: the columns stand in the files in this order.
        files: the prefix of the files.
        role: the ARN of the role that writes them.
        region: the Region of the bucket.
    """
    columns = ", ".join(identifier(column.name) for column in shape.columns)
    query = f"select {columns} from {table.sql}"  # noqa: S608 - of quoted names
    return (
        f"UNLOAD ({literal(query)}) TO {literal(files)} IAM_ROLE {literal(role)} "
        f"FORMAT AS PARQUET MANIFEST REGION {literal(region)}"
    )


def copy(table: TableName, files: str, role: str) -> str:
    """COPY of what :func:`unload` wrote."""
    return f"COPY {table.sql} FROM {literal(manifest_of(files))} IAM_ROLE {literal(role)} FORMAT AS PARQUET MANIFEST"


def manifest_of(files: str) -> str:
    """The manifest that UNLOAD writes beside its files (Redshift Database Developer Guide, "UNLOAD", MANIFEST)."""
    return f"{files}manifest"


def count_rows(table: TableName) -> str:
    """The number of rows of a table."""
    return f"select count(*) from {table.sql}"  # noqa: S608 - of a quoted name
