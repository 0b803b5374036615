"""How many manual snapshots exist at the same time, against the quota of an account and Region (no CDK, no AWS).

The quota is 700 for each account and Region, and AWS can raise it ("Quotas and limits", Redshift Management Guide). The
copy of a manual snapshot counts in the recovery Region, with the retention that it has there. Forecast each Region by
itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_length, is_whole
from resilient_redshift.planning._live_snapshots import most_at_once
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP, kept_days
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import DAY, FOREVER_DAYS, Forever
from resilient_redshift.schedules.eventbridge import RateSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resilient_redshift.schedules.eventbridge import Schedule

#: The manual snapshots that AWS allows in an account and Region, unless it granted the account more ("Quotas and
#: limits", Redshift Management Guide).
DEFAULT_QUOTA: Final = 700
#: The code of this quota in Service Quotas; the service is ``redshift``.
QUOTA_CODE: Final = "L-2E428669"
#: How long a forecast lets snapshots with the retention FOREVER accumulate. Every other retention counts in full.
DEFAULT_HORIZON: Final = timedelta(days=365)
#: How far apart automated snapshots without a snapshot schedule can be. When the first one comes is not known.
DEFAULT_RHYTHM: Final = RateSchedule("about every 8 hours", DEFAULT_AUTOMATED_GAP)


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotRule:
    """A rule that takes manual snapshots of one cluster.

    Args:
        name: the rule's name in the forecast.
        schedule: when the rule fires.
        keep: the retention of each snapshot in the Region of the forecast: 1 to 3653 whole days, or FOREVER (or the
            API's number for it, ``FOREVER_DAYS``). Source: Redshift API, ManualSnapshotRetentionPeriod.
        keep_in_recovery: the retention of each copy in the recovery Region, which :func:`forecast` needs; as for
            ``keep``. Default: as ``keep``.
        late: how long after its time the rule may take the snapshot; 0 to 36500 days. Default: 0.

    Raises:
        ResilientRedshiftError: for another retention, or a length that is out of range.
    """

    name: str
    schedule: Schedule
    keep: int | Forever
    keep_in_recovery: int | Forever | None = None
    late: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        """Refuse a retention that Redshift does not have."""
        problems = Problems("SnapshotRule")
        check_retention(problems, "keep", self.keep)
        if self.keep_in_recovery is not None:
            check_retention(problems, "keep_in_recovery", self.keep_in_recovery)
        check_length(problems, "late", self.late)
        problems.raise_if_any()

    @property
    def kept_in_recovery(self) -> int | Forever:
        """The retention of each copy in the recovery Region."""
        return self.keep if self.keep_in_recovery is None else self.keep_in_recovery


@dataclass(frozen=True, kw_only=True, slots=True)
class QuotaForecast:
    """How many manual snapshots exist at the same time in one account and Region.

    Attributes:
        peak: the most snapshots at any time. A snapshot still counts at the instant at which it expires.
        quota: the manual snapshots that AWS allows.
        horizon: how long the forecast lets snapshots with the retention FOREVER accumulate.
        full_on_day: the earliest day on which AWS refuses a snapshot, counted from the first snapshot; None when every
            snapshot fits.
        by_rule: each rule's name and the most of its own snapshots at any time, in the order of the rules.
        others: the manual snapshots that no rule takes.
        forever: whether a rule has the retention FOREVER, so that the horizon bounds the peak.
    """

    peak: int
    quota: int
    horizon: timedelta
    full_on_day: int | None
    by_rule: tuple[tuple[str, int], ...]
    others: int
    forever: bool

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
        forever = f"; FOREVER counts over {self.horizon // DAY} days" if self.forever else ""
        return (
            f"up to {self.peak} manual snapshots would exist at the same time ({shares}{others}{forever}), but the "
            f"quota of the account and Region is {self.quota}: AWS may refuse a snapshot as early as "
            f"{self.full_on_day} days after the first one"
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
        quota: the manual snapshots that AWS allows. Default: 700.
        horizon: how long the forecast lets snapshots with the retention FOREVER accumulate; 0 to 36500 days. Default:
            365 days.
        others: the manual snapshots that no rule takes (on demand, AWS Backup's, final snapshots); 0 or more. Default:
            0.

    Raises:
        ResilientRedshiftError: for a number or a length that is out of range.
    """
    problems = Problems("forecast_quota")
    most = 1_000_000
    problems.check(is_whole(quota, 0, most), "quota", quota, f"a whole number from 0 to {most}")
    problems.check(is_whole(others, 0, most), "others", others, f"a whole number from 0 to {most}")
    check_length(problems, "horizon", horizon)
    problems.raise_if_any()
    all_rules = tuple(rules)
    within = {rule: retention_within(rule.keep, horizon) for rule in all_rules}
    kinds = Counter((rule.schedule, within[rule]) for rule in all_rules)
    peak = most_at_once(kinds, room=quota - others) + others
    return QuotaForecast(
        peak=peak,
        quota=quota,
        horizon=horizon,
        full_on_day=_first_day_over(kinds, quota - others) if peak > quota else None,
        by_rule=tuple((rule.name, most_of(rule, horizon)) for rule in all_rules),
        others=others,
        forever=any(isinstance(kept_days(rule.keep), Forever) for rule in all_rules),
    )


def most_of(rule: SnapshotRule, horizon: timedelta = DEFAULT_HORIZON) -> int:
    """The most snapshots of one rule that exist at the same time.

    Args:
        rule: the rule.
        horizon: as for :func:`forecast_quota`.
    """
    return rule.schedule.count_in(retention_within(rule.keep, horizon))


def most_automated(schedules: Sequence[Schedule], window: timedelta) -> int:
    """The most automated snapshots that Redshift takes of one cluster in any window of a length.

    Args:
        schedules: the definitions of the cluster's snapshot schedule. Without one, one snapshot counts for every eight
            hours; faster changes of the data bring more snapshots, which are not counted.
        window: the length; 0 or more. The snapshots that exist at the same time are those of one retention.
    """
    return sum(schedule.count_in(window) for schedule in schedules or (DEFAULT_RHYTHM,)) if window else 0


def retention_within(keep: int | Forever, horizon: timedelta) -> timedelta:
    """How long a snapshot counts: its retention; the horizon for a snapshot that is kept for ever."""
    kept = kept_days(keep)
    return horizon if isinstance(kept, Forever) else kept


def is_retention(keep: object) -> bool:
    """Whether a value is a retention that Redshift has for manual snapshots."""
    forever = isinstance(keep, Forever) or is_whole(keep, FOREVER_DAYS, FOREVER_DAYS)
    return forever or is_whole(keep, 1, MOST_MANUAL_DAYS)


def check_retention(problems: Problems, argument: str, keep: object) -> None:
    """Record a problem unless a value is a retention that Redshift has for manual snapshots."""
    problems.check(is_retention(keep), argument, keep, f"1 to {MOST_MANUAL_DAYS} whole days or FOREVER")


def _first_day_over(kinds: Counter[tuple[Schedule, timedelta]], room: int) -> int:
    """The first day on which more snapshots can exist than the room allows."""
    low, high = 0, max((keep // DAY for _, keep in kinds), default=0)
    while low < high:
        day = (low + high) // 2
        # the count never falls from one day to the next, so a binary search finds the first day
        if sum(times * schedule.count_in(min(keep, day * DAY)) for (schedule, keep), times in kinds.items()) > room:
            high = day
        else:
            low = day + 1
    return low
