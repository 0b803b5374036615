"""Whatever a test leaves at the site of restores, the next one begins with the same: a warehouse at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.restore_site import HOUR, KEPT, MINUTE
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, copy_status, snapshots

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from tests.e2e.restore_site import RestoreSite

#: Without a schedule Redshift takes an automated snapshot about so often.
RHYTHM: Final = 8 * HOUR


def until_due(site: RestoreSite, later: dt.timedelta) -> None:
    """Let time pass until an automated snapshot is due, and some more."""
    newest = snapshots(site.aws, PRIMARY, kind="automated")[-1]["SnapshotCreateTime"]
    site.aws.advance_to(newest + RHYTHM + later)


def lost(site: RestoreSite) -> None:
    """The primary Region is dark for days."""
    site.aws.region_down(PRIMARY)
    site.aws.advance(60 * HOUR)


def kept_for_a_day(site: RestoreSite) -> None:
    """Copies live for a day."""
    site.home.modify_snapshot_copy_retention_period(ClusterIdentifier=CLUSTER, RetentionPeriod=1)


def of_the_warehouse(site: RestoreSite) -> list[dict[str, Any]]:
    """The snapshots and copies of the warehouse. A former test may have left a snapshot of a restored cluster."""
    copied = [each for each in snapshots(site.aws, RECOVERY) if each.get("SourceRegion") == PRIMARY]
    return [*snapshots(site.aws, PRIMARY), *copied]


LEFT: Final[dict[str, Callable[[RestoreSite], object]]] = {
    "a snapshot that is due": lambda site: until_due(site, -MINUTE),
    "a snapshot under way": lambda site: until_due(site, MINUTE),
    "a copy under way": lambda site: until_due(site, 10 * MINUTE),
    "a manual snapshot": lambda site: site.snapshot("left"),
    "a lost Region": lost,
    "copies that are kept for a day": kept_for_a_day,
}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
def test_a_test_begins_at_rest(restore_site: RestoreSite, left: Callable[[RestoreSite], object]) -> None:
    # GIVEN what the test before has left
    aws = restore_site.aws
    with restore_site.left_as_found():
        left(restore_site)
    # WHEN the next one begins, and lasts for hours
    with restore_site.left_as_found():
        found = of_the_warehouse(restore_site)
        aws.advance(4 * HOUR)
        later = of_the_warehouse(restore_site)
    # THEN no snapshot and no copy is under way, none comes, and the newest one is an automated one that has arrived
    assert {each["Status"] for each in found} == {"available"}
    assert {each["SnapshotIdentifier"] for each in later} <= {each["SnapshotIdentifier"] for each in found}
    newest = max(each["SnapshotCreateTime"] for each in found)
    assert [each["SnapshotType"] for each in found if each["SnapshotCreateTime"] == newest] == ["automated"] * 2
    assert (copy_status(aws) or {})["RetentionPeriod"] == KEPT


def test_a_snapshot_is_taken_when_the_warehouse_is_free(site: RestoreSite) -> None:
    # GIVEN an automated snapshot under way, beside which Redshift takes no other WHEN one is taken THEN it waits for its turn
    until_due(site, MINUTE)
    assert snapshots(site.aws, PRIMARY)[-1]["Status"] == "creating"
    taken = site.snapshot("queued")
    assert (RECOVERY, taken) in site.points()
