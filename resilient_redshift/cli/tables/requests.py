"""The table restores that Redshift knows of: find the own one, begin one, follow one to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError, UnreachableError
from resilient_redshift.cli.tables.watching import watch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.tables.job import Job
    from resilient_redshift.cli.tables.live import Live
    from resilient_redshift.cli.tools import Tools

#: The statuses of a request (Redshift API, TableRestoreStatus).
SUCCEEDED: Final = "SUCCEEDED"
_ACTIVE: Final = frozenset({"PENDING", "IN_PROGRESS"})
_NAMES: Final = (
    "SourceDatabaseName",
    "SourceSchemaName",
    "SourceTableName",
    "TargetDatabaseName",
    "TargetSchemaName",
    "NewTableName",
)
_TOO_MANY: Final = "InProgressTableRestoreQuotaExceededFault"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One table restore, as DescribeTableRestoreStatus shows it."""

    id: str
    status: str
    message: str
    at: datetime | None
    snapshot: str
    names: tuple[str, ...]
    done_megabytes: int
    total_megabytes: int

    @classmethod
    def of(cls, status: Mapping[str, Any]) -> Request:
        """Read one status."""
        return cls(
            id=status["TableRestoreRequestId"],
            status=str(status.get("Status", "")),
            message=str(status.get("Message") or ""),
            at=status.get("RequestTime"),
            snapshot=str(status.get("SnapshotIdentifier", "")),
            names=tuple(str(status.get(name, "")).lower() for name in _NAMES),
            done_megabytes=int(status.get("ProgressInMegaBytes") or 0),
            total_megabytes=int(status.get("TotalDataInMegaBytes") or 0),
        )

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in _ACTIVE

    @property
    def progress(self) -> str:
        """How far it is."""
        if not self.total_megabytes:
            return self.status.lower().replace("_", " ")
        return f"{words.size(self.done_megabytes)} of {words.size(self.total_megabytes)}"

    def __str__(self) -> str:
        """What it restores, in words."""
        database, schema, table, to_database, to_schema, new = self.names
        return f"{database}.{schema}.{table} as {to_database}.{to_schema}.{new} from {self.snapshot}"


def read_all(tools: Tools, live: Live) -> list[Request]:
    """The table restores of a cluster, the oldest first.

    Raises:
        CliError: they could not be listed.
    """
    found = tools.aws.pages(
        live.region,
        "redshift",
        "DescribeTableRestoreStatus",
        "TableRestoreStatusDetails",
        ClusterIdentifier=live.identifier,
    )
    requests = [Request.of(one) for one in found]
    return sorted(requests, key=lambda one: (one.at is not None, one.at))


def names_of(job: Job, live: Live) -> dict[str, str]:
    """The names of a request for a job, as the API spells them."""
    database = job.database or live.database
    return {
        "SourceDatabaseName": database,
        "SourceSchemaName": job.source.schema,
        "SourceTableName": job.source.table,
        "TargetDatabaseName": job.to_database or database,
        "TargetSchemaName": job.new.schema,
        "NewTableName": job.new.table,
    }


def own(requests: list[Request], names: Mapping[str, str]) -> Request | None:
    """The newest request with the same names. None: there is none."""
    wanted = tuple(names[name].lower() for name in _NAMES)
    return next((one for one in reversed(requests) if one.names == wanted), None)


def begin(tools: Tools, live: Live, snapshot: str, names: Mapping[str, str]) -> Request:
    """Ask Redshift for the table. A lost answer is no second request: the request is looked for.

    Raises:
        CliError: Redshift refused, or it is unknown whether it began.
    """
    try:
        answer = tools.aws.call(
            live.region,
            "redshift",
            "RestoreTableFromClusterSnapshot",
            ClusterIdentifier=live.identifier,
            SnapshotIdentifier=snapshot,
            **names,
        )
        return Request.of(answer["TableRestoreStatus"])
    except UnreachableError as error:
        found = own(read_all(tools, live), names)
        if found is None or not found.active:
            raise CliError(f"{error.message}; it is unknown whether the restore began", error.hint) from error
        return found
    except ApiError as error:
        if error.code == _TOO_MANY:
            raise CliError(
                f"another table restore of {live.identifier} runs: {error.words}", "run it again later"
            ) from error
        raise


def follow(tools: Tools, live: Live, request: Request) -> Request:
    """Follow a request to its end.

    Raises:
        CliError: AWS did not answer for an hour.
    """

    def look() -> tuple[Request | None, str]:
        answer = tools.aws.call(
            live.region,
            "redshift",
            "DescribeTableRestoreStatus",
            ClusterIdentifier=live.identifier,
            TableRestoreRequestId=request.id,
        )
        now = Request.of(answer["TableRestoreStatusDetails"][0])
        return (None, now.progress) if now.active else (now, "")

    return watch(tools, "restore the table", look)
