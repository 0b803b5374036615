"""What the drills of a plan remember from one to the next, and the metrics that follow from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.phases import cut
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import INCONCLUSIVE, PASSED, SKIPPED_FAILOVER
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.restore.checks import Result

_LONGEST_MESSAGE: Final = 300
#: The parts of a report that the memory keeps.
_KEPT: Final = (
    "outcome",
    "message",
    "execution",
    "started",
    "ended",
    "recovery_point_seconds",
    "recovery_time_seconds",
    "restore_seconds",
)
#: CloudWatch takes printable ASCII only (CloudWatch API, Dimension: Value).
_NOT_ASCII: Final = re.compile(r"[^ -~]")


def begun(since: str) -> dict[str, Any]:
    """The memory of a plan whose drills are watched from now on."""
    return {"since": since, "inconclusive": 0}


def remember(memory: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any] | None:
    """The memory after a drill.

    A drill that was skipped or proved nothing is no verdict, so the last verdict stays and grows older.

    Returns:
        The memory. None: it does not change.
    """
    outcome, count = report["outcome"], int(memory.get("inconclusive", 0))
    if outcome == SKIPPED_FAILOVER and "since" in memory:
        return None
    last = memory.get("last")
    if outcome not in {SKIPPED_FAILOVER, INCONCLUSIVE}:
        last = {name: report[name] for name in _KEPT if name in report}
        last["message"] = cut(last["message"], _LONGEST_MESSAGE)
        if "snapshot" in report:
            last["snapshot"] = report["snapshot"]["identifier"]
    kept = {name: memory[name] for name in ("leftovers",) if name in memory} | ({} if last is None else {"last": last})
    in_a_row = {SKIPPED_FAILOVER: count, INCONCLUSIVE: count + 1}.get(outcome, 0)
    return {"since": memory.get("since", report["started"]), **kept, "inconclusive": in_a_row}


def no_verdict_since(memory: Mapping[str, Any]) -> datetime | None:
    """Since when there was no verdict: since the last one, or since the drills are watched. None: it is not known."""
    return read_time(memory.get("last", {}).get("ended")) or read_time(memory.get("since"))


def last_failed(memory: Mapping[str, Any]) -> bool:
    """Whether the last verdict is bad. Without a verdict it is not."""
    last = memory.get("last")
    return last is not None and last["outcome"] != PASSED


def metrics(
    plan: str, memory: Mapping[str, Any], *, now: datetime, left_behind: int, checks: Iterable[Result] = ()
) -> list[dict[str, Any]]:
    """The metrics of a plan's drills. The clean-up writes them each hour, so an alarm notices their absence.

    Args:
        plan: the plan's name.
        memory: what the drills remember.
        now: the time.
        left_behind: how many clusters of drills could not be deleted.
        checks: the checks of the present drill. Default: none.
    """
    of_plan = [{"Name": names.DIMENSION_PLAN, "Value": plan}]
    last, since = memory.get("last", {}), no_verdict_since(memory) or now
    values: dict[str, tuple[float | None, str]] = {
        names.METRIC_DRILL_AGE: (max(0.0, (now - since).total_seconds()), "Seconds"),
        names.METRIC_DRILL_FAILED: (int(last_failed(memory)), "Count"),
        names.METRIC_DRILLS_INCONCLUSIVE: (memory.get("inconclusive", 0), "Count"),
        names.METRIC_DRILL_LEFT_BEHIND: (left_behind, "Count"),
        names.METRIC_DRILL_RECOVERY_TIME: (last.get("recovery_time_seconds"), "Seconds"),
        names.METRIC_DRILL_RECOVERY_POINT: (last.get("recovery_point_seconds"), "Seconds"),
    }
    of_check = (
        {
            "MetricName": names.METRIC_DRILL_CHECK_FAILED,
            "Dimensions": [*of_plan, {"Name": names.DIMENSION_CHECK, "Value": _NOT_ASCII.sub("?", check.name)}],
            "Unit": "Count",
            "Value": int(not check.passed),
        }
        for check in checks
    )
    of_drill = (
        {"MetricName": name, "Dimensions": of_plan, "Unit": unit, "Value": value}
        for name, (value, unit) in values.items()
        if value is not None
    )
    return [*of_drill, *of_check]
