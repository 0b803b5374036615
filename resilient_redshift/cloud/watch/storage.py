"""How much of the backup storage AWS bills, by the rule of the node type's family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.rules.node_types import BackupBilling, family_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MEGABYTE: Final = 1024 * 1024
#: The size of a manual snapshot that its family is billed by.
_BILLED_BY: Final = {
    BackupBilling.FULL_SIZE: "TotalBackupSizeInMegaBytes",
    BackupBilling.UNIQUE_BLOCKS: "ActualIncrementalBackupSizeInMegaBytes",
}


def needs_total(snapshots: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the storage of the whole Region must be known: backups of DC2 are free up to what is provisioned."""
    return any(_billing(one) is BackupBilling.ABOVE_PROVISIONED for one in snapshots)


def billable_bytes(snapshots: Iterable[Mapping[str, Any]], region_total: Mapping[str, Any] | None) -> float | None:
    """How much of some snapshots AWS bills.

    Args:
        snapshots: the snapshots of one watch, as DescribeClusterSnapshots returns them.
        region_total: the answer of DescribeStorage. The excess over what is provisioned is shared by size. None: it
            was not read.

    Returns:
        The bytes. None: a family is not known, or a size is not.
    """
    billed = 0.0
    of_dc2 = 0.0
    for one in snapshots:
        billing = _billing(one)
        if billing is BackupBilling.ABOVE_PROVISIONED:
            of_dc2 += float(one.get("TotalBackupSizeInMegaBytes") or 0)
        elif billing is None:
            return None
        elif one.get("SnapshotType") == "manual":
            size = one.get(_BILLED_BY[billing])
            if size is None:
                return None
            billed += float(size)
    if of_dc2:
        if region_total is None:
            return None
        total = float(region_total.get("TotalBackupSizeInMegaBytes") or 0)
        excess = max(0.0, total - float(region_total.get("TotalProvisionedStorageInMegaBytes") or 0))
        billed += excess * min(1.0, of_dc2 / total) if total else 0.0
    return billed * _MEGABYTE


def _billing(snapshot: Mapping[str, Any]) -> BackupBilling | None:
    """What AWS bills of a snapshot; None for a family that is not known."""
    family = family_of(str(snapshot.get("NodeType", "")))
    return family.billing if family else None
