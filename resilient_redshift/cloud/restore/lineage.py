"""The recorded lineage of a plan: the ClusterCreateTime of the cluster that the plan is for.

This module imports no botocore: the command reads the same lineage.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def recorded(parameter: str | None, record: Mapping[str, Any]) -> datetime | None:
    """The lineage that is recorded for a plan. A text that is no time counts as none.

    Args:
        parameter: the parameter that runs write: the lineage as first seen or as accepted. None: there is none.
        record: the plan's record, which counts where the parameter has no time.

    Returns:
        The lineage. None: none is recorded.
    """
    return _time(parameter) or _time(record.get("lineage"))


def _time(text: object) -> datetime | None:
    """Read a recorded time. None: it is none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
