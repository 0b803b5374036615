"""Notes about parameters that count with their defaults: a deployment may give them other values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, CLUSTER_TYPE, COPY_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning._finder import Finder
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

#: What of a cluster decides how it is protected, and which cluster it is; "" is whether it exists, and what deletes it.
_DECIDING: Final = (
    "",
    "AutomatedSnapshotRetentionPeriod",
    "AvailabilityZoneRelocation",
    "ClusterIdentifier",
    "ClusterType",
    "DestinationRegion",
    "KmsKeyId",
    "MultiAZ",
    "NodeType",
    "NumberOfNodes",
    "ResourceAction",
)
#: The types of resources that would protect a cluster, pause it, or be another cluster, if they existed.
_MISSED: Final = frozenset(
    {
        CLUSTER_TYPE,
        COPY_TYPE,
        ASSOCIATION_TYPE,
        "AWS::Backup::BackupPlan",
        "AWS::Backup::BackupSelection",
        "AWS::Redshift::ScheduledAction",
    }
)


def note_defaults(clusters: Iterable[ClusterPicture], finder: Finder, gone: Iterable[Resource]) -> None:
    """Give each cluster a note about each parameter whose default decides something about its protection.

    Args:
        clusters: the clusters.
        finder: knows which resources name which cluster.
        gone: the resources that certainly do not exist.
    """
    for cluster in clusters:
        if cluster.resource is not None:
            decided = cluster.resource.defaults
            _note(cluster, {name for each in _DECIDING for name in decided.get(each, ())})
    for cluster, resource in finder.links:
        _note(cluster, {name for names in resource.defaults.values() for name in names})
    for resource in gone:
        names = resource.defaults.get("", frozenset())
        for cluster in finder.clusters_in(resource.template) if names and resource.kind in _MISSED else ():
            _note(cluster, names, f": {resource.logical_id} does not exist")


def _note(cluster: ClusterPicture, names: Iterable[str], effect: str = "") -> None:
    for name in sorted(names):
        cluster.note(f"parameter {name} counts with its default{effect}; give --parameters")
