"""How old the newest recovery point can be in the worst case, and what an objective must exceed (no CDK, no AWS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from resilient_redshift.rules.retention import DAY, FOREVER, Forever

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Without a schedule Redshift takes an automated snapshot about every eight hours, or after 5 GB of changes per node,
#: whichever comes first ("Automated snapshots", Redshift Management Guide).
DEFAULT_AUTOMATED_GAP: Final = timedelta(hours=8)
#: A copy takes as long as it takes; this is what is expected unless the user says otherwise.
DEFAULT_COPY_TIME: Final = timedelta(hours=1)
#: The recovery point's age is measured every fifteen minutes.
CHECK_INTERVAL: Final = timedelta(minutes=15)

Kept: TypeAlias = timedelta | Forever


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotSource:
    """One source of snapshots: the automated ones, or a rule's.

    Args:
        name: what it is called in the answer.
        gap: the longest time from one of its snapshots to the next.
        keep: how long each is kept where it is looked for (in the recovery Region: as a copy).
        keeps_newest: whether the newest is kept however old it is, as Redshift does with automated snapshots in the
            cluster's own Region ("Automated snapshots", Redshift Management Guide).
    """

    name: str
    gap: timedelta
    keep: Kept
    keeps_newest: bool = False

    def survives(self, age: timedelta) -> bool:
        """Whether one of its snapshots that is at least this old is certain to exist at any time.

        The newest one of that age may be a whole gap older, and must not have expired by then. With ``age`` zero it
        says whether there is always a snapshot at all.
        """
        if not age and self.keeps_newest:
            return True
        return self.keep is FOREVER or age + self.gap <= self.keep


def newest(sources: Iterable[SnapshotSource], *, age: timedelta = timedelta(0)) -> SnapshotSource | None:
    """The source whose newest snapshot of at least some age is the most recent in the worst case.

    Args:
        sources: what takes snapshots.
        age: 0 for the newest snapshot; N days for the newest one from before something that is noticed N days later.

    Returns:
        The source with the shortest gap among those that are certain to hold such a snapshot; None where none is.
    """
    return min((source for source in sources if source.survives(age)), key=lambda source: source.gap, default=None)


def worst_recovery_point(
    *,
    automated_gap: timedelta | None = DEFAULT_AUTOMATED_GAP,
    manual_gaps: Iterable[timedelta] = (),
    copy_time: timedelta = timedelta(0),
) -> timedelta | None:
    """The worst-case age of the newest recovery point.

    Args:
        automated_gap: the longest time between automated snapshots; eight hours (no schedule) unless given; None where
            they are off.
        manual_gaps: the longest gap of each manual rule that keeps its snapshots longer than its gap.
        copy_time: how long a snapshot takes to reach the place that is looked at; nothing for the cluster's own Region.

    Returns:
        The shortest of the gaps and the copy time on top; None where nothing takes snapshots.
    """
    gaps = [*manual_gaps, *([] if automated_gap is None else [automated_gap])]
    return min(gaps) + copy_time if gaps else None


def objective_must_exceed(
    *,
    automated_gap: timedelta | None = DEFAULT_AUTOMATED_GAP,
    manual_gaps: Iterable[timedelta] = (),
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
    check_interval: timedelta = CHECK_INTERVAL,
) -> timedelta | None:
    """The age that a recovery-point objective must exceed, or its alarm would ring while all is well.

    Args:
        automated_gap: as for :func:`worst_recovery_point`.
        manual_gaps: as for :func:`worst_recovery_point`.
        expected_copy_time: how long a snapshot is expected to take to the recovery Region; one hour unless given.
        check_interval: how often the age is measured; fifteen minutes unless given.

    Returns:
        The longest gap, the copy time and one check interval together; None where nothing takes snapshots.
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
    """Why snapshots and copy cannot meet a recovery-point objective, in one sentence; None where they can."""
    gaps = tuple(manual_gaps)
    floor = objective_must_exceed(automated_gap=automated_gap, manual_gaps=gaps, expected_copy_time=expected_copy_time)
    if floor is None:
        return f"a recovery point of {in_words(objective)} cannot be met: nothing takes snapshots"
    if objective > floor:
        return None
    gap = floor - expected_copy_time - CHECK_INTERVAL
    return (
        f"a recovery point of {in_words(objective)} cannot be met: it must exceed {in_words(floor)}, the longest gap "
        f"between snapshots ({in_words(gap)}), expected_copy_time ({in_words(expected_copy_time)}) and the check "
        f"interval ({in_words(CHECK_INTERVAL)}) together"
    )


def kept_days(days: int) -> Kept:
    """A retention as the Redshift API has it, -1 being for ever."""
    return FOREVER if days == FOREVER.value else days * DAY


def in_words(span: Kept) -> str:
    """A length as a reader says it: ``8 h``, ``1 d 2 h``, ``15 min``, ``for ever``."""
    if isinstance(span, Forever):
        return "for ever"
    minutes = -(-span // timedelta(minutes=1))  # rounded up: never better than the truth
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts) or "0"
