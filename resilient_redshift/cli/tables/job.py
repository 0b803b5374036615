"""What ``restore-table`` is asked for, and the command line that goes on with it."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import INTERRUPTED, MISSED, CliError
from resilient_redshift.rules.naming import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from resilient_redshift.cli.tables.table_names import TableName
    from resilient_redshift.cli.tools import Tools


class FailedError(CliError):
    """The table did not come back, and waiting changes nothing about it."""

    def __init__(self, message: str, hint: str = "", *, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, hint, status=MISSED, facts=facts)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One table to bring back.

    Args:
        plan: the plan's name.
        source: the table in the snapshot.
        new: the new table.
        database: the table's database. None: the cluster's own.
        to_database: the new table's database. None: the table's.
        before: the time of the bad load. None: the newest snapshot is taken.
        snapshot: the snapshot to take. None: the newest usable one.
        from_copies: whether a copy in the recovery Region is the source.
        role: the ARN of the role for UNLOAD and COPY.
        bucket: where the files go, such as ``s3://bucket/prefix``.
        keep_scratch: whether the scratch cluster stays.
    """

    plan: str
    source: TableName
    new: TableName
    database: str | None = None
    to_database: str | None = None
    before: datetime | None = None
    snapshot: str | None = None
    from_copies: bool = False
    role: str = ""
    bucket: str = ""
    keep_scratch: bool = False

    @property
    def key(self) -> str:
        """The same short text for the same table and the same new table."""
        return short_hash(
            "restore-table", self.plan, str(self.source), str(self.new), self.database or "", self.to_database or ""
        )

    def command(self, tools: Tools) -> str:
        """The command line of this job. The same command goes on with what it began."""
        options = {
            "--as": str(self.new),
            "--before": words.iso(self.before) if self.before else None,
            "--snapshot": self.snapshot,
            "--database": self.database,
            "--to-database": self.to_database,
            "--role": self.role or None,
            "--bucket": self.bucket or None,
            "--region": tools.region,
            "--profile": tools.profile,
        }
        line = ["resilient-redshift", "restore-table", self.plan, str(self.source)]
        line += ["--from-copies"] if self.from_copies else []
        line += ["--keep-scratch"] if self.keep_scratch else []
        line += [word for name, value in options.items() if value is not None for word in (name, value)]
        return shlex.join(line)


@contextmanager
def resumable(tools: Tools, job: Job, runs_on: str) -> Iterator[None]:
    """Say on Ctrl-C, and after a lost connection, that the work runs on, and which command goes on with it.

    Raises:
        CliError: with exit status 130 after Ctrl-C.
    """
    again = f"the same command goes on: {job.command(tools)}"
    try:
        yield
    except KeyboardInterrupt:
        raise CliError(f"stopped; {runs_on}", again, status=INTERRUPTED) from None
    except FailedError:
        raise
    except CliError as error:
        if error.status == INTERRUPTED:
            raise
        hint = f"{error.hint}; then {again}".lstrip("; ")
        raise CliError(f"{error.message}; {runs_on}", hint, facts=error.facts) from error
