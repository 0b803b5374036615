"""UNLOAD to Amazon S3 and COPY from there, as far as one table in Parquet with a manifest goes.

Read [D]: UNLOAD writes ``<prefix>manifest``, and refuses to overwrite it; REGION says where the bucket is, and without it the bucket
is where the cluster is; Parquet holds no geometry, geography, hllsketch and varbyte. COPY from Parquet wants the bucket in the
cluster's Region, and as many columns as the files have; it loads by position. The role must be attached to the cluster.
Guessed: all words of refusals. Nothing is written to S3: the model keeps the rows by the name of the manifest.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from typing import TYPE_CHECKING

from emulator.redshift_model import sql
from emulator.redshift_model.content import full_name

if TYPE_CHECKING:
    from emulator.redshift_model.content import Content, Table
    from emulator.redshift_model.state import Cluster
    from emulator.redshift_model.world import World

_NAME = r'("[^"]+"\."[^"]+"|[\w.$]+)'
_END = r"'s3://([^'/]+)/([^']*)' iam_role '([^']+)' format as parquet manifest"
# a pattern, not a query
_UNLOAD = re.compile(rf"unload \('select .+ from {_NAME}'\) to {_END}(.*)", re.IGNORECASE)  # noqa: S608
_COPY = re.compile(rf"copy {_NAME} from {_END}", re.IGNORECASE)
_NOT_IN_PARQUET = ("geometry", "geography", "hllsketch", "varbyte", "binary varying")


@dataclasses.dataclass
class Unloaded:
    """What one UNLOAD wrote: the table as it was, and the Region of the bucket."""

    table: Table
    region: str


def run(world: World, cluster: Cluster, content: Content, text: str) -> sql.Result | None:
    """Run an UNLOAD or a COPY; None for every other statement.

    Raises:
        SqlError: the text that DescribeStatement shows as ``Error``.
    """
    text = " ".join(text.split()).rstrip("; ")
    if match := _UNLOAD.fullmatch(text):
        return _unload(world, cluster, content, match)
    if match := _COPY.fullmatch(text):
        return _copy(world, cluster, content, match)
    return None


def _table(content: Content, name: str) -> Table:
    found = content.tables.get(full_name(name))
    if found is None:
        raise sql.SqlError(f'ERROR: relation "{full_name(name)}" does not exist')
    return found


def _unload(world: World, cluster: Cluster, content: Content, match: re.Match[str]) -> sql.Result:
    name, bucket, prefix, role, options = match.groups()
    table, manifest = _table(content, name), f"s3://{bucket}/{prefix}manifest"
    _role(cluster, role)
    said = re.search(r"region '([^']+)'", options, re.IGNORECASE)
    region = said[1] if said else cluster.region
    if world.bucket_regions.get(bucket, region) != region:
        raise sql.SqlError("ERROR: S3ServiceException: The bucket must be addressed using the specified endpoint.")
    for column in table.columns:
        if column.type.startswith(_NOT_IN_PARQUET):
            raise sql.SqlError(f"ERROR: the type {column.type} of {column.name} cannot be unloaded to Parquet")
    if manifest in world.unloaded and "allowoverwrite" not in options.lower():
        raise sql.SqlError("ERROR: Specified unload destination on S3 is not empty.")
    world.unloaded[manifest] = Unloaded(copy.deepcopy(table), region)
    return sql.Result(affected=table.rows)


def _copy(world: World, cluster: Cluster, content: Content, match: re.Match[str]) -> sql.Result:
    name, bucket, key, role = match.groups()
    table, manifest = _table(content, name), f"s3://{bucket}/{key}"
    _role(cluster, role)
    found = world.unloaded.get(manifest)
    if found is None:
        raise sql.SqlError(f"ERROR: The specified S3 object {manifest} does not exist")
    if found.region != cluster.region:
        raise sql.SqlError("ERROR: the bucket must be in the Region of the cluster to COPY from Parquet")
    if len(found.table.columns) != len(table.columns):
        raise sql.SqlError("ERROR: Spectrum Scan Error: unmatched number of columns between table and file")
    table.rows += found.table.rows
    table.megabytes = max(table.megabytes, found.table.megabytes)
    return sql.Result(affected=found.table.rows)


def _role(cluster: Cluster, role: str) -> None:
    attached = cluster.described.get("IamRoles") or []
    if not isinstance(attached, list) or role not in [one["IamRoleArn"] for one in attached]:
        raise sql.SqlError(f"ERROR: User is not authorized to assume IAM Role {role}")
