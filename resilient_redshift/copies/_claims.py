"""One owner per copy and per grant in an app; a second one is an error when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems


def claim_copy(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, owner: str) -> None:
    """Record a problem where another construct of the app owns this cluster's copy."""
    stack, path = stack_of(cluster), path_of(cluster)
    holders = [claim(problems, stack, "cluster", path, owner)]
    if facts.identifier is not None:
        holders.append(claim(problems, stack, "copy", facts.identifier, owner))
    former = next((holder for holder in holders if holder), None)
    name = facts.identifier or path
    why = f"'{former}' already owns its copy, and a cluster copies to one Region"
    problems.check(former is None, "cluster", name, "a cluster without another SnapshotCopy in this app", why)


def claim_grant(problems: Problems, stack: cdk.Stack, name: str, owner: str) -> None:
    """Record a problem where another construct of the app makes this grant."""
    former = claim(problems, stack, "grant", name, owner)
    why = f"'{former}' already makes this grant, and grant names are unique in account and Region"
    problems.check(not former, "snapshot_copy_grant_name", name, "a name that no other grant of this app has", why)
