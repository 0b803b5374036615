"""No copy is lost by a change of retention unless that was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.custom_resources.copy import losses as copies
from resilient_redshift.cloud.custom_resources.copy import reasons as copy_reasons
from resilient_redshift.cloud.errors import Refused

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import Wanted
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


def refuse_loss(
    request: Request, runtime: Runtime, want: Wanted, live: LiveCluster, has: CopySettings, *, in_place: bool = True
) -> None:
    """Count what another retention of automated copies would cost, by asking the Region that holds them.

    Copied manual snapshots never go by a change of retention, and copies in a Region that the cluster leaves keep the
    retention that they have. A *higher* retention is counted too where it is changed in place: after a swap, copies may
    stand that were promised a longer life than what is live, and which both it and its rollback would cut. A swap to a
    higher one is not: were copies out of reach of the former enabling, they are of this one; and it may be a rollback.

    Raises:
        Refused: copies would go, and nobody accepted that.
    """
    region = want.settings.destination_region
    former, days = has.automated_days, want.settings.automated_days
    if want.accept_loss or region != has.destination_region or days == former:
        return
    if days > former and not in_place:
        return
    now = runtime.now()
    found = copies.in_destination(runtime.redshift(region), want.identifier, request.region)
    doomed = copies.doomed_days(live.tags, region, now, in_place=in_place)
    going = copies.would_go(found, former, days, doomed, now)
    if going:
        raise Refused(copy_reasons.loss(want, former, going))
