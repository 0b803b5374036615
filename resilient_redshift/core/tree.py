"""What never changes about a construct, asked of jsii once: each question costs about 0.1 ms (no CDK)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from aws_cdk import CfnElement, CfnResource
    from constructs import IConstruct

_paths: Final[WeakKeyDictionary[IConstruct, str]] = WeakKeyDictionary()
_roots: Final[WeakKeyDictionary[IConstruct, IConstruct]] = WeakKeyDictionary()
_references: Final[WeakKeyDictionary[CfnElement, str]] = WeakKeyDictionary()


_keys: Final[WeakKeyDictionary[Any, str]] = WeakKeyDictionary()
_expressions: Final[WeakKeyDictionary[Any, str]] = WeakKeyDictionary()


def expression_of(schedule: Any) -> str:  # noqa: ANN401 - an events.Schedule, without importing CDK
    """The expression of a schedule, which never changes."""
    found = _expressions.get(schedule)
    if found is None:
        found = _expressions[schedule] = schedule.expression_string
    return found


def key_arn_of(key: Any) -> str:  # noqa: ANN401 - an IKeyRef, without importing CDK
    """A key's ARN; both kinds of CDK's own answer in one question, any other reference in three."""
    found = _keys.get(key)
    if found is None:
        own = getattr(key, "attr_arn", None) or getattr(key, "key_arn", None)
        found = _keys[key] = own or key.key_ref.key_arn
    return found


def path_of(construct: IConstruct) -> str:
    """The construct's path in the app."""
    found = _paths.get(construct)
    if found is None:
        found = _paths[construct] = construct.node.path
    return found


def after(resource: CfnResource, other: CfnResource) -> None:
    """Make one resource after another: one question, where its node takes two."""
    # the new name where this CDK has it; the old one then warns
    add = getattr(resource, "add_resource_dependency", None) or resource.add_dependency
    add(other)


def remember_path(construct: IConstruct, path: str) -> None:
    """Note the path of a construct just made under an id without a slash."""
    _paths[construct] = path


def root_of(construct: IConstruct) -> IConstruct:
    """The app, mostly."""
    found = _roots.get(construct)
    if found is None:
        found = _roots[construct] = construct.node.root
    return found


def ref_of(resource: CfnResource) -> str:
    """The token of ``Ref``, of a resource that many others refer to."""
    found = _references.get(resource)
    if found is None:
        found = _references[resource] = resource.ref
    return found
