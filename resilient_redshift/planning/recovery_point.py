"""The worst-case age of the newest recovery point, and the shortest objective that it allows (no CDK, no AWS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from resilient_redshift.rules.retention import DAY, FOREVER, FOREVER_DAYS, Forever
from resilient_redshift.schedules.eventbridge import longest_gap_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resilient_redshift.schedules.eventbridge import Schedule

#: The longest time between automated snapshots of a cluster without a snapshot schedule. Redshift takes one about every
#: eight hours, or after 5 GB of changes per node, whichever comes first ("Automated snapshots", Redshift Management
#: Guide).
DEFAULT_AUTOMATED_GAP: Final = timedelta(hours=8)
#: How long the copy of a snapshot is expected to take, unless the user expects another time. AWS promises no time.
DEFAULT_COPY_TIME: Final = timedelta(hours=1)
#: How often the age of the recovery point is measured.
CHECK_INTERVAL: Final = timedelta(minutes=15)

_MINUTE: Final = timedelta(minutes=1)
_ZERO: Final = timedelta(0)

Kept: TypeAlias = timedelta | Forever


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotSource:
    """One source of snapshots: the automated snapshots, or the manual snapshots of one rule.

    Args:
        name: the source's name in texts for the reader.
        gap: the longest time from one of its snapshots to the next.
        keep: the retention of each snapshot in the Region in question. In the recovery Region, that is the retention of
            its copy.
        keeps_newest: whether the newest snapshot is kept at any age. Redshift does so with automated snapshots in the
            cluster's own Region ("Automated snapshots", Redshift Management Guide). Default: False.
        delay: how long a snapshot takes until you can restore from it in the Region in question. Default: 0.
        paused: the longest time in which the cluster is paused. Its data do not change then, so that the loss is not
            larger, but snapshots expire and no newer one comes. Default: 0.
    """

    name: str
    gap: timedelta
    keep: Kept
    keeps_newest: bool = False
    delay: timedelta = _ZERO
    paused: timedelta = _ZERO

    @property
    def worst_age(self) -> timedelta:
        """The age that the newest usable snapshot reaches, in the worst case: the gap and the delay together."""
        return self.gap + self.delay

    def survives(self, age: timedelta, *, within: timedelta = _ZERO) -> bool:
        """Whether a snapshot of at least a given age certainly exists at any time, and still exists some time later.

        The newest snapshot of at least that age can be older by one whole gap. The retention must be at least as long
        as both together. A younger snapshot than the delay is not usable yet, so the age counts as the delay at least.
        After a failure no new snapshot comes, so the snapshot also ages by the time until somebody needs it. AWS does
        not document when the retention of a copy begins; it counts from the snapshot here.

        Args:
            age: the least age of the snapshot; 0 asks for any snapshot.
            within: how long the snapshot must still exist without a newer one; 0 or more. Default: no longer.
        """
        if not age and self.keeps_newest:
            return True
        return self.keep is FOREVER or max(age, self.delay) + self.gap + self.paused + within <= self.keep


def newest(
    sources: Iterable[SnapshotSource], *, age: timedelta = _ZERO, within: timedelta = _ZERO
) -> SnapshotSource | None:
    """The source whose newest snapshot of at least a given age is the most recent in the worst case.

    Args:
        sources: the sources to choose from.
        age: the least age of the snapshot. For a bad load that is noticed N days later, it is N days. Default: any age.
        within: how long after the last snapshot the snapshot must still exist. Default: no longer.

    Returns:
        The source with the shortest gap and delay together, among the sources that certainly have such a snapshot; the
        first one of equals. None when no source has one.
    """
    surviving = (source for source in sources if source.survives(age, within=within))
    return min(surviving, key=lambda each: each.worst_age, default=None)


def worst_recovery_point(
    *,
    automated_gap: timedelta | None = DEFAULT_AUTOMATED_GAP,
    manual_gaps: Iterable[timedelta] = (),
    copy_time: timedelta = _ZERO,
) -> timedelta | None:
    """The worst-case age of the newest recovery point.

    Args:
        automated_gap: the longest time between automated snapshots; None for a cluster whose automated snapshots are
            off. Default: eight hours, the gap without a snapshot schedule.
        manual_gaps: the longest gap of each rule that takes manual snapshots and keeps them for at least its gap.
            Default: no rule.
        copy_time: how long a snapshot takes to reach the Region in question. Default: zero, for the cluster's own
            Region.

    Returns:
        The shortest gap plus the copy time; None when nothing takes snapshots.
    """
    gaps = [*manual_gaps, *([] if automated_gap is None else [automated_gap])]
    found = newest(SnapshotSource(name="", gap=gap, keep=FOREVER, delay=copy_time) for gap in gaps)
    return found.worst_age if found else None


def objective_must_exceed(
    *,
    automated_gap: timedelta | None = DEFAULT_AUTOMATED_GAP,
    manual_gaps: Iterable[timedelta] = (),
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
    check_interval: timedelta = CHECK_INTERVAL,
) -> timedelta | None:
    """The age that a recovery-point objective must exceed.

    With a shorter objective, the alarm on the recovery point's age would start although everything works.

    Args:
        automated_gap: as for :func:`worst_recovery_point`.
        manual_gaps: as for :func:`worst_recovery_point`.
        expected_copy_time: how long the copy of a snapshot to the recovery Region is expected to take. Default: one
            hour.
        check_interval: how often the age is measured. Default: every fifteen minutes.

    Returns:
        The sum of the worst-case gap, the copy time and one check interval; None when nothing takes snapshots.
    """
    worst = worst_recovery_point(automated_gap=automated_gap, manual_gaps=manual_gaps, copy_time=expected_copy_time)
    return None if worst is None else worst + check_interval


def objective_problem(
    objective: timedelta,
    *,
    automated_gap: timedelta | None = DEFAULT_AUTOMATED_GAP,
    manual_gaps: Iterable[timedelta] = (),
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
) -> str | None:
    """A sentence about why snapshots and copies cannot meet a recovery-point objective; None when they can.

    Args:
        objective: the recovery-point objective.
        automated_gap: as for :func:`objective_must_exceed`.
        manual_gaps: as for :func:`objective_must_exceed`.
        expected_copy_time: as for :func:`objective_must_exceed`.
    """
    gaps = tuple(manual_gaps)
    floor = objective_must_exceed(automated_gap=automated_gap, manual_gaps=gaps, expected_copy_time=expected_copy_time)
    if floor is None:
        return f"a recovery point of {in_words(objective)} cannot be met: nothing takes snapshots"
    if objective > floor:
        return None
    gap = floor - expected_copy_time - CHECK_INTERVAL
    return (
        f"a recovery point of {in_words(objective)} cannot be met: it must exceed {in_words(floor)}, the sum of the "
        f"longest gap between snapshots ({in_words(gap)}), expected_copy_time ({in_words(expected_copy_time)}) and the "
        f"check interval ({in_words(CHECK_INTERVAL)})"
    )


def automated_gap_of(schedules: Sequence[Schedule]) -> timedelta:
    """The longest time between two automated snapshots of a cluster.

    Args:
        schedules: the definitions of the cluster's snapshot schedule; empty for a cluster without one.
    """
    return longest_gap_of(schedules) if schedules else DEFAULT_AUTOMATED_GAP


def kept_days(days: int | Forever) -> Kept:
    """The retention that a number of the Redshift API means: days, or ``FOREVER_DAYS``."""
    return FOREVER if isinstance(days, Forever) or days == FOREVER_DAYS else days * DAY


def in_words(span: Kept) -> str:
    """A length in words: ``8 h``, ``1 d 2 h``, ``15 min``, ``for ever``.

    A length is rounded up to whole minutes, so that no text promises a better value than the true one.
    """
    if isinstance(span, Forever):
        return "for ever"
    whole_minutes = -(-span // _MINUTE)
    days, rest = divmod(whole_minutes * _MINUTE, DAY)
    hours, minutes = divmod(rest // _MINUTE, 60)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts) or "0"
