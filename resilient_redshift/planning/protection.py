"""The protection table: what each failure would cost, read from synthesized templates and nothing else.

A pure function over templates of every shape, ours or not (no CDK, no AWS). It answers for the worst case and counts
only what is certain: what is decided at deployment is "unknown", what is not protected is "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._failures import Judge
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._pictures import ClusterPicture, SynthesizedTemplate
    from resilient_redshift.planning._verdicts import Protection

DEFAULT_NOTICED_AFTER: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectionTable:
    """The failures of one cluster.

    Attributes:
        cluster: the identifier, or the logical id where AWS chooses the name.
        stack: the stack that holds it, or that protects it.
        region: its Region, or ``unknown Region``.
        rows: one for each failure: a node, a Zone, the Region, the cluster deleted by mistake, the stack deleted, and a
            bad load for each delay asked about.
        notes: what was seen and is not counted, and why.
        plan: the name of the plan for the loss of the Region; None where no template has one.
        rehearsed_every: the longest time between two rehearsals of that plan; None where none is on.
    """

    cluster: str
    stack: str
    region: str
    rows: tuple[Protection, ...]
    notes: tuple[str, ...]
    plan: str | None = None
    rehearsed_every: timedelta | None = None


def protection_tables(
    templates: Iterable[SynthesizedTemplate],
    *,
    noticed_after: Iterable[timedelta] = DEFAULT_NOTICED_AFTER,
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
) -> tuple[ProtectionTable, ...]:
    """Say for each cluster and each failure what protects it, at worst.

    Args:
        templates: the templates of one cloud assembly; of any shape.
        noticed_after: how late a bad load may be noticed, one row each; 1, 7 and 30 days unless given.
        expected_copy_time: how long a snapshot is expected to take to another Region; one hour unless given.

    Returns:
        One table for each cluster that the templates hold, then one for each other cluster that they protect.
    """
    delays = tuple(noticed_after)
    return tuple(_table(cluster, delays, expected_copy_time) for cluster in take_inventory(tuple(templates)))


def _table(cluster: ClusterPicture, delays: tuple[timedelta, ...], copy_time: timedelta) -> ProtectionTable:
    judge = Judge(cluster, copy_time)
    rows = [judge.node(), judge.zone(), judge.region(), judge.deleted(), judge.stack_deleted()]
    rows += [judge.bad_load(delay) for delay in delays]
    return ProtectionTable(
        cluster=cluster.name,
        stack=cluster.stack,
        region=cluster.region or UNKNOWN_REGION,
        rows=tuple(rows),
        notes=tuple(cluster.notes),
        plan=cluster.plan.name if cluster.plan else None,
        rehearsed_every=cluster.plan.longest_gap if cluster.plan else None,
    )
