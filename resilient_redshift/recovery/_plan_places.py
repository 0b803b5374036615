"""Where a plan's parts stand in the cluster's stack, and which of the two stacks is deployed first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary, WeakSet

from constructs import Construct

from resilient_redshift.core.tree import path_of
from resilient_redshift.core.warnings import Warn, warn

if TYPE_CHECKING:
    import aws_cdk as cdk

#: What a plan puts into the cluster's stack stands under this id, so that its logical ids depend on the plan's name
#: alone.
PRIMARY_ID: Final = "ResilientRedshiftPlans"

# asking jsii each time costs more than the dictionary
_containers: Final[WeakKeyDictionary[cdk.Stack, Construct]] = WeakKeyDictionary()
_ordered: Final[WeakKeyDictionary[cdk.Stack, WeakSet[cdk.Stack]]] = WeakKeyDictionary()


def container(stack: cdk.Stack) -> Construct:
    """What holds the parts of all plans in a cluster's stack."""
    if stack not in _containers:
        _containers[stack] = Construct(stack, PRIMARY_ID)
    return _containers[stack]


def primary_path(stack: cdk.Stack, name: str) -> str:
    """The path of one plan's parts there."""
    return f"{path_of(stack)}/{PRIMARY_ID}/{name}"


def deploy_after(plan: Construct, primary: cdk.Stack, recovery: cdk.Stack) -> None:
    """Let the grant stand before the copy needs it, where CDK can order the two stacks."""
    if recovery in _ordered.setdefault(primary, WeakSet()):
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
        _ordered[primary].add(recovery)
