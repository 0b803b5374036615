"""What the conditions of a template imply: whether a resource exists in every deployment in which a cluster exists.

Two clusters under opposite conditions are two clusters. A resource under one of the conditions belongs to one of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

_DEEPEST: Final = 20
#: More unknown comparisons than this make 1024 cases; then nothing is certain.
_MOST_COMPARISONS: Final = 10
_COMBINED: Final = {"Fn::And": all, "Fn::Or": any}


def exists_with(resource: Resource, cluster: ClusterPicture) -> bool:
    """Whether a resource exists in every deployment in which its cluster exists.

    Args:
        resource: the resource.
        cluster: the cluster.
    """
    holder = cluster.resource
    if holder is None:
        return not resource.conditions
    if resource.exists_with(holder):
        return True
    if holder.template != resource.template or resource.condition is None:
        return False
    return implies(_definitions(resource), holder.condition, resource.condition)


def seen_with(resource: Resource, cluster: ClusterPicture) -> Resource:
    """A resource as it is in the deployments in which a cluster of its template exists.

    Each ``Fn::If`` whose condition the existence of the cluster decides becomes the branch that counts.

    Args:
        resource: the resource; the cluster itself is possible.
        cluster: the cluster. The conditions of another template decide nothing here.
    """
    if cluster.condition is None or cluster.resource is None or cluster.resource.template != resource.template:
        return resource
    attributes = _Given(_definitions(resource), cluster.condition).decided(resource.attributes, 0)
    return resource if attributes == resource.attributes else replace(resource, attributes=attributes)


def implies(definitions: Mapping[str, Any], given: str | None, wanted: str, *, holds: bool = True) -> bool:
    """Whether a condition certainly holds, or certainly does not hold, in each deployment in which another one holds.

    Args:
        definitions: the conditions of the template.
        given: the condition that holds; None when nothing is known.
        wanted: the condition in question.
        holds: whether the question is that it holds. Default: yes.
    """
    if given == wanted:
        return holds
    names = [wanted] if given is None else [given, wanted]
    found = sorted({atom for name in names for atom in _atoms({"Condition": name}, definitions, 0)})
    if len(found) > _MOST_COMPARISONS:
        return False
    cases = (dict(zip(found, truths, strict=True)) for truths in product((False, True), repeat=len(found)))
    possible = [case for case in cases if not _contradicts(case)]
    return all(
        _value({"Condition": wanted}, definitions, case, 0) is holds
        for case in possible
        if given is None or _value({"Condition": given}, definitions, case, 0)
    )


def _definitions(resource: Resource) -> Mapping[str, Any]:
    return values.mapping(values.mapping(resource.home.template).get("Conditions"))


def _parts(expression: Any, definitions: Mapping[str, Any], depth: int) -> tuple[str, list[Any]]:  # noqa: ANN401 - JSON
    """The function of a condition and its parts; no function for a comparison."""
    call = values.mapping(expression)
    if len(call) == 1 and depth <= _DEEPEST:
        match next(iter(call.items())):
            case ("Condition", str(name)) if name in definitions:
                return "Condition", [definitions[name]]
            case ("Fn::Not" | "Fn::And" | "Fn::Or" as function, list(parts)):
                return function, parts
    return "", []


def _atoms(expression: Any, definitions: Mapping[str, Any], depth: int) -> Iterator[str]:  # noqa: ANN401 - JSON
    """The comparisons of a condition, as texts."""
    function, parts = _parts(expression, definitions, depth)
    if not function:
        yield _atom(expression)
    for part in parts:
        yield from _atoms(part, definitions, depth + 1)


def _atom(expression: Any) -> str:  # noqa: ANN401 - JSON
    try:
        return json.dumps(expression, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return repr(type(expression))


def _value(
    expression: Any,  # noqa: ANN401 - JSON
    definitions: Mapping[str, Any],
    case: Mapping[str, bool],
    depth: int,
) -> bool:
    function, parts = _parts(expression, definitions, depth)
    inner = [_value(part, definitions, case, depth + 1) for part in parts]
    if function in _COMBINED:
        return _COMBINED[function](inner)
    if function == "Fn::Not":
        return not any(inner)
    return inner[0] if inner else case[_atom(expression)]


def _contradicts(case: Mapping[str, bool]) -> bool:
    """Whether one value would equal two different texts."""
    true = [_comparison(atom) for atom, holds in case.items() if holds]
    known = [each for each in true if each is not None]
    return any(one[0] == other[0] and one[1] != other[1] for one, other in combinations(known, 2))


def _comparison(atom: str) -> tuple[str, str] | None:
    """A value and the text that it is compared with."""
    sides = values.items(values.decoded(atom).get("Fn::Equals"))
    texts = [side for side in sides if isinstance(side, str)]
    others = [side for side in sides if not isinstance(side, str)]
    return (_atom(others[0]), texts[0]) if len(texts) == 1 and len(others) == 1 else None


@dataclass(slots=True)
class _Given:
    """Decides functions under a condition that holds.

    Args:
        definitions: the conditions of the template.
        given: the condition that holds.
        known: what was found out about other conditions: True, False, or None when both are possible.
    """

    definitions: Mapping[str, Any]
    given: str
    known: dict[str, bool | None] = field(default_factory=dict)

    def holds(self, name: str) -> bool | None:
        """Whether a condition holds; None when both are possible."""
        if name not in self.known:
            certain = [each for each in (True, False) if implies(self.definitions, self.given, name, holds=each)]
            self.known[name] = certain[0] if certain else None
        return self.known[name]

    def decided(self, value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON
        """A value with the branch that counts in the place of each ``Fn::If`` that is decided."""
        if depth > _DEEPEST:
            return value
        if isinstance(value, list):
            return [self.decided(item, depth + 1) for item in value]
        if not isinstance(value, dict):
            return value
        match value.get("Fn::If"):
            case [str(name), then, otherwise] if len(value) == 1 and self.holds(name) is not None:
                return self.decided(then if self.holds(name) else otherwise, depth + 1)
        return {key: self.decided(item, depth + 1) for key, item in value.items()}
