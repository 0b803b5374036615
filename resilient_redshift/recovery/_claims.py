"""One construct per plan and per kind of service in an account and Region; a second one is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.rules.naming import check_cluster_identifier, check_rule_name
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Container

    import aws_cdk as cdk

    from resilient_redshift.errors import Problems


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
