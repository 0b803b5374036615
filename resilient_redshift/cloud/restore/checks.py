"""Asks the restored cluster: whether it answers, whether it holds data, and the plan's own queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.phases import Step, cut
from resilient_redshift.cloud.restore.bring_back import CHECK
from resilient_redshift.cloud.restore.calls import CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.run import Answer
from resilient_redshift.contract.outcomes import FAILED_SLOW

if TYPE_CHECKING:
    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

PUBLISH: Final = "Publish"
#: How long a run sends further queries, and how long it waits for one.
PATIENCE: Final = timedelta(hours=3)
PATIENCE_OF_A_QUERY: Final = timedelta(minutes=30)
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


@dataclass(frozen=True, kw_only=True)
class Query:
    """One query of the checks. ``least`` is the lowest number that passes; None: the answer must equal ``expected``."""

    name: str
    sql: str
    expected: str
    least: int | None = None


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

    The size must be a tenth of the snapshot's at least. The snapshot's size counts whole blocks, so it is larger.
    """
    size = run.chosen.size_megabytes if run.chosen else None
    least = int((size or 0) / 10)
    own = [Query(name=one["name"], sql=one["sql"], expected=one["expected"]) for one in run.record.get("checks", [])]
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
    checks.until = checks.until or now + PATIENCE
    if still_open and not checks.statement and now >= checks.until:
        checks.done += [Answer(passed=False, error="not asked, after what went before") for _ in still_open]
        still_open = []
    if not still_open:
        run.validated_at = now
        return Step(next=PUBLISH)
    query = still_open[0]
    try:
        return _look(run, aws, query) if checks.statement else _send(run, aws, query)
    except CallFailed as error:
        wait_out(run, now, error, _MOST_TRIES)
        if run.is_drill and error.refused:
            raise
        if error.passes:
            # a Data API that is away stays so for the other queries
            checks.until, checks.tries = now, _MOST_FIRST_TRIES
        return _answered(run, query, error=str(error))


def _send(run: Run, aws: Aws, query: Query) -> Step:
    """Send the query, with temporary credentials of the admin user. No secret is ever read."""
    checks = run.checks
    checks.statement = aws.call(
        "redshift-data",
        "ExecuteStatement",
        ClusterIdentifier=run.target,
        Database=run.cluster.database,
        DbUser=run.cluster.admin_user,
        Sql=query.sql,
    )["Id"]
    checks.sent = aws.now()
    return Step(next=CHECK, wait_seconds=1, says=f"checking: {query.name}")


def _look(run: Run, aws: Aws, query: Query) -> Step:
    checks, now = run.checks, aws.now()
    answer = aws.call("redshift-data", "DescribeStatement", Id=checks.statement)
    status, rows = answer.get("Status"), answer.get("ResultRows", 0)
    if status == "FINISHED":
        if rows < 1:
            return _answered(run, query, error="it gave no row")
        if rows > _MOST_ROWS or answer.get("ResultSize", 0) > _MOST_BYTES:
            return _answered(run, query, error="the result is too large: a check gives one value")
        got, error = _value(aws.call("redshift-data", "GetStatementResult", Id=checks.statement))
        return _answered(run, query, got=got, error=error)
    if status in {"FAILED", "ABORTED"}:
        return _answered(run, query, error=f"{status}: {answer.get('Error', '')}")
    if run.is_drill and run.give_up_at is not None and now >= run.give_up_at:
        raise Ended(FAILED_SLOW, f"the check {query.name} was still running at the deadline")
    waited = now - (checks.sent or now)
    if waited >= PATIENCE_OF_A_QUERY:
        checks.tries = _MOST_FIRST_TRIES
        return _answered(run, query, error="it was still running after 30 minutes")
    return Step(next=CHECK, wait_seconds=5 if waited < timedelta(minutes=2) else 15)


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
    checks.tries = 0
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
