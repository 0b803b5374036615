"""Whether a request about a snapshot copy grant is done. It only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.custom_resources.expectations import EXPECT_GRANT, EXPECT_NOTHING, expectation
from resilient_redshift.cloud.custom_resources.grant.properties import wanted
from resilient_redshift.cloud.custom_resources.waiting import NotYet, keep_waiting, read_patiently, waited_for
from resilient_redshift.cloud.redshift import grants

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request


def grant_is_complete(request: Request, runtime: Runtime) -> bool:
    """Return whether the grant is visible with its key.

    A grant is eventually consistent, and a copy may need it next.

    Raises:
        Failed: the grant is not visible, and waiting longer is pointless.
    """
    if expectation(request, EXPECT_GRANT) == EXPECT_NOTHING:
        return True
    want = wanted(request)
    waited = waited_for(request, runtime)
    client = runtime.redshift(request.region)
    live = read_patiently(waited, f"read the snapshot copy grant {want.name!r}", lambda: grants.read(client, want.name))
    if isinstance(live, NotYet):
        return False
    if live is not None and want.has_key(live.key):
        return True
    return keep_waiting(
        waited,
        f"the snapshot copy grant {want.name!r} does not read back: live is {live and live.key!r}; wanted is "
        f"{want.key!r}",
    )
