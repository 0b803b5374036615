"""One watch for each cluster in an app: a second one is an error when you declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim_cluster
from resilient_redshift.core.tree import path_of

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems


def claim_watch(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, owner: str) -> None:
    """Record a problem when another plan or monitor of the app watches a cluster.

    Args:
        problems: collects the problems of the call.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        owner: the path and kind of the plan or monitor.
    """
    holder = claim_cluster(problems, cluster, facts, ("cluster watch", "watch of"), owner)
    allowed = "a cluster that no other plan or monitor of this app watches"
    why = f"'{holder}' watches it already; a plan watches its cluster by itself and needs no monitor"
    problems.check(not holder, "cluster", facts.identifier or path_of(cluster), allowed, why)
