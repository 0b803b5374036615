"""IAM's logic over policies of organizations, users and keys: the evaluator of the emulated AWS, asked without a world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.iam_evaluator import parse_policy_document

from emulator.aws.authorization import Right, evaluated

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT: Final = "123456789012"
#: What an administrator has, and what every organization has (SCP FullAWSAccess).
EVERYTHING: Final = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_BY_A_PERSON: Final = (("aws:PrincipalIsAWSService", "false"),)


def role(name: str, *, account: str = ACCOUNT, partition: str = "aws") -> str:
    """The ARN of a role, as aws:PrincipalArn has it: with its path."""
    return f"arn:{partition}:iam::{account}:role/{name}"


def decision(
    policy: Mapping[str, Any],
    caller: str,
    action: str,
    resource: str = "*",
    *,
    by: Mapping[str, Any] = EVERYTHING,
    context: tuple[tuple[str, Any], ...] = _BY_A_PERSON,
) -> str:
    """IAM's word on a call under a policy that limits its caller: Allow, Deny (an explicit one) or ImplicitDeny.

    Args:
        policy: the policy of an organization, or a managed policy, or the statements of a key's policy.
        caller: the caller, as aws:PrincipalArn has it.
        action: the action.
        resource: the resource.
        by: what the caller's own policies allow. Default: everything.
        context: the keys of conditions. Default: those of a call that no AWS service makes.
    """
    limit = parse_policy_document({"Statement": [*EVERYTHING["Statement"], *policy["Statement"]]})
    right = Right(action, resource, context)
    return evaluated(caller, ACCOUNT, right, "us-east-1", [parse_policy_document(dict(by))], [limit]).decision
