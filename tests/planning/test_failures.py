"""What remains some time after a failure: a snapshot that may have expired by then is not counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning import Verdict
from resilient_redshift.planning._failures import Judge
from resilient_redshift.planning._inventory import take_inventory
from tests.planning.templates import cluster, copy, rule, stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.planning import Protection

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def judge(**resources: Any) -> Judge:
    (only,) = take_inventory([stack(**resources)])
    return Judge(only, HOUR)


@pytest.mark.parametrize(
    ("within", "protected"), [(timedelta(0), True), (6 * DAY + 15 * HOUR, True), (6 * DAY + 16 * HOUR, False)]
)
def test_a_copy_must_outlive_gap_copy_time_and_the_time_until_it_is_needed(within: timedelta, protected: bool) -> None:
    # GIVEN copies that are kept for 7 days: 8 hours of gap, and 1 hour until a copy arrives
    region = judge(Warehouse=cluster(), Copy=copy()).region(within)

    # THEN
    assert (region.verdict is Verdict.PROTECTED) is protected
    if not protected:
        gone = "copied automated snapshots (kept 7 d)"
        assert region.notes == (f"not counted, because they may have expired 6 d 16 h after the failure: {gone}",)


def test_what_loses_more_but_lasts_longer_is_counted_and_the_other_is_named() -> None:
    # GIVEN nightly snapshots for a week, and monthly ones for half a year
    monthly = rule(schedule="cron(0 4 1 * ? *)", keep=180, name="monthly")
    warehouse = judge(Warehouse=cluster(), Nightly=rule(), Monthly=monthly)

    # WHEN somebody notices the deletion after a month
    deleted = warehouse.deleted(30 * DAY)

    # THEN
    assert deleted.worst_loss == 31 * DAY
    assert "monthly" in deleted.protection
    assert any("30 d after the failure: manual snapshots of rule nightly (kept 7 d)" in note for note in deleted.notes)


@pytest.mark.parametrize("failure", [Judge.node, Judge.zone])
def test_the_newest_automated_snapshot_stays_as_long_as_the_cluster(
    failure: Callable[[Judge, timedelta], Protection],
) -> None:
    only = cluster(ClusterType="single-node", NumberOfNodes=None)

    assert failure(judge(Warehouse=only), 30 * DAY).worst_loss == 8 * HOUR


@pytest.mark.parametrize("failure", [Judge.node, Judge.zone, Judge.deleted, Judge.stack_deleted])
def test_no_failure_counts_what_is_gone_by_then(failure: Callable[[Judge, timedelta], Protection]) -> None:
    # GIVEN a cluster with nightly snapshots for a week and nothing else
    only = cluster(
        NodeType="dc2.large", ClusterType="single-node", NumberOfNodes=None, AutomatedSnapshotRetentionPeriod=0
    )
    warehouse = judge(Warehouse=only, Nightly=rule())

    # THEN
    assert failure(warehouse, 6 * DAY).verdict is Verdict.PROTECTED
    lost = failure(warehouse, 6 * DAY + HOUR)
    assert lost.verdict is Verdict.UNPROTECTED
    assert any("may have expired 6 d 1 h after the failure" in note for note in lost.notes)


def test_what_loses_nothing_needs_no_snapshot() -> None:
    warehouse = judge(Warehouse=cluster("Snapshot", MultiAZ=True))

    for row in (warehouse.node(900 * DAY), warehouse.zone(900 * DAY), warehouse.stack_deleted(900 * DAY)):
        assert row.worst_loss == timedelta(0)
