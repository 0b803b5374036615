"""Declare how a Redshift cluster must survive: snapshots, cross-Region copies and the way back, as CDK constructs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resilient_redshift.cluster.cluster import ResilientCluster
    from resilient_redshift.cluster.from_snapshot import ResilientClusterFromSnapshot
    from resilient_redshift.cluster_ref.existing import ExistingCluster
    from resilient_redshift.copies.copy import SnapshotCopy
    from resilient_redshift.copies.grant import SnapshotCopyGrant
    from resilient_redshift.errors import ResilientRedshiftError
    from resilient_redshift.recovery.dashboard import RecoveryDashboard
    from resilient_redshift.recovery.dns_record import DnsRecord
    from resilient_redshift.recovery.drill import RecoveryDrill
    from resilient_redshift.recovery.imported_site import ImportedRecoverySite
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.plan import RecoveryPlan
    from resilient_redshift.recovery.region_switch import RegionSwitchStep
    from resilient_redshift.recovery.restore import RecoveryRestore
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.reverse import ReversePlan
    from resilient_redshift.recovery.site import RecoverySite
    from resilient_redshift.recovery.sql_check import SqlCheck
    from resilient_redshift.recovery.tiers import RecoveryTiers
    from resilient_redshift.rules.retention import FOREVER, Keep, Span
    from resilient_redshift.snapshots.automated import AutomatedSnapshotRetention, AutomatedSnapshots
    from resilient_redshift.snapshots.manual import ManualSnapshotRule
    from resilient_redshift.snapshots.schedule import SnapshotSchedule
    from resilient_redshift.snapshots.times import SnapshotTimes
    from resilient_redshift.stack.resilience_checks import ResilienceChecks
    from resilient_redshift.stack.settings import StackSettings
    from resilient_redshift.watching.guardrails import RecoveryGuardrails
    from resilient_redshift.watching.monitor import RecoveryPointMonitor
    from resilient_redshift.watching.repair import Repair

__all__ = [
    "FOREVER",
    "AutomatedSnapshotRetention",
    "AutomatedSnapshots",
    "DnsRecord",
    "ExistingCluster",
    "ImportedRecoverySite",
    "Keep",
    "ManualSnapshotRule",
    "Objectives",
    "RecoveryDashboard",
    "RecoveryDrill",
    "RecoveryGuardrails",
    "RecoveryPlan",
    "RecoveryPointMonitor",
    "RecoveryRestore",
    "RecoverySite",
    "RecoveryTiers",
    "RegionSwitchStep",
    "Repair",
    "ResilienceChecks",
    "ResilientCluster",
    "ResilientClusterFromSnapshot",
    "ResilientRedshiftError",
    "RestoreOptions",
    "ReversePlan",
    "SnapshotCopy",
    "SnapshotCopyGrant",
    "SnapshotSchedule",
    "SnapshotTimes",
    "Span",
    "SqlCheck",
    "StackSettings",
    "__version__",
]

__version__ = "0.1.0"

# Loaded on first use: `resilient_redshift.planning` and the command line need neither CDK nor Node.
_HOMES: Final = {
    "FOREVER": "rules.retention",
    "AutomatedSnapshotRetention": "snapshots.automated",
    "AutomatedSnapshots": "snapshots.automated",
    "DnsRecord": "recovery.dns_record",
    "ExistingCluster": "cluster_ref.existing",
    "ImportedRecoverySite": "recovery.imported_site",
    "Keep": "rules.retention",
    "ManualSnapshotRule": "snapshots.manual",
    "Objectives": "recovery.objectives",
    "RecoveryDashboard": "recovery.dashboard",
    "RecoveryDrill": "recovery.drill",
    "RecoveryGuardrails": "watching.guardrails",
    "RecoveryPlan": "recovery.plan",
    "RecoveryPointMonitor": "watching.monitor",
    "RecoveryRestore": "recovery.restore",
    "RecoverySite": "recovery.site",
    "RecoveryTiers": "recovery.tiers",
    "RegionSwitchStep": "recovery.region_switch",
    "Repair": "watching.repair",
    "ResilienceChecks": "stack.resilience_checks",
    "ResilientCluster": "cluster.cluster",
    "ResilientClusterFromSnapshot": "cluster.from_snapshot",
    "ResilientRedshiftError": "errors",
    "RestoreOptions": "recovery.restore_options",
    "ReversePlan": "recovery.reverse",
    "SnapshotCopy": "copies.copy",
    "SnapshotCopyGrant": "copies.grant",
    "SnapshotSchedule": "snapshots.schedule",
    "SnapshotTimes": "snapshots.times",
    "Span": "rules.retention",
    "SqlCheck": "recovery.sql_check",
    "StackSettings": "stack.settings",
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
