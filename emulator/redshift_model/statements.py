"""Statements of the Redshift Data API: accepted, queued, run and ended in virtual time.

States [S]: SUBMITTED, STARTED (PICKED is passed over), then FINISHED, FAILED or ABORTED. A statement reads and writes the data when
it ends (guess).
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from typing import TYPE_CHECKING

from emulator.redshift_model import content as contents
from emulator.redshift_model import sql, transfers
from emulator.redshift_model.errors import ApiError, api_error
from emulator.redshift_model.shapes import availability

if TYPE_CHECKING:
    import datetime as dt

    from emulator.redshift_model.content import Content
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import Params, World

SERVICE = "redshift-data"
ACTIVE = frozenset({"SUBMITTED", "PICKED", "STARTED"})
_NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c9")
_MOST_WAIT, _MOST_SQL, MOST_BATCH = 30, 100_000, 40  # [S], [D] 100 KB, [D] 40 statements
_TOKEN_SECONDS = 8 * 3600  # [D] how long a client token is remembered


@dataclasses.dataclass
class Statement:
    """One statement (or a batch of them) of one Region."""

    identifier: str
    region: str
    cluster_identifier: str
    cluster_create_time: dt.datetime
    database: str
    sqls: list[str]
    created: dt.datetime
    updated: dt.datetime
    batch: bool = False
    name: str | None = None
    user: str | None = None
    secret_arn: str | None = None
    token: str | None = None
    status: str = "SUBMITTED"
    started: dt.datetime | None = None
    ended: dt.datetime | None = None
    error: str | None = None
    results: list[sql.Result] = dataclasses.field(default_factory=list)


def error(code: str, message: str) -> ApiError:
    """An error of the Data API's own model."""
    return api_error(code, message, service=SERVICE)


def invalid(message: str) -> ApiError:
    """ValidationException [S]."""
    return error("ValidationException", message)


def _cluster(world: World, region: str, params: Params) -> Cluster:
    """The cluster that shall answer: there, and answering queries, else ValidationException (that it is this one: guess)."""
    if bool(params.get("ClusterIdentifier")) == bool(params.get("WorkgroupName")):
        raise invalid("Give ClusterIdentifier or WorkgroupName.")
    if params.get("WorkgroupName") or params.get("SessionId"):
        msg = "the model knows neither workgroups nor sessions"
        raise NotImplementedError(msg)
    cluster = world.clusters.get((region, params["ClusterIdentifier"]))
    if cluster is None:
        raise invalid("Redshift endpoint doesn't exist in this region.")  # [3]
    if availability(cluster) not in {"Available", "Modifying"}:
        raise invalid(f"Cluster {cluster.identifier} is {cluster.status}: it is not available for queries.")
    if not params.get("Database"):  # [S] required with either way of authenticating
        raise invalid("Database is missing.")
    secret = params.get("SecretArn")
    if secret and params.get("DbUser"):  # guess
        raise invalid("Give SecretArn or DbUser, not both.")
    if secret and secret.startswith("arn:") and secret.split(":")[3] != region:  # [I] secrets are regional
        raise invalid(f"The secret {secret} is not in this Region.")
    return cluster


def submit(world: World, region: str, params: Params, sqls: list[str], *, batch: bool) -> Statement:
    cluster = _cluster(world, region, params)
    check_wait(params)
    for text in sqls:
        if not text.strip() or len(text.encode()) > _MOST_SQL:
            raise invalid("A statement has between 1 and 100000 bytes.")
        if ";" in text.strip().rstrip("; ") and "'" not in text:  # [S] "a single SQL statement"
            raise invalid("Multiple statements in one; use BatchExecuteStatement.")
    token = params.get("ClientToken")
    for known in world.statements.values():  # [S] idempotent by its token
        if token and (known.region, known.token) == (region, token) and age(world, known.created) < _TOKEN_SECONDS:
            return known
    running = sum(
        1
        for s in world.statements.values()
        if (s.region, s.cluster_identifier) == (region, cluster.identifier) and s.status in ACTIVE
    )
    if running >= world.settings.statement_quota:
        raise error("ActiveStatementsExceededException", "The number of active statements exceeds the limit.")
    statement = Statement(
        identifier=str(uuid.uuid5(_NAMESPACE, f"{region}/{len(world.statements)}")),
        region=region,
        cluster_identifier=cluster.identifier,
        cluster_create_time=cluster.create_time,
        database=params["Database"],
        sqls=sqls,
        created=world.now,
        updated=world.now,
        batch=batch,
        name=params.get("StatementName"),
        user=params.get("DbUser"),
        secret_arn=params.get("SecretArn"),
        token=token,
    )
    world.statements[(region, statement.identifier)] = statement
    world.clock.call_later(world.settings.statement_queue_seconds, lambda: _start(world, statement))
    return statement


def age(world: World, moment: dt.datetime) -> float:
    return (world.now - moment).total_seconds()


def check_wait(params: Params) -> None:
    if not 0 <= int(params.get("WaitTimeSeconds") or 0) <= _MOST_WAIT:  # [S] at most 30
        raise invalid("WaitTimeSeconds must be between 0 and 30.")


def data_of(cluster: Cluster) -> Content:
    """The cluster's content; one nobody described becomes a table of the cluster's size."""
    if cluster.content is None:
        cluster.content = contents.of_size(cluster.size_megabytes)
    return cluster.content


def _start(world: World, statement: Statement) -> None:
    if statement.status != "SUBMITTED":
        return
    statement.status, statement.started, statement.updated = "STARTED", world.now, world.now
    cluster = world.clusters.get((statement.region, statement.cluster_identifier))
    data = None if cluster is None else data_of(cluster)
    data = None if data is None else data.databases.get(statement.database, data)
    prepared = [sql.seconds_of(data, text) for text in statement.sqls] if data is not None else []
    usual = world.settings.statement_seconds
    seconds = sum(usual if each is None else each for each in prepared)
    world.clock.call_later(seconds, lambda: _end(world, statement))


def _end(world: World, statement: Statement) -> None:
    if statement.status != "STARTED":
        return
    statement.ended = statement.updated = world.now
    cluster = world.clusters.get((statement.region, statement.cluster_identifier))
    try:
        statement.results = _run(world, cluster, statement)
        statement.status = "FINISHED"
    except sql.SqlError as error:
        statement.status, statement.error = "FAILED", str(error)


def _new_database(data: Content, known: list[str], text: str) -> sql.Result | None:
    """CREATE DATABASE [D]: an empty one of the cluster; None if the statement is another."""
    found = re.fullmatch(r"create database ([a-z_]\w*)", contents.normal(text))
    if found is None:
        return None
    if found[1] in known:
        raise sql.SqlError(f'ERROR: database "{found[1]}" already exists')
    data.databases[found[1]] = contents.Content()
    return sql.Result()


def _run(world: World, cluster: Cluster | None, statement: Statement) -> list[sql.Result]:
    """Run all statements; a batch is one transaction [S]: one that fails changes nothing."""
    gone = cluster is None or cluster.create_time != statement.cluster_create_time
    if cluster is None or gone or availability(cluster) not in {"Available", "Modifying"}:
        raise sql.SqlError("FATAL: terminating connection due to administrator command")  # words: guess
    data = data_of(cluster).copy()
    own = {cluster.database, "dev"} - data.databases.keys()  # [D] dev is always there
    if statement.database not in own | data.databases.keys():
        raise sql.SqlError(f'FATAL: database "{statement.database}" does not exist')
    if statement.user is not None and statement.user != cluster.master_username:  # the one user that the model knows
        raise sql.SqlError(f'FATAL: user "IAM:{statement.user}" does not exist')
    there = data if statement.database in own else data.databases[statement.database]
    names = sorted(own | data.databases.keys())
    results = [
        transfers.run(world, cluster, there, text)
        or _new_database(data, names, text)
        or sql.run(there, text, statement.database, names)
        for text in statement.sqls
    ]
    cluster.content = data
    return results
