"""The operations of the Redshift Data API (service ``redshift-data``); how statements live is in statements.py.

WaitTimeSeconds is checked and not waited for: an answer may always be "the current status" [S].
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import sql
from emulator.redshift_model.statements import ACTIVE, MOST_BATCH, age, check_wait, error, invalid, submit

if TYPE_CHECKING:
    from emulator.redshift_model.statements import Statement
    from emulator.redshift_model.world import Handler, Params, World


def execute(world: World, region: str, params: Params) -> dict[str, Any]:
    """ExecuteStatement: accepted, and run later."""
    return _accepted(submit(world, region, params, [params["Sql"]], batch=False))


def batch(world: World, region: str, params: Params) -> dict[str, Any]:
    """BatchExecuteStatement: 1 to 40 statements [D], one transaction; AUTO_COMMIT is not modelled."""
    if not 1 <= len(params["Sqls"]) <= MOST_BATCH:
        raise invalid("A batch has between 1 and 40 statements.")
    if params.get("ExecutionMode") == "AUTO_COMMIT":
        msg = "the model knows no AUTO_COMMIT"
        raise NotImplementedError(msg)
    return _accepted(submit(world, region, params, list(params["Sqls"]), batch=True))


def _of(statement: Statement) -> dict[str, Any]:
    who = {"DbUser": statement.user, "SecretArn": statement.secret_arn}
    named = {name: value for name, value in who.items() if value is not None}
    return {"ClusterIdentifier": statement.cluster_identifier, "Database": statement.database, **named}


def _accepted(statement: Statement) -> dict[str, Any]:
    # Status is in botocore's shape [S]; that it is there without WaitTimeSeconds: guess, so it is left out
    return {"Id": statement.identifier, "CreatedAt": statement.created, **_of(statement)}


def _find(world: World, region: str, identifier: str) -> tuple[Statement, int | None]:
    """The statement and, with a suffix ``:2``, which one of its batch [S]; forgotten after 24 h [D]."""
    whole, _, part = identifier.partition(":")
    try:
        uuid.UUID(whole)
    except ValueError:
        raise invalid(f"The statement identifier {identifier} is not a UUID.") from None
    found = world.statements.get((region, whole))
    if found is None or age(world, found.updated) >= world.settings.statement_kept_seconds:
        raise error("ResourceNotFoundException", "Query does not exist.")
    index = int(part) - 1 if part.isdecimal() else None
    if part and (index is None or not 0 <= index < len(found.sqls)):
        raise error("ResourceNotFoundException", "Query does not exist.")
    return found, index


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeStatement."""
    check_wait(params)
    statement, index = _find(world, region, params["Id"])
    texts = statement.sqls if index is None else [statement.sqls[index]]
    results = statement.results if index is None else statement.results[index : index + 1]
    shape: dict[str, Any] = {
        "Id": params["Id"],
        **_of(statement),
        "Status": statement.status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "Duration": _nanoseconds(statement),
        "HasResultSet": any(result.rows is not None for result in results),
        "RedshiftPid": 1_073_000_000 + len(statement.identifier) if statement.started else 0,
        "RedshiftQueryId": _query_id(statement),
        "ResultRows": -1,
        "ResultSize": -1,
        "ResultFormat": "json",
    }
    if results and not (statement.batch and index is None):
        rows = results[0].rows
        shape["ResultRows"] = results[0].affected if rows is None else len(rows)
        shape["ResultSize"] = 0 if rows is None else len(str(rows))
    if not statement.batch or index is not None:
        shape["QueryString"] = texts[0]
    else:
        shape["SubStatements"] = [_sub(statement, number) for number in range(len(statement.sqls))]
    if statement.error is not None:
        shape["Error"] = statement.error
    return shape


def _nanoseconds(statement: Statement) -> int:
    """``Duration`` [S] nanoseconds; -1 while it has not ended (guess)."""
    if statement.started is None or statement.ended is None:
        return -1
    return int((statement.ended - statement.started).total_seconds() * 1e9)


def _query_id(statement: Statement) -> int:
    return uuid.UUID(statement.identifier).int % 10_000_000 if statement.started else -1


def _sub(statement: Statement, number: int) -> dict[str, Any]:
    result = statement.results[number] if number < len(statement.results) else None
    return {
        "Id": f"{statement.identifier}:{number + 1}",
        "QueryString": statement.sqls[number],
        "Status": statement.status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "HasResultSet": result is not None and result.rows is not None,
    }


def result(world: World, region: str, params: Params) -> dict[str, Any]:
    """GetStatementResult: of a finished statement with a result set, else ResourceNotFoundException [3]."""
    check_wait(params)
    statement, index = _find(world, region, params["Id"])
    if statement.batch and index is None and len(statement.sqls) > 1:  # guess: which one is meant must be said
        raise invalid("Give the identifier of one statement of the batch.")
    wanted = statement.results[index or 0 : (index or 0) + 1]
    rows = wanted[0].rows if wanted else None  # there are results only where it finished
    if rows is None:
        msg = "Query does not have result. Please check query status with DescribeStatement."
        raise error("ResourceNotFoundException", msg)
    start = _start_of(params, len(rows))
    end = start + world.settings.result_page_rows
    columns = wanted[0].columns
    types = [next((_type(row[n]) for row in rows if row[n] is not None), "varchar") for n in range(len(columns))]
    answer: dict[str, Any] = {
        "Records": [[_field(world, value) for value in row] for row in rows[start:end]],
        "ColumnMetadata": [
            {"name": name, "label": name, "typeName": kind, "nullable": 1}
            for name, kind in zip(columns, types, strict=True)
        ],
        "TotalNumRows": len(rows),
    }
    return answer | ({"NextToken": f"row-{end}"} if end < len(rows) else {})


def _start_of(params: Params, count: int) -> int:
    token = params.get("NextToken")
    if not token:
        return 0
    number = token.removeprefix("row-")
    if not number.isdecimal() or int(number) >= count:
        raise invalid(f"The token {token} is not valid.")
    return int(number)


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, sql.Numeric):
        return "numeric"
    return "int8" if isinstance(value, int) else "float8" if isinstance(value, float) else "varchar"


def _field(world: World, value: Any) -> dict[str, Any]:
    """One value as the API writes it [S]; numeric as text [3]."""
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, sql.Numeric) and world.settings.numeric_as_text:
        return {"stringValue": str(int(value))}
    if isinstance(value, int):
        return {"longValue": int(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def cancel(world: World, region: str, params: Params) -> dict[str, Any]:
    """CancelStatement: one that has not ended becomes ABORTED [S]; one that has is refused (words [3])."""
    statement, _ = _find(world, region, params["Id"])
    if statement.status not in ACTIVE:
        msg = f"Could not cancel a query that is already in {statement.status} state with ID: {params['Id']}"
        raise invalid(msg)
    statement.status = "ABORTED"
    statement.ended = statement.updated = world.now
    return {"Status": True}


def listed(world: World, region: str, params: Params) -> dict[str, Any]:
    """ListStatements: finished ones unless Status says otherwise [S]; the newest first (guess)."""
    wanted = params.get("Status") or "FINISHED"
    most = int(params.get("MaxResults") or 100)
    if not 0 < most <= 100:  # [S] botocore, PageSize 0-1000; 100 unless given: guess
        raise invalid("MaxResults must be between 1 and 100.")
    found = [
        s
        for s in world.statements.values()
        if s.region == region
        and wanted in {"ALL", s.status}
        and params.get("ClusterIdentifier") in {None, s.cluster_identifier}
        and params.get("Database") in {None, s.database}
        and (s.name or "").startswith(params.get("StatementName") or "")
        and age(world, s.updated) < world.settings.statement_kept_seconds
    ]
    found.sort(key=lambda s: (s.created, s.identifier), reverse=True)
    start = _start_of(params, len(found))
    rows = [_listed(s) for s in found[start : start + most]]
    return {"Statements": rows} | ({"NextToken": f"row-{start + most}"} if start + most < len(found) else {})


def _listed(statement: Statement) -> dict[str, Any]:
    text = {"QueryStrings": statement.sqls} if statement.batch else {"QueryString": statement.sqls[0]}
    name = {"StatementName": statement.name} if statement.name else {}
    times = {"CreatedAt": statement.created, "UpdatedAt": statement.updated}
    kind = {"IsBatchStatement": statement.batch, "Status": statement.status}
    return {"Id": statement.identifier, **text, **name, **times, **kind}


OPERATIONS: dict[str, Handler] = {
    "ExecuteStatement": execute,
    "BatchExecuteStatement": batch,
    "DescribeStatement": describe,
    "GetStatementResult": result,
    "CancelStatement": cancel,
    "ListStatements": listed,
}
