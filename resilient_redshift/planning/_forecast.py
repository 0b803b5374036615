"""The forecast of a policy: recovery points, manual snapshots and storage in each Region, over some days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._ages import ages_of, newest_over_time
from resilient_redshift.planning._arguments import check_amount, check_length, is_whole
from resilient_redshift.planning._live_snapshots import existing_over_time
from resilient_redshift.planning._simulation import Simulation, usual_automated_gap
from resilient_redshift.planning.policy import RegionBounds, SnapshotPolicy, recovery_point_bounds
from resilient_redshift.planning.quota import DEFAULT_QUOTA, QuotaForecast, SnapshotRule, forecast_quota
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME
from resilient_redshift.planning.storage import Bill, CostLine, StoragePrices
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning._simulation import Snapshot

#: The first day of a forecast, unless you choose another one. It is a Monday.
DEFAULT_BEGINS: Final = date(2029, 1, 1)
_MINUTE: Final = timedelta(minutes=1)
_ZERO: Final = timedelta(0)
#: A forecast of more snapshots than this would take minutes.
_MOST_SNAPSHOTS: Final = 200_000
_MOST_QUOTA: Final = 1_000_000
_FIRST_YEAR, _LAST_YEAR = 1970, 2180


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionForecast:
    """The forecast of one Region. Times count from the beginning of the forecast.

    The age of a recovery point is the time since its snapshot began, and time in which the cluster is paused counts.

    Attributes:
        region: the Region.
        recovery_points: the newest usable recovery point over time: from each time on, the time at which its snapshot
            was taken; None while there is none.
        first_recovery_point: when the first recovery point is usable; None when none ever is.
        without_recovery_point: how long there is none after the first one.
        worst: the greatest age in the forecast; None when there is no recovery point.
        mean: the mean age over all moments with a recovery point.
        median: the age that is not exceeded in half of those moments.
        bounds: what no observation exceeds, whenever the snapshots begin.
        manual_snapshots: the number of manual snapshots over time, from each time on.
        quota: the most manual snapshots at the same time, against the quota. Other than ``manual_snapshots``, it counts
            each retention in days in full, also beyond the end of the forecast.
    """

    region: str
    recovery_points: tuple[tuple[timedelta, timedelta | None], ...]
    first_recovery_point: timedelta | None
    without_recovery_point: timedelta
    worst: timedelta | None
    mean: timedelta | None
    median: timedelta | None
    bounds: RegionBounds
    manual_snapshots: tuple[tuple[timedelta, int], ...]
    quota: QuotaForecast

    @property
    def most_manual_snapshots(self) -> int:
        """The most manual snapshots at the same time, within the forecast."""
        return max((number for _, number in self.manual_snapshots), default=0)

    def age_at(self, moment: timedelta) -> timedelta | None:
        """The age of the newest usable recovery point; None while there is none.

        Args:
            moment: the time since the beginning of the forecast.
        """
        taken = next((taken for since, taken in reversed(self.recovery_points) if since <= moment), None)
        return None if taken is None else moment - taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What a policy gives and costs.

    Attributes:
        policy: the policy.
        begins: the first day, from 0:00 UTC.
        days: the number of days.
        regions: the cluster's Region, then the recovery Region where snapshots are copied.
        costs: the lines of the bill, over all days; empty without a size.
    """

    policy: SnapshotPolicy
    begins: date
    days: int
    regions: tuple[RegionForecast, ...]
    costs: tuple[CostLine, ...]

    @property
    def cost(self) -> float | None:
        """The sum of all lines with a price, over all days; None when no line has one."""
        known = [line.cost for line in self.costs if line.cost is not None]
        return sum(known) if known else None


def forecast(
    policy: SnapshotPolicy,
    *,
    days: int = 90,
    change_rate: float = 0.0,
    copy_time: timedelta = DEFAULT_COPY_TIME,
    snapshot_time: timedelta = _ZERO,
    size: float | None = None,
    provisioned_storage: float = 0.0,
    prices: StoragePrices | None = None,
    quota: int = DEFAULT_QUOTA,
    quota_in_recovery: int | None = None,
    begins: date = DEFAULT_BEGINS,
) -> Forecast:
    """Forecast a policy of snapshots, from a cluster without any snapshot on.

    Args:
        policy: what takes snapshots, and how long they are kept.
        days: the number of days; 1 to 3653. Default: 90.
        change_rate: the GB that change in each hour in which the cluster is not paused; 0 or more. Without a snapshot
            schedule, it decides how often automated snapshots come. Default: 0.
        copy_time: how long the copy of a snapshot to the other Region takes; 0 to 36500 days. Default: one hour.
        snapshot_time: how long a snapshot takes until it is available; 0 to 36500 days. Default: 0.
        size: the GB of the cluster's data; 0 or more. Default: no costs are forecast.
        provisioned_storage: the GB of the cluster's provisioned storage, for DC2 only; 0 or more. Default: 0.
        prices: your prices. Default: amounts without costs.
        quota: the manual snapshots that AWS allows in the cluster's Region; 0 to 1,000,000. Default: 700.
        quota_in_recovery: the same in the recovery Region. Default: as ``quota``.
        begins: the first day, from 0:00 UTC, in the years 1970 to 2180. A rate, and the rhythm of automated snapshots
            without a schedule, begins then too. Default: a Monday.

    Raises:
        ResilientRedshiftError: for an argument that is out of range, and for more than 200,000 snapshots.
    """
    problems = Problems("forecast")
    problems.check(isinstance(policy, SnapshotPolicy), "policy", policy, "a SnapshotPolicy")
    problems.check(is_whole(days, 1, MOST_MANUAL_DAYS), "days", days, f"a whole number from 1 to {MOST_MANUAL_DAYS}")
    for name, amount in (("change_rate", change_rate), ("provisioned_storage", provisioned_storage)):
        check_amount(problems, name, amount)
    if size is not None:
        check_amount(problems, "size", size)
    check_length(problems, "copy_time", copy_time)
    check_length(problems, "snapshot_time", snapshot_time)
    problems.check(prices is None or isinstance(prices, StoragePrices), "prices", prices, "StoragePrices")
    quotas = {"quota": quota, "quota_in_recovery": quota if quota_in_recovery is None else quota_in_recovery}
    for name, number in quotas.items():
        problems.check(is_whole(number, 0, _MOST_QUOTA), name, number, f"a whole number from 0 to {_MOST_QUOTA}")
    ok = isinstance(begins, date) and _FIRST_YEAR <= begins.year <= _LAST_YEAR
    problems.check(ok, "begins", begins, f"a date from {_FIRST_YEAR} to {_LAST_YEAR}")
    problems.raise_if_any()
    gap = usual_automated_gap(change_rate, policy.number_of_nodes)
    length = timedelta(days=days)
    schedules = [*policy.schedules, *(rule.schedule for rule in policy.rules)]
    most = length // gap + sum(schedule.count_in(length) for schedule in schedules)
    allowed = f"so few that at most {_MOST_SNAPSHOTS} snapshots are taken"
    problems.check(most <= _MOST_SNAPSHOTS, "days", days, allowed, f"there can be {most}")
    problems.raise_if_any()
    simulation = Simulation(policy, begins=begins, days=days, automated_gap=gap)
    bounds = recovery_point_bounds(policy, copy_time=copy_time, snapshot_time=snapshot_time, horizon=length)
    bill = Bill(
        simulation,
        node_type=policy.node_type,
        size=size or 0.0,
        change_rate=change_rate,
        provisioned=provisioned_storage,
        prices=prices or StoragePrices(),
    )
    delay = _minutes(snapshot_time)
    here = simulation.here(delay)
    regions = [_region(bounds[0], here, simulation.end, policy.rules, quotas["quota"])]
    costs = bill.here(policy.region, here)
    if policy.destination_region is not None:
        copies = simulation.copies(delay + _minutes(copy_time))
        regions.append(_region(bounds[1], copies, simulation.end, policy.copied_rules, quotas["quota_in_recovery"]))
        costs += bill.copies(policy.destination_region, copies)
    return Forecast(
        policy=policy,
        begins=begins,
        days=days,
        regions=tuple(regions),
        costs=() if size is None else tuple(costs),
    )


def _region(
    bounds: RegionBounds, snapshots: Sequence[Snapshot], end: int, rules: Sequence[SnapshotRule], quota: int
) -> RegionForecast:
    steps = newest_over_time(snapshots, end)
    ages = ages_of(steps, end)
    lives = ((each.taken, end if each.expires is None else each.expires, 1) for each in snapshots if each.manual)
    numbers = [(minute, number) for minute, number in existing_over_time(lives) if minute < end]
    return RegionForecast(
        region=bounds.region,
        recovery_points=tuple((step.since * _MINUTE, _length(step.taken)) for step in steps),
        first_recovery_point=_length(ages.first),
        without_recovery_point=ages.none_for * _MINUTE,
        worst=_length(ages.worst),
        mean=_length(ages.mean),
        median=_length(ages.median),
        bounds=bounds,
        manual_snapshots=tuple((minute * _MINUTE, number) for minute, number in numbers),
        quota=forecast_quota(rules, quota=quota, horizon=end * _MINUTE),
    )


def _length(minutes: float | None) -> timedelta | None:
    return None if minutes is None else minutes * _MINUTE


def _minutes(length: timedelta) -> int:
    """A length in whole minutes, rounded up."""
    return -(-length // _MINUTE)
