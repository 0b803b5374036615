"""The clusters that drills left behind: which ones may be deleted, and by whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import DRILL_CLUSTERS, TAG_DRILL, TAG_PLAN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from resilient_redshift.cloud.restore.seen import Seen

#: A cluster without tags is a leftover after this time. A drill tags its cluster within a minute.
BARE_AGE: Final = timedelta(hours=1)
_ANY_DRILL: Final = re.compile(rf"{DRILL_CLUSTERS}[0-9a-f]{{8}}-.*")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The clusters that are named like drills of one plan.

    Args:
        leftovers: those that may be deleted.
        strays: those with tags of somebody else alone. One of them may be of a drill that died before it could tag.
            They are reported and never touched.
    """

    leftovers: tuple[str, ...]
    strays: tuple[str, ...]


def find(
    clusters: Iterable[Seen], *, prefix: str, plan: str, running: Collection[str], alone: bool, now: datetime
) -> Found:
    """Find what former drills of a plan left behind.

    Args:
        clusters: every cluster of the Region.
        prefix: the first letters of the names of the plan's drills.
        plan: the plan's name.
        running: the names of the executions that are under way.
        alone: whether no drill of the plan is under way.
        now: the time.
    """
    leftovers: list[str] = []
    strays: list[str] = []
    for cluster in clusters:
        if not cluster.identifier.startswith(prefix):
            continue
        old = cluster.created is not None and cluster.created < now - BARE_AGE
        if not cluster.tags:
            if alone and old:
                leftovers.append(cluster.identifier)
        elif cluster.belongs_to(plan):
            if cluster.made_by not in running:
                leftovers.append(cluster.identifier)
        elif alone and TAG_PLAN not in cluster.tags and (old or cluster.created is None):
            strays.append(cluster.identifier)
    return Found(leftovers=tuple(leftovers), strays=tuple(strays))


def drills_of_the_site(clusters: Iterable[Seen]) -> list[str]:
    """The clusters of every plan's drills. A failover that meets a quota deletes them."""
    return [
        cluster.identifier
        for cluster in clusters
        if _ANY_DRILL.fullmatch(cluster.identifier) and cluster.tags.get(TAG_DRILL) == "true"
    ]
