"""AWS::Redshift::Cluster: the update, step by step in the published handler's order [S] UpdateHandler.java (commit 0650714).

What it handles badly is kept: another destination Region fails, another grant is not seen, the copies' manual retention cannot be managed.
Not here: namespace policies, deferred maintenance, revisions and AQUA, which no template of ours uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws.cloudformation.redshift.api import HandlerError, change_tags
from emulator.aws.cloudformation.redshift.cluster import attributes
from emulator.aws.cloudformation.redshift.cluster_properties import MODIFY, typed

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Properties, Redshift

_CALLBACK_DELAY_SECONDS = 30  # [S] BaseHandlerStd
_AFTER_MODIFY_SECONDS = 10  # [S] WAIT_TIME_IN_SECS_AFTER_INITIAL_MODIFY_CLUSTER_API_CALL
_UNSUPPORTED = ("NamespaceResourcePolicy", "DeferMaintenance", "RevisionTarget", "AquaConfigurationStatus")


def update(redshift: Redshift, identifier: str, old: Properties, new: Properties) -> tuple[str, dict[str, Any]]:
    """Change the cluster in place; ``old`` and ``new`` are templates' properties, and only they are compared [S]."""
    before, after = typed(old), typed(new)
    unsupported = [name for name in _UNSUPPORTED if after.get(name) != before.get(name)]
    if unsupported:
        raise NotImplementedError(f"the emulated handler does not update {', '.join(unsupported)}")
    if redshift.cluster(identifier) is None:  # [S] 175-185
        raise HandlerError("NotFound", f"Cluster {identifier} Not Found")
    _resume(redshift, identifier, before, after)
    if change_tags(redshift, redshift.arn(redshift.region(), f"cluster:{identifier}"), before, after):
        redshift.until_available(identifier)
    _roles(redshift, identifier, before, after)
    _logging(redshift, identifier, before, after)
    _copy_retention(redshift, identifier, before, after)
    _copy(redshift, identifier, before, after)
    _resize(redshift, identifier, before, after)
    _parameter_group(redshift, identifier, before, after)
    _modify(redshift, identifier, before, after)
    _action(redshift, identifier, after)
    return identifier, attributes(redshift, identifier)


def _resume(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    if after.get("ResourceAction") == "resume-cluster" and before.get("ResourceAction") == "pause-cluster":
        redshift("ResumeCluster", ClusterIdentifier=identifier)
        redshift.until_available(identifier)


def _roles(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    old, new = set(before.get("IamRoles") or ()), set(after.get("IamRoles") or ())
    if old != new:
        added, removed = sorted(new - old), sorted(old - new)
        redshift("ModifyClusterIamRoles", ClusterIdentifier=identifier, AddIamRoles=added, RemoveIamRoles=removed)
        redshift.until_available(identifier)


def _logging(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    wanted = after.get("LoggingProperties")
    if wanted is None:
        if redshift("DescribeLoggingStatus", ClusterIdentifier=identifier)["LoggingEnabled"]:  # [S] asks what is live
            redshift("DisableLogging", ClusterIdentifier=identifier)
            redshift.until_available(identifier)
    elif wanted != before.get("LoggingProperties"):
        redshift("EnableLogging", ClusterIdentifier=identifier, **wanted)
        redshift.until_available(identifier)


def _live_region(redshift: Redshift, identifier: str) -> str | None:
    status = (redshift.cluster(identifier) or {}).get("ClusterSnapshotCopyStatus") or {}
    region: str | None = status.get("DestinationRegion")
    return region


def _copy_retention(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    """[S] 321-330: before Enable or Disable; with SnapshotCopyManual the same number goes to the manual copies."""
    days = after.get("SnapshotCopyRetentionPeriod")
    changed = [n for n in ("SnapshotCopyRetentionPeriod", "SnapshotCopyManual") if before.get(n) != after.get(n)]
    if days is not None and changed and _live_region(redshift, identifier):
        manual = after.get("SnapshotCopyManual")
        redshift("ModifySnapshotCopyRetentionPeriod", ClusterIdentifier=identifier, RetentionPeriod=days, Manual=manual)
        redshift.until_available(identifier)


def _copy(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    """[S] 333-358: off only if the previous template had it; on if it is off; another Region fails; a grant is never compared."""
    wanted, live = after.get("DestinationRegion"), _live_region(redshift, identifier)
    if wanted is None:
        if before.get("DestinationRegion") is not None and live:
            redshift("DisableSnapshotCopy", ClusterIdentifier=identifier)
            redshift.until_available(identifier)
    elif not live:
        redshift(
            "EnableSnapshotCopy",
            ClusterIdentifier=identifier,
            DestinationRegion=wanted,
            # [S] Translator 184-191: the cluster's own manual retention, not one of the copies
            ManualSnapshotRetentionPeriod=after.get("ManualSnapshotRetentionPeriod"),
            SnapshotCopyGrantName=after.get("SnapshotCopyGrantName"),
            RetentionPeriod=after.get("SnapshotCopyRetentionPeriod"),
        )
        redshift.until_available(identifier)
    elif wanted != live:
        msg = f"Snapshot Copy is already enabled on Cluster {identifier}. Invalid Request  The request is invalid."
        raise HandlerError("InvalidRequest", msg)


def _resize(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    if any(before.get(name) != after.get(name) for name in ("NodeType", "NumberOfNodes", "ClusterType")):
        given = {name: after.get(name) for name in ("ClusterType", "NodeType", "NumberOfNodes", "Classic")}
        redshift("ResizeCluster", ClusterIdentifier=identifier, **given)
        redshift.until_available(identifier)
        redshift.sleep(_CALLBACK_DELAY_SECONDS)


def _parameter_group(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    """[S] 428-458: another group, wait for pending-reboot, reboot."""
    name = after.get("ClusterParameterGroupName")
    if name == before.get("ClusterParameterGroupName"):
        return
    redshift("ModifyCluster", ClusterIdentifier=identifier, ClusterParameterGroupName=name)
    redshift.sleep(_AFTER_MODIFY_SECONDS)
    cluster = redshift.until_available(identifier)
    redshift.sleep(_CALLBACK_DELAY_SECONDS)
    groups = cluster.get("ClusterParameterGroups") or [{}]
    if groups[0].get("ParameterApplyStatus") == "pending-reboot":
        redshift("RebootCluster", ClusterIdentifier=identifier)
        redshift.until_available(identifier)


def _modify(redshift: Redshift, identifier: str, before: Properties, after: Properties) -> None:
    """[S] shouldModifyCluster 1003-1058, translateToUpdateRequest 744-775: only what changed, but the managed password always."""
    changed = {name for name in MODIFY if before.get(name) != after.get(name)}
    if not changed:
        return
    given = {name: after.get(name) for name in changed}
    redshift(
        "ModifyCluster",
        ClusterIdentifier=identifier,
        **{**given, "ManageMasterPassword": after.get("ManageMasterPassword")},
    )
    redshift.sleep(_AFTER_MODIFY_SECONDS)
    redshift.until_available(identifier)
    redshift.sleep(_CALLBACK_DELAY_SECONDS)


def _action(redshift: Redshift, identifier: str, after: Properties) -> None:
    """[S] pause at the end of each update whose template says so."""
    if after.get("ResourceAction") == "pause-cluster":
        redshift("PauseCluster", ClusterIdentifier=identifier)
        while (redshift.cluster(identifier) or {}).get("ClusterStatus") == "pausing":
            redshift.sleep(_AFTER_MODIFY_SECONDS)
