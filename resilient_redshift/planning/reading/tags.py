"""Reads the tags of resources and stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Tags by key. A value of None is decided at deployment.
Tags: TypeAlias = "Mapping[str, str | None]"


def tags_of(written: object, pseudo: Mapping[str, str]) -> tuple[Tags, bool]:
    """The tags of a resource whose keys can be read, and whether these are all.

    Args:
        written: the property ``Tags``: a list of ``{"Key": ..., "Value": ...}``.
        pseudo: the pseudo parameters that are known, such as ``AWS::Region``.
    """
    if values.absent(written):
        return {}, True
    entries = [values.mapping(entry) for entry in values.items(written)]
    keys = [values.literal(entry.get("Key"), pseudo) for entry in entries]
    found = {
        key: values.literal(entry.get("Value"), pseudo)
        for key, entry in zip(keys, entries, strict=True)
        if key is not None
    }
    return found, isinstance(written, list) and None not in keys


def merged(stack: Tags | None, own: Tags, *, own_are_all: bool) -> tuple[Tags, bool]:
    """The tags that a resource has in its stack, and whether these are all. Its own tags replace those of the stack.

    Args:
        stack: the tags of the stack; None when they are not known.
        own: the resource's own tags whose keys are known.
        own_are_all: whether the resource has no other tags of its own. Any other one may replace a tag of the stack.
    """
    inherited = stack or {}
    certain = inherited if own_are_all else dict.fromkeys(inherited)
    return {**certain, **own}, own_are_all and stack is not None
