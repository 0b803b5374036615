"""The names that a plan claims: its own name, and the names of its copies. A second owner of one is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim, claim_cluster
from resilient_redshift.copies.claims import claim_copy
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.recovery._plan_places import primary_path, protected_by
from resilient_redshift.watching.claims import claim_watch

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems
    from resilient_redshift.recovery._site_base import SiteBase


def claim_names(problems: Problems, site: SiteBase, cluster: IClusterRef, facts: ClusterFacts, name: str) -> None:
    """Claim the plan's name in both Regions, and the cluster's copy, before any resource is made.

    Args:
        problems: where to record each problem.
        site: the site that protects the cluster.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        name: the plan's name.
    """
    primary = stack_of(cluster)
    if protected_by(site).get(name) == path_of(cluster):
        got = f"the cluster of the plan '{name}'"
        allowed = "a cluster that this site does not protect yet"
        problems.add("cluster", got, allowed, "use the plan that 'protect' returned")
        return
    plan = f"{path_of(site)}/{name}"
    holder = claim_cluster(problems, cluster, facts, ("cluster plan", "plan of"), plan)
    why = f"'{holder}' already protects it, and a cluster copies to one Region at a time"
    if not problems.check(not holder, "cluster", path_of(cluster), "a cluster that no other site protects", why):
        return
    claim_watch(problems, cluster, facts, f"{plan} (RecoveryPlan)")
    if not claim_copy(problems, cluster, facts, f"{primary_path(primary, name)}/Copy (SnapshotCopy)"):
        return  # the name of a cluster's second plan is not at fault
    owner = f"{plan} of {path_of(cluster)}"
    in_primary = claim(problems, primary, "plan", name, owner)
    holder = claim(problems, stack_of(site), "plan", name, owner) or in_primary
    why = f"it is the name of the plan '{holder}', and its SSM parameter exists once in an account and Region"
    problems.check(not holder, "plan_name", name, "a name that no other plan of this app has", why)


def claim_copies(problems: Problems, site: SiteBase, *, cluster: str, rule: str, owner: str) -> None:
    """Claim the names that the copies of one rule's snapshots have in the recovery Region.

    A copy keeps the name of its snapshot, as far as we know. In a Region, each snapshot has a name of its own.

    Args:
        problems: where to record a problem.
        site: the site that receives the copies.
        cluster: the cluster's identifier.
        rule: the rule's name.
        owner: the rule, in words.
    """
    names = f"{cluster}-{rule}"
    holder = claim(problems, stack_of(site), "manual snapshots", names, owner)
    why = f"the snapshots of '{holder}' are called {names}-... in {site.region} too, and a copy keeps its name"
    problems.check(not holder, "construct_id", rule, "a name that no other rule has", why)
