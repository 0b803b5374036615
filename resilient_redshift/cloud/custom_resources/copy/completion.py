"""Whether a request about a snapshot copy is done. It only reads.

CDK's Provider framework adds the answer of ``on_event`` to the event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import PATIENCE, PATIENCE_NOT_KNOWN
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy.properties import wanted
from resilient_redshift.cloud.custom_resources.expectations import (
    EXPECT_COPY,
    EXPECT_NOTHING,
    EXPECT_OFF,
    expectation,
)
from resilient_redshift.cloud.custom_resources.waiting import (
    NotYet,
    keep_waiting,
    read_patiently,
    waited_for,
)
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.cloud.redshift.states import Meaning

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import LiveCluster


def copy_is_complete(request: Request, runtime: Runtime) -> bool:
    """Return whether the copy reads back as wanted.

    Where the request changed something, the cluster must not be busy any more either.

    Raises:
        Failed: the copy is not as wanted, and waiting longer is pointless.
    """
    expect = expectation(request, EXPECT_COPY)
    if expect == EXPECT_NOTHING:
        return True
    want = wanted(request)
    waited = waited_for(request, runtime)
    live = read_patiently(
        waited,
        f"read the cluster {want.identifier!r}",
        lambda: clusters.read(runtime.redshift(request.region), want.identifier),
    )
    if isinstance(live, NotYet):
        return False
    if expect == EXPECT_OFF:
        if live is None or live.being_deleted or live.copy is None:
            return True
        owner = ownership.read(ownership.COPY, live.tags)
        if owner is not None and not owner.is_of(request):
            log.write("WARNING", "another resource enabled the copy again", cluster=want.identifier, owner=owner.stack)
            return True
        return keep_waiting(waited, f"the snapshot copy of {want.identifier!r} is still on: {live.copy}")
    if live is None:
        raise Failed(
            f"the cluster {want.identifier!r} disappeared while its snapshot copy was being made; find out who deleted "
            "it, then deploy again"
        )
    return _is_on(request, want, live, waited)


def _is_on(request: Request, want: WantedCopy, live: LiveCluster, waited: timedelta) -> bool:
    if live.copy != want.settings:
        return keep_waiting(
            waited,
            f"the snapshot copy of {want.identifier!r} does not read back as wanted: "
            f"live is {live.copy or 'off'}; wanted is {want.settings}",
        )
    limit = _patience_with(live)
    if request.raw.get("Changed") and limit is not None and waited <= limit:
        log.write("INFO", "waiting", cluster=want.identifier, because=f"the cluster is {live.status!r}")
        return False
    _warn(want, live)
    return True


def _warn(want: WantedCopy, live: LiveCluster) -> None:
    """Log a state in which nobody knows whether the cluster works, or in which somebody must act."""
    if live.state.meaning is Meaning.UNKNOWN:
        log.write(
            "WARNING",
            "the copy is on, and this release does not know the cluster's state",
            cluster=want.identifier,
            state=live.status,
        )
    elif live.state.meaning is Meaning.NEEDS_SOMEBODY:
        log.write(
            "WARNING",
            "the copy is on, and the cluster needs somebody",
            cluster=want.identifier,
            state=live.status,
            happens=live.state.happens,
            to_do=live.state.to_do,
        )


def _patience_with(live: LiveCluster) -> timedelta | None:
    """Return how long a cluster with the wanted copy is waited for. None where waiting would change nothing."""
    if live.state.passes:
        return PATIENCE
    return PATIENCE_NOT_KNOWN if live.state.meaning is Meaning.UNKNOWN else None
