"""What was read of a plan in its Regions, what could not be read, and what nobody looked at.

This module imports no botocore: whoever watches a plan reads in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.seen import Seen

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Look(Generic[T_co]):
    """What a look at AWS gave. It separates what is not there from what could not be read.

    Args:
        value: what was read. None: it was read, and there is none.
        problem: why it could not be read. Empty: it was read.
        silent: whether the Region did not answer at all.
        made: whether anybody looked. Nothing is judged by a look that was not made.
    """

    value: T_co | None = None
    problem: str = ""
    silent: bool = False
    made: bool = True


#: Nobody looked. The watcher of the recovery Region, for example, never calls the primary Region.
NOT_LOOKED: Final[Look[Any]] = Look(made=False)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was read of a plan in its Regions.

    Args:
        published: what the last failover published.
        primary: the plan's cluster in the primary Region.
        clusters: every cluster of the recovery Region.
        points: every snapshot of the recovery Region.
        lineage: the recorded lineage.
        elsewhere: every snapshot of the Region that the published cluster is copied to (:func:`restored`).
            Default: it is copied nowhere, or nothing is published.
        running: the names of the machine's running executions.
        protected_since: when the protection began. A plan without any copy is late only after its objective. Default:
            unknown; then it is late at once.
        excuse: why an old recovery point is no fault, such as a paused cluster. Default: there is no excuse.
        excused_from: when the pause began that is the excuse. Default: unknown; then every age is excused.
        forward: for a way home, what the plan that it is the way home of has published. Default: nobody looked.
    """

    published: Look[Published]
    primary: Look[Seen]
    clusters: Look[Sequence[Seen]]
    points: Look[Sequence[RecoveryPoint]]
    lineage: Look[datetime]
    elsewhere: Look[Sequence[RecoveryPoint]] = field(default_factory=Look)
    running: Look[Collection[str]] = field(default_factory=Look)
    protected_since: datetime | None = None
    excuse: str = ""
    excused_from: datetime | None = None
    forward: Look[Published] = NOT_LOOKED


def restored(published: Look[Published], clusters: Look[Sequence[Seen]]) -> Seen | None:
    """The cluster whose endpoint is published. None: there is none, or it could not be read."""
    last = published.value
    return None if last is None else next((one for one in clusters.value or () if last.is_of(one)), None)
