"""The present state of a cluster and its snapshot copy.

Decisions use this state, never old against new properties: the handler cannot tell a rollback from an edit.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.errors import Busy, Refused
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

#: The statuses of a cluster that is being deleted. Nothing of such a cluster is left to manage.
BEING_DELETED: Final = frozenset({"deleting", "final-snapshot"})
#: The statuses that never end by themselves (Redshift API, Cluster.ClusterStatus), and what an operator must do.
_STUCK: Final = {
    "paused": "resume the cluster, then deploy again",
    "pausing": "resume the cluster once it is paused, then deploy again",
    "hardware-failure": "restore the cluster from a snapshot, then deploy again",
    "incompatible-hsm": "repair the HSM's configuration, then deploy again",
    "incompatible-network": "repair the cluster's network, then deploy again",
    "incompatible-parameters": "repair the cluster's parameter group, then deploy again",
    "incompatible-restore": "restore the cluster once more, then deploy again",
    "storage-full": "resize the cluster, then deploy again",
}


@dataclass(frozen=True)
class CopySettings:
    """The configuration of a snapshot copy.

    Days are as in the API: -1 means for ever. No grant means that a key of AWS encrypts the copies.
    """

    destination_region: str
    grant: str | None
    automated_days: int
    manual_days: int

    def same_place(self, other: CopySettings) -> bool:
        """Return whether Region and grant are the same. Only the retentions can be changed in place."""
        return (self.destination_region, self.grant) == (other.destination_region, other.grant)

    def days(self, *, manual: bool) -> int:
        """Return one of the two retentions."""
        return self.manual_days if manual else self.automated_days

    def __str__(self) -> str:
        """Return the settings as error texts show them."""
        grant = f"grant {self.grant!r}" if self.grant else "no grant (a key that AWS owns)"
        return (
            f"destination {self.destination_region}, {grant}, RetentionPeriod {self.automated_days}, "
            f"ManualSnapshotRetentionPeriod {self.manual_days}"
        )


@dataclass(frozen=True)
class LiveCluster:
    """What DescribeClusters says about one cluster."""

    identifier: str
    status: str
    encrypted: bool
    copy: CopySettings | None
    tags: Mapping[str, str]
    schedule: str | None = None
    schedule_state: str = ""

    @property
    def being_deleted(self) -> bool:
        """Whether the cluster is being deleted."""
        return self.status in BEING_DELETED

    @property
    def busy(self) -> bool:
        """Whether the cluster does something that ends by itself."""
        return self.status != "available" and not self.being_deleted and self.status not in _STUCK

    def require_available(self, what: str) -> None:
        """Raise an error unless the cluster accepts changes now.

        Args:
            what: the change, for the reason, like "enable the snapshot copy of 'sales'".

        Raises:
            Refused: waiting cannot help: the cluster is paused, broken or being deleted.
            Busy: the cluster will accept changes later.
        """
        if self.status == "available":
            return
        if self.being_deleted:
            raise Refused(f"could not {what}: the cluster is {self.status!r}, so it is being deleted")
        if self.status in _STUCK:
            raise Refused(
                f"could not {what}: the cluster is {self.status!r}; {_STUCK[self.status]}; this step changed nothing"
            )
        raise Busy(f"the cluster is {self.status!r}, and Redshift accepts this change only while it is 'available'")

    def require_encrypted_for(self, grant: str | None) -> None:
        """Raise an error where a grant could have no effect.

        Raises:
            Refused: a grant is wanted, and the cluster is not encrypted (Redshift API, EnableSnapshotCopy).
        """
        if grant and not self.encrypted:
            raise Refused(
                f"the cluster {self.identifier!r} is not encrypted, and the grant {grant!r} works for encrypted "
                "clusters only; pass encrypted=False where the cluster is declared, or name no grant; nothing was "
                "changed"
            )

    def require_startable(self, what: str) -> None:
        """Raise an error at once where waiting cannot help. A busy cluster raises none.

        Args:
            what: the change, for the reason.

        Raises:
            Refused: the cluster is paused, broken or being deleted.
        """
        with contextlib.suppress(Busy):
            self.require_available(what)


def read(client: RedshiftClient, identifier: str) -> LiveCluster | None:
    """Read a cluster.

    Args:
        client: a Redshift client of the cluster's Region.
        identifier: the cluster's identifier.

    Returns:
        The cluster's present state, or None where no cluster has this identifier.
    """
    try:
        answer = client.describe_clusters(ClusterIdentifier=identifier)["Clusters"]
    except client.exceptions.ClusterNotFoundFault:
        return None
    if not answer:
        return None
    cluster = answer[0]
    return LiveCluster(
        identifier=identifier,
        status=cluster.get("ClusterStatus", "unknown"),
        encrypted=cluster.get("Encrypted", True),
        copy=_settings(cluster.get("ClusterSnapshotCopyStatus")),
        tags=tags_of(cluster.get("Tags", [])),
        schedule=cluster.get("SnapshotScheduleIdentifier") or None,
        schedule_state=cluster.get("SnapshotScheduleState", ""),
    )


def _settings(status: Mapping[str, Any] | None) -> CopySettings | None:
    if not status or not status.get("DestinationRegion"):
        return None
    return CopySettings(
        destination_region=status["DestinationRegion"],
        grant=status.get("SnapshotCopyGrantName") or None,
        automated_days=int(status.get("RetentionPeriod", 0)),
        manual_days=int(status.get("ManualSnapshotRetentionPeriod", FOREVER_DAYS)),
    )
