"""Where the parts of a plan are in the cluster's stack, and which of the two stacks is deployed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from constructs import Construct

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.warnings import Warn, warn

if TYPE_CHECKING:
    import aws_cdk as cdk

#: The id of the construct that holds the parts of all plans in a cluster's stack. With this fixed id, the logical ids
#: of those parts depend on the plan's name alone.
PRIMARY_ID: Final = "ResilientRedshiftPlans"


@Remembered
def container(stack: cdk.Stack) -> Construct:
    """The construct that holds the parts of all plans in a cluster's stack."""
    return Construct(stack, PRIMARY_ID)


@Remembered
def _deployed_before(_stack: cdk.Stack) -> set[cdk.Stack]:
    """The stacks that CDK deploys before a stack because of a plan."""
    return set()


@Remembered
def protected_by(_site: Construct) -> dict[str, str]:
    """The clusters of a site's plans so far: the path of each, by the plan's name."""
    return {}


def primary_path(stack: cdk.Stack, name: str) -> str:
    """The path of one plan's parts in the cluster's stack."""
    return f"{path_of(stack)}/{PRIMARY_ID}/{name}"


def deploy_after(plan: Construct, primary: cdk.Stack, recovery: cdk.Stack) -> None:
    """Let CDK deploy the cluster's stack after the recovery stack, because the copy needs the grant.

    Where CDK cannot order the two stacks, the plan gets a warning.

    Args:
        plan: the plan's construct, which gets the warning.
        primary: the cluster's stack.
        recovery: the stack of the site.
    """
    if recovery in _deployed_before(primary):
        return
    # newer releases of CDK renamed the method, and there the old name gives a warning
    add_dependency = getattr(primary, "add_stack_dependency", None) or primary.add_dependency
    try:
        add_dependency(recovery)
    except RuntimeError as error:  # the stacks are in different Stages, or the dependency would close a cycle
        message = (
            f"CDK cannot deploy '{recovery.node.path}' before '{primary.node.path}': deploy the two stacks in this "
            "order yourself, because the first deployment fails while the grant does not exist "
            f"({str(error).splitlines()[0]})"
        )
        warn(plan, Warn.RECOVERY_PLAN_NOT_ORDERED, message)
    else:
        _deployed_before(primary).add(recovery)
