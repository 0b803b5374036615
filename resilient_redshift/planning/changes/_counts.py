"""Counts the recovery points of a cluster with the functions of the forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.quota import DEFAULT_HORIZON, most_automated, most_of
from resilient_redshift.planning.recovery_point import kept_days
from resilient_redshift.planning.sources import in_recovery
from resilient_redshift.rules.retention import DAY, Forever
from resilient_redshift.schedules.redshift import check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.quota import SnapshotRule
    from resilient_redshift.schedules.eventbridge import Schedule

#: A retention without an end counts over this time, as in the forecast of the quota.
HORIZON_IN_WORDS: Final = f"snapshots that are kept for ever are counted over {DEFAULT_HORIZON // DAY} d"
MORE_CHANGES: Final = "the number counts one automated snapshot every 8 h, and faster changes of the data bring more"


@dataclass(frozen=True, slots=True)
class Kept:
    """How many recovery points of one cluster exist at the same time in one Region, at most. None means unknown."""

    region: str
    automated: int | None
    manual: int | None
    forever: bool

    @property
    def in_words(self) -> str:
        """The two numbers in words, such as ``22 automated, 8 manual``."""
        automated, manual = ("unknown" if each is None else str(each) for each in (self.automated, self.manual))
        return f"at most {automated} automated, {manual} manual"


def kept(cluster: ClusterPicture) -> list[Kept]:
    """How many recovery points exist at the same time: in the cluster's Region, and where its snapshots are copied."""
    found = [_kept(cluster, cluster.region, cluster.keep_automated, [*cluster.rules, *cluster.backups])]
    for copy in cluster.copies:
        automated = 0 if cluster.keep_automated == 0 else copy.keep_automated
        known = copy.keep_manual is not None or not cluster.rules
        rules = in_recovery(cluster.rules, copy.keep_manual) if copy.keep_manual is not None else []
        found.append(_kept(cluster, copy.region, automated, rules, manual_known=known))
    return found


def automated_older_than(cluster: ClusterPicture, days: int, kept_for: int) -> int:
    """How many automated snapshots are older than some days, at most, of those that are kept for more days.

    Args:
        cluster: the cluster.
        days: the age in days.
        kept_for: the retention in days, longer than ``days``.
    """
    return most_automated(_schedules(cluster), (kept_for - days) * DAY)


def _kept(
    cluster: ClusterPicture,
    region: str | None,
    automated_days: int | None,
    rules: Sequence[SnapshotRule],
    *,
    manual_known: bool = True,
) -> Kept:
    automated = None if automated_days is None else most_automated(_schedules(cluster), automated_days * DAY)
    return Kept(
        region=region or UNKNOWN_REGION,
        automated=automated,
        manual=sum(most_of(rule) for rule in rules) if manual_known else None,
        forever=any(isinstance(kept_days(rule.keep), Forever) for rule in rules),
    )


def _schedules(cluster: ClusterPicture) -> tuple[Schedule, ...]:
    """The definitions of the cluster's snapshot schedule; empty without one."""
    definitions = cluster.schedule_definitions
    return check_snapshot_schedule(Problems("Cluster"), "schedule", definitions) if definitions else ()
