"""One line a plan: as a table for people, as JSON, and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.output import harmless
from resilient_redshift.cloud.restore.standing_parts import FAILED_OVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.verdict import Verdict

HEADINGS: Final = ("plan", "verdict", "age", "objective", "last drill", "failed over")
#: The columns of numbers.
RIGHT: Final = (2, 3)
#: The names of the values in JSON, and the columns of CSV.
_COLUMNS: Final = (
    "plan",
    "group",
    "cluster",
    "primary_region",
    "recovery_region",
    "status",
    "standing",
    "recovery_point",
    "recovery_point_age_seconds",
    "recovery_point_objective_seconds",
    "last_drill_outcome",
    "last_drill_ended",
    "last_drill_recovery_time_seconds",
    "failed_over_at",
    "line",
)
#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """One plan in a list of plans.

    Args:
        observation: what both Regions say about the plan.
        verdict: the verdict.
        now: the time.
    """

    observation: Observation
    verdict: Verdict
    now: datetime

    @property
    def _last_drill(self) -> Mapping[str, Any]:
        recovery = self.observation.recovery.value
        drills = recovery.drills.value if recovery else None
        last: Mapping[str, Any] = (drills or {}).get("last") or {}
        return last

    @property
    def value(self) -> dict[str, Any]:
        """The values by name. What is unknown is absent."""
        plan, standing, recovery = self.observation.plan, self.verdict.standing, self.observation.recovery.value
        point = self.verdict.choice.point if self.verdict.choice else None
        if standing is not None and standing.where == FAILED_OVER:
            point = standing.copied
        published = recovery.published.value if recovery else None
        drill = self._last_drill
        values = {
            "plan": plan.name,
            "group": plan.record.get("group"),
            "cluster": plan.cluster,
            "primary_region": plan.primary,
            "recovery_region": plan.recovery,
            "status": self.verdict.word,
            "standing": standing.where if standing else None,
            "recovery_point": point.identifier if point else None,
            "recovery_point_age_seconds": max(0, int((self.now - point.created).total_seconds())) if point else None,
            "recovery_point_objective_seconds": plan.objective_seconds,
            "last_drill_outcome": drill.get("outcome"),
            "last_drill_ended": drill.get("ended"),
            "last_drill_recovery_time_seconds": drill.get("recovery_time_seconds"),
            "failed_over_at": words.iso(published.at) if published and published.at else None,
            "line": self.verdict.line,
        }
        return {name: values[name] for name in _COLUMNS if values[name] is not None}

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the table for people."""
        value, recovery = self.value, self.observation.recovery.value
        return (
            value["plan"],
            value["status"],
            words.span_of(value.get("recovery_point_age_seconds")),
            words.span_of(value.get("recovery_point_objective_seconds")),
            self._drill if recovery is not None else "?",
            "?" if recovery is None or recovery.published.problem else self._failed_over,
        )

    @property
    def _drill(self) -> str:
        last = self._last_drill
        if not last:
            recovery = self.observation.recovery.value
            return "?" if recovery is None or recovery.drills.problem else "none"
        try:
            ago = f" {words.span(self.now - words.parse_time(str(last.get('ended'))))} ago"
        except ValueError:
            ago = ""
        return f"{last.get('outcome', '?')}{ago}"

    @property
    def _failed_over(self) -> str:
        recovery = self.observation.recovery.value
        published = recovery.published.value if recovery else None
        return "no" if published is None else words.minute(published.at)


def as_csv(rows: Iterable[Row]) -> str:
    """The rows as CSV, the names of the columns first. No cell is a formula for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        value = row.value
        writer.writerow([_cell(value.get(name)) for name in _COLUMNS])
    return text.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = " ".join(harmless(value).split())
    return f"'{text}" if text.startswith(_FORMULA) else text
