"""Is it done? Only reads; what on_event answered comes along in the event, as CDK's Provider framework promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.patient_reads import NotYet, not_for_ever, read_patiently, waited_for
from resilient_redshift.cloud.aws.retry import PATIENCE
from resilient_redshift.cloud.custom_resources.copy import properties as copy_properties
from resilient_redshift.cloud.custom_resources.grant import properties as grant_properties
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.redshift import clusters as cluster
from resilient_redshift.cloud.redshift import grants

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

#: What has to be seen, in on_event's answer under ``Expect``.
EXPECT_COPY: Final = "copy"
EXPECT_OFF: Final = "off"
EXPECT_GRANT: Final = "grant"
EXPECT_NOTHING: Final = "nothing"


def of_copy(request: Request, runtime: Runtime) -> bool:
    """Whether the copy reads back as wanted, and the cluster has come to rest if we changed something.

    Raises:
        Failed: it does not, and waiting longer is pointless.
    """
    expect = request.raw.get("Expect", EXPECT_NOTHING if request.kind == "Delete" else EXPECT_COPY)
    if expect == EXPECT_NOTHING:
        return True
    want = copy_properties.wanted(request)
    waited = waited_for(request, runtime)
    live = read_patiently(
        waited,
        f"read the cluster {want.identifier!r}",
        lambda: cluster.read(runtime.redshift(request.region), want.identifier),
    )
    if isinstance(live, NotYet):
        return False
    if expect == EXPECT_OFF:
        done = live is None or live.going or live.copy is None
        return done or not_for_ever(
            waited, f"the snapshot copy of {want.identifier!r} is still on: {live and live.copy}"
        )
    if live is None:
        raise Failed(f"the cluster {want.identifier!r} disappeared while its snapshot copy was being made")
    if live.copy != want.settings:
        return not_for_ever(
            waited,
            f"the snapshot copy of {want.identifier!r} does not read back as wanted: "
            f"live is {live.copy or 'off'}; wanted is {want.settings}",
        )
    if request.raw.get("Changed") and live.status_passes and waited <= PATIENCE:
        log.write("INFO", "waiting", cluster=want.identifier, because=f"the cluster is {live.status!r}")
        return False
    return True


def of_grant(request: Request, runtime: Runtime) -> bool:
    """Whether the grant can be seen with its key: it is eventually consistent, and a copy may ask for it next.

    Raises:
        Failed: it cannot, and waiting longer is pointless.
    """
    if request.raw.get("Expect", EXPECT_NOTHING if request.kind == "Delete" else EXPECT_GRANT) == EXPECT_NOTHING:
        return True
    want = grant_properties.wanted(request)
    waited = waited_for(request, runtime)
    client = runtime.redshift(request.region)
    live = read_patiently(waited, f"read the snapshot copy grant {want.name!r}", lambda: grants.read(client, want.name))
    if isinstance(live, NotYet):
        return False
    seen = live is not None and want.has_key(live.key)
    return seen or not_for_ever(
        waited, f"the snapshot copy grant {want.name!r} does not read back: live is {live and live.key!r}"
    )


def at_once(_request: Request, _runtime: Runtime) -> bool:
    """Nothing is waited for: on_event did it all."""
    return True
