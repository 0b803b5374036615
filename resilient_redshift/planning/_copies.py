"""Reads the snapshot copies of this library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.planning._pictures import Copy
from resilient_redshift.planning.quota import is_retention
from resilient_redshift.rules.limits import DEFAULT_COPY_DAYS, MOST_AUTOMATED_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource


def add_copy(resource: Resource, cluster: ClusterPicture) -> None:
    """Give a cluster its copy. What is not counted becomes a note with the reason.

    Args:
        resource: the copy, which exists wherever the cluster does.
        cluster: the cluster whose snapshots are copied.
    """
    region = resource.literal("DestinationRegion")
    if region is not None and region == cluster.region:
        cluster.note(f"copy {resource.logical_id} is not counted: it goes to the cluster's own Region")
        return
    automated = resource.integer("RetentionPeriod", DEFAULT_COPY_DAYS)
    # the default of copied manual snapshots is for ever (Redshift API, EnableSnapshotCopy)
    manual = resource.integer("ManualSnapshotRetentionPeriod", FOREVER_DAYS)
    for keep, kind in ((automated, "automated"), (manual, "manual")):
        if keep is None:
            cluster.note(f"copied {kind} snapshots are not counted: their retention is decided at deployment")
    if automated is not None and not 1 <= automated <= MOST_AUTOMATED_DAYS:
        cluster.note(f"copied automated snapshots are not counted: Redshift has no retention of {automated} days")
        automated = None
    if manual is not None and not is_retention(manual):
        cluster.note(f"copied manual snapshots are not counted: Redshift has no retention of {manual} days")
        manual = None
    cluster.copies.append(Copy(region=region, keep_automated=automated, keep_manual=manual, resource=resource))


def keep_one_copy(cluster: ClusterPicture) -> None:
    """Count no copy of a cluster that several resources copy to different Regions: Redshift has one at a time.

    Args:
        cluster: the cluster with all its copies.
    """
    if len({copy.region for copy in cluster.copies}) > 1:
        names = " and ".join(copy.resource.logical_id for copy in cluster.copies if copy.resource is not None)
        cluster.note(f"copies {names} are not counted: a cluster has one copy at a time, and which one is not certain")
        cluster.copies.clear()
