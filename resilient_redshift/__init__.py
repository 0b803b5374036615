"""Declare how a Redshift cluster must survive: snapshots, cross-Region copies and the way back, as CDK constructs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resilient_redshift.automated_snapshots import AutomatedSnapshotRetention, AutomatedSnapshots
    from resilient_redshift.cluster import ResilientCluster
    from resilient_redshift.cluster_from_snapshot import ResilientClusterFromSnapshot
    from resilient_redshift.dns_record import DnsRecord
    from resilient_redshift.errors import ResilientRedshiftError
    from resilient_redshift.existing_cluster import ExistingCluster
    from resilient_redshift.manual_snapshots import ManualSnapshotRule
    from resilient_redshift.objectives import Objectives, RestoreOptions
    from resilient_redshift.recovery_drill import RecoveryDrill
    from resilient_redshift.recovery_plan import RecoveryPlan
    from resilient_redshift.recovery_restore import RecoveryRestore
    from resilient_redshift.recovery_site import RecoverySite
    from resilient_redshift.recovery_tiers import RecoveryTiers
    from resilient_redshift.retention import FOREVER
    from resilient_redshift.snapshot_copy import SnapshotCopy, SnapshotCopyGrant
    from resilient_redshift.snapshot_schedule import SnapshotSchedule
    from resilient_redshift.snapshot_times import SnapshotTimes
    from resilient_redshift.sql_check import SqlCheck
    from resilient_redshift.stack_settings import StackSettings

__all__ = [
    "FOREVER",
    "AutomatedSnapshotRetention",
    "AutomatedSnapshots",
    "DnsRecord",
    "ExistingCluster",
    "ManualSnapshotRule",
    "Objectives",
    "RecoveryDrill",
    "RecoveryPlan",
    "RecoveryRestore",
    "RecoverySite",
    "RecoveryTiers",
    "ResilientCluster",
    "ResilientClusterFromSnapshot",
    "ResilientRedshiftError",
    "RestoreOptions",
    "SnapshotCopy",
    "SnapshotCopyGrant",
    "SnapshotSchedule",
    "SnapshotTimes",
    "SqlCheck",
    "StackSettings",
]

# Loaded on first use: `resilient_redshift.planning` and the command line need neither CDK nor Node.
_HOMES: Final = {
    "FOREVER": "retention",
    "AutomatedSnapshotRetention": "automated_snapshots",
    "AutomatedSnapshots": "automated_snapshots",
    "DnsRecord": "dns_record",
    "ExistingCluster": "existing_cluster",
    "ManualSnapshotRule": "manual_snapshots",
    "Objectives": "objectives",
    "RecoveryDrill": "recovery_drill",
    "RecoveryPlan": "recovery_plan",
    "RecoveryRestore": "recovery_restore",
    "RecoverySite": "recovery_site",
    "RecoveryTiers": "recovery_tiers",
    "ResilientCluster": "cluster",
    "ResilientClusterFromSnapshot": "cluster_from_snapshot",
    "ResilientRedshiftError": "errors",
    "RestoreOptions": "objectives",
    "SnapshotCopy": "snapshot_copy",
    "SnapshotCopyGrant": "snapshot_copy",
    "SnapshotSchedule": "snapshot_schedule",
    "SnapshotTimes": "snapshot_times",
    "SqlCheck": "sql_check",
    "StackSettings": "stack_settings",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
