"""Copies in the recovery Region, for the tests that need no world around them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
from tests.cloud.restore.record import CLUSTER, HOME, NOW

#: When the primary's cluster was made.
BORN = NOW - dt.timedelta(days=400)


def copy(name: str, hours: float, **fields: Any) -> RecoveryPoint:
    """A copy whose data is so many hours old."""
    given: dict[str, Any] = {
        "identifier": name,
        "cluster": CLUSTER,
        "automated": True,
        "status": "available",
        "created": NOW - dt.timedelta(hours=hours),
        "lineage": BORN,
        "source_region": HOME,
    }
    return RecoveryPoint(**{**given, **fields})
