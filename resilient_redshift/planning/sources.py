"""The sources of snapshots of one cluster in one Region: what certainly exists there, and how old it can be.

The protection table, the check of a plan's objective and the forecast all ask these functions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._pauses import Pauses
from resilient_redshift.planning.recovery_point import SnapshotSource, kept_days
from resilient_redshift.rules.retention import Forever
from resilient_redshift.schedules.eventbridge import UNBOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resilient_redshift.planning.quota import SnapshotRule
    from resilient_redshift.planning.recovery_point import Kept

MANUAL: Final = "manual snapshots"
COPIED_MANUAL: Final = "copied manual snapshots"
BACKUPS: Final = "snapshots of AWS Backup"
COPIED_AUTOMATED: Final = "copied automated snapshots"
_ZERO: Final = timedelta(0)


def manual_sources(
    rules: Sequence[SnapshotRule],
    *,
    pauses: Pauses | None = None,
    delay: timedelta = _ZERO,
    kind: str = MANUAL,
) -> list[SnapshotSource]:
    """The manual snapshots of each rule, and of several rules together where they come closer than each one alone.

    Two daily rules, one at 0:00 and one at 12:00, are together a source with a gap of 12 hours. Its retention is the
    shortest one of its rules.

    Args:
        rules: the rules. Each retention is the one in the Region in question.
        pauses: what pauses the cluster; a paused cluster takes no manual snapshot. Default: nothing pauses it.
        delay: how long a snapshot takes until you can restore from it in that Region. Default: 0.
        kind: what the snapshots are called. Default: ``manual snapshots``.

    Returns:
        The sources that do not end and that no pause stops, the rules by themselves first.
    """
    paused = pauses or Pauses()
    alone = [(rule, gap_of(paused, [rule])) for rule in rules]
    found = [(rule, gap) for rule, gap in alone if isinstance(gap, timedelta) and gap < UNBOUNDED]
    sources = [_source(f"{kind} of rule {rule.name}", gap, kept_days(rule.keep), delay) for rule, gap in found]
    shortest = min((gap for _, gap in found), default=_ZERO)
    for least in sorted({_days(kept_days(rule.keep)) for rule, _ in found}, reverse=True):
        group = [rule for rule, _ in found if _days(kept_days(rule.keep)) >= least]
        gap = gap_of(paused, group)
        if isinstance(gap, timedelta) and gap < shortest:
            shortest = gap
            keep = min((kept_days(rule.keep) for rule in group), key=_days)
            names = " and ".join(rule.name for rule in group)
            sources.append(_source(f"{kind} of rules {names}", gap, keep, delay))
    return sources


def gap_of(pauses: Pauses, rules: Sequence[SnapshotRule]) -> timedelta | str:
    """The longest time between two snapshots that several rules together take; otherwise why none is certain.

    Args:
        pauses: what pauses the cluster.
        rules: the rules; one or more.
    """
    late = max(rule.late for rule in rules)
    if late and pauses.longest():
        return "it may take a snapshot late, when the cluster is paused"
    gap = pauses.gap_of([rule.schedule for rule in rules])
    return gap + late if isinstance(gap, timedelta) else gap


def automated_source(
    gap: timedelta,
    keep_days: int,
    *,
    copied: bool = False,
    delay: timedelta = _ZERO,
    paused: timedelta = _ZERO,
) -> SnapshotSource:
    """The automated snapshots of a cluster, or their copies.

    Args:
        gap: the longest time between two automated snapshots.
        keep_days: their retention in the Region in question; 1 to 35 days.
        copied: whether they are copies. Redshift keeps the newest automated snapshot at any age ("Automated snapshots",
            Redshift Management Guide). AWS does not document this of copies. Default: they are no copies.
        delay: how long a snapshot takes until you can restore from it in that Region. Default: 0.
        paused: the longest time in which the cluster is paused. Default: 0.
    """
    name = COPIED_AUTOMATED if copied else "automated snapshots"
    keep = kept_days(keep_days)
    return SnapshotSource(name=name, gap=gap, keep=keep, keeps_newest=not copied, delay=delay, paused=paused)


def in_recovery(rules: Iterable[SnapshotRule], keep_manual: int | Forever) -> list[SnapshotRule]:
    """The rules with the retentions that their copies have in the recovery Region.

    Args:
        rules: the rules.
        keep_manual: the retention of copied manual snapshots that the cluster's copy has. The shorter one counts.
    """
    return [replace(rule, keep=_least(rule.kept_in_recovery, keep_manual)) for rule in rules]


def _least(one: int | Forever, other: int | Forever) -> int | Forever:
    return min((one, other), key=lambda keep: _days(kept_days(keep)))


def _source(name: str, gap: timedelta, keep: Kept, delay: timedelta) -> SnapshotSource:
    return SnapshotSource(name=name, gap=gap, keep=keep, delay=delay)


def _days(keep: Kept) -> timedelta:
    """A retention as a length that can be compared."""
    return UNBOUNDED if isinstance(keep, Forever) else keep
