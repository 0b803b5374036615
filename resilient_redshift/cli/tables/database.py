"""A database of a cluster through the Redshift Data API, as the admin user with temporary credentials.

No secret is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.tables.job import FailedError
from resilient_redshift.cli.tables.shape import Shape, count_rows, shape_of, shape_query
from resilient_redshift.cli.tables.watching import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resilient_redshift.cli.tables.table_names import TableName
    from resilient_redshift.cli.tools import Tools

_FINISHED: Final = "FINISHED"
_ENDED_BADLY: Final = frozenset({"FAILED", "ABORTED"})
#: A look at the catalog takes a second. A busy cluster lets it wait.
_LOOK_SECONDS: Final = 120.0


class SqlError(FailedError):
    """A statement failed, or somebody ended it."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement that was sent: its id, its name, and the part of the name behind the last hyphen."""

    id: str
    name: str

    @property
    def stamp(self) -> str:
        """When it was sent, as its name says."""
        return self.name.rpartition("-")[2]


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database of one cluster.

    Args:
        tools: the world around the command.
        region: the cluster's Region.
        cluster: the cluster's identifier.
        user: the database user. It must be able to read and to create the tables: the admin user can.
        name: the database.
    """

    tools: Tools
    region: str
    cluster: str
    user: str
    name: str

    def shape(self, table: TableName) -> Shape | None:
        """The shape of a table. None: no relation has this name.

        Raises:
            CliError: the database could not be asked.
        """
        statement = self._send("ExecuteStatement", Sql=shape_query(table))
        self._wait(statement, "look at the catalog", most_seconds=_LOOK_SECONDS)
        return shape_of(self._rows(statement))

    def count(self, table: TableName) -> int:
        """The number of rows of a table.

        Raises:
            CliError: the rows could not be counted.
        """
        statement = self._send("ExecuteStatement", Sql=count_rows(table))
        self._wait(statement, f"count the rows of {table}")
        return int(str(self._rows(statement)[0][0]))

    def find(self, name: str) -> Statement | None:
        """The newest statement whose name begins like this, if it runs or finished.

        The Data API keeps statements for 24 hours, and shows those of the caller's own role or user.
        """
        found = self.tools.aws.pages(
            self.region, "redshift-data", "ListStatements", "Statements", StatementName=name, Status="ALL"
        )
        alive = [one for one in found if one.get("Status") not in _ENDED_BADLY]
        newest = max(alive, key=lambda one: one["CreatedAt"], default=None)
        return None if newest is None else Statement(id=newest["Id"], name=newest.get("StatementName", ""))

    def once(self, name: str, what: str, sqls: Callable[[str], Sequence[str]]) -> Statement:
        """Run statements once as one transaction: what an interrupted command began is found again, not repeated.

        Args:
            name: the first letters of the statement's name, which no other job has.
            what: what the statements do, for the live line.
            sqls: the statements, made from the time in the statement's name.

        Raises:
            SqlError: a statement failed. Nothing of them has an effect in the database.
        """
        statement = self.find(f"{name}-")
        if statement is None:
            stamp = words.stamp(self.tools.now())
            full = f"{name}-{stamp}"
            texts = list(sqls(stamp))
            if len(texts) == 1:
                id_ = self._send("ExecuteStatement", Sql=texts[0], StatementName=full)
            else:
                id_ = self._send("BatchExecuteStatement", Sqls=texts, StatementName=full)
            statement = Statement(id=id_, name=full)
        self._wait(statement.id, what)
        return statement

    def _send(self, operation: str, **parameters: object) -> str:
        where = {"ClusterIdentifier": self.cluster, "Database": self.name, "DbUser": self.user}
        if operation == "ExecuteStatement":
            answer = self.tools.aws.call(self.region, "redshift-data", "ExecuteStatement", **where, **parameters)
        else:
            answer = self.tools.aws.call(self.region, "redshift-data", "BatchExecuteStatement", **where, **parameters)
        return str(answer["Id"])

    def _wait(self, statement: str, what: str, *, most_seconds: float | None = None) -> None:
        def look() -> tuple[str | None, str]:
            answer = self.tools.aws.call(self.region, "redshift-data", "DescribeStatement", Id=statement)
            status = str(answer.get("Status"))
            if status in _ENDED_BADLY:
                error = " ".join(str(answer.get("Error") or status).split())
                raise SqlError(f"{what} in {self.name} of {self.cluster}: {error}")
            return (status, "") if status == _FINISHED else (None, status.lower())

        watch(self.tools, what, look, most_seconds=most_seconds)

    def _rows(self, statement: str) -> list[list[Any]]:
        records: list[Any] = list(
            self.tools.aws.pages(self.region, "redshift-data", "GetStatementResult", "Records", Id=statement)
        )
        return [[_value(field) for field in record] for record in records]


def _value(field: dict[str, Any]) -> object:
    """A field as the Data API writes it: ``{"stringValue": "x"}``, or ``{"isNull": True}``."""
    [(kind, value)] = field.items()
    return None if kind == "isNull" else value
