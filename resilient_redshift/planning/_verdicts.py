"""The verdicts and the rows of the protection table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """What happens to one cluster in one failure.

    Attributes:
        failure: the failure, in words.
        verdict: whether something protects the cluster.
        protection: what protects the cluster; ``none`` or ``unknown`` when nothing certainly does.
        recovery_point: the worst loss, in words.
        where: the Region that holds the recovery point.
        worst_loss: the worst loss as a length; None when nothing certainly protects the cluster. After a bad load, the
            length counts back from the load.
        notes: what else the reader must know about this row.
    """

    failure: str
    verdict: Verdict
    protection: str
    recovery_point: str = _NOTHING
    where: str = _NOTHING
    worst_loss: timedelta | None = None
    notes: tuple[str, ...] = ()
