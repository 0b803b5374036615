"""One owner for each copy and each grant in an app. A second owner is an error when you declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim, claim_cluster
from resilient_redshift.core.tree import path_of

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems


def claim_copy(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, owner: str) -> bool:
    """Record a problem when another construct of the app owns the copy of a cluster.

    Args:
        problems: collects the problems of the call.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        owner: the path and kind of the construct that claims the copy.

    Returns:
        Whether no other construct owns the copy.
    """
    holder = claim_cluster(problems, cluster, facts, ("cluster", "copy"), owner)
    name = facts.identifier or path_of(cluster)
    why = f"'{holder}' already owns its copy, and a cluster copies to one Region"
    allowed = "a cluster that no other plan or SnapshotCopy of this app copies"
    return problems.check(not holder, "cluster", name, allowed, why)


def claim_grant(problems: Problems, stack: cdk.Stack, name: str, owner: str) -> None:
    """Record a problem when another construct of the app makes a grant of the same name.

    Args:
        problems: collects the problems of the call.
        stack: the grant's stack.
        name: the grant's name.
        owner: the path and kind of the construct that claims the name.
    """
    holder = claim(problems, stack, "grant", name, owner)
    why = f"'{holder}' already makes this grant, and grant names are unique in account and Region"
    problems.check(not holder, "snapshot_copy_grant_name", name, "a name that no other grant of this app has", why)
