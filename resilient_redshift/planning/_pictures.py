"""The resources of a template, and what they say about one cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.planning import _values as values
from resilient_redshift.planning._pauses import Pauses
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from resilient_redshift.planning.quota import SnapshotRule


@dataclass(frozen=True, slots=True)
class SynthesizedTemplate:
    """One template of a cloud assembly.

    Args:
        name: the stack's name, for the reader of the table.
        region: the Region of the stack; None when only the deployment decides it.
        template: the template, as parsed JSON.
        account: the account of the stack. Default: only the deployment decides it.
        nested_assets: the ids of the assets of the assembly that are templates of nested stacks. Default: none.
    """

    name: str
    region: str | None
    template: Mapping[str, Any]
    account: str | None = None
    nested_assets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a template.

    Attributes:
        template: the number of the template, because two templates may have the same name.
        home: the template.
        logical_id: the logical id.
        attributes: the resource as the template holds it.
        pseudo: the pseudo parameters that are known at the resource's place, such as ``AWS::Region``.
    """

    template: int
    home: SynthesizedTemplate
    logical_id: str
    attributes: Mapping[str, Any]
    pseudo: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The resource's type, such as ``AWS::Redshift::Cluster``; empty for a type that is no text."""
        kind = self.attributes.get("Type")
        return kind if isinstance(kind, str) else ""

    @property
    def place(self) -> tuple[str | None, str | None]:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A snapshot copy of this library.

    Attributes:
        region: the destination Region; None when it is unknown.
        keep_automated: the retention of copied automated snapshots, in days of the Redshift API; None when unknown.
        keep_manual: the retention of copied manual snapshots, in the same unit; ``FOREVER_DAYS`` means for ever.
    """

    region: str | None
    keep_automated: int | None
    keep_manual: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A recovery plan of this library.

    Attributes:
        name: the plan's name.
        rehearsals: the names of the rehearsals that are enabled.
        longest_gap: the longest time between two rehearsals; None without a rehearsal, and when the time is unknown.
    """

    name: str
    rehearsals: tuple[str, ...] = ()
    longest_gap: timedelta | None = None


@dataclass(kw_only=True, slots=True)
class ClusterPicture:
    """Everything that the templates say about one cluster. None means unknown.

    Attributes:
        name: the cluster's identifier, or the logical id when AWS chooses the identifier.
        stack: the stack that contains the cluster, or a stack that protects it.
        region: the cluster's Region.
        account: the cluster's account.
        held: whether one of the templates contains the cluster. Otherwise the cluster exists already.
        node_type: the node type.
        nodes: the number of nodes.
        multi_az: whether Multi-AZ is on.
        relocation: whether relocation to another Zone is on.
        keep_automated: the retention of automated snapshots in days; 0 means that they are off.
        automated_gap: the longest time from one automated snapshot to the next.
        schedule_definitions: the definitions of the snapshot schedule with that gap; empty without a schedule.
        deletion_policy: the DeletionPolicy.
        native_copy: whether the cluster itself has a DestinationRegion.
        key_deleted_with_stack: whether the deletion of the stack also deletes the cluster's KMS key.
        condition: the condition under which the cluster exists; None for a cluster that always exists.
        pauses: what pauses and resumes the cluster.
        rules: the rules that take manual snapshots of the cluster.
        copies: the cluster's snapshot copies.
        plan: the plan for the loss of the Region; None without a plan.
        notes: notes for the reader of the table.
    """

    name: str
    stack: str
    region: str | None
    account: str | None
    held: bool
    node_type: str | None = None
    nodes: int | None = None
    multi_az: bool | None = None
    relocation: bool | None = None
    keep_automated: int | None = None
    automated_gap: timedelta = DEFAULT_AUTOMATED_GAP
    schedule_definitions: tuple[str, ...] = ()
    deletion_policy: str | None = None
    native_copy: bool = False
    key_deleted_with_stack: bool = False
    condition: str | None = None
    pauses: Pauses = field(default_factory=Pauses)
    rules: list[SnapshotRule] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    plan: Plan | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def why_unknown(self) -> str:
        """Why the templates do not show a value of the cluster itself."""
        return "decided at deployment" if self.held else "the cluster is not part of these templates"

    def note(self, text: str) -> None:
        """Add a note for the reader of the table, unless the same note exists."""
        if text not in self.notes:
            self.notes.append(text)
