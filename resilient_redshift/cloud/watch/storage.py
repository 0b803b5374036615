"""How much of the backup storage AWS bills, by the rule of the node type's family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MEGABYTE: Final = 1024 * 1024
#: The size of a snapshot that its family is billed by. AWS bills manual snapshots of RA3 by their full size, and those
#: of RG by their unique blocks since 8 June 2026 (docs/evidence.md). Automated ones are free.
_BILLED_BY: Final = {"ra3": "TotalBackupSizeInMegaBytes", "rg": "ActualIncrementalBackupSizeInMegaBytes"}
_DC2: Final = "dc2"


def families(snapshots: Iterable[Mapping[str, Any]]) -> set[str]:
    """The families of node types that snapshots are of."""
    return {_family(one) for one in snapshots}


def needs_total(snapshots: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the storage of the whole Region must be known: backups of DC2 are free up to what is provisioned."""
    return _DC2 in families(snapshots)


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
        family = _family(one)
        if family == _DC2:
            of_dc2 += float(one.get("TotalBackupSizeInMegaBytes") or 0)
        elif family not in _BILLED_BY:
            return None
        elif one.get("SnapshotType") == "manual":
            size = one.get(_BILLED_BY[family])
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


def _family(snapshot: Mapping[str, Any]) -> str:
    return str(snapshot.get("NodeType", "")).partition(".")[0]
