"""A cluster and its snapshot copy as they are now; decisions are made from this, never from a change's direction."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.errors import Busy, Refused
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

#: The cluster is on its way out: there is nothing left to manage.
GOING: Final = frozenset({"deleting", "final-snapshot"})
#: Nothing that waits here ever ends by itself (Redshift API, Cluster.ClusterStatus), and what helps.
_STUCK: Final = {
    "paused": "resume the cluster, then deploy again",
    "pausing": "resume the cluster once it is paused, then deploy again",
    "hardware-failure": "restore the cluster from a snapshot",
    "incompatible-hsm": "repair the HSM's configuration, then deploy again",
    "incompatible-network": "repair the cluster's network, then deploy again",
    "incompatible-parameters": "repair the cluster's parameter group, then deploy again",
    "incompatible-restore": "restore the cluster anew",
    "storage-full": "resize the cluster, then deploy again",
}


@dataclass(frozen=True)
class CopySettings:
    """A snapshot copy's configuration; days as the API has them, -1 is for ever, no grant means a key that AWS owns."""

    destination_region: str
    grant: str | None
    automated_days: int
    manual_days: int

    def same_place(self, other: CopySettings) -> bool:
        """Whether Region and grant are the same: only retentions can be changed in place."""
        return (self.destination_region, self.grant) == (other.destination_region, other.grant)

    def days(self, *, manual: bool) -> int:
        """One of the two retentions."""
        return self.manual_days if manual else self.automated_days

    def __str__(self) -> str:
        """The settings as an error text shows them."""
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
    def going(self) -> bool:
        """Whether the cluster is being deleted."""
        return self.status in GOING

    @property
    def status_passes(self) -> bool:
        """Whether the cluster is busy with something that ends by itself."""
        return self.status != "available" and not self.going and self.status not in _STUCK

    def require_available(self, what: str) -> None:
        """Raise unless the cluster takes changes now.

        Raises:
            Refused: it will not by itself: paused, deleting or broken.
            Busy: it will, later.
        """
        if self.status == "available":
            return
        if self.going:
            raise Refused(f"could not {what}: the cluster is {self.status!r}")
        if self.status in _STUCK:
            raise Refused(
                f"could not {what}: the cluster is {self.status!r}; {_STUCK[self.status]}; nothing was changed"
            )
        raise Busy(f"the cluster is {self.status!r}, and only an 'available' one takes the change")

    def require_encrypted_for(self, grant: str | None) -> None:
        """Raise where a grant could not take effect.

        Raises:
            Refused: a grant is wanted, and the cluster is not encrypted (Redshift API, EnableSnapshotCopy).
        """
        if grant and not self.encrypted:
            raise Refused(
                f"the cluster {self.identifier!r} is not encrypted, and the grant {grant!r} takes effect for encrypted "
                "clusters only; say encrypted=False where the cluster is declared, or name no grant; nothing was "
                "changed"
            )

    def require_startable(self, what: str) -> None:
        """Raise at once where waiting cannot help; a busy cluster passes.

        Raises:
            Refused: the cluster is paused, deleting or broken.
        """
        with contextlib.suppress(Busy):
            self.require_available(what)


def read(client: RedshiftClient, identifier: str) -> LiveCluster | None:
    """The cluster now, None where there is none of this name."""
    try:
        found = client.describe_clusters(ClusterIdentifier=identifier)["Clusters"]
    except client.exceptions.ClusterNotFoundFault:
        return None
    if not found:
        return None
    return LiveCluster(
        identifier=identifier,
        status=found[0].get("ClusterStatus", "unknown"),
        encrypted=found[0].get("Encrypted", True),
        copy=_settings(found[0].get("ClusterSnapshotCopyStatus")),
        tags={tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags", []) if "Key" in tag},
        schedule=found[0].get("SnapshotScheduleIdentifier") or None,
        schedule_state=found[0].get("SnapshotScheduleState", ""),
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
