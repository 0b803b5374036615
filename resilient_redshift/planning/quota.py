"""How many manual snapshots live at the same time, against the quota of an account and Region (no CDK, no AWS).

20 per account and Region unless raised ("Quotas and limits", Redshift Management Guide). Copied manual snapshots count
in the recovery Region as well, with the retention they have there: forecast each Region by itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._live_snapshots import most_at_once
from resilient_redshift.planning.recovery_point import kept_days
from resilient_redshift.rules.retention import DAY, Forever

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.schedules.eventbridge import Schedule

DEFAULT_QUOTA: Final = 20
DEFAULT_HORIZON: Final = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotRule:
    """What takes manual snapshots of one cluster.

    Args:
        name: what it is called in the answer.
        schedule: when it fires.
        keep: whole days that each snapshot is kept in the Region looked at; -1 or FOREVER for ever. Longer than the
            forecast's horizon counts like for ever.
    """

    name: str
    schedule: Schedule
    keep: int | Forever


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaForecast:
    """How many manual snapshots live at once in one account and Region.

    Attributes:
        peak: the most at any time within the horizon; a snapshot still counts at the instant at which it expires.
        quota: what is allowed.
        horizon: how long snapshots that are kept for ever pile up.
        full_on_day: the earliest day, counted from the first snapshot, on which one is refused; None where all fit.
        by_rule: the most at once of each rule by itself, in the given order.
        others: manual snapshots that no rule takes.
    """

    peak: int
    quota: int
    horizon: timedelta
    full_on_day: int | None
    by_rule: tuple[tuple[str, int], ...]
    others: int

    @property
    def fits(self) -> bool:
        """Whether every snapshot finds room."""
        return self.full_on_day is None

    @property
    def problem(self) -> str | None:
        """What does not fit and when, in one sentence; None where all fit."""
        if self.full_on_day is None:
            return None
        shares = ", ".join(f"{name} {count}" for name, count in self.by_rule)
        others = f", others {self.others}" if self.others else ""
        return (
            f"up to {self.peak} manual snapshots would live at once within {self.horizon // DAY} days "
            f"({shares}{others}), but the quota of the account and Region is {self.quota}: it is reached, and a "
            f"snapshot refused, as early as {self.full_on_day} days after the first one"
        )


def forecast_quota(
    rules: Iterable[SnapshotRule],
    *,
    quota: int = DEFAULT_QUOTA,
    horizon: timedelta = DEFAULT_HORIZON,
    others: int = 0,
) -> QuotaForecast:
    """Forecast the manual snapshots of one account and Region.

    The answer does not depend on today's date: it is the worst case over all days on which the rules could begin.

    Args:
        rules: every rule whose snapshots live there, of all clusters.
        quota: manual snapshots allowed; 20 unless given.
        horizon: how long snapshots kept for ever are counted; 365 days unless given.
        others: manual snapshots that exist besides (on demand, AWS Backup's, final ones); 0 unless given.
    """
    given = tuple(rules)
    within = {rule: min(_kept(rule, horizon), horizon) for rule in given}
    kinds = Counter((rule.schedule, within[rule]) for rule in given)
    peak = most_at_once(kinds, room=quota - others) + others
    return QuotaForecast(
        peak=peak,
        quota=quota,
        horizon=horizon,
        full_on_day=_first_day_over(kinds, quota - others, horizon) if peak > quota else None,
        by_rule=tuple((rule.name, rule.schedule.count_in(within[rule])) for rule in given),
        others=others,
    )


def _kept(rule: SnapshotRule, horizon: timedelta) -> timedelta:
    keep = rule.keep if isinstance(rule.keep, Forever) else kept_days(rule.keep)
    return horizon if isinstance(keep, Forever) else keep


def _first_day_over(kinds: Counter[tuple[Schedule, timedelta]], room: int, horizon: timedelta) -> int:
    """The first day by which more snapshots than there is room for can have been taken and still live."""
    low, high = 0, horizon // DAY
    while low < high:
        day = (low + high) // 2
        # the count never falls as days pass: the first day over can be searched by halves
        if sum(times * schedule.count_in(min(keep, day * DAY)) for (schedule, keep), times in kinds.items()) > room:
            high = day
        else:
            low = day + 1
    return low
