"""Facts about a construct that never change. Each fact is read from jsii once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.core.memory import Remembered

if TYPE_CHECKING:
    from aws_cdk import CfnResource
    from constructs import IConstruct


@Remembered
def path_of(construct: IConstruct) -> str:
    """The construct's path in the app."""
    return construct.node.path


@Remembered
def root_of(construct: IConstruct) -> IConstruct:
    """The root of the construct's tree. It is an app, except in some unit tests."""
    return construct.node.root


@Remembered
def ref_of(resource: CfnResource) -> str:
    """The token of ``Ref`` of a resource."""
    return resource.ref


@Remembered
def key_arn_of(key: Any) -> str:  # noqa: ANN401 - an IKeyRef, without importing CDK
    """A key's ARN.

    ``attr_arn`` of CfnKey and ``key_arn`` of IKey cost one question to jsii. ``key_ref.key_arn``, which every key has,
    costs three.
    """
    arn: str = getattr(key, "attr_arn", None) or getattr(key, "key_arn", None) or key.key_ref.key_arn
    return arn


@Remembered
def expression_of(schedule: Any) -> str:  # noqa: ANN401 - an events.Schedule, without importing CDK
    """The expression of a schedule."""
    expression: str = schedule.expression_string
    return expression


def after(resource: CfnResource, other: CfnResource) -> None:
    """Make one resource depend on another. CloudFormation then makes it later and deletes it earlier.

    The resource's own method costs one question to jsii; ``node.add_dependency`` costs two.

    Args:
        resource: the resource that depends on the other.
        other: the resource that CloudFormation makes first.
    """
    # CDK 2.27x renamed the method; from then on the old name gives a warning
    add = getattr(resource, "add_resource_dependency", None) or resource.add_dependency
    add(other)
