"""The present state of a cluster and its snapshot copy.

Decisions use this state, never old against new properties: the handler cannot tell a rollback from an edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.errors import Busy, NotKnown, Refused
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient
    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cloud.redshift.states import State

#: The most records of one answer (Redshift API, DescribeClusters).
_PAGE: Final = 100


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
    def state(self) -> State:
        """What the cluster's status means."""
        return states.of(self.status)

    @property
    def being_deleted(self) -> bool:
        """Whether the cluster is being deleted."""
        return self.state.meaning is Meaning.GOING

    def require_available(self, what: str) -> None:
        """Raise an error unless the cluster accepts changes now.

        Args:
            what: the change, for the reason, like "enable the snapshot copy of 'sales'".

        Raises:
            Refused: waiting cannot help: the cluster is paused, needs somebody, or is being deleted.
            NotKnown: the cluster's state is not known.
            Busy: the cluster will accept changes later.
        """
        self.require_startable(what)
        self.require_known()
        if self.state.meaning is not Meaning.AVAILABLE:
            raise Busy(f"the cluster is {self.status!r}, and Redshift accepts this change only while it is 'available'")

    def require_startable(self, what: str) -> None:
        """Raise an error at once where waiting cannot help. Every other cluster raises none, whatever it does now.

        Args:
            what: the change, for the reason.

        Raises:
            Refused: the cluster is paused, needs somebody, or is being deleted.
        """
        state = self.state
        if self.being_deleted:
            raise Refused(f"could not {what}: the cluster is {self.status!r}, so it is being deleted")
        if state.to_do:
            raise Refused(
                f"could not {what}: the cluster is {self.status!r}: {state.happens}; {state.to_do}, then deploy again; "
                "this step changed nothing"
            )

    def require_known(self) -> None:
        """Raise an error where nobody can say whether the state ends by itself.

        Raises:
            NotKnown: the state is not in the table of states.
        """
        if self.state.meaning is Meaning.UNKNOWN:
            raise NotKnown(
                f"the cluster is {self.status!r}, and this release does not know that state: look at the cluster's "
                "events, and deploy again once it is 'available'"
            )

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


def describe(client: RedshiftClient, identifier: str) -> ClusterTypeDef | None:
    """Read a cluster as AWS describes it.

    Args:
        client: a Redshift client of the cluster's Region.
        identifier: the cluster's identifier.

    Returns:
        What DescribeClusters says, or None where no cluster has this identifier.
    """
    try:
        found = client.describe_clusters(ClusterIdentifier=identifier)["Clusters"]
    except client.exceptions.ClusterNotFoundFault:
        return None
    return found[0] if found else None


def describe_all(client: RedshiftClient) -> list[ClusterTypeDef]:
    """Read every cluster of a Region, page by page (Redshift API, DescribeClusters: MaxRecords, Marker).

    Args:
        client: a Redshift client of the Region.
    """
    found: list[ClusterTypeDef] = []
    answer = client.describe_clusters(MaxRecords=_PAGE)
    while True:
        found += answer["Clusters"]
        marker = answer.get("Marker")
        if not marker:
            return found
        answer = client.describe_clusters(MaxRecords=_PAGE, Marker=marker)


def read(client: RedshiftClient, identifier: str) -> LiveCluster | None:
    """Read a cluster.

    Args:
        client: a Redshift client of the cluster's Region.
        identifier: the cluster's identifier.

    Returns:
        The cluster's present state, or None where no cluster has this identifier.
    """
    cluster = describe(client, identifier)
    if cluster is None:
        return None
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
