"""RestoreTableFromClusterSnapshot and DescribeTableRestoreStatus: one table of a snapshot, back in its own cluster.

Read [S]: parameters, statuses and errors; the snapshot is of the cluster, and available; the cluster is available; the source is in the
snapshot; no interleaved sort keys; the default schema is ``public``. Read [D]: one restore at a time in a cluster; not from before a
resize, but for an elastic one that kept the node type; foreign keys, views and grants stay behind.
Guessed: how a snapshot of another cluster, another node type and an interleaved key are refused; that a name that is taken shows as
FAILED; that the target's database and schema are the source's unless given; the time; progress is linear. The model cannot tell a classic
resize from an elastic one, and counts no patches.
"""

from __future__ import annotations

import copy
import dataclasses
import uuid
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import content as contents
from emulator.redshift_model import snapshots, statements
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, page

if TYPE_CHECKING:
    import datetime as dt

    from emulator.redshift_model.content import Content, Table
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import Handler, Params, World

ACTIVE = frozenset({"PENDING", "IN_PROGRESS"})
_NAMESPACE = uuid.UUID("0a7a5f6e-3b1c-4a59-9a0d-4be3f6f0c0de")
_PENDING_SHARE = 0.1


@dataclasses.dataclass
class TableRestore:
    """One request."""

    identifier: str
    region: str
    requested: dt.datetime
    seconds: float
    given: dict[str, str]
    megabytes: int
    status: str = "PENDING"
    message: str = ""


def restore(world: World, region: str, params: Params) -> dict[str, Any]:
    """RestoreTableFromClusterSnapshot."""
    cluster = world.available(region, params["ClusterIdentifier"], "restore a table")
    snapshot = snapshots.find(world, region, params["SnapshotIdentifier"])
    own = (snapshot.cluster_identifier, snapshot.cluster_create_time, snapshot.source_region)
    if own != (cluster.identifier, cluster.create_time, None):
        raise api_error(
            "ClusterSnapshotNotFoundFault", f"{snapshot.identifier} is not of the cluster {cluster.identifier}."
        )
    if snapshot.status != "available":
        raise api_error("InvalidClusterSnapshotStateFault", f"Snapshot {snapshot.identifier} is {snapshot.status}.")
    if snapshot.node_type != cluster.node_type:
        raise api_error("UnsupportedOperationFault", "The cluster was resized after the snapshot.")
    if any(
        r.region == region and r.given["ClusterIdentifier"] == cluster.identifier and r.status in ACTIVE
        for r in world.table_restores
    ):
        raise api_error("InProgressTableRestoreQuotaExceededFault", "A table restore of the cluster is in progress.")
    given = _given(params, cluster.identifier, snapshot.identifier)
    source = _source(given, snapshot.content or contents.of_size(snapshot.size_megabytes), cluster.database)
    if source is None:
        raise api_error("InvalidTableRestoreArgumentFault", f"{given['SourceTableName']} is not in the snapshot.")
    if any(column.sortkey < 0 for column in source.columns):
        raise api_error("UnsupportedOperationFault", "The table has an interleaved sort key.")
    found = TableRestore(
        str(uuid.uuid5(_NAMESPACE, f"{region}/{len(world.table_restores)}")),
        region,
        world.now,
        world.settings.table_restore_seconds,
        given,
        source.megabytes,
    )
    world.table_restores.append(found)
    world.clock.call_later(found.seconds * _PENDING_SHARE, lambda: _begin(found))
    world.clock.call_later(found.seconds, lambda: _end(world, cluster, found, source))
    return {"TableRestoreStatus": _shape(world, found)}


def _given(params: Params, cluster: str, snapshot: str) -> dict[str, str]:
    fold = (lambda name: name) if params.get("EnableCaseSensitiveIdentifier") else str.lower
    database, schema = fold(params["SourceDatabaseName"]), fold(params.get("SourceSchemaName") or "public")
    return {
        "ClusterIdentifier": cluster,
        "SnapshotIdentifier": snapshot,
        "SourceDatabaseName": database,
        "SourceSchemaName": schema,
        "SourceTableName": fold(params["SourceTableName"]),
        "TargetDatabaseName": fold(params.get("TargetDatabaseName") or database),
        "TargetSchemaName": fold(params.get("TargetSchemaName") or schema),
        "NewTableName": fold(params["NewTableName"]),
    }


def _database(content: Content, name: str, own: str) -> Content | None:
    return content if name in {own, "dev"} and name not in content.databases else content.databases.get(name)


def _source(given: dict[str, str], content: Content, own: str) -> Table | None:
    there = _database(content, given["SourceDatabaseName"], own)
    return None if there is None else there.tables.get(f"{given['SourceSchemaName']}.{given['SourceTableName']}")


def _begin(found: TableRestore) -> None:
    found.status = "IN_PROGRESS"


def _end(world: World, cluster: Cluster, found: TableRestore, source: Table) -> None:
    if world.clusters.get((cluster.region, cluster.identifier)) is not cluster:
        found.status, found.message = "CANCELED", "The cluster is gone."
        return
    there = _database(statements.data_of(cluster), found.given["TargetDatabaseName"], cluster.database)
    name = f"{found.given['TargetSchemaName']}.{found.given['NewTableName']}"
    if there is None or name in there.tables:
        why = "the database does not exist" if there is None else "a table of that name exists"
        found.status, found.message = "FAILED", f"Cannot create {name}: {why}."
        return
    there.tables[name] = copy.deepcopy(source)
    found.status = "SUCCEEDED"


def _shape(world: World, found: TableRestore) -> dict[str, Any]:
    elapsed = min(1.0, (world.now - found.requested).total_seconds() / found.seconds) if found.seconds else 1.0
    done = {"PENDING": 0.0, "SUCCEEDED": 1.0}.get(found.status, elapsed)
    return {
        "TableRestoreRequestId": found.identifier,
        "Status": found.status,
        **({"Message": found.message} if found.message else {}),
        "RequestTime": found.requested,
        "ProgressInMegaBytes": int(found.megabytes * done),
        "TotalDataInMegaBytes": found.megabytes,
        **found.given,
    }


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeTableRestoreStatus: all requests, the oldest first [S]; the reference also says "in-progress ones" [U]."""
    cluster, identifier = params.get("ClusterIdentifier"), params.get("TableRestoreRequestId")
    if cluster:
        world.cluster(region, cluster)
    rows = [
        r
        for r in world.table_restores
        if r.region == region and cluster in {None, r.given["ClusterIdentifier"]} and identifier in {None, r.identifier}
    ]
    if identifier and not rows:
        raise api_error("TableRestoreNotFoundFault", f"No request {identifier}.")
    shown, marker = page(params, rows, lambda row: row.identifier, ordered=True)
    return answer("TableRestoreStatusDetails", [_shape(world, row) for row in shown], marker)


OPERATIONS: dict[str, Handler] = {
    "RestoreTableFromClusterSnapshot": restore,
    "DescribeTableRestoreStatus": describe,
}
