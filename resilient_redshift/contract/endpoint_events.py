"""The EventBridge events that say where a plan's warehouse is, for the automation of those who use it.

A failover sends ``Endpoint Published`` when it has published its cluster's endpoint. A switchover that withdraws a
published endpoint sends ``Endpoint Withdrawn``. Both go to the default bus of the Region in which the endpoint is
published. The schemas of their details are in ``contract/schemas.py``.
"""

from __future__ import annotations

import json
from typing import Any, Final

from resilient_redshift.contract.schemas import ENDPOINT_EVENT_VERSION
from resilient_redshift.contract.watching import EVENT_SOURCE

ENDPOINT_PUBLISHED: Final = "Endpoint Published"
ENDPOINT_WITHDRAWN: Final = "Endpoint Withdrawn"


def published(**detail: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """The entry for PutEvents that says that an endpoint is published.

    Args:
        detail: the fields of ``ENDPOINT_PUBLISHED_SCHEMA`` but the version. One that is None is left out.
    """
    return _entry(ENDPOINT_PUBLISHED, detail)


def withdrawn(*, plan: str, region: str, cluster: str, execution: str, at: str) -> dict[str, str]:
    """The entry for PutEvents that says that a plan's endpoint is published no longer: the warehouse is at home again.

    Send it right after the parameter of the endpoint is deleted, with a client of the Region that had the parameter and
    the rights of whoever deleted it (``events:PutEvents`` on the default bus). The caller treats a failure as a note,
    because the warehouse has moved in any case: EventBridge names a refused entry in ``Entries[0].ErrorCode``, and
    raises nothing.

    Args:
        plan: the name of the plan whose endpoint is withdrawn.
        region: the Region in which the endpoint was published.
        cluster: the identifier of the cluster that it was published for.
        execution: what withdrew it: the id of the switchover.
        at: when it was withdrawn, in UTC, ISO 8601.
    """
    detail = {"plan": plan, "region": region, "cluster": cluster, "execution": execution, "at": at}
    return _entry(ENDPOINT_WITHDRAWN, detail)


def _entry(detail_type: str, detail: dict[str, Any]) -> dict[str, str]:
    known = {name: part for name, part in detail.items() if part is not None}
    text = json.dumps({"version": ENDPOINT_EVENT_VERSION, **known}, separators=(",", ":"), ensure_ascii=False)
    return {"Source": EVENT_SOURCE, "DetailType": detail_type, "Detail": text}
