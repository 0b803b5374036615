"""Statements that the policies of the user's own resources lack."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from resilient_redshift.core.environment import arn_parts_of, stack_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk

#: With one of these conditions, a statement for everybody is one for the account's services too (SNS Developer Guide,
#: "Example cases", and its default policy).
_OF_THE_ACCOUNT: Final = {"aws:sourceowner", "aws:sourceaccount"}
#: A Deny with one of these conditions, each with the value ``false``, is not about AWS services: they call over TLS,
#: and IAM knows them as services (IAM User Guide, global condition keys).
_NOT_SERVICES: Final = {"aws:securetransport", "aws:principalisawsservice"}


def add_unless_allowed(resource: cdk.CfnResource, attribute: str, statement: Mapping[str, Any]) -> None:
    """Add a statement to the policy of a resource, unless the policy already allows the same.

    Args:
        resource: the L1 that has the policy.
        attribute: the attribute of the L1 with the policy document.
        statement: the statement, for one principal.
    """
    stack = stack_of(resource)
    document = getattr(resource, attribute)
    wanted, account = stack.resolve(dict(statement)), stack.resolve(arn_parts_of(stack).account)
    statements = _statements(stack, document)
    there = [each for each in statements if _is_about(each, wanted["Resource"]) and _is_for(each, account)]
    if all(any(_allows(each, wanted, action, account) for each in there) for action in _list(wanted["Action"])):
        return
    if isinstance(document, iam.PolicyDocument):
        document.add_statements(iam.PolicyStatement.from_json(statement))
    else:
        setattr(resource, attribute, {**(stack.resolve(document) or {}), "Statement": [*statements, dict(statement)]})


def may_deny_services(resource: cdk.CfnResource, attribute: str, action: str, target: str) -> bool:
    """Whether a policy may deny an AWS service an action on one resource, whatever its other statements allow.

    Args:
        resource: the L1 that has the policy.
        attribute: the attribute of the L1 with the policy document.
        action: the action.
        target: the ARN of the resource.
    """
    stack = stack_of(resource)
    wanted = stack.resolve(target)
    return any(
        each.get("Effect") == "Deny"
        and ("NotAction" in each or _has_action(each, action))
        and ("NotResource" in each or _is_about(each, wanted))
        and _may_name_a_service(each)
        and not _spares_services(each)
        for each in _statements(stack, getattr(resource, attribute))
    )


def _statements(stack: cdk.Stack, document: object) -> list[dict[str, Any]]:
    return _list((stack.resolve(document) or {}).get("Statement", []))


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


def _allows(statement: Mapping[str, Any], wanted: Mapping[str, Any], action: str, account: object) -> bool:
    """Whether a statement allows an action to the principal of another one."""
    if statement.get("Effect") != "Allow" or not _has_action(statement, action):
        return False
    if statement.get("Principal") == wanted["Principal"] and statement.get("Condition") == wanted.get("Condition"):
        return True
    by_kind = _principals(statement)
    [(kind, principal)] = wanted["Principal"].items()
    if kind == "Service":
        if principal in _list(by_kind.get("Service", [])):
            return True
        # a service that the wanted statement lets in without a condition may send none of the keys
        fulfilled = _OF_THE_ACCOUNT if "Condition" in wanted else set()
        return "*" in _list(by_kind.get("AWS", [])) and _condition_keys(statement) <= fulfilled
    named = _list(by_kind.get("AWS", []))
    whole = any(each in (principal, account, "*") or _is_root(each, account) for each in named)
    return whole and not _condition_keys(statement)


def _is_root(principal: object, account: object) -> bool:
    return isinstance(principal, str) and isinstance(account, str) and principal.endswith(f":iam::{account}:root")


def _has_action(statement: Mapping[str, Any], action: str) -> bool:
    patterns = [each for each in _list(statement.get("Action", [])) if isinstance(each, str)]
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _principals(statement: Mapping[str, Any]) -> dict[str, Any]:
    principal = statement.get("Principal")
    return {"AWS": principal} if isinstance(principal, str) else principal or {}


def _may_name_a_service(statement: Mapping[str, Any]) -> bool:
    """Whether the principals of a statement may include an AWS service."""
    by_kind = _principals(statement)
    return "NotPrincipal" in statement or "Service" in by_kind or "*" in _list(by_kind.get("AWS", []))


def _spares_services(statement: Mapping[str, Any]) -> bool:
    """Whether a condition keeps a Deny from AWS services."""
    return any(
        key.lower() in _NOT_SERVICES and _list(value) in (["false"], [False])
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
        if operator.startswith("Bool")
    )


def _condition_keys(statement: Mapping[str, Any]) -> set[str]:
    return {key.lower() for operator in statement.get("Condition", {}).values() for key in operator}


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - one value or a list, as a policy has it
    return value if isinstance(value, list) else [value]
