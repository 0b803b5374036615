"""The path of a construct that generated names contain a hash of. It stays when an app moves into a Stage."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.settings import StackSettings

if TYPE_CHECKING:
    from constructs import IConstruct


def naming_path(construct: IConstruct) -> str:
    """The path of a construct for generated names: its path, from another start.

    The first of these that applies decides the path of the construct's stack (decision 19):

    1. the ``naming_path`` of the stack's ``StackSettings``;
    2. the whole path, where the stack's name changes with it, so that another path makes another stack;
    3. the id of the stack, whatever contains the stack.
    """
    path, start = _starts(stack_of(construct))
    return start + path_of(construct)[len(path) :]


def naming_stack(construct: IConstruct) -> str:
    """The name of the construct's stack for generated names; "" for a token. A nested stack has its parent's name."""
    name = _top(stack_of(construct)).stack_name
    return name if known(name) else ""


@Remembered
def _top(stack: cdk.Stack) -> cdk.Stack:
    """The stack itself, or the stack that CDK deploys a nested stack with."""
    parent = stack.nested_stack_parent
    return stack if parent is None else _top(parent)


@Remembered
def _starts(stack: cdk.Stack) -> tuple[str, str]:
    """The path of the stack that CDK deploys, and the path that takes its place in generated names."""
    top = _top(stack)
    path = path_of(top)
    chosen = StackSettings.of(top).naming_path
    if chosen is not None:
        return path, chosen
    return path, path if _is_named_after(path, top) else path.rpartition("/")[2]


def _is_named_after(path: str, stack: cdk.Stack) -> bool:
    """Whether the name of a stack changes with its path.

    CDK's default name begins with the name of the Stage. For a stack that another construct contains, it ends with a
    hash of the path below the Stage (Stack.generateStackName).
    """
    stage = cdk.Stage.of(stack)
    stage_path = "" if stage is None else path_of(stage)
    if stage is not None and stage_path and stack.stack_name.startswith(f"{stage.stage_name}-"):
        return True
    below = path[len(stage_path) :].removeprefix("/")
    digest = hashlib.md5(below.encode(), usedforsecurity=False).hexdigest()
    return "/" in below and stack.stack_name.endswith(digest[:8].upper())
