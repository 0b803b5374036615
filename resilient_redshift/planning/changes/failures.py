"""Compares the rows of two protection tables of one cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import Verdict
from resilient_redshift.planning.changes.comparison import Direction, FailureChange

if TYPE_CHECKING:
    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.protection import ProtectionTable

#: How good a verdict is. What nobody knows is worse than a certain protection, and better than certainly none.
_RANKS: Final = {Verdict.PROTECTED: 3, Verdict.UNKNOWN: 1, Verdict.UNPROTECTED: 0}
_UNDOCUMENTED_RANK: Final = 2


def failure_changes(before: ProtectionTable | None, after: ProtectionTable | None) -> tuple[FailureChange, ...]:
    """Each failure before and after, in the order of the tables.

    Args:
        before: the table before the change; None for a new cluster.
        after: the table after the change; None for a cluster that is gone. Where there are two tables, both have rows
            for the same failures.
    """
    old = {} if before is None else {(row.kind, row.noticed_after): row for row in before.rows}
    new = {} if after is None else {(row.kind, row.noticed_after): row for row in after.rows}
    homes = (before.region if before else None, after.region if after else None)
    return tuple(
        FailureChange(
            failure=kind,
            noticed_after=delay,
            before=old.get((kind, delay)),
            after=new.get((kind, delay)),
            direction=_direction(old.get((kind, delay)), new.get((kind, delay)), homes),
        )
        for kind, delay in (new or old)
    )


def _direction(before: Protection | None, after: Protection | None, homes: tuple[str | None, str | None]) -> Direction:
    """What a change does to one failure: the verdict counts first, then the worst loss, then the Region.

    A verdict that changes from none to unknown is no improvement: nothing certainly protects the cluster.

    Args:
        before: the row before; None for a new cluster.
        after: the row after; None for a cluster that is gone.
        homes: the cluster's Region before and after.
    """
    if after is None:
        lost = before is not None and before.verdict is Verdict.PROTECTED
        return Direction.WORSE if lost else Direction.CHANGED
    if before is None:
        return Direction.CHANGED
    ranks = _rank(before), _rank(after)
    if ranks[0] != ranks[1]:
        if ranks[1] < ranks[0]:
            return Direction.WORSE
        return Direction.BETTER if after.verdict is Verdict.PROTECTED else Direction.CHANGED
    return _direction_of_loss(before, after, homes)


def _rank(row: Protection) -> int:
    """How good a row is. A certain recovery point is better than one that AWS does not document, however old it is."""
    return _UNDOCUMENTED_RANK if row.undocumented else _RANKS[row.verdict]


def _direction_of_loss(before: Protection, after: Protection, homes: tuple[str | None, str | None]) -> Direction:
    """What a change does to a failure whose verdict stays."""
    if before.worst_loss is None or after.worst_loss is None:
        return Direction.SAME
    if before.worst_loss != after.worst_loss:
        return Direction.BETTER if after.worst_loss < before.worst_loss else Direction.WORSE
    # a recovery point in the cluster's own Region is better: the restored cluster is where its network is
    at_home = (before.where == homes[0], after.where == homes[1])
    if at_home[0] != at_home[1]:
        return Direction.BETTER if at_home[1] else Direction.WORSE
    elsewhere = not at_home[1] and before.where != after.where
    other_means = not after.worst_loss and before.protection != after.protection
    return Direction.CHANGED if elsewhere or other_means else Direction.SAME
