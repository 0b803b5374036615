"""How far a run got with its queries: the part of a run that ``checks.py`` keeps between two phases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - run_json reads the annotations


@dataclass(kw_only=True)
class Answer:
    """What a query answered: ``got`` is the value as text, ``error`` why there is none."""

    passed: bool
    got: str | None = None
    error: str | None = None


@dataclass(kw_only=True)
class Checks:
    """How far a run got with its queries.

    Args:
        began: when the run sent the first query.
        statement: the id of the present query at the Data API. Empty: it is not sent yet.
        sent: when it was sent.
        tries: how often it was sent again.
        until: when the run sends no further query.
        done: the answers so far, in the order of the queries.
        databases: the databases beside the cluster's own. None: the run did not need to ask for them yet.
        listing: whether the present query is the one for the databases.
        looked_at: in how many databases the present query was answered.
        total: the sum of these answers.
        unread: the databases that gave no answer to the present query.
    """

    began: datetime | None = None
    statement: str = ""
    sent: datetime | None = None
    tries: int = 0
    until: datetime | None = None
    done: list[Answer] = field(default_factory=list)
    databases: list[str] | None = None
    listing: bool = False
    looked_at: int = 0
    total: int = 0
    unread: list[str] = field(default_factory=list)
