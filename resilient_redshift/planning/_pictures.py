"""What templates say about one cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resilient_redshift.planning._pauses import Pauses
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP, in_words

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.planning.quota import SnapshotRule
    from resilient_redshift.planning.reading.template import Resource


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A snapshot copy of this library.

    Attributes:
        region: the destination Region; None when it is unknown.
        keep_automated: the retention of copied automated snapshots, in days of the Redshift API; None when unknown.
        keep_manual: the retention of copied manual snapshots, in the same unit; ``FOREVER_DAYS`` means for ever.
        resource: the copy's resource. Default: not known.
        risk: which stack would delete what the copies need to be readable. Default: none is known.
    """

    region: str | None
    keep_automated: int | None
    keep_manual: int | None
    resource: Resource | None = None
    risk: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletedKey:
    """A KMS key that is deleted together with a stack. KMS keeps it for some days, in which nobody can use it.

    Attributes:
        soonest: the shortest time until the key is gone. Until then, you can cancel its deletion.
        certain: whether the template shows that time; otherwise it is 7 to 30 days.
    """

    soonest: timedelta
    certain: bool

    @property
    def sentence(self) -> str:
        """When the recovery point is unreadable, and what to do before."""
        after = in_words(self.soonest) if self.certain else "7 to 30 days"
        return f"{after} later the recovery point is unreadable, unless you cancel the key's deletion before"


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


@dataclass(kw_only=True, slots=True, eq=False)
class ClusterPicture:
    """Everything that the templates say about one cluster. None means unknown.

    Each picture is another cluster: two clusters under opposite conditions may look the same.

    Attributes:
        name: the cluster's identifier, or the logical id when AWS chooses the identifier.
        stack: the stack that contains the cluster, or a stack that protects it.
        region: the cluster's Region.
        account: the cluster's account.
        resource: the cluster's resource; None when no template contains the cluster, so that it exists already.
        named_by: the resource that names a cluster that exists already; None for a cluster of these templates.
        node_type: the node type.
        nodes: the number of nodes.
        multi_az: whether Multi-AZ is on.
        relocation: whether relocation to another Zone is on.
        keep_automated: the retention of automated snapshots in days; 0 means that they are off.
        automated_gap: the longest time from one automated snapshot to the next.
        schedule_definitions: the definitions of the snapshot schedule with that gap; empty without a schedule.
        scheduled_by_us: whether an association of this library certainly gives the cluster its snapshot schedule.
        deletion_policy: the DeletionPolicy.
        native_copy: whether the cluster itself has a DestinationRegion.
        deleted_key: the cluster's KMS key, when the deletion of the stack also deletes it.
        condition: the condition under which the cluster exists; None for a cluster that always exists.
        pauses: what pauses and resumes the cluster.
        rules: the rules that take manual snapshots of the cluster.
        backups: the rules of AWS Backup plans that take manual snapshots of the cluster.
        copies: the cluster's snapshot copies.
        plan: the plan for the loss of the Region; None without a plan.
        notes: notes for the reader of the table.
    """

    name: str
    stack: str
    region: str | None
    account: str | None
    resource: Resource | None = None
    named_by: Resource | None = None
    node_type: str | None = None
    nodes: int | None = None
    multi_az: bool | None = None
    relocation: bool | None = None
    keep_automated: int | None = None
    automated_gap: timedelta = DEFAULT_AUTOMATED_GAP
    schedule_definitions: tuple[str, ...] = ()
    scheduled_by_us: bool = False
    deletion_policy: str | None = None
    native_copy: bool = False
    deleted_key: DeletedKey | None = None
    condition: str | None = None
    pauses: Pauses = field(default_factory=Pauses)
    rules: list[SnapshotRule] = field(default_factory=list)
    backups: list[SnapshotRule] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    plan: Plan | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether one of the templates contains the cluster."""
        return self.resource is not None

    @property
    def why_unknown(self) -> str:
        """Why the templates do not show a value of the cluster itself."""
        return "decided at deployment" if self.held else "the cluster is not part of these templates"

    def note(self, text: str) -> None:
        """Add a note for the reader of the table, unless the same note exists."""
        if text not in self.notes:
            self.notes.append(text)
