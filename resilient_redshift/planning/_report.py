"""Writes protection tables: as plain text that fits a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.record import seconds
from resilient_redshift.planning._terminal import bullets, columns, json_text, paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.protection import ProtectionTable

_HEADINGS: Final = ("failure", "protection", "worst-case recovery point", "where")


def as_text(table: ProtectionTable, *, width: int = 100, with_account: bool = False) -> str:
    """One cluster's table as text, with its notes below.

    Args:
        table: the table.
        width: the columns of the terminal. The text is wrapped to this width, but no column of the table becomes
            narrower than 12 letters, and no note narrower than 40. Default: 100.
        with_account: name the account of the cluster, too: Stages can have equal stacks in several accounts. Default:
            the account is not named.
    """
    cells = [_HEADINGS, *((row.failure, row.protection, row.recovery_point, row.where) for row in table.rows)]
    account = f"account {table.account or 'unknown'}, " if with_account else ""
    lines = paragraph(f"{table.cluster} ({table.region}, {account}stack {table.stack})", width)
    lines += columns(cells, width)
    notes = [f"{row.failure}: {note}" for row in table.rows for note in row.notes]
    return "\n".join([*lines, *bullets([*notes, *table.notes], width)])


def as_json(tables: Iterable[ProtectionTable], *, not_read: Iterable[str] = (), not_judged: Iterable[str] = ()) -> str:
    """All tables as JSON. Lengths are in whole seconds.

    Args:
        tables: the tables.
        not_read: what :func:`unread_parts` returned for the same templates. Default: everything was read.
        not_judged: what :func:`not_judged` returned for the same templates. Default: nothing.
    """
    clusters = [table_values(table) for table in tables]
    parts = {"not_read": list(not_read), "not_judged": list(not_judged)}
    return json_text({"version": 1, "clusters": clusters, **parts})


def not_read_as_text(parts: Sequence[str], *, width: int) -> str:
    """The parts of templates that were not read, as text.

    Args:
        parts: what :func:`unread_parts` returned; at least one.
        width: the columns of the terminal; no line becomes narrower than 40.
    """
    lines = [f"not read: {len(parts)} {'part' if len(parts) == 1 else 'parts'} that may hold a Redshift cluster"]
    return "\n".join([*lines, *bullets(parts, width)])


def not_judged_as_text(warehouses: Sequence[str], *, width: int) -> str:
    """The warehouses that the tables do not judge, as text.

    Args:
        warehouses: what :func:`not_judged` returned; at least one.
        width: the columns of the terminal; no line becomes narrower than 40.
    """
    number = len(warehouses)
    lines = [f"not judged: {number} {'warehouse' if number == 1 else 'warehouses'} of Redshift Serverless"]
    return "\n".join([*lines, *bullets(warehouses, width)])


def table_values(table: ProtectionTable) -> dict[str, Any]:
    """One cluster's table as JSON shows it. A report of a check has the same fields."""
    return {
        "cluster": table.cluster,
        "stack": table.stack,
        "region": table.region,
        "account": table.account,
        "failures": [row_values(row) for row in table.rows],
        "notes": list(table.notes),
        "plan": table.plan,
        "rehearsed_every_seconds": seconds_or_none(table.rehearsed_every),
    }


def row_values(row: Protection) -> dict[str, Any]:
    """One row as JSON shows it, in each output of planning."""
    return {
        "id": str(row.kind),
        "failure": row.failure,
        "noticed_after_seconds": seconds_or_none(row.noticed_after),
        "verdict": str(row.verdict),
        "protection": row.protection,
        "recovery_point": row.recovery_point,
        "where": row.where,
        "worst_loss_seconds": seconds_or_none(row.worst_loss),
        "undocumented": row.undocumented,
        "notes": list(row.notes),
    }


def seconds_or_none(length: timedelta | None) -> int | None:
    """A length in whole seconds; None for no length."""
    return None if length is None else seconds(length)
