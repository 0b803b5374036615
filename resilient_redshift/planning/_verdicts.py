"""The verdicts and the rows of the protection table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from datetime import timedelta

#: The text of a cell when nothing protects the cluster, and when the protection is unknown.
NONE: Final = "none"
UNKNOWN: Final = "unknown"
UNKNOWN_REGION: Final = "unknown Region"
_NOTHING: Final = "-"


class Verdict(StrEnum):
    """Whether something protects a cluster in a failure."""

    PROTECTED = "protected"
    UNPROTECTED = NONE
    UNKNOWN = UNKNOWN


class Failure(StrEnum):
    """The failures of the protection table. Policies and reports use these ids; a release never renames them."""

    NODE = "node"
    ZONE = "zone"
    REGION = "region"
    CLUSTER_DELETED = "cluster-deleted"
    STACK_DELETED = "stack-deleted"
    BAD_LOAD = "bad-load"


_IN_WORDS: Final = {
    Failure.NODE: "a node",
    Failure.ZONE: "a Zone",
    Failure.REGION: "the Region",
    Failure.CLUSTER_DELETED: "the cluster deleted by mistake",
    Failure.STACK_DELETED: "the stack deleted",
    Failure.BAD_LOAD: "a bad load",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """What happens to one cluster in one failure.

    Attributes:
        kind: the failure.
        noticed_after: the time from a bad load until somebody notices it; None for the other failures.
        verdict: whether something protects the cluster.
        protection: what protects the cluster; ``none`` or ``unknown`` when nothing certainly does.
        recovery_point: the worst loss, in words.
        where: the Region that holds the recovery point.
        worst_loss: the worst loss as a length; None when nothing certainly protects the cluster. After a bad load, the
            length counts back from the load.
        notes: what else the reader must know about this row.
        undocumented: whether the recovery point survives only if AWS does what it does not document. Default: no.
    """

    kind: Failure
    verdict: Verdict
    protection: str
    recovery_point: str = _NOTHING
    where: str = _NOTHING
    worst_loss: timedelta | None = None
    notes: tuple[str, ...] = ()
    noticed_after: timedelta | None = None
    undocumented: bool = False

    @property
    def failure(self) -> str:
        """The failure in words, such as ``a bad load noticed after 7 d``."""
        noticed = "" if self.noticed_after is None else f" noticed after {in_words(self.noticed_after)}"
        return f"{_IN_WORDS[self.kind]}{noticed}"
