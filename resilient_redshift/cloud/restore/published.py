"""The published endpoint of a plan: the parameter in which a failover says where the warehouse is now.

This module imports no botocore: the command reads the same parameter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.redshift.snapshots import Restored
from resilient_redshift.contract.stored import not_understood, read_endpoint
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.restore.seen import Seen


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
        execution: the name of the run that published it. Empty: the parameter does not say.
        verified: whether the cluster answered every check.
        value: what is understood of the parameter's object.
        problems: what is not understood of it. Each text names the parameter and the field.
    """

    cluster: str
    endpoint: str = ""
    port: int | None = None
    at: datetime | None = None
    snapshot: str = ""
    data_of: datetime | None = None
    lineage: datetime | None = None
    execution: str = ""
    verified: bool = True
    value: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    problems: Sequence[str] = field(default=(), hash=False, compare=False)

    @property
    def restored(self) -> Restored | None:
        """From what the published cluster was restored. None if the parameter says no time at all.

        Where the snapshot is not known, its time is that of the publication: what the primary holds since then is
        certainly not in the published cluster.
        """
        moment = self.data_of or self.at
        return None if moment is None else Restored(data_of=moment, lineage=self.lineage)

    def is_of(self, cluster: Seen) -> bool:
        """Whether a cluster is the published one. One that another run made has only its name."""
        known = bool(self.execution and cluster.made_by)
        return cluster.identifier == self.cluster and (not known or cluster.made_by == self.execution)

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
    stored = read_endpoint(text, plan)
    wrong, value = stored.understood.wrong("cluster"), stored.value
    if wrong:
        raise NotUnderstoodError(not_understood(f"the parameter {stored.parameter}", ", ".join(wrong)))
    snapshot = value.get("snapshot", {})
    return Published(
        cluster=value["cluster"],
        endpoint=value.get("endpoint", ""),
        port=value.get("port"),
        at=read_time(value.get("at")),
        snapshot=snapshot.get("identifier", ""),
        data_of=read_time(snapshot.get("created")),
        lineage=read_time(snapshot.get("lineage")),
        execution=value.get("execution", ""),
        verified=value.get("verified", True),
        value=value,
        problems=stored.problems,
    )
