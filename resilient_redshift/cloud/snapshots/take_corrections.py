"""What a run corrects of a snapshot that is available: its retention and its tags.

A snapshot that another run made is a recovery point, and whoever may start the machine can join it. So a run that
joins never shortens how long the snapshot or its copy is kept.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract import names
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cloud.snapshots.take_run import Run

_DAYS: Final = re.compile(r"-1|[1-9][0-9]{0,5}")


def retention_to_set(run: Run, days: int | None) -> int | None:
    """The retention that the snapshot needs.

    Args:
        run: the run.
        days: the retention that the snapshot has, or None where AWS does not show it.

    Returns:
        The retention, or None where the snapshot has it, or has a longer one.
    """
    wanted = run.request.keep_days
    if days is None or days == wanted or (run.joined and _length(days) > _length(wanted)):
        return None
    return wanted


def tags_to_set(run: Run, tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of the rule that the snapshot lacks, or has with another value.

    Args:
        run: the run.
        tags: the tags that the snapshot has.
    """
    lacking = {key: value for key, value in run.request.tags.items() if tags.get(key) != value}
    has, wanted = tags.get(names.TAG_KEEP_IN_RECOVERY, ""), lacking.get(names.TAG_KEEP_IN_RECOVERY)
    if wanted is not None and run.joined and _DAYS.fullmatch(has) and _length(int(has)) > _length(int(wanted)):
        del lacking[names.TAG_KEEP_IN_RECOVERY]
    return lacking


def _length(days: int) -> float:
    return math.inf if days == FOREVER_DAYS else days
