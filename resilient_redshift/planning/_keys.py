"""The KMS keys that are deleted together with a stack: the cluster's key, and the key of its copies."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import GRANT_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.planning._pictures import DeletedKey
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.template import may_be_one_place
from resilient_redshift.rules.retention import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from resilient_redshift.planning._pictures import ClusterPicture, Copy
    from resilient_redshift.planning.reading.template import Place, Resource, TemplateKey

_KEY_TYPES: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_ALIAS: Final = "AWS::KMS::Alias"
_NATIVE_GRANT: Final = "AWS::Redshift::SnapshotCopyGrant"
_ALIAS_NAME: Final = re.compile(r"(?:^|:)(alias/.+)$")
#: The DeletionPolicies with which a resource outlives its stack.
RETAINED: Final = frozenset({"Retain", "RetainExceptOnCreate"})
#: The days from the deletion of a key's resource until KMS deletes the key (CloudFormation, PendingWindowInDays).
_SHORTEST_WINDOW: Final = 7
_LONGEST_WINDOW: Final = 30
_DEEPEST: Final = 40


@dataclass(frozen=True, slots=True)
class Keys:
    """The KMS keys, aliases and grants of all templates.

    Args:
        keys: the keys and aliases of all templates, by the number of the template and the logical id.
        grants: the grants of all templates.
        parents: for each nested template, the template that makes it a nested stack.
    """

    keys: Mapping[tuple[int, str], Resource]
    grants: Sequence[Resource]
    parents: Mapping[TemplateKey, TemplateKey]

    @classmethod
    def of(cls, resources: Sequence[Resource]) -> Keys:
        """Find the keys, aliases and grants.

        Args:
            resources: the resources of all templates.
        """
        parents = {each.home.key: each.home.used_by[0] for each in resources if each.home.used_by}
        kinds = {*_KEY_TYPES, _ALIAS}
        keys = {(each.template, each.logical_id): each for each in resources if each.kind in kinds}
        return cls(keys, [each for each in resources if is_grant(each)], parents)

    def deleted_with(self, owner: Resource) -> DeletedKey | None:
        """The key that the stack of an encrypted resource deletes together with the resource; None without one.

        A key counts when it may be deleted in some deployment of the template.

        Args:
            owner: a cluster or a grant.
        """
        found = [key for key in self.named_by(owner) if self._in_one_stack(key, owner)]
        windows = [_window(key) for key in found if not is_retained(key)]
        return min(windows, key=lambda window: window.soonest, default=None)

    def named_by(self, owner: Resource) -> Iterator[Resource]:
        """The keys of the templates that the property ``KmsKeyId`` of an encrypted resource may mean.

        The property may name a key by a reference at any depth, also through a parameter of a nested stack, or by an
        alias of the same account and Region.

        Args:
            owner: a cluster or a grant.
        """
        return self._keys(owner.properties.get("KmsKeyId"), owner, 0)

    def _keys(self, value: Any, owner: Resource, depth: int) -> Iterator[Resource]:  # noqa: ANN401 - any JSON value
        for text in _texts(value, owner, 0) if depth < _DEEPEST else ():
            named = [self.keys[place] for place in owner.references(text) if place in self.keys]
            alias = _ALIAS_NAME.search(text)
            named += self._aliases(alias[1], owner) if alias else ()
            for resource in named:
                if resource.kind == _ALIAS:
                    yield from self._keys(resource.properties.get("TargetKeyId"), resource, depth + 1)
                else:
                    yield resource

    def _aliases(self, name: str, owner: Resource) -> Iterator[Resource]:
        for each in self.keys.values():
            if each.kind == _ALIAS and each.text("AliasName") == name and may_be_one_place(each.place, owner.place):
                yield each

    def _in_one_stack(self, one: Resource, other: Resource) -> bool:
        """Whether the deletion of one stack deletes both: a stack deletes its nested stacks."""
        return one.template == other.template or self._root(one) == self._root(other)

    def _root(self, resource: Resource) -> TemplateKey:
        key = resource.home.key
        for _ in range(_DEEPEST):
            if key not in self.parents:
                break
            key = self.parents[key]
        return key

    def with_risk(self, copy: Copy, cluster: ClusterPicture) -> Copy:
        """A copy that says which stack would delete its grant, or the key of its grant.

        Args:
            copy: the copy.
            cluster: the cluster of the copy.
        """
        holder = copy.resource
        if holder is None:
            return copy
        for grant in self.grants:
            if not is_grant_of(grant, holder, (cluster.account, copy.region)):
                continue
            key = self.deleted_with(grant)
            stack = grant.home.name
            if key is not None:
                return replace(copy, risk=f"stack {stack} deletes the key of these copies with itself: {key.sentence}")
            if _is_deleted(grant):
                why = "AWS does not document whether copies stay readable without it"
                return replace(copy, risk=f"stack {stack} deletes the grant of these copies with itself: {why}")
        return copy


def give_copy_risks(resources: Sequence[Resource], clusters: Sequence[ClusterPicture]) -> None:
    """Tell each copy which stack would delete its grant or its key.

    Args:
        resources: the resources of all templates.
        clusters: the clusters with their copies.
    """
    keys = Keys.of(resources)
    for cluster in clusters:
        cluster.copies[:] = [keys.with_risk(copy, cluster) for copy in cluster.copies]


def _texts(value: Any, owner: Resource, depth: int) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Each text that a value may become, or that a function in it takes."""
    text = values.text(value, owner.pseudo)
    if text is not None:
        yield text
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part, owner, depth + 1)


def _window(key: Resource) -> DeletedKey:
    days = key.integer("PendingWindowInDays", _LONGEST_WINDOW)
    known = days is not None and _SHORTEST_WINDOW <= days <= _LONGEST_WINDOW
    return DeletedKey(soonest=(days if days is not None and known else _SHORTEST_WINDOW) * DAY, certain=known)


def is_retained(resource: Resource) -> bool:
    """Whether the resource certainly outlives its stack."""
    policy = resource.attributes.get("DeletionPolicy")
    return isinstance(policy, str) and policy in RETAINED


def is_grant(resource: Resource) -> bool:
    """Whether a resource is a grant for snapshot copies."""
    return resource.kind == _NATIVE_GRANT or own_type(resource.kind, resource.properties) == GRANT_TYPE


def is_grant_of(grant: Resource, copying: Resource, place: Place) -> bool:
    """Whether copies use a grant: by a reference, or by its name in the account and Region of the copies.

    Args:
        grant: the grant.
        copying: the resource that names the grant of the copies.
        place: the account and the Region of the copies.
    """
    name = copying.text("SnapshotCopyGrantName")
    if name is None:
        return False
    if copying.referred(name) == (grant.template, grant.logical_id):
        return True
    return may_be_one_place(grant.place, place) and grant.literal("SnapshotCopyGrantName") == name


def _is_deleted(grant: Resource) -> bool:
    if grant.kind == _NATIVE_GRANT:
        return not is_retained(grant)
    return grant.literal("RemovalPolicy") != "retain"
