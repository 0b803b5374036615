"""One owner for each name in an app. A second owner is an error when you declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.environment import stack_environment, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import IConstruct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems


@Remembered
def _owners(_root: IConstruct) -> dict[tuple[str, ...], str]:
    """The claims of an app so far: the owner of each kind and name in an account and Region."""
    return {}


def claim(problems: Problems, stack: cdk.Stack, kind: str, name: str, owner: str) -> str:
    """Claim a name in the stack's account and Region for one construct.

    Two stacks without an account may be in one account or in two, so each of them counts as an account of its own. The
    same holds for Regions. The claim counts only when the call ends without a problem. A token is not claimed.

    Args:
        problems: collects the problems of the call.
        stack: a stack of the account and Region.
        kind: what the name is for; names of two kinds do not clash.
        name: the name to claim.
        owner: the path and kind of the construct that claims the name.

    Returns:
        The path and kind of another construct that has already claimed the name; "" where there is none.
    """
    if not known(name):
        return ""
    owners = _owners(root_of(stack))
    environment = stack_environment(stack)
    elsewhere = f"of {path_of(stack)}"
    key = (kind, environment.account or elsewhere, environment.region or elsewhere, name)
    holder = owners.get(key, owner)
    problems.if_none(lambda: owners.setdefault(key, owner))
    return "" if holder == owner else holder


def claim_cluster(
    problems: Problems, cluster: IClusterRef, facts: ClusterFacts, kinds: tuple[str, str], owner: str
) -> str:
    """Claim one role at a cluster for one construct: by the cluster's path, and by its identifier where synth knows it.

    Args:
        problems: collects the problems of the call.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        kinds: what the path is claimed for, and what the identifier is claimed for.
        owner: the path and kind of the construct that claims the role.

    Returns:
        The path and kind of another construct that has already claimed the role; "" where there is none.
    """
    stack = stack_of(cluster)
    holders = [claim(problems, stack, kinds[0], path_of(cluster), owner)]
    if facts.identifier is not None:
        holders.append(claim(problems, stack, kinds[1], facts.identifier, owner))
    return next((holder for holder in holders if holder), "")
