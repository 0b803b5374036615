"""Which recovery point a drill restores: the field ``point`` of the restore machine's input (no CDK, no AWS)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

#: The newest usable one, as a failover takes it.
NEWEST: Final = "newest"
#: Any usable one. The run chooses it by its own name and scheduled time.
RANDOM: Final = "random"
#: The longest age that a drill may ask for: AWS keeps a manual snapshot for 3653 days (Redshift API,
#: CreateClusterSnapshot), or for ever.
LONGEST_AGE: Final = timedelta(days=3653)
ALLOWED: Final = f"{NEWEST}, {RANDOM}, or an age in seconds from 1 to {int(LONGEST_AGE.total_seconds())}"


def is_other(point: str | float | None) -> bool:
    """Whether a drill restores another point than a failover would. None is the default, the newest."""
    return point is not None and point != NEWEST
