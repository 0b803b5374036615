"""The properties of a snapshot copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.cloud.custom_resources.properties import REGION, Reader
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.cloud.redshift.clusters import CopySettings
from resilient_redshift.contract.names import COPY_TYPE
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from resilient_redshift.cloud.custom_resources.events import Request


@dataclass(frozen=True)
class Wanted:
    """What a request wants of a cluster's copy."""

    identifier: str
    settings: CopySettings
    destroy: bool
    accept_loss: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """Names the cluster, and so stays the same over updates, renames and moves."""
        return f"snapshot-copy/{self.identifier}"


def wanted(request: Request) -> Wanted:
    """Read the properties.

    Raises:
        Refused: some property cannot be used; all are told.
    """
    reader = Reader(COPY_TYPE, request.properties)
    identifier = reader.text("ClusterIdentifier", LABEL, LABEL_ALLOWED)
    region = reader.text("DestinationRegion", REGION, "the name of a Region, like 'us-west-2'")
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
    destroy = reader.choice("RemovalPolicy", "retain", "destroy") == "destroy"
    accept_loss = reader.choice("AcceptLossOfCopies", "false", "true") == "true"
    replace = reader.choice("ReplaceExisting", "false", "true") == "true"
    reader.done()
    return Wanted(identifier or "", settings, destroy, accept_loss, replace)


def removable(request: Request) -> Wanted | None:
    """What a Delete may remove: nothing without the first key, for unusable properties, or for an id not of ours."""
    try:
        read = wanted(request)
    except Refused:
        return None
    return read if read.destroy and request.physical_id == read.physical_id else None
