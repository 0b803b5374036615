"""Compares the live configuration of a cluster with what is declared or recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.redshift import snapshot_schedules
from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract.watching import PROBLEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding

#: The codes of the findings about a snapshot copy. For these, the watcher asks CloudTrail who changed it.
COPY_CODES: Final = ("CopyOff", "CopyElsewhere", "CopyDrift")
#: AvailabilityZoneRelocationStatus: what these words say of relocation (Redshift API, Cluster). Others say that AWS
#: changes it at this moment.
_RELOCATION: Final = {"enabled": True, "disabled": False}


def copy_differences(record: Mapping[str, Any], cluster: Mapping[str, Any]) -> list[str]:
    """The differences between the live copy configuration and the recorded one. Empty if they are the same."""
    live = cluster.get("ClusterSnapshotCopyStatus")
    if not live:
        return ["off"]
    copy, recovery = record.get("copy") or {}, record["recovery"]
    recorded = {
        "DestinationRegion": recovery["region"],
        "RetentionPeriod": copy.get("keep_automated_days"),
        "ManualSnapshotRetentionPeriod": copy.get("keep_manual_days"),
    }
    if cluster.get("Encrypted"):
        recorded["SnapshotCopyGrantName"] = recovery.get("snapshot_copy_grant_name")
    return [
        f"{name} is {live.get(name)}, recorded {value}"
        for name, value in recorded.items()
        if value is not None and live.get(name) != value
    ]


def judge_copy(record: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge the snapshot copy of a plan's cluster."""
    name, recovery = record["cluster"]["identifier"], record["recovery"]["region"]
    live = cluster.get("ClusterSnapshotCopyStatus") or {}
    if not live:
        yield finding("CopyOff", f"nothing is copied: the copy of {name} is off")
    elif live.get("DestinationRegion") != recovery:
        yield finding("CopyElsewhere", f"{name} is copied to {live.get('DestinationRegion')}, not to {recovery}")
    else:
        differences = copy_differences(record, cluster)
        if differences:
            yield finding("CopyDrift", f"the copy is not as recorded: {'; '.join(differences)}")


def judge_lineage(
    record: Mapping[str, Any], cluster: Mapping[str, Any], recorded: datetime | None
) -> Iterator[Finding]:
    """Judge whether the cluster is the one whose lineage is recorded."""
    created = cluster.get("ClusterCreateTime")
    if created is None or recorded is None or same_cluster(created, recorded):
        return
    yield finding(
        "LineageChanged",
        f"the cluster in {record['cluster']['region']} was created {iso(created)}, the recorded lineage is "
        f"{iso(recorded)}: the cluster was replaced, and its copies count only if you accept them (--lineage)",
    )


def judge_declared(declared: Mapping[str, Any], cluster: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge what is declared of the cluster itself. What is not declared is not judged."""
    days = cluster.get("AutomatedSnapshotRetentionPeriod")
    wanted = declared.get("automated_days")
    if wanted is not None and days is not None and days != wanted:
        stops = days == 0
        yield finding(
            "ClusterDrift",
            f"automated snapshots are {'off' if stops else f'kept {days} days'}, declared are {wanted} days",
            severity=PROBLEM if stops else "",
        )
    schedule = cluster.get("SnapshotScheduleIdentifier") or ""
    if "snapshot_schedule" in declared and schedule != declared["snapshot_schedule"]:
        live = f"the snapshot schedule is {schedule}" if schedule else "the cluster has no snapshot schedule"
        yield finding("ClusterDrift", f"{live}, declared is {declared['snapshot_schedule']}")
    if schedule and cluster.get("SnapshotScheduleState") == snapshot_schedules.FAILED:
        yield finding("AssociationPending", f"the snapshot schedule {schedule} could not be given to the cluster")
    relocation = _RELOCATION.get(str(cluster.get("AvailabilityZoneRelocationStatus", "")).lower())
    if "relocation" in declared and relocation is not None and relocation != declared["relocation"]:
        on, off = ("on", "off") if relocation else ("off", "on")
        yield finding("ClusterDrift", f"relocation to another Availability Zone is {on}, declared is {off}")
    key = cluster.get("KmsKeyId")
    if "encryption_key" in declared and key and key != declared["encryption_key"]:
        yield finding("ClusterDrift", f"the cluster is encrypted with {key}, declared is {declared['encryption_key']}")
