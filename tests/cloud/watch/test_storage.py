"""What of the backup storage AWS bills, by family."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cloud.watch.storage import billable_bytes, needs_total

MEGABYTE = 1024 * 1024


def snapshot(
    node_type: str, total: float | None = 100, unique: float | None = 10, kind: str = "manual"
) -> dict[str, Any]:
    sizes = {"TotalBackupSizeInMegaBytes": total, "ActualIncrementalBackupSizeInMegaBytes": unique}
    return {
        "NodeType": node_type,
        "SnapshotType": kind,
        **{name: size for name, size in sizes.items() if size is not None},
    }


@pytest.mark.parametrize(
    ("snapshots", "megabytes"),
    [
        ([snapshot("ra3.large"), snapshot("ra3.large")], 200),
        ([snapshot("rg.large"), snapshot("rg.large")], 20),
        ([snapshot("ra3.large", kind="automated")], 0),
        ([snapshot("rg.large", unique=None)], None),
        ([snapshot("xy.large")], None),
        ([], 0),
    ],
    ids=["ra3", "rg", "automated", "no-size", "unknown-family", "none"],
)
def test_manual_snapshots_are_billed_by_their_family(snapshots: list[dict[str, Any]], megabytes: float | None) -> None:
    assert billable_bytes(snapshots, None) == (None if megabytes is None else megabytes * MEGABYTE)


def test_backups_of_dc2_are_free_up_to_what_is_provisioned() -> None:
    # GIVEN 100 of the Region's 400 MB of backups, and 200 MB of provisioned storage
    snapshots = [snapshot("dc2.large", kind="automated")]
    assert needs_total(snapshots)
    total = {"TotalBackupSizeInMegaBytes": 400.0, "TotalProvisionedStorageInMegaBytes": 200.0}
    # THEN a quarter of the 200 MB above it is billed
    assert billable_bytes(snapshots, total) == 50 * MEGABYTE
    assert billable_bytes(snapshots, {**total, "TotalProvisionedStorageInMegaBytes": 500.0}) == 0
    assert billable_bytes(snapshots, None) is None
