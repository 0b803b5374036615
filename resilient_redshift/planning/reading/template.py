"""A template and its resources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.planning.reading.creation import SourceLine

_REFERENCE: Final = re.compile(r"\$\{(?:([0-9]+):)?([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
#: What tells templates of one input apart: name, file, account and Region.
TemplateKey = tuple[str, str | None, str | None, str | None]
#: An account and a Region; None for each that is decided at deployment.
Place = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class SynthesizedTemplate:
    """One template of a cloud assembly, or of a file.

    Args:
        name: the stack's name, for the reader of the table; for a template outside a cloud assembly, the file's name.
        region: the Region of the stack; None when only the deployment decides it.
        template: the template, as parsed JSON.
        account: the account of the stack. Default: only the deployment decides it.
        file: the path of the template's file, as the reader named it or below the folder that the reader named.
            Default: the template has no file.
        parameters: the values that the deployment gives to the template's parameters, and to pseudo parameters such as
            ``AWS::StackName``. None is a value that the deployment gives and that is not known here. Default: a
            parameter has the default that the template declares.
        not_read: the parts of the input that could not be read, one line each; for a file that is no readable template,
            the template is empty. Default: none.
        created_at: the lines of the app that make a resource, as ``creation_lines`` returns them. Default: none are
            known.
        used_by: the key of the template that makes this one a nested stack, and the logical id of the nested stack.
            Default: the template is no nested stack.
        tags: the tags of the stack, which its resources have too; None as a value when the deployment decides it.
            Default: they are not known.
    """

    name: str
    region: str | None
    template: Mapping[str, Any]
    account: str | None = None
    file: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    not_read: tuple[str, ...] = ()
    created_at: Mapping[str, tuple[SourceLine, ...]] = field(default_factory=dict)
    used_by: tuple[TemplateKey, str] | None = None
    tags: Mapping[str, str | None] | None = None

    @property
    def key(self) -> TemplateKey:
        """What tells this template apart from the others of one input."""
        return self.name, self.file, self.account, self.region


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template.

    Attributes:
        template: the number of the template, because two templates may have the same name.
        home: the template.
        logical_id: the logical id.
        attributes: the resource as the template holds it, with each value that is known before deployment in the place
            of the function that gives the value.
        pseudo: the pseudo parameters that are known at the resource's place, such as ``AWS::Region``.
        conditions: what must hold for the resource to exist, as far as it is not decided before deployment; equal
            conditions of any two templates are equal here. Default: the resource certainly exists.
        defaults: the parameters that count with their defaults, by the property that they decide; those that decide
            another attribute, or that the resource exists, are under the empty name. Default: none.
    """

    template: int
    home: SynthesizedTemplate
    logical_id: str
    attributes: Mapping[str, Any]
    pseudo: Mapping[str, str]
    conditions: frozenset[str] = frozenset()
    defaults: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The resource's type, such as ``AWS::Redshift::Cluster``; empty for a type that is no text."""
        kind = self.attributes.get("Type")
        return kind if isinstance(kind, str) else ""

    @property
    def place(self) -> Place:
        """The account and the Region of the resource; None for each that is decided at deployment."""
        return self.home.account, self.home.region

    @property
    def properties(self) -> Mapping[str, Any]:
        """The resource's properties; empty when they are no mapping."""
        return values.mapping(self.attributes.get("Properties"))

    @property
    def condition(self) -> str | None:
        """The condition under which the resource exists; None for a resource that always exists."""
        condition = self.attributes.get("Condition")
        return condition if isinstance(condition, str) else None

    def text(self, name: str) -> str | None:
        """A property as text that may hold references; None for an absent or unknown property."""
        value = self.properties.get(name)
        return None if values.absent(value) else values.text(value, self.pseudo)

    def literal(self, name: str) -> str | None:
        """A property as text without references; None for an absent or unknown property."""
        return values.literal(self.properties.get(name), self.pseudo)

    def integer(self, name: str, default: int) -> int | None:
        """A property as a whole number; the default for an absent property, None for an unknown one."""
        return values.integer(self.properties.get(name), self.pseudo, default)

    def boolean(self, name: str) -> bool | None:
        """A property as a truth value; False for an absent property, None for an unknown one."""
        return values.boolean(self.properties.get(name), default=False)

    def exists_with(self, other: Resource) -> bool:
        """Whether this resource exists in every deployment in which another one exists."""
        return self.conditions <= other.conditions

    def referred(self, text: str | None) -> tuple[int, str] | None:
        """The resource that a text is one reference to: the number of its template, and its logical id.

        Args:
            text: what :meth:`text` returned for a property of this resource.
        """
        match = _REFERENCE.fullmatch(text) if text is not None else None
        return self._target(match) if match else None

    def references(self, text: str) -> list[tuple[int, str]]:
        """The resources to which a text has references, each as in :meth:`referred`."""
        return [self._target(match) for match in _REFERENCE.finditer(text)]

    def _target(self, match: re.Match[str]) -> tuple[int, str]:
        return (self.template if match[1] is None else int(match[1])), match[2]

    @property
    def path(self) -> str | None:
        """The construct path that CDK writes into the metadata; None for a resource without it."""
        path = values.mapping(self.attributes.get("Metadata")).get("aws:cdk:path")
        return path if isinstance(path, str) else None

    @property
    def created_at(self) -> tuple[SourceLine, ...]:
        """The lines of the app that make the resource, the innermost first; empty when they are not known."""
        known = self.home.created_at
        return known.get(self.path or "", ()) or known.get(self.logical_id, ())


def may_be_one_place(one: Place, other: Place) -> bool:
    """Whether nothing that is known of two places shows that they are two."""
    return all(None in both or both[0] == both[1] for both in zip(one, other, strict=True))
