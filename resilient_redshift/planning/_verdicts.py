"""What the protection table says about one cluster and one failure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import timedelta

#: What stands in a cell where nothing protects, and where nothing is known.
NONE: Final = "none"
UNKNOWN: Final = "unknown"
UNKNOWN_REGION: Final = "unknown Region"
_NOTHING: Final = "-"


class Verdict(StrEnum):
    """Whether a failure is covered."""

    PROTECTED = "protected"
    UNPROTECTED = NONE
    UNKNOWN = UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """What happens to one cluster in one failure.

    Attributes:
        failure: the failure, in words.
        verdict: whether it is covered.
        protection: what covers it; ``none`` or ``unknown`` otherwise.
        recovery_point: how much is lost at worst, in words.
        where: the Region in which the recovery point lies.
        worst_loss: the loss as a length; None where nothing is certain. After a bad load it counts back from the load.
        notes: what to know besides.
    """

    failure: str
    verdict: Verdict
    protection: str
    recovery_point: str = _NOTHING
    where: str = _NOTHING
    worst_loss: timedelta | None = None
    notes: tuple[str, ...] = ()
