"""Whether the KMS key of a cluster is deleted together with the cluster's stack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resilient_redshift.planning.reading.template import Resource

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_ALIAS: Final = "AWS::KMS::Alias"
_REFERENCES: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
_ALIAS_NAME: Final = re.compile(r"(?:^|:)(alias/[A-Za-z0-9/_-]+)$")
_DEEPEST: Final = 40


def key_deleted_with_stack(cluster: Resource, resources: Mapping[tuple[int, str], Resource]) -> bool:
    """Whether the stack of a cluster also deletes the cluster's key, in any deployment of the template.

    The property may name the key by a reference, inside ``Fn::Sub``, ``Fn::Join`` or one branch of ``Fn::If``, or by an
    alias of the same template.

    Args:
        cluster: the cluster.
        resources: the resources of all templates, by the number of the template and the logical id.
    """
    found = _keys_in(cluster.properties.get("KmsKeyId"), cluster, resources, 0)
    return any(key.attributes.get("DeletionPolicy", "Delete") == "Delete" for key in found)


def _keys_in(
    value: Any,  # noqa: ANN401 - any JSON value
    cluster: Resource,
    resources: Mapping[tuple[int, str], Resource],
    depth: int,
) -> Iterator[Resource]:
    if depth > _DEEPEST or values.absent(value):
        return
    branches = values.items(values.mapping(value).get("Fn::If"))
    if branches:
        for branch in branches[1:]:
            yield from _keys_in(branch, cluster, resources, depth + 1)
        return
    text = values.text(value, cluster.pseudo)
    if text is None:
        return
    referred = [resources.get((cluster.template, logical_id)) for logical_id in _REFERENCES.findall(text)]
    alias = _ALIAS_NAME.search(text)
    if alias is not None:
        referred += [each for each in resources.values() if _has_name(each, cluster, alias[1])]
    for resource in referred:
        if resource is not None and resource.kind in _KEYS:
            yield resource
        elif resource is not None and resource.kind == _ALIAS:
            yield from _keys_in(resource.properties.get("TargetKeyId"), cluster, resources, depth + 1)


def _has_name(resource: Resource, cluster: Resource, alias: str) -> bool:
    same_template = resource.template == cluster.template
    return same_template and resource.kind == _ALIAS and resource.literal("AliasName") == alias
