"""The protection table: the cost of each failure, read from synthesized templates alone.

The table is a pure function over templates of every shape, made by this library or not (no CDK, no AWS). It shows the
worst case, and counts only what is certain. "unknown" means that the deployment decides, and "none" means that nothing
protects the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_length
from resilient_redshift.planning._failures import Judge
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning._verdicts import UNKNOWN_REGION, Failure
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

#: The delays of the rows about a bad load, unless the caller chooses others.
DEFAULT_NOTICED_AFTER: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectionTable:
    """The protection of one cluster in each failure.

    Attributes:
        cluster: the cluster's identifier, or the logical id when AWS chooses the identifier.
        stack: the stack that contains the cluster, or a stack that protects it.
        region: the cluster's Region, or ``unknown Region``.
        rows: one row for each failure: a node, a Zone, the Region, the cluster deleted by mistake, the stack deleted,
            and a bad load for each delay.
        notes: the resources that are not counted, each with the reason.
        plan: the name of the plan for the loss of the Region; None when no template has a plan.
        rehearsed_every: the longest time between two rehearsals of that plan; None when no rehearsal is enabled.
        account: the cluster's account; None when only the deployment decides it.
    """

    cluster: str
    stack: str
    region: str
    rows: tuple[Protection, ...]
    notes: tuple[str, ...]
    plan: str | None = None
    rehearsed_every: timedelta | None = None
    account: str | None = None


def protection_tables(
    templates: Iterable[SynthesizedTemplate],
    *,
    noticed_after: Iterable[timedelta] = DEFAULT_NOTICED_AFTER,
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
) -> tuple[ProtectionTable, ...]:
    """Judge what protects each cluster in each failure, in the worst case.

    Args:
        templates: the templates of one cloud assembly; of any shape.
        noticed_after: the times from a bad load until a person or a check notices it, one row for each; each 0 to
            36500 days. Default: 1, 7 and 30 days.
        expected_copy_time: how long the copy of a snapshot to another Region is expected to take; 0 to 36500 days.
            Default: one hour.

    Returns:
        One table for each cluster that the templates contain, then one for each other cluster that they protect.

    Raises:
        ResilientRedshiftError: for a length that is out of range.
    """
    delays = tuple(noticed_after)
    problems = Problems("protection_tables")
    for delay in delays:
        check_length(problems, "noticed_after", delay)
    check_length(problems, "expected_copy_time", expected_copy_time)
    problems.raise_if_any()
    return tuple(table_of(cluster, delays, expected_copy_time) for cluster in take_inventory(tuple(templates)))


def table_of(
    cluster: ClusterPicture,
    delays: tuple[timedelta, ...],
    copy_time: timedelta,
    within: Mapping[Failure, timedelta] | None = None,
) -> ProtectionTable:
    """The table of one cluster.

    Args:
        cluster: what the templates say about the cluster.
        delays: the times from a bad load until somebody notices it, one row for each.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
        within: for failures other than a bad load, how long afterwards the recovery point must still exist. Default: no
            longer than the failure itself.
    """
    judge = Judge(cluster, copy_time)
    methods = {
        Failure.NODE: judge.node,
        Failure.ZONE: judge.zone,
        Failure.REGION: judge.region,
        Failure.CLUSTER_DELETED: judge.deleted,
        Failure.STACK_DELETED: judge.stack_deleted,
    }
    lengths = within or {}
    rows = [method(lengths.get(failure, timedelta(0))) for failure, method in methods.items()]
    rows += [judge.bad_load(delay) for delay in delays]
    return ProtectionTable(
        cluster=cluster.name,
        stack=cluster.stack,
        region=cluster.region or UNKNOWN_REGION,
        rows=tuple(rows),
        notes=tuple(cluster.notes),
        plan=cluster.plan.name if cluster.plan else None,
        rehearsed_every=cluster.plan.longest_gap if cluster.plan else None,
        account=cluster.account,
    )
