"""Finds resources of a set of templates: those of a stack, the keys that a property names, and the grants of copies."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from resilient_redshift.planning._keys import Keys, is_grant_of, is_retained
from resilient_redshift.planning.reading.template import may_be_one_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from resilient_redshift.planning.reading.template import Place, Resource, SynthesizedTemplate


class Resources:
    """The resources of one side of a comparison.

    Args:
        templates: the templates of that side.
        resources: the resources of these templates.
    """

    def __init__(self, templates: Iterable[SynthesizedTemplate], resources: Iterable[Resource]) -> None:
        self._stacks: dict[str, set[Place]] = defaultdict(set)
        for template in templates:
            self._stacks[template.name].add((template.account, template.region))
        self._resources = tuple(resources)

    @cached_property
    def _in_stack(self) -> Mapping[tuple[str, str], set[Place]]:
        found: dict[tuple[str, str], set[Place]] = defaultdict(set)
        for each in self._resources:
            found[each.home.name, each.logical_id].add(each.place)
        return found

    @cached_property
    def keys(self) -> Keys:
        """The keys, aliases and grants of this side."""
        return Keys.of(self._resources)

    def has_stack(self, name: str, place: Place | None = None) -> bool:
        """Whether there is a stack of a name.

        Args:
            name: the name.
            place: the account and the Region that the stack must have, as far as both sides know them. Default: any.
        """
        places = self._stacks.get(name, set())
        return bool(places) if place is None else _is_among(place, places)

    def has(self, resource: Resource) -> bool:
        """Whether the same stack has a resource of the same logical id."""
        return _is_among(resource.place, self._in_stack.get((resource.home.name, resource.logical_id), set()))

    def grant(self, copying: Resource) -> Resource | None:
        """The grant that encrypts copies, by a reference or by its name in the Region of the copies; None without one.

        Args:
            copying: the copy, or the cluster with a destination of its own.
        """
        place = copying.home.account, copying.literal("DestinationRegion")
        return next((each for each in self.keys.grants if is_grant_of(each, copying, place)), None)


def key_is_deleted(resource: Resource, before: Resources, after: Resources) -> bool:
    """Whether a change may delete a key that encrypts a cluster or its copies before.

    A key of a stack that is not in the templates any more stays: nobody has deleted that stack.

    Args:
        resource: the cluster or the grant before the change.
        before: the resources before.
        after: the resources after.
    """
    return any(
        after.has_stack(key.home.name, key.place) and not after.has(key) and not is_retained(key)
        for key in before.keys.named_by(resource)
    )


def _is_among(place: Place, places: Iterable[Place]) -> bool:
    return any(may_be_one_place(place, other) for other in places)
