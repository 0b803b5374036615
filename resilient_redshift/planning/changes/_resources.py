"""Finds resources of a set of templates: those of a stack, the keys that a property names, and the grants of copies."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import GRANT_TYPE
from resilient_redshift.planning.changes._texts import attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from resilient_redshift.planning.reading.template import Resource, SynthesizedTemplate

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_GRANT_NAME: Final = "SnapshotCopyGrantName"
_GRANTS: Final = frozenset({GRANT_TYPE, "AWS::Redshift::SnapshotCopyGrant"})


class Resources:
    """The resources of one side of a comparison.

    Args:
        templates: the templates of that side.
        resources: the resources of these templates.

    Attributes:
        stacks: the names of the stacks.
    """

    def __init__(self, templates: Iterable[SynthesizedTemplate], resources: Iterable[Resource]) -> None:
        self.stacks = frozenset(template.name for template in templates)
        self._by_id: Mapping[tuple[int, str], Resource] = {(each.template, each.logical_id): each for each in resources}

    @cached_property
    def _in_stack(self) -> frozenset[tuple[str, str]]:
        return frozenset((each.home.name, each.logical_id) for each in self._by_id.values())

    @cached_property
    def _grants(self) -> Mapping[tuple[str | None, str], Resource]:
        grants = [each for each in self._by_id.values() if each.kind in _GRANTS]
        return {(each.home.region, each.text(_GRANT_NAME) or ""): each for each in grants}

    def has(self, resource: Resource) -> bool:
        """Whether a stack of the same name has a resource of the same logical id."""
        return (resource.home.name, resource.logical_id) in self._in_stack

    def grant(self, copying: Resource) -> Resource | None:
        """The grant that encrypts copies, by a reference or by its name in the Region of the copies; None without one.

        Args:
            copying: the copy, or the cluster with a destination of its own.
        """
        name = copying.text(_GRANT_NAME)
        place = copying.referred(name)
        if place is not None:
            return self._by_id.get(place)
        return self._grants.get((copying.literal("DestinationRegion"), name or ""))

    def keys(self, resource: Resource, name: str) -> Iterator[Resource]:
        """The KMS keys of the templates to which a property refers."""
        for place in resource.references(resource.text(name) or ""):
            found = self._by_id.get(place)
            if found is not None and found.kind in _KEYS:
                yield found


def key_is_deleted(resource: Resource, name: str, before: Resources, after: Resources) -> bool:
    """Whether a change deletes a key to which a property referred before.

    A key of a stack that is not in the templates any more stays: nobody has deleted that stack.

    Args:
        resource: the resource with the property, before the change.
        name: the property.
        before: the resources before.
        after: the resources after.
    """
    return any(
        key.home.name in after.stacks and not after.has(key) and attribute(key, "DeletionPolicy", "Delete") == "Delete"
        for key in before.keys(resource, name)
    )
