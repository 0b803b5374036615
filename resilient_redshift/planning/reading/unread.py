"""Names the parts of templates that may hold a Redshift cluster and that a reader of templates cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import CLUSTER_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.nested import TEMPLATES_ELSEWHERE
from resilient_redshift.planning.reading.stacks import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from resilient_redshift.planning.reading.template import Resource, SynthesizedTemplate

_MODULE: Final = "::MODULE"
_FUNCTION: Final = "Fn::"
_FOR_EACH: Final = "Fn::ForEach::"
_TRANSFORM: Final = "Fn::Transform"
_DEEPEST: Final = 40
_REDSHIFT: Final = "AWS::Redshift::"
#: Types of AWS that may protect a cluster, or keep it from being protected.
_PROTECTING: Final = frozenset(
    {"AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::Redshift::ScheduledAction"}
)
#: A rule of EventBridge, and what the input of a rule that takes snapshots has.
_RULE: Final = "AWS::Events::Rule"
_OF_A_RULE: Final = "cluster_identifier"
#: AWS's transforms that add no Redshift cluster by themselves ("Transform reference", CloudFormation).
_HARMLESS: Final = frozenset(
    {
        "AWS::CodeDeployBlueGreen",
        "AWS::LanguageExtensions",  # it runs Fn::ForEach, which has a line of its own
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
        "AWS::Serverless-2016-10-31",
        "AWS::ServiceCatalog",
    }
)


def unread_parts(templates: Iterable[SynthesizedTemplate]) -> tuple[str, ...]:
    """The parts of templates that were not read and that may hold a Redshift cluster, or protect one.

    Args:
        templates: the templates of one input; of any shape.

    Returns:
        One line for each part: the stack or the file, the part, and why nobody can read it here. Empty when everything
        was read.
    """
    return tuple(part for part, _ in parts_by_template(templates))


def parts_by_template(templates: Iterable[SynthesizedTemplate]) -> tuple[tuple[str, SynthesizedTemplate], ...]:
    """The lines of :func:`unread_parts`, each with the template of the part.

    Args:
        templates: all templates of one input: one of them may be the nested stack of another one.
    """
    everything = tuple(templates)
    read = {each.used_by for each in everything}
    lines = [
        (f"{_place_of(template)}: {part}", template)
        for template in everything
        for part in _parts(template, values.mapping(template.template), read)
    ]
    return (*lines, *_undecided(everything))


def _place_of(template: SynthesizedTemplate) -> str:
    """A template for the reader. A template outside a cloud assembly has the name of its file."""
    is_file = template.file is not None and template.file.endswith(template.name)
    return template.name if is_file else f"stack {template.name}"


def _parts(template: SynthesizedTemplate, source: Mapping[str, Any], read: set[Any]) -> Iterator[str]:
    yield from template.not_read
    for name in _macros(source.get("Transform")):
        yield f"macro {name} may add resources at deployment"
    for logical_id, attributes in values.mapping(source.get("Resources")).items():
        if logical_id == _TRANSFORM:
            for name in _macros(attributes) or ["without a name"]:
                yield f"macro {name} adds resources at deployment"
        elif logical_id.startswith(_FUNCTION):
            yield f"{logical_id} makes resources at deployment"
        else:
            yield from _parts_of_resource(logical_id, attributes, was_read=(template.key, logical_id) in read)


def _parts_of_resource(logical_id: str, attributes: object, *, was_read: bool) -> Iterator[str]:
    kind = values.mapping(attributes).get("Type")
    if not isinstance(kind, str):
        return
    if kind.endswith(_MODULE):
        yield f"{logical_id} is the module {kind}, and the registry holds its resources"
    elif kind in TEMPLATES_ELSEWHERE and not was_read:
        yield f"{logical_id} is a {TEMPLATES_ELSEWHERE[kind]}, and its template lies elsewhere"
    elif kind.startswith(_REDSHIFT):
        for name in _changes_inside(attributes, 0):
            yield f"{name} changes {logical_id} at deployment"


def _macros(transform: object) -> list[str]:
    """The names of the macros that may add a cluster."""
    names = []
    for each in transform if isinstance(transform, list) else [transform]:
        name = each if isinstance(each, str) else values.mapping(each).get("Name")
        if isinstance(name, str) and name not in _HARMLESS:
            location = values.mapping(values.mapping(each).get("Parameters")).get("Location")
            names.append(f"{name} of {location}" if isinstance(location, str) else name)
    return names


def _changes_inside(value: object, depth: int) -> Iterator[str]:
    """The macros and loops that are somewhere in a resource."""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return
    if isinstance(value, dict):
        if _TRANSFORM in value:
            yield from (f"macro {name}" for name in _macros(value[_TRANSFORM]) or ["without a name"])
        yield from (each for each in value if isinstance(each, str) and each.startswith(_FOR_EACH))
    for each in value.values() if isinstance(value, dict) else value:
        yield from _changes_inside(each, depth + 1)


def _undecided(templates: Sequence[SynthesizedTemplate]) -> Iterator[tuple[str, SynthesizedTemplate]]:
    """The conditions that are not decided and on which it depends whether a cluster is protected, or exists."""
    if not any("Conditions" in values.mapping(each.template) for each in templates):
        return
    resources = resources_of(templates)
    clusters = [each for each in resources.present if each.kind == CLUSTER_TYPE]
    for resource in resources.present:
        if resource.conditions and _protects(resource) and not any(map(resource.exists_with, clusters)):
            why = f"only where condition {resource.condition} holds; give its parameters with --parameters"
            yield f"{_place_of(resource.home)}: {resource.logical_id} exists {why}", resource.home
    judged = {
        each.template for each in clusters
    }  # a cluster of the same template gets a note about the one that is gone
    for resource in resources.gone:
        names = resource.defaults.get("")
        if resource.kind == CLUSTER_TYPE and resource.template not in judged and names:
            verb = "counts with its default" if len(names) == 1 else "count with their defaults"
            why = f"does not exist while {' and '.join(sorted(names))} {verb}; give --parameters"
            yield f"{_place_of(resource.home)}: {resource.logical_id} {why}", resource.home


def _protects(resource: Resource) -> bool:
    """Whether a resource may decide how a cluster is protected; the cluster itself is judged as if it existed."""
    if own_type(resource.kind, resource.properties) is not None or resource.kind in _PROTECTING:
        return True
    return resource.kind == _RULE and _OF_A_RULE in str(resource.properties.get("Targets"))
