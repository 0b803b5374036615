"""Goes through the days of a policy: when each snapshot is taken, and when it expires in each Region.

Times are whole minutes from the beginning of the forecast.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._pauses import minutes_of
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP, kept_days
from resilient_redshift.rules.retention import Forever
from resilient_redshift.schedules.calendar import MINUTES_OF_DAY
from resilient_redshift.schedules.eventbridge import CronSchedule, RateSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from resilient_redshift.planning.policy import SnapshotPolicy
    from resilient_redshift.planning.quota import SnapshotRule
    from resilient_redshift.schedules.eventbridge import Schedule

_MINUTE: Final = timedelta(minutes=1)
#: Without a snapshot schedule, Redshift takes an automated snapshot after this many GB of changes per node, but never
#: sooner than the shortest gap after the last one ("Automated snapshots", Redshift Management Guide).
CHANGES_PER_NODE_GB: Final = 5
SHORTEST_AUTOMATED_GAP: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot in one Region, in minutes.

    Attributes:
        taken: when it begins, which is the time of its data.
        usable: when you can restore from it.
        expires: when it is deleted; None when that is later than the forecast.
        manual: whether it is a manual snapshot.
    """

    taken: int
    usable: int
    expires: int | None
    manual: bool


def usual_automated_gap(change_rate: float, number_of_nodes: int) -> timedelta:
    """The time between two automated snapshots of a cluster without a snapshot schedule, in whole minutes.

    Args:
        change_rate: the GB that change in an hour.
        number_of_nodes: the number of nodes.
    """
    if not change_rate:
        return DEFAULT_AUTOMATED_GAP
    longest = DEFAULT_AUTOMATED_GAP / timedelta(hours=1)
    hours = min(longest, CHANGES_PER_NODE_GB * number_of_nodes / change_rate)
    return max(SHORTEST_AUTOMATED_GAP, -(-timedelta(hours=hours) // _MINUTE) * _MINUTE)


class Simulation:
    """The snapshots of a policy, over some days.

    Args:
        policy: the policy.
        begins: the first day, from 0:00 UTC. Rates, and automated snapshots without a schedule, begin then too.
        days: the number of days.
        automated_gap: the time between two automated snapshots without a snapshot schedule.

    Attributes:
        end: the number of minutes.
        paused: the minutes of each pause and of its resumption.
    """

    def __init__(self, policy: SnapshotPolicy, *, begins: date, days: int, automated_gap: timedelta) -> None:
        self._policy = policy
        self._first = begins.toordinal()
        self._days = days
        self.end = days * MINUTES_OF_DAY
        offset = self._first * MINUTES_OF_DAY
        pauses = policy.pauses.paused_times(self._first, days)
        self.paused = [(earlier - offset, later - offset) for earlier, later in pauses]
        self._by_rule = [self._firings([rule.schedule]) for rule in policy.rules]
        self._automated: list[int] = []
        if policy.automated_snapshot_retention_period:
            gap = automated_gap // _MINUTE
            self._automated = self._firings(policy.schedules) if policy.schedules else self._rhythm(gap)

    def here(self, delay: int) -> list[Snapshot]:
        """The snapshots in the cluster's Region.

        Args:
            delay: the minutes that a snapshot takes until it is available.
        """
        keep = self._policy.automated_snapshot_retention_period * MINUTES_OF_DAY
        # Redshift keeps the newest automated snapshot until the next one is there
        nexts = [*(minute + delay for minute in self._automated[1:]), self.end]
        automated = [
            Snapshot(minute, minute + delay, max(minute + keep, later), manual=False)
            for minute, later in zip(self._automated, nexts, strict=False)
        ]
        return self._in_order([*automated, *self._manual(self._policy.rules, delay)])

    def copies(self, delay: int) -> list[Snapshot]:
        """The copies in the recovery Region.

        Args:
            delay: the minutes from the beginning of a snapshot until its copy is available.
        """
        keep = self._policy.retention_period * MINUTES_OF_DAY
        automated = [Snapshot(minute, minute + delay, minute + keep, manual=False) for minute in self._automated]
        return self._in_order([*automated, *self._manual(self._policy.copied_rules, delay)])

    def active_until(self, minute: int) -> int:
        """The minutes until a time in which the cluster was not paused."""
        number = bisect_right(self.paused, (minute, self.end))
        return minute - sum(min(later, minute) - earlier for earlier, later in self.paused[:number])

    def _manual(self, rules: Sequence[SnapshotRule], delay: int) -> Iterable[Snapshot]:
        for rule, minutes in zip(rules, self._by_rule, strict=True):
            kept = kept_days(rule.keep)
            life = None if isinstance(kept, Forever) else kept // _MINUTE
            for minute in minutes:
                yield Snapshot(minute, minute + delay, None if life is None else minute + life, manual=True)

    def _in_order(self, snapshots: Iterable[Snapshot]) -> list[Snapshot]:
        return sorted(snapshots, key=lambda snapshot: (snapshot.taken, snapshot.manual))

    def _firings(self, schedules: Sequence[Schedule]) -> list[int]:
        """The minutes at which schedules fire while the cluster is available."""
        minutes: set[int] = set()
        for schedule in schedules:
            if isinstance(schedule, CronSchedule):
                offset = self._first * MINUTES_OF_DAY
                minutes.update(minute - offset for minute in minutes_of(schedule, self._first, self._days))
            elif isinstance(schedule, RateSchedule):
                every = schedule.every // _MINUTE
                minutes.update(range(every, self.end, every))
        return [minute for minute in sorted(minutes) if not self._is_paused(minute)]

    def _is_paused(self, minute: int) -> bool:
        number = bisect_right(self.paused, (minute, self.end))
        return number > 0 and minute <= self.paused[number - 1][1]

    def _rhythm(self, gap: int) -> list[int]:
        """A snapshot after each gap in which the cluster is available. A pause begins the rhythm anew."""
        starts = [0, *(later for _, later in self.paused)]
        ends = [*(earlier for earlier, _ in self.paused), self.end]
        return [minute for start, end in zip(starts, ends, strict=True) for minute in range(start + gap, end, gap)]
