"""What a template's resources are, and what they say about one cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.planning import _values as values
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from resilient_redshift.planning.recovery_point import Kept


@dataclass(frozen=True, slots=True)
class SynthesizedTemplate:
    """One template of a cloud assembly.

    Args:
        name: the stack's name, for the reader.
        region: the Region that it is for; None where that is decided at deployment.
        template: what was synthesized, parsed.
        account: the account that it is for; None where that is decided at deployment.
    """

    name: str
    region: str | None
    template: Mapping[str, Any]
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, with what is known about the place where it is deployed."""

    template: int
    home: SynthesizedTemplate
    logical_id: str
    attributes: Mapping[str, Any]
    pseudo: Mapping[str, str]

    @property
    def kind(self) -> str:
        """Its type, such as ``AWS::Redshift::Cluster``."""
        kind = self.attributes.get("Type")
        return kind if isinstance(kind, str) else ""

    @property
    def place(self) -> tuple[str | None, str | None]:
        """The account and the Region."""
        return self.home.account, self.home.region

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its properties; none where they are no mapping."""
        return values.mapping(self.attributes.get("Properties"))

    @property
    def condition(self) -> str | None:
        """The condition under which it exists."""
        condition = self.attributes.get("Condition")
        return condition if isinstance(condition, str) else None

    def text(self, name: str) -> str | None:
        """A property as text with its references in it; None where it is absent or unknown."""
        value = self.properties.get(name)
        return None if values.absent(value) else values.text(value, self.pseudo)

    def literal(self, name: str) -> str | None:
        """A property as text without references; None where it is absent or unknown."""
        return values.literal(self.properties.get(name), self.pseudo)

    def integer(self, name: str, default: int) -> int | None:
        """A property as a whole number; None where it is unknown."""
        return values.integer(self.properties.get(name), self.pseudo, default)

    def boolean(self, name: str) -> bool | None:
        """A property as a truth value, False where it is absent; None where it is unknown."""
        return values.boolean(self.properties.get(name), default=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule of ours that takes manual snapshots."""

    name: str
    gap: timedelta
    keep: Kept
    keep_in_recovery: Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A copy of ours to another Region; days as the API has them; None is unknown."""

    region: str | None
    keep_automated: int | None
    keep_manual: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan of ours for the loss of the Region; its gap is None where no rehearsal is on, or where it is unknown."""

    name: str
    rehearsals: tuple[str, ...] = ()
    longest_gap: timedelta | None = None


@dataclass(kw_only=True, slots=True)
class ClusterPicture:
    """Everything that the templates say about one cluster. None is unknown."""

    name: str
    stack: str
    region: str | None
    held: bool  # by one of the templates, rather than a cluster that exists already
    node_type: str | None = None
    nodes: int | None = None
    multi_az: bool | None = None
    relocation: bool | None = None
    keep_automated: int | None = None
    automated_gap: timedelta = DEFAULT_AUTOMATED_GAP
    deletion_policy: str | None = None
    native_copy: bool = False
    key_dies_with_stack: bool = False
    condition: str | None = None
    rules: list[Rule] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    plan: Plan | None = None
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Remember something for the reader, once."""
        if text not in self.notes:
            self.notes.append(text)
