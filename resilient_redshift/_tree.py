"""What never changes about a construct, asked of jsii once: each question costs about 0.1 ms (no CDK)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from aws_cdk import CfnElement, CfnResource
    from constructs import IConstruct

_paths: Final[WeakKeyDictionary[IConstruct, str]] = WeakKeyDictionary()
_roots: Final[WeakKeyDictionary[IConstruct, IConstruct]] = WeakKeyDictionary()
_references: Final[WeakKeyDictionary[CfnElement, str]] = WeakKeyDictionary()


def path_of(construct: IConstruct) -> str:
    """The construct's path in the app."""
    found = _paths.get(construct)
    if found is None:
        found = _paths[construct] = construct.node.path
    return found


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
