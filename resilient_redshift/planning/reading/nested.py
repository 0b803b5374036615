"""Follows the resources that make stacks from other templates, such as nested stacks, stack sets and products."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.source import AssemblyError, documents, template_of
from resilient_redshift.planning.reading.tags import merged, tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from resilient_redshift.planning.reading.tags import Tags
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

NESTED_STACK: Final = "AWS::CloudFormation::Stack"
STACK_SET: Final = "AWS::CloudFormation::StackSet"
APPLICATION: Final = "AWS::Serverless::Application"
PRODUCT: Final = "AWS::ServiceCatalog::CloudFormationProduct"
#: Where a resource of each type names its template, and what such a resource is called.
TEMPLATES_ELSEWHERE: Final = {
    NESTED_STACK: "nested stack",
    STACK_SET: "stack set",
    APPLICATION: "SAM application",
    PRODUCT: "Service Catalog product",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct": "provisioned product of Service Catalog",
}
_AT: Final = "at"
_DEEPEST: Final = 8
_MOST: Final = 2000
#: Only the deployment knows the name of a stack that CloudFormation makes inside another one.
_NAMELESS: Final = {"AWS::StackName": None, "AWS::StackId": None}


@dataclass(frozen=True, slots=True)
class Found:
    """A template that a library holds.

    Attributes:
        name: what its stack is called for the reader.
        file: the path of its file; None without one.
        template: the template.
    """

    name: str
    file: str | None
    template: Mapping[str, Any]


class Library(Protocol):
    """Where the templates are that other templates name."""

    def find(
        self, parent: SynthesizedTemplate, logical_id: str, location: object, metadata: Mapping[str, Any]
    ) -> Found | None:
        """The template at a location; None when the library does not hold it.

        Args:
            parent: the template that names the location.
            logical_id: the resource that names it.
            location: the URL or the path, as the template holds it.
            metadata: the metadata of the resource.
        """

    def rest(self, root: SynthesizedTemplate) -> Iterable[SynthesizedTemplate]:
        """The templates of nested stacks that no template names, after all others were found."""


def with_nested(root: SynthesizedTemplate, library: Library) -> list[SynthesizedTemplate]:
    """A template and, below it, each template that its resources name and that can be read.

    Args:
        root: the template.
        library: where the other templates are.
    """
    found: list[SynthesizedTemplate] = []
    waiting = [(root, 0)]
    names = {root.name}
    while waiting:
        template, depth = waiting.pop()
        follower = _Follower(template, library)
        children: list[SynthesizedTemplate] = []
        for child, logical_id in follower.children() if depth < _DEEPEST and len(found) < _MOST else ():
            name = child.name if child.name not in names else f"{template.name}/{logical_id}"
            names.add(name)
            children.append(replace(child, name=name))
        found.append(replace(template, not_read=(*template.not_read, *follower.not_read)))
        waiting += [(child, depth + 1) for child in reversed(children)]
    return [*found, *library.rest(root)]


class _Follower:
    """Follows the resources of one template.

    Args:
        parent: the template.
        library: where the other templates are.

    Attributes:
        not_read: what could not be read, one line each.
    """

    def __init__(self, parent: SynthesizedTemplate, library: Library) -> None:
        self._parent = parent
        self._library = library
        self.not_read: list[str] = []

    def children(self) -> Iterator[tuple[SynthesizedTemplate, str]]:
        """The templates that the resources name, each with the logical id of its resource."""
        parent = self._parent
        for logical_id, resource in values.mapping(values.mapping(parent.template).get("Resources")).items():
            attributes = values.mapping(resource)
            kind = attributes.get("Type")
            if not isinstance(kind, str) or kind not in TEMPLATES_ELSEWHERE:
                continue
            properties = values.mapping(attributes.get("Properties"))
            locations = list(_locations(kind, properties))
            found = [each for location in locations if (each := self._at(location, logical_id, attributes))]
            if found and len(found) < len(locations):
                what = TEMPLATES_ELSEWHERE[kind]
                self.not_read.append(f"{logical_id} is a {what}, and one of its templates lies elsewhere")
            places = _places(kind, parent, properties)
            for each in found:
                for account, region in places:
                    child = replace(
                        parent,
                        name=each.name if len(places) == 1 else f"{each.name} in {region}",
                        file=each.file,
                        template=each.template,
                        account=account,
                        region=region,
                        parameters=_NAMELESS,
                        not_read=(),
                        used_by=(parent.key, logical_id),
                        tags=_tags(kind, parent, properties),
                    )
                    yield child, logical_id

    def _at(self, location: tuple[str, object], logical_id: str, attributes: Mapping[str, Any]) -> Found | None:
        how, value = location
        name = f"{self._parent.name}/{logical_id}"
        metadata = values.mapping(attributes.get("Metadata"))
        try:
            if how == _AT:
                return self._library.find(self._parent, logical_id, value, metadata)
            contents = documents("its text", value) if isinstance(value, str) else [value]
        except AssemblyError as error:
            self.not_read.append(f"the template of {logical_id} cannot be read: {error}")
            return None
        template = next((each for each in map(template_of, contents) if each is not None), None)
        return None if template is None else Found(name, self._parent.file, template)


def _locations(kind: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Where the templates of a resource are: at a location, or in the property itself; and the property."""
    if kind == PRODUCT:
        for version in values.items(properties.get("ProvisioningArtifactParameters")):
            yield _AT, values.mapping(values.mapping(version).get("Info")).get("LoadTemplateFromURL")
    elif "TemplateBody" in properties:
        yield "in", properties["TemplateBody"]
    else:
        yield _AT, properties.get("Location" if kind == APPLICATION else "TemplateURL")


def _tags(kind: str, parent: SynthesizedTemplate, properties: Mapping[str, Any]) -> Tags | None:
    """The tags of the stacks that a resource makes. A nested stack has those of its parent, and its own."""
    if kind not in {NESTED_STACK, APPLICATION}:
        return None
    written = properties.get("Tags")
    if kind == APPLICATION and isinstance(written, dict):
        written = [{"Key": key, "Value": value} for key, value in written.items()]
    own, own_are_all = tags_of(written, {})
    found, are_all = merged(parent.tags, own, own_are_all=own_are_all)
    return found if are_all else None


def _places(
    kind: str, parent: SynthesizedTemplate, properties: Mapping[str, Any]
) -> list[tuple[str | None, str | None]]:
    """The accounts and Regions of the stacks that a resource makes; None for what only the deployment decides."""
    if kind in {NESTED_STACK, APPLICATION}:
        return [(parent.account, parent.region)]
    regions: set[str] = set()
    for group in values.items(properties.get("StackInstancesGroup")):
        named = values.items(values.mapping(group).get("Regions"))
        if not named or not all(isinstance(each, str) and "{" not in each for each in named):
            return [(None, None)]
        regions.update(named)
    return [(None, each) for each in sorted(regions)] or [(None, None)]
