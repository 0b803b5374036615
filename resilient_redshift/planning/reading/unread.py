"""Names the parts of templates that may hold a Redshift cluster and that a reader of templates cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from resilient_redshift.planning.reading.template import SynthesizedTemplate

_NESTED_STACK: Final = "AWS::CloudFormation::Stack"
#: The types that make further stacks from a template elsewhere, and what such a template is called.
_TEMPLATES_ELSEWHERE: Final = {
    _NESTED_STACK: "nested stack",
    "AWS::CloudFormation::StackSet": "stack set",
    "AWS::Serverless::Application": "SAM application",
    "AWS::ServiceCatalog::CloudFormationProduct": "Service Catalog product",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": "provisioned product of Service Catalog",
}
_MODULE: Final = "::MODULE"
_FOR_EACH: Final = "Fn::ForEach::"
_TRANSFORM: Final = "Fn::Transform"
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
    """The parts of templates that were not read and that may hold a Redshift cluster.

    Args:
        templates: the templates of one cloud assembly; of any shape.

    Returns:
        One line for each part: the stack, the part, and why nobody can read it here. Empty when everything was read.
    """
    return tuple(
        f"stack {template.name}: {part}" for template in templates for part in _parts(template, template.template)
    )


def _parts(template: SynthesizedTemplate, source: Mapping[str, Any]) -> Iterator[str]:
    yield from template.not_read
    for name in _macros(source.get("Transform")):
        yield f"macro {name} may add resources at deployment"
    for logical_id, attributes in values.mapping(source.get("Resources")).items():
        kind = values.mapping(attributes).get("Type")
        if logical_id.startswith(_FOR_EACH):
            yield f"{logical_id} makes resources at deployment"
        elif logical_id == _TRANSFORM:
            for name in _macros(attributes) or ["without a name"]:
                yield f"macro {name} adds resources at deployment"
        elif isinstance(kind, str) and kind.endswith(_MODULE):
            yield f"{logical_id} is the module {kind}, and the registry holds its resources"
        elif isinstance(kind, str) and kind in _TEMPLATES_ELSEWHERE and not _was_read(template, kind, attributes):
            yield f"{logical_id} is a {_TEMPLATES_ELSEWHERE[kind]}, and its template lies elsewhere"


def _macros(transform: object) -> list[str]:
    """The names of the macros that may add a cluster."""
    names = []
    for each in transform if isinstance(transform, list) else [transform]:
        name = each if isinstance(each, str) else values.mapping(each).get("Name")
        if isinstance(name, str) and name not in _HARMLESS:
            location = values.mapping(values.mapping(each).get("Parameters")).get("Location")
            names.append(f"{name} of {location}" if isinstance(location, str) else name)
    return names


def _was_read(template: SynthesizedTemplate, kind: str, attributes: object) -> bool:
    """Whether the template of a nested stack is a file of the same cloud assembly, which was read."""
    url = str(values.mapping(values.mapping(attributes).get("Properties")).get("TemplateURL"))
    return kind == _NESTED_STACK and any(asset in url for asset in template.nested_assets)
