"""Snapshot schedules that a recovery site keeps ready for restored clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.warnings import Warn
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.snapshots.times import SnapshotTimes

if TYPE_CHECKING:
    from constructs import Construct


@Remembered
def _identifiers(_site: Construct) -> dict[tuple[str, ...], str]:
    """The identifiers of the schedules that a site has so far, by their expressions."""
    return {}


def restored_schedule(site: Construct, expressions: tuple[str, ...]) -> str:
    """The identifier of the site's snapshot schedule with some expressions.

    The first call for these expressions makes the schedule. Plans with equal expressions share it.

    Args:
        site: the site.
        expressions: the expressions of the schedule, one or more.
    """
    identifiers = _identifiers(site)
    if expressions not in identifiers:
        from resilient_redshift.snapshots.schedule import SnapshotSchedule  # noqa: PLC0415 - it imports aws_lambda, which is slow

        times = [SnapshotTimes(expression) for expression in expressions]
        schedule = SnapshotSchedule(site, f"Schedule{short_hash(*expressions)}", times=times)
        reason = "this schedule is kept ready for a restored cluster; that of the cluster itself warns"
        acknowledgment = cdk.Acknowledgment(id=Warn.SNAPSHOT_SCHEDULE_LONG_GAP, reason=reason)
        cdk.Validations.of(schedule).acknowledge(acknowledgment)
        identifiers[expressions] = schedule.schedule_identifier
    return identifiers[expressions]
