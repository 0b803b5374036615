"""One owner per copy and per name in an app, told when the second one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.core.environment import stack_environment, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.rules.naming import check_cluster_identifier, check_rule_name
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Container

    import aws_cdk as cdk
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import IConstruct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems


@Remembered
def _owners(_root: IConstruct) -> dict[tuple[str, ...], str]:
    """The claims of an app so far: who holds each kind and name of an account and Region."""
    return {}


def claim(problems: Problems, stack: cdk.Stack, kind: str, name: str, owner: str) -> str:
    """Claim a name in the stack's account and Region for one construct; return who held it before, or "".

    Two stacks without an account may be in one account or in two, so each is then a place of its own. Nothing is
    claimed where the name is a token, or where the call turns out to have a problem.
    """
    if not known(name):
        return ""
    owners = _owners(root_of(stack))
    environment = stack_environment(stack)
    elsewhere = f"of {path_of(stack)}"
    key = (kind, environment.account or elsewhere, environment.region or elsewhere, name)
    former = owners.get(key, owner)
    problems.if_none(lambda: owners.setdefault(key, owner))
    return "" if former == owner else former


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


def claim_plan(
    problems: Problems,
    stack: cdk.Stack,
    kind: str,
    *,
    plan: str,
    cluster: str,
    owner: str,
    has: Container[str],
    why: str,
) -> None:
    """Record what is wrong with a plan that a machine is to serve, also where it is served already.

    Args:
        problems: where to.
        stack: the machine's.
        kind: what the machine does for it; one construct does so in an account and Region.
        plan: the plan's name.
        cluster: the identifier of its cluster.
        owner: the construct with the machine.
        has: the plans that it serves.
        why: what to say of the one that serves it already.
    """
    literal = "it names the record, and copies are found by the cluster's name"
    for argument, value in (("plan_name", plan), ("cluster_identifier", cluster)):
        problems.check(known(value), argument, "a token", "a literal", literal)
    check_rule_name(problems, "plan_name", plan)
    check_cluster_identifier(problems, "cluster_identifier", cluster)
    former = claim(problems, stack, kind, plan, owner) or (owner if plan in has else "")
    problems.check(not former, "plan_name", plan, "a plan of its own", f"'{former}' {why}")


def claim_grant(problems: Problems, stack: cdk.Stack, name: str, owner: str) -> None:
    """Record a problem where another construct of the app makes this grant."""
    former = claim(problems, stack, "grant", name, owner)
    why = f"'{former}' already makes this grant, and grant names are unique in account and Region"
    problems.check(not former, "snapshot_copy_grant_name", name, "a name that no other grant of this app has", why)
