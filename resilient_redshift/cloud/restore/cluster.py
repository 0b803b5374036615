"""Reads clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.restore.calls import CallFailed
from resilient_redshift.cloud.restore.seen import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.seen import Seen

#: Redshift API, DescribeClusters: MaxRecords is 20 to 100. A run reads this many pages at most.
_PAGE: Final = 100
_MOST_PAGES: Final = 100


def look(aws: Aws, identifier: str) -> Seen | None:
    """Read a cluster.

    Returns:
        The cluster. None: no cluster has this identifier.

    Raises:
        CallFailed: AWS refused, or did not answer.
    """
    try:
        found = aws.call("redshift", "DescribeClusters", ClusterIdentifier=identifier)["Clusters"]
    except CallFailed as error:
        if error.code == "ClusterNotFound":
            return None
        raise
    return seen(found[0]) if found else None


def every(aws: Aws) -> Iterator[Seen]:
    """Read every cluster of the Region, page by page.

    Raises:
        CallFailed: AWS refused, or did not answer.
    """
    marker: str | None = None
    for _ in range(_MOST_PAGES):
        answer = aws.call("redshift", "DescribeClusters", MaxRecords=_PAGE, Marker=marker)
        yield from map(seen, answer["Clusters"])
        marker = answer.get("Marker")
        if not marker:
            return
