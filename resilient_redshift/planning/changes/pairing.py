"""Finds the clusters of two sets of templates that are the same cluster.

The first rule that fits decides:

1. The account, the Region and the identifier are the same. A construct or a stack may have another name.
2. The stack and the logical id are the same, with the account and the Region first.
3. The construct path is the same. The stack has another name.
4. The identifier is the same, and one side does not know the account or the Region.
5. The logical id is the same, and no other cluster has it. CDK makes the logical id of the path below the stack, so the
   stack has another name, or a Stage contains it now.
6. AWS chooses the identifier, and the stack and all properties are the same.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.template import may_be_one_place
from resilient_redshift.rules.naming import stored_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from resilient_redshift.planning._pictures import ClusterPicture

#: The name of a stack, or of a nested stack below its parent. A template outside a cloud assembly has the name of its
#: file, which has a dot or a blank. Source: CloudFormation API, CreateStack: StackName.
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9/-]*")
_REFERENCES: Final = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::ImportValue"})


@dataclass(frozen=True, slots=True)
class Pair:
    """One cluster before and after a change.

    Attributes:
        before: the cluster before; None for a new cluster.
        after: the cluster after; None for a cluster that is gone.
    """

    before: ClusterPicture | None
    after: ClusterPicture | None


def pair_clusters(before: Sequence[ClusterPicture], after: Sequence[ClusterPicture]) -> list[Pair]:
    """Find the pairs.

    Args:
        before: the clusters before the change.
        after: the clusters after the change.

    Returns:
        One pair for each cluster after the change, in their order; then one for each cluster that is gone.
    """
    pairing = _Pairing(before, after)
    pairing.by(_same_resource)
    pairing.by(_same_logical_id)
    pairing.by(_same_path_and_name)
    pairing.by(_same_name, unique=True)
    pairing.by(_same_name_and_place)
    pairing.by(_stack_logical_id_and_place)
    pairing.by(_stack_and_logical_id)
    pairing.by(_path)
    pairing.by(_identifier, unique=True)
    pairing.by(_place_and_logical_id, unique=True)
    pairing.by(_logical_id, unique=True)
    pairing.by(_stack_and_properties)
    former = {id(new): old for old, new in pairing.found}
    gone = [Pair(old, None) for old in pairing.before]
    return [*(Pair(former.get(id(new)), new) for new in after), *gone]


def identifier_of(cluster: ClusterPicture) -> str | None:
    """The cluster's identifier as AWS stores it; None when AWS or the deployment chooses it."""
    if cluster.resource is None:
        return stored_identifier(cluster.name)
    chosen = cluster.resource.literal("ClusterIdentifier")
    return stored_identifier(chosen) if chosen else None


def stack_of(cluster: ClusterPicture) -> str | None:
    """The stack's name; None for a template that is a file outside a cloud assembly, whose stack nobody knows."""
    return cluster.stack if _STACK_NAME.fullmatch(cluster.stack) else None


class _Pairing:
    """The pairs so far.

    Args:
        before: the clusters before the change.
        after: the clusters after the change.

    Attributes:
        before: the clusters before the change that are in no pair yet, in their order.
        after: the clusters after the change that are in no pair yet, in their order.
        found: the pairs.
    """

    def __init__(self, before: Sequence[ClusterPicture], after: Sequence[ClusterPicture]) -> None:
        self.before = list(before)
        self.after = list(after)
        self.found: list[tuple[ClusterPicture, ClusterPicture]] = []

    def by(self, key_of: Callable[[ClusterPicture], Hashable], *, unique: bool = False) -> None:
        """Make pairs of clusters that have the same key and may be the same cluster.

        Args:
            key_of: the key of a cluster; None for a cluster that this rule does not compare.
            unique: make a pair only of two clusters whose key no other cluster of either side has. Default: clusters
                with the same key become pairs in their order.
        """
        old, new = _by_key(self.before, key_of), _by_key(self.after, key_of)
        paired: set[int] = set()
        for key, candidates in new.items():
            former = old.get(key, [])
            if unique and not len(candidates) == len(former) == 1:
                continue
            for cluster in candidates:
                number = next((number for number, each in enumerate(former) if _may_be(each, cluster)), None)
                if number is not None:
                    match = former.pop(number)
                    paired |= {id(match), id(cluster)}
                    self.found.append((match, cluster))
        self.before = [each for each in self.before if id(each) not in paired]
        self.after = [each for each in self.after if id(each) not in paired]


def _by_key(
    clusters: Sequence[ClusterPicture], key_of: Callable[[ClusterPicture], Hashable]
) -> dict[Hashable, list[ClusterPicture]]:
    found: dict[Hashable, list[ClusterPicture]] = defaultdict(list)
    for cluster in clusters:
        key = key_of(cluster)
        if key is not None:
            found[key].append(cluster)
    return found


def _may_be(before: ClusterPicture, after: ClusterPicture) -> bool:
    """Whether nothing that is known of two clusters shows that they are two."""
    if not may_be_one_place((before.account, before.region), (after.account, after.region)):
        return False
    stacks = (stack_of(before), stack_of(after))
    identifiers = (identifier_of(before), identifier_of(after))
    in_one_stack = None in stacks or stacks[0] == stacks[1]
    return in_one_stack or None in identifiers or identifiers[0] == identifiers[1]


def _logical_id(cluster: ClusterPicture) -> str | None:
    return cluster.resource.logical_id if cluster.resource else None


def _path(cluster: ClusterPicture) -> str | None:
    return cluster.resource.path if cluster.resource else None


def _identifier(cluster: ClusterPicture) -> str | None:
    return identifier_of(cluster)


def _place_and_logical_id(cluster: ClusterPicture) -> Hashable:
    return _with(_logical_id(cluster), cluster.account, cluster.region)


def _stack_and_logical_id(cluster: ClusterPicture) -> Hashable:
    return _with(_logical_id(cluster), cluster.stack)


def _stack_logical_id_and_place(cluster: ClusterPicture) -> Hashable:
    return _with(_stack_and_logical_id(cluster), cluster.account, cluster.region)


def _same_name(cluster: ClusterPicture) -> Hashable:
    return _with(identifier_of(cluster), cluster.account, cluster.region)


def _same_name_and_place(cluster: ClusterPicture) -> Hashable:
    return None if None in {cluster.account, cluster.region} else _same_name(cluster)


def _same_logical_id(cluster: ClusterPicture) -> Hashable:
    return _with(_same_name(cluster), _logical_id(cluster))


def _same_path_and_name(cluster: ClusterPicture) -> Hashable:
    path = _path(cluster)
    return None if path is None else _with(_same_name(cluster), path)


def _same_resource(cluster: ClusterPicture) -> Hashable:
    return _with(_same_logical_id(cluster), cluster.stack)


def _with(first: Hashable, *others: Hashable) -> Hashable:
    """A key of several parts; None when the first one is not there."""
    return None if first is None else (first, *others)


def _stack_and_properties(cluster: ClusterPicture) -> Hashable:
    if cluster.resource is None or identifier_of(cluster) is not None:
        return None
    properties = json.dumps(_without_references(cluster.resource.properties, 0), sort_keys=True, default=str)
    return (cluster.stack, cluster.account, cluster.region, properties)


_DEEPEST: Final = 40


def _without_references(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    """A value without the logical ids in it: a construct with another name gives its parts other logical ids."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_without_references(each, depth + 1) for each in value]
    entries = values.mapping(value)
    if len(entries) == 1 and next(iter(entries)) in _REFERENCES:
        return next(iter(entries))
    if isinstance(value, str | int | float) or value is None:
        return value
    return {name: _without_references(each, depth + 1) for name, each in entries.items()}
