"""A plan has one machine of each kind in an account and Region. A second machine that claims the plan is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.rules.naming import check_cluster_identifier, check_plan_name
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
    served: Container[str],
    why: str,
) -> None:
    """Claim a plan for one machine, and check the names of the plan and its cluster.

    In an account and Region, one machine of each kind serves a plan.

    Args:
        problems: where to record each problem.
        stack: the machine's stack.
        kind: what the machine does for the plan.
        plan: the plan's name.
        cluster: the identifier of its cluster.
        owner: the construct with the machine.
        served: the plans that the machine serves already.
        why: the end of the error text after the name of the construct that serves the plan already.
    """
    check_plan_name(problems, plan)
    why_known = "the machine finds the copies by it"
    problems.check(known(cluster), "cluster_identifier", "a token", "a literal", why_known)
    check_cluster_identifier(problems, "cluster_identifier", cluster)
    holder = claim(problems, stack, kind, plan, owner) or (owner if plan in served else "")
    problems.check(not holder, "plan_name", plan, "a plan that no construct serves yet", f"'{holder}' {why}")
