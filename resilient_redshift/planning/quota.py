"""How many manual snapshots exist at the same time, against the quota of an account and Region (no CDK, no AWS).

The quota is 20 for each account and Region, and AWS can raise it ("Quotas and limits", Redshift Management Guide). The
copy of a manual snapshot counts in the recovery Region, with the retention that it has there. Forecast each Region by
itself.
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

#: The manual snapshots that AWS allows in an account and Region ("Quotas and limits", Redshift Management Guide).
DEFAULT_QUOTA: Final = 20
#: How long a forecast lets snapshots with the retention FOREVER accumulate.
DEFAULT_HORIZON: Final = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotRule:
    """A rule that takes manual snapshots of one cluster.

    Args:
        name: the rule's name in the forecast.
        schedule: when the rule fires.
        keep: the retention of each snapshot in the Region of the forecast: 1 or more whole days, or FOREVER (or the
            API's number for it, ``FOREVER_DAYS``). A retention longer than the forecast's horizon counts like FOREVER.
    """

    name: str
    schedule: Schedule
    keep: int | Forever


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaForecast:
    """How many manual snapshots exist at the same time in one account and Region.

    Attributes:
        peak: the most snapshots at any time within the horizon. A snapshot still counts at the instant at which it
            expires.
        quota: the manual snapshots that AWS allows.
        horizon: how long the forecast lets snapshots with the retention FOREVER accumulate.
        full_on_day: the earliest day on which AWS refuses a snapshot, counted from the first snapshot; None when every
            snapshot fits.
        by_rule: each rule's name and the most of its own snapshots at any time, in the order of the rules.
        others: the manual snapshots that no rule takes.
    """

    peak: int
    quota: int
    horizon: timedelta
    full_on_day: int | None
    by_rule: tuple[tuple[str, int], ...]
    others: int

    @property
    def fits(self) -> bool:
        """Whether every snapshot fits into the quota."""
        return self.full_on_day is None

    @property
    def problem(self) -> str | None:
        """A sentence about what does not fit, and from which day on; None when every snapshot fits."""
        if self.full_on_day is None:
            return None
        shares = ", ".join(f"{name} {count}" for name, count in self.by_rule)
        others = f", others {self.others}" if self.others else ""
        return (
            f"up to {self.peak} manual snapshots would exist at the same time within {self.horizon // DAY} days "
            f"({shares}{others}), but the quota of the account and Region is {self.quota}: AWS may refuse a snapshot "
            f"as early as {self.full_on_day} days after the first one"
        )


def forecast_quota(
    rules: Iterable[SnapshotRule],
    *,
    quota: int = DEFAULT_QUOTA,
    horizon: timedelta = DEFAULT_HORIZON,
    others: int = 0,
) -> QuotaForecast:
    """Forecast the manual snapshots of one account and Region.

    The forecast does not depend on today's date. It is the worst case over all days on which the rules could begin.

    Args:
        rules: every rule whose snapshots are in that account and Region, of all clusters.
        quota: the manual snapshots that AWS allows. Default: 20.
        horizon: how long the forecast lets snapshots with the retention FOREVER accumulate. Default: 365 days.
        others: the manual snapshots that no rule takes (on demand, AWS Backup's, final snapshots); 0 or more. Default:
            0.
    """
    all_rules = tuple(rules)
    within = {rule: min(_retention(rule, horizon), horizon) for rule in all_rules}
    kinds = Counter((rule.schedule, within[rule]) for rule in all_rules)
    peak = most_at_once(kinds, room=quota - others) + others
    return QuotaForecast(
        peak=peak,
        quota=quota,
        horizon=horizon,
        full_on_day=_first_day_over(kinds, quota - others, horizon) if peak > quota else None,
        by_rule=tuple((rule.name, rule.schedule.count_in(within[rule])) for rule in all_rules),
        others=others,
    )


def _retention(rule: SnapshotRule, horizon: timedelta) -> timedelta:
    keep = rule.keep if isinstance(rule.keep, Forever) else kept_days(rule.keep)
    return horizon if isinstance(keep, Forever) else keep


def _first_day_over(kinds: Counter[tuple[Schedule, timedelta]], room: int, horizon: timedelta) -> int:
    """The first day on which more snapshots can exist than the room allows."""
    low, high = 0, horizon // DAY
    while low < high:
        day = (low + high) // 2
        # the count never falls from one day to the next, so a binary search finds the first day
        if sum(times * schedule.count_in(min(keep, day * DAY)) for (schedule, keep), times in kinds.items()) > room:
            high = day
        else:
            low = day + 1
    return low
