"""The scheduled pauses of a cluster, and what they leave of a rule: a paused cluster takes no snapshot.

``AWS::Redshift::ScheduledAction`` pauses and resumes a cluster by a cron expression of six fields in UTC, or once by
``at(...)`` (Redshift API, CreateScheduledAction). The property ``ResourceAction`` of a cluster pauses it at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning.reading import values
from resilient_redshift.schedules.calendar import MINUTES_OF_DAY, RHYTHM
from resilient_redshift.schedules.eventbridge import (
    UNBOUNDED,
    CronSchedule,
    RateSchedule,
    Schedule,
    check_schedule,
    longest_gap_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from resilient_redshift.planning.reading.template import Resource

SCHEDULED_ACTION: Final = "AWS::Redshift::ScheduledAction"
PAUSE: Final = "PauseCluster"
RESUME: Final = "ResumeCluster"
_PAUSE_AT_ONCE: Final = "pause-cluster"
_MINUTE: Final = timedelta(minutes=1)
_FIRST_DAY: Final = date(2001, 1, 7).toordinal()
_WEEKS_IN_DAYS: Final = 4 * 7
#: Weekdays and leap years repeat after a rhythm. A year on each side shows the gaps across its ends.
_YEARS_IN_DAYS: Final = (RHYTHM + 2) * 365
#: How many days before a day the last change is looked for: most schedules repeat each week, some each year, and the
#: 29th of February comes again after eight years at most.
_LOOK_BACK: Final = (7, 366, 8 * 366)
#: Pauses at each minute are no plan of anybody; a snapshot for each quarter of an hour is far below this.
_MOST_FIRINGS: Final = 2_000_000
#: Within one minute, a pause comes first, and a resumption last: the cluster is available only some minutes later.
_PAUSES, _FIRES, _RESUMES = range(3)


@dataclass(slots=True)
class Pauses:
    """What pauses and resumes one cluster.

    Attributes:
        at_once: the template itself pauses the cluster (``ResourceAction``).
        pausing: the schedules that pause the cluster.
        resuming: the schedules that resume it.
        unread: what may pause the cluster at times that the template does not show, such as a logical id.
    """

    at_once: bool = False
    pausing: list[CronSchedule] = field(default_factory=list)
    resuming: list[CronSchedule] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, name: str, action: str, expression: str | None, *, enabled: bool | None, certain: bool) -> None:
        """Add a scheduled action.

        Args:
            name: the action's logical id.
            action: ``PauseCluster`` or ``ResumeCluster``.
            expression: the action's schedule; None when only the deployment decides it.
            enabled: whether the action is on; None when only the deployment decides it.
            certain: whether the action exists wherever the cluster does. An uncertain pause counts, and an uncertain
                resumption does not.
        """
        schedule = check_schedule(Problems("Action"), "Schedule", expression)
        if action == PAUSE and enabled is not False:
            if isinstance(schedule, CronSchedule):
                self.pausing.append(schedule)
            else:
                self.unread.append(name)
        elif action == RESUME and certain and enabled and isinstance(schedule, CronSchedule):
            self.resuming.append(schedule)

    def gap_of(self, schedules: Sequence[Schedule]) -> timedelta | str:
        """The longest time between two snapshots that several schedules together take of the cluster.

        Args:
            schedules: when snapshots are asked for.

        Returns:
            The longest time; or, when it is not certain that a snapshot is ever taken, the reason.
        """
        if self.why_endless is not None:
            return f"{self.why_endless}, and a paused cluster takes no snapshot"
        if not self.pausing:
            return longest_gap_of(schedules)
        rates = [self._gap_of_rate(each.every) for each in schedules if isinstance(each, RateSchedule)]
        crons = [each for each in schedules if isinstance(each, CronSchedule)]
        if _are_too_many([*self.pausing, *self.resuming, *crons]):
            return "it fires too often to compare each time with the pauses of the cluster"
        gaps = [*rates, self._gap_between_pauses(crons)]
        if not any(gaps):
            return "the cluster is paused whenever the rule fires, and a paused cluster takes no snapshot"
        return min(gap for gap in gaps if gap)

    @property
    def why_endless(self) -> str | None:
        """Why a pause may never end; None when every pause certainly ends."""
        if self.at_once:
            return "the template pauses the cluster (ResourceAction)"
        if self.unread:
            return f"{', '.join(self.unread)} may pause the cluster, and the template does not show when"
        if self.pausing and not self.resuming:
            return "a schedule pauses the cluster, and no schedule is certain to resume it"
        if _are_too_many([*self.pausing, *self.resuming]):
            return "schedules pause or resume the cluster too often to look at each time"
        return None

    def longest(self) -> timedelta:
        """The longest pause: no new snapshot comes, and existing ones expire. UNBOUNDED for one that may never end."""
        if self.why_endless is not None:
            return UNBOUNDED
        days = _days_to_search([*self.pausing, *self.resuming])
        turns = pairwise(self._turns(_FIRST_DAY, days))
        return max((later - earlier for (earlier, what), (later, _) in turns if what == _PAUSES), default=0) * _MINUTE

    def _gap_between_pauses(self, schedules: Sequence[CronSchedule]) -> timedelta | None:
        """The longest time between two firings that find the cluster available; None when none is certain to."""
        days = _days_to_search([*self.pausing, *self.resuming, *schedules])
        firings = {minute for each in schedules for minute in minutes_of(each, _FIRST_DAY, days)}
        taken = self.available_at(firings, _FIRST_DAY, days)
        return max((later - earlier for earlier, later in pairwise(taken)), default=0) * _MINUTE or None

    def available_at(self, minutes: Iterable[int], first: int, days: int) -> list[int]:
        """The minutes at which the cluster is available, in order of time.

        Args:
            minutes: the minutes to look at.
            first: the ordinal of the first day.
            days: how many days to look at.
        """
        changes = self._changes(first, days)
        paused = self._begins_paused(first, changes)
        available: list[int] = []
        for minute, what in sorted([*changes, *((minute, _FIRES) for minute in minutes)]):
            if what == _FIRES and not paused:
                available.append(minute)
            elif what != _FIRES:
                paused = what == _PAUSES
        return available

    def _gap_of_rate(self, every: timedelta) -> timedelta | None:
        """The longest time between two snapshots of a rate, whose start is unknown; None when none is certain."""
        available: list[int] = []
        asleep: list[int] = []
        days = _days_to_search([*self.pausing, *self.resuming])
        for (earlier, what), (later, _) in pairwise(self._turns(_FIRST_DAY, days)):
            (asleep if what == _PAUSES else available).append(later - earlier)
        if not asleep or not available or min(available) * _MINUTE <= every:
            return None
        return max(asleep) * _MINUTE + 2 * every

    def paused_times(self, first: int, days: int) -> list[tuple[int, int]]:
        """When the cluster is paused, in a number of days: the minutes of each pause and of its resumption.

        Args:
            first: the ordinal of the first day.
            days: how many days to look at.
        """
        begin, end = first * MINUTES_OF_DAY, (first + days) * MINUTES_OF_DAY
        turns = self._turns(first, days)
        if self._begins_paused(first, turns):
            turns = [(begin, _PAUSES), *turns]
        if turns and turns[-1][1] == _PAUSES:
            turns = [*turns, (end, _RESUMES)]
        return [(earlier, later) for (earlier, what), (later, _) in pairwise(turns) if what == _PAUSES]

    def _turns(self, first: int, days: int) -> list[tuple[int, int]]:
        """The pauses of an available cluster and the resumptions of a paused one; as for :meth:`_changes`."""
        changes = self._changes(first, days)
        begin = (first * MINUTES_OF_DAY, _PAUSES if self._begins_paused(first, changes) else _RESUMES)
        return [change for before, change in pairwise([begin, *changes]) if before[1] != change[1]]

    def _begins_paused(self, first: int, changes: Sequence[tuple[int, int]]) -> bool:
        """Whether the cluster is paused when a day begins: the last change before that day decides.

        Args:
            first: the ordinal of the day.
            changes: the changes from that day on. If no schedule changes anything before the day, somebody must have
                paused a cluster that is resumed first.
        """
        for back in _LOOK_BACK:
            before = self._changes(first - back, back)
            if before:
                return before[-1][1] == _PAUSES
        return bool(changes) and changes[0][1] == _RESUMES

    def _changes(self, first: int, days: int) -> list[tuple[int, int]]:
        """Every pause and resumption in a number of days: its minute, and which of the two; in order of time."""
        kinds = ((_PAUSES, self.pausing), (_RESUMES, self.resuming))
        return sorted(
            (minute, what)
            for what, schedules in kinds
            for each in schedules
            for minute in minutes_of(each, first, days)
        )


def pauses_of(cluster: Resource) -> Pauses:
    """What the resource of a cluster itself says about pauses.

    Source: CloudFormation, AWS::Redshift::Cluster, ResourceAction: pause-cluster, resume-cluster or
    failover-primary-compute.

    Args:
        cluster: the cluster.
    """
    action = cluster.literal("ResourceAction")
    unknown = action is None and not values.absent(cluster.properties.get("ResourceAction"))
    return Pauses(at_once=action == _PAUSE_AT_ONCE, unread=["its ResourceAction"] if unknown else [])


def _days_to_search(schedules: Iterable[CronSchedule]) -> int:
    """How many days show every pattern of several schedules."""
    return _WEEKS_IN_DAYS if all(each.minutes_of_week is not None for each in schedules) else _YEARS_IN_DAYS


def _are_too_many(schedules: Sequence[CronSchedule]) -> bool:
    """Whether schedules may fire more often in the days to search than anybody can look at."""
    return sum(len(each.times) for each in schedules) * _days_to_search(schedules) > _MOST_FIRINGS


def minutes_of(schedule: CronSchedule, first: int, days: int) -> Iterator[int]:
    """The minutes at which a schedule fires, in a number of days from a first one (an ordinal)."""
    for day in schedule.calendar.on_or_after(first):
        if day >= first + days:
            return
        for minute in schedule.times:
            yield day * MINUTES_OF_DAY + minute
