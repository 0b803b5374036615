"""Asks the restored cluster: whether it answers, whether it holds data, and the plan's own queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.phases import Step, cut
from resilient_redshift.cloud.restore.calls import CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.check_progress import Answer
from resilient_redshift.contract.outcomes import FAILED_SLOW

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

CHECK: Final = "Check"
PUBLISH: Final = "Publish"
#: How long a run sends further queries, and how long it waits for one.
PATIENCE: Final = timedelta(hours=3)
PATIENCE_OF_A_QUERY: Final = timedelta(minutes=30)
#: How long a run waits before it looks at a query again, by the time that it has spent on checks so far. An execution's
#: history holds 25,000 events, and each look is 9 of them (Step Functions Developer Guide, "Service quotas").
_PAUSES: Final = ((timedelta(minutes=10), 5), (timedelta(hours=1), 15))
_LAST_PAUSE: Final = 60
#: The most databases that a run looks at. Redshift allows 60 in a cluster (Redshift Management Guide, "Quotas and
#: limits").
_MOST_DATABASES: Final = 100
#: How often a call of the Data API is made again, and how often the first query is sent again.
_MOST_TRIES: Final = 15
_MOST_FIRST_TRIES: Final = 6
_FIRST_TRY_SECONDS: Final = 10
#: A result of more rows or bytes is no answer to a check. Each check gives one value.
_MOST_ROWS: Final = 1000
_MOST_BYTES: Final = 8000
_LONGEST_TEXT: Final = 300
_LONGEST_VALUE: Final = 200
#: How many bytes the answers of all queries have together, beside their frames. Each answer may have its share.
_LONGEST_ANSWERS: Final = 12_000
_NUMBER: Final = re.compile(r"-?[0-9]+(?:[.][0-9]+)?")
_FIRST: Final = "answers"
_NOT_ASKED: Final = "not asked, after what went before"


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query of the checks.

    Args:
        name: its name in reports.
        sql: the query.
        expected: the answer, or what it must be, in words.
        least: the lowest number that passes. The answers of all databases count together. Default: the answer must
            equal ``expected``.
        database: the database that is asked. Default: the cluster's own, and for ``least`` the others as well.
    """

    name: str
    sql: str
    expected: str
    least: int | None = None
    database: str | None = None


#: Asks for the databases of the cluster. Those of datashares are none of its own.
_LISTING: Final = Query(
    name="databases",
    sql="select database_name from svv_redshift_databases where database_type = 'local' order by database_name",
    expected="",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A query and what it answered, as the report shows them."""

    name: str
    sql: str
    expected: str
    passed: bool
    got: str | None
    error: str | None


def queries(run: Run) -> list[Query]:
    """The queries of a run: whether the cluster answers, has tables and a size, and then the plan's own.

    The tables and the size of all databases count together. ``svv_table_info`` shows those of one database, so a run
    asks one database after the other until there is enough.

    The size must be a tenth of the snapshot's at least. The snapshot's size counts whole blocks, so it is larger.
    """
    size = run.chosen.size_megabytes if run.chosen else None
    least = int((size or 0) / 10)
    own = [
        Query(name=one["name"], sql=one["sql"], expected=one["expected"], database=one.get("database"))
        for one in run.record.get("checks", [])
    ]
    return [
        Query(name=_FIRST, sql="select 1", expected="1"),
        Query(name="tables", sql="select count(*) from svv_table_info", expected="at least 1", least=1),
        Query(
            name="size",
            sql="select coalesce(sum(size), 0)::bigint from svv_table_info",
            expected=f"at least {least}",
            least=least,
        ),
        *own,
    ]


def check(run: Run, aws: Aws) -> Step:
    """The phase ``Check``: send the next query, or look at its answer.

    Raises:
        Ended: a drill's time is over.
        Again: a call failed with an error that passes.
    """
    checks, now = run.checks, aws.now()
    still_open = queries(run)[len(checks.done) :]
    checks.began = checks.began or now
    checks.until = checks.until or now + PATIENCE
    if still_open and not checks.statement and now >= checks.until:
        first = f"no answer of {', '.join(checks.unread)}" if checks.unread else _NOT_ASKED
        errors = [cut(first, _LONGEST_TEXT), *(_NOT_ASKED for _ in still_open[1:])]
        checks.done += [Answer(passed=False, error=error) for error in errors]
        still_open = []
    if not still_open:
        run.validated_at = now
        return Step(next=PUBLISH)
    query = _LISTING if checks.listing else still_open[0]
    try:
        return _look(run, aws, query) if checks.statement else _send(run, aws, query)
    except CallFailed as error:
        wait_out(run, now, error, _MOST_TRIES)
        if run.is_drill and error.refused:
            raise
        if error.passes:
            # a Data API that is away stays so for the other queries
            checks.until, checks.tries = now, _MOST_FIRST_TRIES
        return _judged(run, query, error=str(error))


def _judged(run: Run, query: Query, *, got: str | None = None, error: str | None = None) -> Step:
    """Take the answer of a query: to the question for the databases, in one of several databases, or to a check."""
    if query is _LISTING:
        return _listed(run, [], error)
    if query.least is not None:
        return _counted(run, query, query.least, got, error)
    return _answered(run, query, got=got, error=error)


def _listed(run: Run, names: list[str], error: str | None = None) -> Step:
    """Go on with the databases beside the cluster's own. Without a list the check ends with what it has."""
    checks = run.checks
    checks.listing, checks.statement, checks.sent = False, "", None
    if error is not None:
        checks.unread.append(f"the other databases ({error})")
    checks.databases = [name for name in names if name != run.cluster.database][:_MOST_DATABASES]
    return _next_database(run)


def _counted(run: Run, query: Query, least: int, got: str | None, error: str | None) -> Step:
    """Add the answer of one database. If it is not enough yet, ask the next one."""
    checks = run.checks
    if got is not None and _NUMBER.fullmatch(got):
        checks.total += int(float(got))
    else:
        checks.unread.append(f"{_database(run, query)} ({error or f'got {got}'})")
    checks.looked_at += 1
    checks.statement, checks.sent = "", None
    if checks.total >= least:
        return _answered(run, query, got=str(checks.total))
    if checks.databases is None:
        checks.listing = True
        return Step(next=CHECK)
    return _next_database(run)


def _next_database(run: Run) -> Step:
    checks = run.checks
    if checks.looked_at <= len(checks.databases or []):
        return Step(next=CHECK)
    query = queries(run)[len(checks.done)]
    unread = f"{checks.total} in all, and no answer of {', '.join(checks.unread)}" if checks.unread else None
    return _answered(run, query, got=None if unread else str(checks.total), error=unread)


def _database(run: Run, query: Query) -> str | None:
    checks = run.checks
    if query.least is None or not checks.looked_at:
        return query.database or run.cluster.database
    others = checks.databases or []
    return others[checks.looked_at - 1]


def _send(run: Run, aws: Aws, query: Query) -> Step:
    """Send the query, with temporary credentials of the admin user. No secret is ever read."""
    checks = run.checks
    checks.statement = aws.call(
        "redshift-data",
        "ExecuteStatement",
        ClusterIdentifier=run.target,
        Database=_database(run, query),
        DbUser=run.cluster.admin_user,
        Sql=query.sql,
    )["Id"]
    checks.sent = aws.now()
    where = f" in {_database(run, query)}" if checks.looked_at or query.database else ""
    return Step(next=CHECK, wait_seconds=1, says=f"checking: {query.name}{where}")


def _look(run: Run, aws: Aws, query: Query) -> Step:
    checks, now = run.checks, aws.now()
    answer = aws.call("redshift-data", "DescribeStatement", Id=checks.statement)
    status, rows = answer.get("Status"), answer.get("ResultRows", 0)
    if status == "FINISHED":
        too_large = rows > _MOST_ROWS or answer.get("ResultSize", 0) > _MOST_BYTES
        if rows < 1 or too_large:
            why = "the result is too large: a check gives one value" if too_large else "it gave no row"
            return _judged(run, query, error=why)
        result = aws.call("redshift-data", "GetStatementResult", Id=checks.statement)
        if query is _LISTING:
            return _listed(run, [str(row[0].get("stringValue", "")) for row in result["Records"]])
        got, error = _value(result)
        return _judged(run, query, got=got, error=error)
    if status in {"FAILED", "ABORTED"}:
        return _judged(run, query, error=f"{status}: {answer.get('Error', '')}")
    if run.is_drill and run.give_up_at is not None and now >= run.give_up_at:
        raise Ended(FAILED_SLOW, f"the check {query.name} was still running at the deadline")
    waited = now - (checks.sent or now)
    if waited >= PATIENCE_OF_A_QUERY:
        checks.tries = _MOST_FIRST_TRIES
        return _judged(run, query, error="it was still running after 30 minutes")
    spent = now - (checks.began or now)
    return Step(next=CHECK, wait_seconds=next((pause for end, pause in _PAUSES if spent < end), _LAST_PAUSE))


def _value(answer: dict[str, Any]) -> tuple[str | None, str | None]:
    """The first column of the first row as text, or why there is none."""
    [(kind, value)] = answer["Records"][0][0].items()
    if kind == "isNull":
        return None, "it gave null"
    text = ("true" if value else "false") if kind == "booleanValue" else str(value)
    return text, None


def _answered(run: Run, query: Query, *, got: str | None = None, error: str | None = None) -> Step:
    checks = run.checks
    checks.statement, checks.sent = "", None
    if error is not None and query.name == _FIRST and checks.tries < _MOST_FIRST_TRIES:
        # a cluster that has just become available may not answer at once
        checks.tries += 1
        return Step(next=CHECK, wait_seconds=_FIRST_TRY_SECONDS)
    checks.tries, checks.looked_at, checks.total, checks.unread = 0, 0, 0, []
    passed = got is not None and _passes(query, got)
    share = _LONGEST_ANSWERS // len(queries(run))
    checks.done.append(
        Answer(
            passed=passed,
            got=None if got is None else cut(got, min(share, _LONGEST_VALUE)),
            error=None if error is None else cut(error, min(share, _LONGEST_TEXT)),
        )
    )
    return Step(next=CHECK)


def _passes(query: Query, got: str) -> bool:
    if query.least is None:
        return got == query.expected
    return _NUMBER.fullmatch(got) is not None and float(got) >= query.least


def results(run: Run) -> list[Result]:
    """The queries that a run made, with what they answered."""
    return [
        Result(
            name=query.name,
            sql=cut(query.sql, _LONGEST_TEXT),
            expected=query.expected,
            passed=answer.passed,
            got=answer.got,
            error=answer.error,
        )
        for query, answer in zip(queries(run), run.checks.done, strict=False)
    ]
