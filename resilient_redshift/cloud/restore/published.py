"""The published endpoint of a plan: the parameter in which a failover says where the warehouse is now.

This module imports no botocore: the command reads the same parameter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resilient_redshift.cloud.redshift.snapshots import Restored
from resilient_redshift.contract.names import endpoint_name


class NotUnderstoodError(Exception):
    """The parameter has a text that no failover wrote."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What the last failover published.

    Args:
        cluster: the identifier of the restored cluster.
        endpoint: its address. Empty: the parameter does not say.
        port: its port. None: the parameter does not say.
        at: when it was published. None: the parameter does not say.
        snapshot: the snapshot that it was restored from. Empty: a former release wrote the parameter.
        data_of: the time of that snapshot's data. None: a former release wrote the parameter.
        lineage: the ClusterCreateTime of the cluster that the data came from. None: a former release wrote the
            parameter.
        value: the parameter's object, as it is.
    """

    cluster: str
    endpoint: str = ""
    port: int | None = None
    at: datetime | None = None
    snapshot: str = ""
    data_of: datetime | None = None
    lineage: datetime | None = None
    value: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def restored(self) -> Restored | None:
        """From what the published cluster was restored. None if the parameter says no time at all.

        Where the snapshot is not known, its time is that of the publication: what the primary holds since then is
        certainly not in the published cluster.
        """
        moment = self.data_of or self.at
        return None if moment is None else Restored(data_of=moment, lineage=self.lineage)

    @property
    def address(self) -> str:
        """Endpoint and port as one text."""
        return f"{self.endpoint or '?'}:{self.port or '?'}"


def read(text: str | None, plan: str) -> Published | None:
    """Read the parameter.

    Args:
        text: the text of the parameter. None: there is no such parameter.
        plan: the plan's name, for the error.

    Returns:
        What is published. None: nothing is.

    Raises:
        NotUnderstoodError: the text is no object that names a cluster.
    """
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    cluster = value.get("cluster") if isinstance(value, Mapping) else None
    if not isinstance(cluster, str) or not cluster:
        raise NotUnderstoodError(f"the parameter {endpoint_name(plan)} is not understood: it names no cluster")
    snapshot = value.get("snapshot")
    snapshot = snapshot if isinstance(snapshot, Mapping) else {}
    endpoint, port, identifier = value.get("endpoint"), value.get("port"), snapshot.get("identifier")
    return Published(
        cluster=cluster,
        endpoint=endpoint if isinstance(endpoint, str) else "",
        port=port if isinstance(port, int) else None,
        at=_time(value.get("at")),
        snapshot=identifier if isinstance(identifier, str) else "",
        data_of=_time(snapshot.get("created")),
        lineage=_time(snapshot.get("lineage")),
        value=value,
    )


def _time(value: object) -> datetime | None:
    """Read a time. None: it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
