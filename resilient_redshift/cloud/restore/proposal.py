"""What a failover of a plan takes now: asked by the restore, by the command before a restore, and by ``status``.

This module imports no botocore: the command asks the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.redshift.snapshots import Choice, choose
from resilient_redshift.cloud.redshift.states import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.request import Request
    from resilient_redshift.cloud.restore.seen import Seen


def propose(
    record: Mapping[str, Any],
    points: Iterable[RecoveryPoint],
    *,
    lineage: datetime | None,
    published: Published | None,
    request: Request | None = None,
) -> Choice:
    """Choose the recovery point that a failover takes.

    Args:
        record: the plan's record.
        points: every snapshot of the recovery Region.
        lineage: the recorded lineage. None: none is recorded.
        published: what the last failover published, as far as its cluster lives (:func:`in_use`). None: nothing.
        request: what the run is asked for. Default: a failover without options.
    """
    cluster = record["cluster"]
    return choose(
        points,
        cluster=cluster["identifier"],
        source_region=cluster["region"],
        plan=record["plan"],
        lineage=lineage,
        accepted=request.lineage if request else None,
        not_before=request.not_before if request else None,
        snapshot=request.snapshot if request else None,
        restored=published.restored if published else None,
    )


def in_use(published: Published | None, cluster: Seen | None) -> Published | None:
    """What is published, if its cluster lives.

    A cluster that is gone took its data with it. Then no copy diverged from anything, and the newest one has the most.

    Args:
        published: what the last failover published.
        cluster: the cluster that has the published identifier. None: there is none.
    """
    if published is None or cluster is None or not published.is_of(cluster):
        return None
    return None if cluster.state.meaning is Meaning.GOING else published


def left_out(choice: Choice, published: Published | None) -> str:
    """Which copies a failover leaves out because they diverged, and how to take one all the same. Empty if none."""
    if not choice.diverged or published is None or published.restored is None:
        return ""
    newest, number = choice.diverged[0], len(choice.diverged)
    copies = "1 newer copy" if number == 1 else f"{number} newer copies"
    return (
        f"{copies} of {newest.cluster} diverged from what was restored into {published.cluster} "
        f"(data of {published.restored.data_of:%Y-%m-%d %H:%M:%S} UTC): the newest, {newest.identifier}, has data of "
        f"{newest.created:%Y-%m-%d %H:%M:%S} UTC. A failover takes such a copy only with --snapshot or --lineage"
    )
