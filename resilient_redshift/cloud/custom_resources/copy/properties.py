"""The properties of a snapshot copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.cloud.redshift.clusters import CopySettings
from resilient_redshift.contract.names import COPY_TYPE
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED, REGION, REGION_ALLOWED
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from resilient_redshift.cloud.custom_resources.events import Request


@dataclass(frozen=True)
class WantedCopy:
    """The snapshot copy that a request wants a cluster to have."""

    identifier: str
    settings: CopySettings
    destroy: bool
    accept_loss: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """An id that names the cluster. It stays the same over updates, renames and moves."""
        return f"snapshot-copy/{self.identifier}"


def wanted(request: Request) -> WantedCopy:
    """Read the properties.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    reader = Reader(COPY_TYPE, request.properties)
    identifier = reader.cluster_identifier()
    region = reader.text("DestinationRegion", REGION, REGION_ALLOWED)
    if region == request.region:
        reader.problem(
            "DestinationRegion", f"another Region than {request.region}", "a copy beside its source is lost with it"
        )
    settings = CopySettings(
        destination_region=region or "",
        grant=reader.text("SnapshotCopyGrantName", LABEL, LABEL_ALLOWED, required=False),
        automated_days=reader.whole("RetentionPeriod", 1, MOST_AUTOMATED_DAYS),
        manual_days=reader.whole("ManualSnapshotRetentionPeriod", 1, MOST_MANUAL_DAYS, also=FOREVER_DAYS),
    )
    destroy = reader.destroy()
    accept_loss = reader.flag("AcceptLossOfCopies")
    replace = reader.flag("ReplaceExisting")
    reader.done()
    return WantedCopy(identifier or "", settings, destroy, accept_loss, replace)
