"""Statements that the policies of the user's own resources lack."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from resilient_redshift.core.environment import arn_parts_of, stack_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk

#: With one of these conditions, a statement for everybody is one for the account's services too (SNS Developer Guide,
#: "Example cases", and its default policy).
_OF_THE_ACCOUNT: Final = {"aws:sourceowner", "aws:sourceaccount"}


def add_unless_allowed(
    resource: cdk.CfnResource, attribute: str, service: str, actions: Sequence[str], statement: Mapping[str, Any]
) -> None:
    """Add a statement to the policy of a resource, unless the policy already lets a service do the same.

    Args:
        resource: the L1 that has the policy.
        attribute: the attribute of the L1 with the policy document.
        service: the service's principal.
        actions: what the service must be allowed to do.
        statement: the statement that allows it.
    """
    stack = stack_of(resource)
    document = getattr(resource, attribute)
    resolved = stack.resolve(document) or {}
    statements = _list(resolved.get("Statement", []))
    wanted, account = stack.resolve(statement["Resource"]), stack.resolve(arn_parts_of(stack).account)
    there = [each for each in statements if _is_about(each, wanted) and _is_for(each, account)]
    if all(any(_allows(each, service, action) for each in there) for action in actions):
        return
    if isinstance(document, iam.PolicyDocument):
        document.add_statements(iam.PolicyStatement.from_json(statement))
    else:
        setattr(resource, attribute, {**resolved, "Statement": [*statements, dict(statement)]})


def _is_about(statement: Mapping[str, Any], wanted: object) -> bool:
    """Whether a statement may be about a resource. A policy of two topics has statements about one of them."""
    resources = _list(statement.get("Resource", "*"))
    return wanted == "*" or any(each == wanted or (isinstance(each, str) and "*" in each) for each in resources)


def _is_for(statement: Mapping[str, Any], account: object) -> bool:
    """Whether a statement may be for an account. It is not where a condition names other accounts alone."""
    named = [
        _list(value)
        for operator in statement.get("Condition", {}).values()
        for key, value in operator.items()
        if key.lower() in _OF_THE_ACCOUNT
    ]
    return all(account in each or not all(isinstance(one, str) for one in (account, *each)) for each in named)


def _allows(statement: Mapping[str, Any], service: str, action: str) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    patterns = [each for each in _list(statement.get("Action", [])) if isinstance(each, str)]
    if not any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns):
        return False
    principal = statement.get("Principal")
    by_kind = {"AWS": principal} if isinstance(principal, str) else principal or {}
    if service in _list(by_kind.get("Service", [])):
        return True
    keys = {key.lower() for operator in statement.get("Condition", {}).values() for key in operator}
    return "*" in _list(by_kind.get("AWS", [])) and keys <= _OF_THE_ACCOUNT


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - one value or a list, as a policy has it
    return value if isinstance(value, list) else [value]
