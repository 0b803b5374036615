"""Policy statements, policy documents, roles and inline policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_iam as iam

from resilient_redshift.contract.names import METRIC_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import aws_cdk as cdk
    from constructs import Construct

Statement = dict[str, Any]

#: The action that publishes metrics.
METRIC_ACTIONS: Final = ("cloudwatch:PutMetricData",)


def allow(actions: Sequence[str], *resources: str) -> Statement:
    """A statement that allows actions on resources, for the policy of a role."""
    # the keys have CDK's order, because cdk-nag's rules on full access read the statement as text
    return {
        "Action": _one_or_list(actions),
        "Effect": "Allow",
        "Resource": _one_or_list(resources),
    }


def allow_each(actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """A statement like that of :func:`allow`, for a list of resources that grows: a single resource is a list too."""
    return {**allow(actions, ""), "Resource": list(resources)}


def allow_principal(principal: Mapping[str, str], actions: Sequence[str], resource: str = "*") -> Statement:
    """A statement that allows actions to a principal, for the policy of a key or a queue."""
    return {
        "Effect": "Allow",
        "Principal": dict(principal),
        "Action": _one_or_list(actions),
        "Resource": resource,
    }


def metric_statement() -> Statement:
    """The statement that lets a role publish metrics in the library's namespace."""
    return {
        **allow(METRIC_ACTIONS, "*"),
        "Condition": {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}},
    }


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def service_role(
    scope: Construct,
    construct_id: str,
    service: str,
    *,
    path: str | None,
    source_account: str | None = None,
    managed_policies: Sequence[str] = (),
) -> iam.CfnRole:
    """A role that one service may assume.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        service: the service's principal, such as ``states.amazonaws.com``.
        path: the role's path; None means ``/``.
        source_account: the only account for which the service may assume the role (``aws:SourceAccount``). A state
            machine or a rule of another account then cannot use the role. Default: no such condition.
        managed_policies: the ARNs of managed policies that the role has. Default: none.
    """
    trust: Statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if source_account is not None:
        trust["Condition"] = {"StringEquals": {"aws:SourceAccount": source_account}}
    return iam.CfnRole(
        scope,
        construct_id,
        assume_role_policy_document=document([trust]),
        path=path,
        managed_policy_arns=list(managed_policies) or None,
    )


def inline_policy(
    scope: Construct, construct_id: str, statements: Sequence[Statement] | cdk.IResolvable, role_name: str
) -> iam.CfnPolicy:
    """An inline policy as a separate resource. Compliance packs see the policy, and other resources can depend on it.

    Args:
        scope: the parent.
        construct_id: the id in that scope, and the policy's name.
        statements: the statements, or a token that becomes a whole policy document at synth.
        role_name: the name of the role that gets the policy.
    """
    return iam.CfnPolicy(
        scope,
        construct_id,
        policy_name=construct_id,
        policy_document=document(statements) if isinstance(statements, list | tuple) else statements,
        roles=[role_name],
    )


def managed_policy(
    scope: Construct, construct_id: str, statements: Sequence[Statement], role_name: str, *, description: str
) -> iam.CfnManagedPolicy:
    """A managed policy, for rights that the inline policies of a role have no room for.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        statements: the statements.
        role_name: the name of the role that gets the policy. A role takes 10 managed policies (IAM quotas).
        description: the description, 1 to 1,000 characters (IAM API, CreatePolicy: Description).
    """
    return iam.CfnManagedPolicy(
        scope, construct_id, description=description, policy_document=document(statements), roles=[role_name]
    )


def _one_or_list(values: Sequence[str]) -> str | list[str]:
    """The values as CDK writes them: a single value is not a list."""
    return values[0] if len(values) == 1 else list(values)
