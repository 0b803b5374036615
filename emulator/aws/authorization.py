"""IAM for the calls of our roles: ministack's evaluator, asked from one place for Lambda, Step Functions and EventBridge.

ministack's own ``AUTH`` is not used: it also checks signatures and times (ours are virtual) and CloudFormation's and the
CLI's roles, which are not ours.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ministack.core import iam_evaluator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.aws.sessions import Principal
    from emulator.aws.world import EmulatedWorld


@dataclasses.dataclass(frozen=True)
class Right:
    """One thing that IAM is asked: an action on a resource, with the request's context."""

    action: str
    resource: str = "*"
    context: tuple[tuple[str, Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class Denial:
    """IAM's no, in AWS's words."""

    message: str


def denied(world: EmulatedWorld, principal: Principal, rights: Iterable[Right], region: str) -> Denial | None:
    """Ask for all of ``rights``; None if all are granted or nobody enforces."""
    if not world.enforce:
        return None
    for right in rights:
        refusal = _ask(world, principal, right, region)
        if refusal is not None:
            return refusal
    return None


def _ask(world: EmulatedWorld, principal: Principal, right: Right, region: str) -> Denial | None:
    policies = iam_evaluator._gather_role_policies(principal.role_name, world.account)
    limits = _limits(principal, world.account)
    context = {
        "aws:resourceaccount": world.account,
        "aws:requestedregion": region,
        "aws:tagkeys": None,
        **{key.lower(): value for key, value in right.context},
    }
    asked = iam_evaluator.EvalContext(
        principal_arn=principal.session_arn,
        principal_type="AssumedRole",
        principal_account=world.account,
        action=right.action,
        resource_arn=right.resource,
        region=region,
        service_context=context,
    )
    answer = iam_evaluator.evaluate(asked, policies, *limits)
    if answer.decision == "Allow":
        return None
    why = (
        "with an explicit deny in an identity-based policy"
        if answer.decision == "Deny"
        else f"because no identity-based policy allows the {right.action} action"
    )
    return Denial(
        f"User: {principal.session_arn} is not authorized to perform: {right.action} on resource: {right.resource} {why}"
    )


def _limits(principal: Principal, account: str) -> Any:
    from ministack.services import iam

    return iam_evaluator._permissions_boundary(iam._roles, principal.role_name, account)
