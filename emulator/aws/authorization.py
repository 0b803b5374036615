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

#: Everybody may make these calls (STS API, GetCallerIdentity: "No permissions are required") [D].
_FREE = frozenset({"sts:GetCallerIdentity"})


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
        if right.action in _FREE:
            continue
        refusal = ask(world, principal, right, region)
        if refusal is not None:
            return refusal
    return None


def evaluated(
    principal_arn: str, account: str, right: Right, region: str, policies: Any, *limits: Any
) -> iam_evaluator.EvalResult:
    """Evaluate policies for one right, without a world.

    Args:
        principal_arn: the caller, as aws:PrincipalArn names it: a role, not a session of it.
        account: the caller's account.
        right: what the caller wants.
        region: the Region of the call.
        policies: the policies of the caller, as ministack parses them.
        limits: more policies, of which each must allow too: a boundary, a service control policy.
    """
    context = {
        "aws:resourceaccount": account,
        "aws:requestedregion": region,
        "aws:tagkeys": None,
        **{key.lower(): value for key, value in right.context},
    }
    asked = iam_evaluator.EvalContext(
        principal_arn=principal_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action=right.action,
        resource_arn=right.resource,
        region=region,
        service_context=context,
    )
    return iam_evaluator.evaluate(asked, policies, *limits)


def ask(world: EmulatedWorld, principal: Principal, right: Right, region: str) -> Denial | None:
    """Ask for one right, whether IAM is enforced or not; None if it is granted."""
    policies = iam_evaluator._gather_role_policies(principal.role_name, world.account)
    limits = _limits(principal, world.account)
    # aws:PrincipalArn of a session is the ARN of its role [D]
    answer = evaluated(principal.role_arn, world.account, right, region, policies, *limits)
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
