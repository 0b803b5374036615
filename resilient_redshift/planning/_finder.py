"""Finds the clusters that another resource names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from resilient_redshift.contract.names import CLUSTER_TYPE
from resilient_redshift.planning._clusters import read_cluster
from resilient_redshift.planning._conditions import seen_with
from resilient_redshift.planning._keys import Keys
from resilient_redshift.planning._pauses import Pauses
from resilient_redshift.planning._pictures import ClusterPicture
from resilient_redshift.planning.reading.template import may_be_one_place
from resilient_redshift.rules.naming import stored_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resilient_redshift.planning.reading.template import Resource

    #: The cluster that a resource names, and the resource as it is where that cluster exists.
    Named: TypeAlias = tuple[ClusterPicture, Resource]
    #: Reads from a resource the identifier of the cluster: text that may hold references, None for an unknown one.
    ReadIdentifier: TypeAlias = Callable[[Resource], str | None]
_Key: TypeAlias = "tuple[tuple[str | None, str | None], str]"


class Finder:
    """Finds the clusters that another resource names.

    A reference means a cluster of these templates. A literal identifier means each cluster of that identifier in the
    same template: two of them are possible, under opposite conditions. Without one there, it means a cluster of another
    template of the same account and Region. Any other identifier means a cluster that exists already.

    Args:
        resources: the resources of all templates.

    Attributes:
        held: the clusters that the templates contain, in their order.
        existing: the other clusters that resources protect, by account, Region and identifier.
        links: each cluster that a resource was found to name, with the resource.
    """

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.existing: dict[_Key, ClusterPicture] = {}
        self.links: list[Named] = []
        keys = Keys.of(resources)
        self._in_template: dict[int, list[ClusterPicture]] = {}
        self._called: dict[tuple[int, str], list[ClusterPicture]] = {}
        self._elsewhere: dict[_Key, list[ClusterPicture]] = {}
        self._pauses: dict[_Key, Pauses] = {}
        for resource in resources:
            if resource.kind == CLUSTER_TYPE:
                cluster = read_cluster(resource, keys)
                seen = seen_with(resource, cluster)
                self._add(cluster if seen is resource else read_cluster(seen, keys), seen)

    def _add(self, cluster: ClusterPicture, resource: Resource) -> None:
        self._in_template.setdefault(resource.template, []).append(cluster)
        identifier = resource.text("ClusterIdentifier")
        names = [(resource.template, resource.logical_id)]
        if identifier is not None:  # otherwise AWS chooses one, and only a reference means the cluster
            names.append(_name(resource, identifier))
        for name in names:
            self._called.setdefault(name, []).append(cluster)
        literal = resource.literal("ClusterIdentifier")
        if literal is not None:
            self._elsewhere.setdefault((resource.place, stored_identifier(literal)), []).append(cluster)

    @property
    def held(self) -> list[ClusterPicture]:
        """The clusters that the templates contain, in their order."""
        return [cluster for clusters in self._in_template.values() for cluster in clusters]

    def clusters_in(self, template: int) -> list[ClusterPicture]:
        """The clusters that one template contains."""
        return self._in_template.get(template, [])

    def may_mean(self, resource: Resource) -> list[ClusterPicture]:
        """The clusters that a resource may mean which does not show its cluster.

        These are the clusters of its template; of a template without a cluster, those of its account and Region.

        Args:
            resource: a resource that pauses a cluster or gives it a schedule.
        """
        here = self.clusters_in(resource.template)
        return here or [each for each in self.held if may_be_one_place(resource.place, (each.account, each.region))]

    def named(self, resource: Resource, read: ReadIdentifier) -> list[Named]:
        """The clusters of these templates that a resource names; empty when no template contains one.

        Args:
            resource: the resource that names the cluster.
            read: reads the identifier from the resource.
        """
        plain = read(resource)
        found = [(cluster, seen_with(resource, cluster)) for cluster in self._means(resource, plain)]
        known = [cluster for cluster, _ in found]
        for cluster in self.clusters_in(resource.template):
            if cluster.condition is not None and cluster not in known:
                seen = seen_with(resource, cluster)
                if seen is not resource and cluster in self._means(seen, read(seen)):
                    found.append((cluster, seen))
        self.links += found
        if found or plain is None:
            return found
        others = self._elsewhere.get((resource.place, stored_identifier(plain)), [])
        if len({cluster.resource.template for cluster in others if cluster.resource}) > 1 and None in resource.place:
            for cluster in others:
                cluster.note(
                    f"{resource.logical_id} of stack {resource.home.name} is not counted: it names {cluster.name}, "
                    "and several templates contain a cluster of that name"
                )
            return []
        self.links += [(cluster, resource) for cluster in others]
        return [(cluster, resource) for cluster in others]

    def protected(self, resource: Resource, read: ReadIdentifier) -> list[Named]:
        """The clusters that a resource protects. A cluster that no template contains is added to ``existing``.

        Args:
            resource: the resource that names the cluster.
            read: reads the identifier from the resource.
        """
        found = self.named(resource, read)
        if found:
            return found
        name = read(resource) or f"unknown, of {resource.logical_id}"
        key = (resource.place, stored_identifier(name))
        if "${" in name:  # what it refers to is another thing in another template
            key = (resource.place, f"{resource.template}:{name}")
        if key not in self.existing:
            self.existing[key] = ClusterPicture(
                name=name,
                stack=resource.home.name,
                region=resource.home.region,
                account=resource.home.account,
                named_by=resource,
                pauses=self._pauses.get(key, Pauses()),
            )
        self.links.append((self.existing[key], resource))
        return [(self.existing[key], resource)]

    def pauses_of_existing(self, resource: Resource, identifier: str) -> Pauses:
        """What pauses a cluster that no template contains; the picture of that cluster will hold it.

        Args:
            resource: the resource that names the cluster.
            identifier: the cluster's identifier.
        """
        return self._pauses.setdefault((resource.place, stored_identifier(identifier)), Pauses())

    def _means(self, resource: Resource, identifier: str | None) -> list[ClusterPicture]:
        return [] if identifier is None else self._called.get(_name(resource, identifier), [])


def _name(resource: Resource, identifier: str) -> tuple[int, str]:
    """What an identifier means in a template: the resource or the parameter that it refers to, or else its text."""
    return resource.referred(identifier) or (resource.template, f"={stored_identifier(identifier)}")
