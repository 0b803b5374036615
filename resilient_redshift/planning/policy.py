"""A policy of snapshots as values, and the bounds that it keeps in each Region, whatever the times of its snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_length, is_whole
from resilient_redshift.planning._pauses import Pauses
from resilient_redshift.planning.quota import (
    DEFAULT_HORIZON,
    DEFAULT_RHYTHM,
    SnapshotRule,
    check_retention,
    forecast_quota,
)
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME, newest
from resilient_redshift.planning.sources import COPIED_MANUAL, automated_source, in_recovery, manual_sources
from resilient_redshift.rules.limits import DEFAULT_AUTOMATED_DAYS, DEFAULT_COPY_DAYS, MOST_AUTOMATED_DAYS
from resilient_redshift.rules.node_types import MOST_NODES
from resilient_redshift.rules.retention import FOREVER, Forever
from resilient_redshift.schedules.eventbridge import CronSchedule, Schedule, check_schedule
from resilient_redshift.schedules.redshift import check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning.recovery_point import SnapshotSource

_ZERO: Final = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotPolicy:
    """What takes snapshots of one cluster, and how long they are kept in each Region.

    Args:
        region: the cluster's Region.
        rules: the rules that take manual snapshots, with their retentions here and in the recovery Region. Default:
            none.
        automated_snapshot_retention_period: the days that automated snapshots are kept; 0 to 35, and 0 means that they
            are off. Default: 1, as for the Redshift API (CreateCluster).
        schedule_definitions: the definitions of the cluster's snapshot schedule, in Redshift's dialect, such as
            ``rate(12 hours)``. Default: no schedule, so that an automated snapshot comes about every eight hours, or
            after 5 GB of changes per node ("Automated snapshots", Redshift Management Guide).
        destination_region: the Region to which Redshift copies each snapshot. Default: no copy.
        retention_period: the days that copied automated snapshots are kept; 1 to 35. Default: 7 (EnableSnapshotCopy).
        manual_snapshot_retention_period: the most days that copied manual snapshots are kept; 1 to 3653, or FOREVER.
            The shorter one of this and a rule's ``keep_in_recovery`` counts. Default: FOREVER (EnableSnapshotCopy).
        node_type: the node type, such as ``ra3.large``; AWS bills snapshots by its family. Default: unknown.
        number_of_nodes: the number of nodes; 1 to 128. Default: 1.
        pausing: the cron expressions of the scheduled actions that pause the cluster. Default: none.
        resuming: the cron expressions of the scheduled actions that resume it. Default: none.

    Raises:
        ResilientRedshiftError: for a value that Redshift does not have.
    """

    region: str
    rules: Sequence[SnapshotRule] = ()
    automated_snapshot_retention_period: int = DEFAULT_AUTOMATED_DAYS
    schedule_definitions: Sequence[str] = ()
    destination_region: str | None = None
    retention_period: int = DEFAULT_COPY_DAYS
    manual_snapshot_retention_period: int | Forever = FOREVER
    node_type: str | None = None
    number_of_nodes: int = 1
    pausing: Sequence[str] = ()
    resuming: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what Redshift refuses."""
        problems = Problems("SnapshotPolicy")
        problems.check(isinstance(self.region, str) and bool(self.region), "region", self.region, "a Region's name")
        other = self.destination_region is None or (
            isinstance(self.destination_region, str) and self.destination_region not in {"", self.region}
        )
        problems.check(other, "destination_region", self.destination_region, "another Region's name")
        for name in ("rules", "schedule_definitions", "pausing", "resuming"):
            values = getattr(self, name)
            kind = SnapshotRule if name == "rules" else str
            ok = isinstance(values, list | tuple) and all(isinstance(value, kind) for value in values)
            if problems.check(ok, name, values, f"a list of {'SnapshotRule' if kind is SnapshotRule else 'texts'}"):
                object.__setattr__(self, name, tuple(values))
        days = self.automated_snapshot_retention_period
        ok = is_whole(days, 0, MOST_AUTOMATED_DAYS)
        problems.check(ok, "automated_snapshot_retention_period", days, f"0 to {MOST_AUTOMATED_DAYS} whole days")
        days = self.retention_period
        problems.check(
            is_whole(days, 1, MOST_AUTOMATED_DAYS), "retention_period", days, f"1 to {MOST_AUTOMATED_DAYS} whole days"
        )
        check_retention(problems, "manual_snapshot_retention_period", self.manual_snapshot_retention_period)
        known = self.node_type is None or isinstance(self.node_type, str)
        problems.check(known, "node_type", self.node_type, "a node type such as 'ra3.large'")
        nodes = self.number_of_nodes
        problems.check(
            is_whole(nodes, 1, MOST_NODES), "number_of_nodes", nodes, f"a whole number from 1 to {MOST_NODES}"
        )
        problems.raise_if_any()
        if self.schedule_definitions:
            check_snapshot_schedule(problems, "schedule_definitions", self.schedule_definitions)
        for name in ("pausing", "resuming"):
            for expression in getattr(self, name):
                schedule = check_schedule(problems, name, expression)
                ok = schedule is None or isinstance(schedule, CronSchedule)
                problems.check(ok, name, expression, "a cron expression of six fields", "CreateScheduledAction")
        problems.raise_if_any()

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """The definitions of the snapshot schedule; empty without one."""
        problems = Problems("SnapshotPolicy")
        definitions = self.schedule_definitions
        return check_snapshot_schedule(problems, "schedule_definitions", definitions) if definitions else ()

    @property
    def pauses(self) -> Pauses:
        """What pauses and resumes the cluster."""
        found = {
            name: [schedule for each in expressions if isinstance(schedule := _cron(each), CronSchedule)]
            for name, expressions in (("pausing", self.pausing), ("resuming", self.resuming))
        }
        return Pauses(pausing=found["pausing"], resuming=found["resuming"])

    @property
    def copied_rules(self) -> list[SnapshotRule]:
        """The rules, each with the retention that its copies have in the recovery Region."""
        return in_recovery(self.rules, self.manual_snapshot_retention_period)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegionBounds:
    """What no observation in one Region exceeds, as long as every snapshot and every copy is made in time.

    Attributes:
        region: the Region.
        recovery_point: the greatest age of the newest usable recovery point; it is the time since the snapshot began,
            and time in which the cluster is paused counts. From so long after the beginning on there always is a
            recovery point; before, a first one may expire before the next. None when no recovery point is certain.
        manual_snapshots: the most manual snapshots of the policy that exist at the same time.
    """

    region: str
    recovery_point: timedelta | None
    manual_snapshots: int


def recovery_point_bounds(
    policy: SnapshotPolicy,
    *,
    copy_time: timedelta = DEFAULT_COPY_TIME,
    snapshot_time: timedelta = _ZERO,
    horizon: timedelta = DEFAULT_HORIZON,
) -> tuple[RegionBounds, ...]:
    """The worst case of a policy in each Region.

    The bounds hold whenever the snapshots begin, so they do not depend on a date, and they count no change rate: more
    changes bring automated snapshots closer together, never further apart.

    Args:
        policy: the policy.
        copy_time: how long the copy of a snapshot to the other Region takes, at most; 0 to 36500 days. Default: one
            hour.
        snapshot_time: how long a snapshot takes until it is available, at most; 0 to 36500 days. Default: 0.
        horizon: how long snapshots with the retention FOREVER accumulate; 0 to 36500 days. Default: 365 days.

    Returns:
        The cluster's Region, then the recovery Region where snapshots are copied.

    Raises:
        ResilientRedshiftError: for a length that is out of range.
    """
    problems = Problems("recovery_point_bounds")
    for name, value in (("copy_time", copy_time), ("snapshot_time", snapshot_time), ("horizon", horizon)):
        check_length(problems, name, value)
    problems.raise_if_any()
    places = [(policy.region, policy.rules, _sources(policy, snapshot_time))]
    if policy.destination_region is not None:
        copied = _copied_sources(policy, snapshot_time + copy_time)
        places.append((policy.destination_region, policy.copied_rules, copied))
    return tuple(
        RegionBounds(
            region=region,
            recovery_point=found.worst_age if (found := newest(sources)) else None,
            manual_snapshots=forecast_quota(rules, horizon=horizon).peak,
        )
        for region, rules, sources in places
    )


def _sources(policy: SnapshotPolicy, delay: timedelta) -> list[SnapshotSource]:
    sources = manual_sources(policy.rules, pauses=policy.pauses, delay=delay)
    keep, gap = policy.automated_snapshot_retention_period, _automated_gap(policy)
    return [*sources, automated_source(gap, keep, delay=delay)] if keep and gap else sources


def _copied_sources(policy: SnapshotPolicy, delay: timedelta) -> list[SnapshotSource]:
    sources = manual_sources(policy.copied_rules, pauses=policy.pauses, delay=delay, kind=COPIED_MANUAL)
    gap = _automated_gap(policy) if policy.automated_snapshot_retention_period else None
    return [*sources, automated_source(gap, policy.retention_period, copied=True, delay=delay)] if gap else sources


def _automated_gap(policy: SnapshotPolicy) -> timedelta | None:
    """The longest time between two automated snapshots, pauses included; None when none is certain."""
    gap = policy.pauses.gap_of(policy.schedules or [DEFAULT_RHYTHM])
    return gap if isinstance(gap, timedelta) else None


def _cron(expression: str) -> Schedule | None:
    return check_schedule(Problems("SnapshotPolicy"), "pausing", expression)
