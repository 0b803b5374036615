"""Where a plan's parts stand in the cluster's stack, and which of the two stacks is deployed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from constructs import Construct

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.warnings import Warn, warn

if TYPE_CHECKING:
    import aws_cdk as cdk

#: What a plan puts into the cluster's stack stands under this id, so that its logical ids depend on the plan's name
#: alone.
PRIMARY_ID: Final = "ResilientRedshiftPlans"


@Remembered
def container(stack: cdk.Stack) -> Construct:
    """What holds the parts of all plans in a cluster's stack."""
    return Construct(stack, PRIMARY_ID)


@Remembered
def _deployed_before(_stack: cdk.Stack) -> set[cdk.Stack]:
    """The stacks that CDK deploys before this one, as far as plans asked for it."""
    return set()


@Remembered
def plan_names(_site: Construct) -> set[str]:
    """The names of a site's plans so far."""
    return set()


def primary_path(stack: cdk.Stack, name: str) -> str:
    """The path of one plan's parts there."""
    return f"{path_of(stack)}/{PRIMARY_ID}/{name}"


def deploy_after(plan: Construct, primary: cdk.Stack, recovery: cdk.Stack) -> None:
    """Let the grant stand before the copy needs it, where CDK can order the two stacks."""
    if recovery in _deployed_before(primary):
        return
    # the new name where this CDK has it; the old one then warns
    order = getattr(primary, "add_stack_dependency", None) or primary.add_dependency
    try:
        order(recovery)
    except RuntimeError as refused:  # across Stages, or where it would close a cycle
        message = (
            f"CDK cannot deploy '{recovery.node.path}' before '{primary.node.path}': deploy them in this order "
            f"yourself, or the first deployment fails while the grant is missing ({str(refused).splitlines()[0]})"
        )
        warn(plan, Warn.RECOVERY_PLAN_NOT_ORDERED, message)
    else:
        _deployed_before(primary).add(recovery)
