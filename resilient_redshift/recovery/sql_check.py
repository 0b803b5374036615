"""A query that a restored cluster must answer as expected; checked when you make it. This module needs no CDK."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The most checks of a plan. A run asks one after the other, each for 30 minutes at most, and all of them for 3 hours.
MOST_CHECKS: Final = 50
#: The names of the checks that every restore makes.
BUILT_IN: Final = ("answers", "tables", "size")
_LONGEST_SQL: Final = 2000
_LONGEST_EXPECTED: Final = 256
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
_DATABASE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+.@-]{0,63}")
_QUERY: Final = re.compile(r"(?:select|with)\b", re.IGNORECASE)
#: The parts of a query in which a semicolon does not end a statement: texts, quoted names and comments.
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1", re.DOTALL)
#: What only the definition of a Python UDF or of its library says.
_PYTHON_UDF: Final = re.compile(r"\blanguage\s+'?plpythonu\b", re.IGNORECASE)
_COMMENT: Final = re.compile(r"--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
_PARAMETER_STORE: Final = "Systems Manager API: PutParameter, Value"


@typed
@dataclass(frozen=True, init=False)
class SqlCheck:
    """One query, and the answer that a restored cluster must give.

    A drill passes only with this answer, and a failover is verified only with it. The query runs as the cluster's
    admin, through the Redshift Data API, for at most 30 minutes.

    Args:
        sql: one statement that begins with SELECT or WITH, of 1 to 2,000 characters; a semicolon may end it. The answer
            is the first column of the first row. It must call no Python UDF, because Redshift runs none since 30 June
            2026. A query with ``language plpythonu`` is refused; a mere call does not show the language.
        expected: the answer as text, of at most 256 characters; a boolean is ``true`` or ``false``. Default: ``true``.
        name: the name of the check in reports, once in a plan: 1 to 64 letters, digits, spaces, ``_``, ``.`` and ``-``,
            a letter or digit first; not ``answers``, ``tables`` or ``size``, which every restore checks. Default:
            ``check-`` and a short hash of query, answer and database.
        database: the database that the query runs in: 1 to 64 letters, digits and ``_+.@-``, a letter first (Redshift
            API, GetClusterCredentials: DbName). Default: the cluster's own database, the one that it was created with.

    Raises:
        ResilientRedshiftError: for a text that is not allowed, for several statements, for a token, and for ``{{``,
            which Parameter Store refuses (Systems Manager API, PutParameter).
    """

    sql: str
    expected: str
    name: str
    database: str | None

    def __init__(
        self, sql: str, *, expected: str = "true", name: str | None = None, database: str | None = None
    ) -> None:
        problems = Problems("SqlCheck")
        if _text(problems, "sql", sql):
            _check_sql(problems, sql)
        if _text(problems, "expected", expected):
            allowed = f"at most {_LONGEST_EXPECTED} characters"
            problems.check(len(expected) <= _LONGEST_EXPECTED, "expected", f"{len(expected)} characters", allowed)
        if database is not None and _text(problems, "database", database):
            allowed = "1 to 64 letters, digits, '_', '+', '.', '@' and '-', a letter first"
            ok = _DATABASE.fullmatch(database) is not None
            problems.check(ok, "database", database, allowed, "Redshift API: GetClusterCredentials, DbName")
        if name is not None and _text(problems, "name", name):
            ok = _NAME.fullmatch(name) is not None
            allowed = "1 to 64 letters, digits, spaces, '_', '.' and '-', a letter or digit first"
            problems.check(ok, "name", name, allowed)
            is_free = name not in BUILT_IN
            problems.check(is_free, "name", name, f"none of {', '.join(BUILT_IN)}", "every restore checks these")
        problems.raise_if_any()
        object.__setattr__(self, "sql", sql.strip().rstrip(";").rstrip())
        object.__setattr__(self, "expected", expected)
        object.__setattr__(self, "database", database)
        where = () if database is None else (database,)
        object.__setattr__(self, "name", name or f"check-{short_hash(self.sql, expected, *where)}")

    def as_record(self) -> dict[str, str]:
        """The check as the plan record has it."""
        record = {"name": self.name, "sql": self.sql, "expected": self.expected}
        return record if self.database is None else {**record, "database": self.database}


def joined_checks(problems: Problems, present: Iterable[SqlCheck], more: Iterable[SqlCheck]) -> tuple[SqlCheck, ...]:
    """The checks of a plan with some more. A check that is equal to a present one is not added again.

    Args:
        problems: where to record each problem: two checks of one name.
        present: the plan's checks so far.
        more: the checks to add, as the user passed them.
    """
    by_name = {check.name: check for check in present}
    for check in more:
        why = f"a check with this name has the query {by_name[check.name].sql!r}" if check.name in by_name else ""
        is_equal = by_name.setdefault(check.name, check) == check
        problems.check(is_equal, "checks", check.name, "checks with different names", why)
    why = "a run asks them one after the other, for 3 hours at most, and its history holds 25,000 events"
    allowed = f"at most {MOST_CHECKS} checks in a plan"
    problems.check(len(by_name) <= MOST_CHECKS, "checks", f"{len(by_name)} checks", allowed, why)
    return tuple(by_name.values())


def _text(problems: Problems, argument: str, value: object) -> bool:
    if not problems.check(known(value), argument, "a token", "a text known at synth", "the plan record contains it"):
        return False
    return problems.check("{{" not in str(value), argument, value, "without '{{'", _PARAMETER_STORE)


def _check_sql(problems: Problems, sql: str) -> None:
    bare = _COMMENT.sub(" ", sql).strip()
    length = len(sql.strip())
    if not problems.check(
        1 <= length <= _LONGEST_SQL, "sql", f"{length} characters", f"1 to {_LONGEST_SQL} characters"
    ):
        return
    if _PYTHON_UDF.search(bare) is not None:
        why = "Redshift runs no Python UDF since 30 June 2026: write the check with SQL, or with a SQL or Lambda UDF"
        problems.add("sql", sql, "without a Python UDF", why)
        return
    is_query = _QUERY.match(bare.lstrip("( \n\t")) is not None
    problems.check(is_query, "sql", sql, "one query that begins with SELECT or WITH", "a check must not change data")
    is_single = ";" not in _QUOTED.sub("", sql).strip().rstrip("; \n\t")
    problems.check(is_single, "sql", sql, "one statement", "Redshift Data API: ExecuteStatement")
