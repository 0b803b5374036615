"""The body of a dashboard: one row of graphs for each plan, as CloudWatch reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract import names, watching

if TYPE_CHECKING:
    from collections.abc import Sequence

Widget = dict[str, Any]

#: The most widgets of a dashboard (CloudWatch quotas).
MOST_WIDGETS: Final = 500
#: The width of a dashboard, in units of its grid (CloudWatch, dashboard body structure).
_WIDTH: Final = 24
_HEIGHT: Final = 6
_TITLE_HEIGHT: Final = 1
_HEAD_HEIGHT: Final = 2
#: The heading and the state of the alarms; then for each plan a title, and at most these graphs.
_HEAD_WIDGETS: Final = 2
_PLAN_WIDGETS: Final = 5
#: How many plans a dashboard has room for.
MOST_PLANS: Final = (MOST_WIDGETS - _HEAD_WIDGETS) // _PLAN_WIDGETS
_QUARTER: Final = 900
_HOUR: Final = 3600
_DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRow:
    """What the row of a plan shows.

    Attributes:
        plan: the plan's name.
        primary_region: the cluster's Region.
        recovery_region: the Region of the copies and of drills.
        recovery_point_seconds: the objective for the age of a recovery point.
        recovery_time_seconds: the objective for the time of a recovery.
        drilled: whether the plan has drills.
    """

    plan: str
    primary_region: str
    recovery_region: str
    recovery_point_seconds: int
    recovery_time_seconds: int
    drilled: bool


def dashboard_body(region: str, rows: Sequence[PlanRow], alarms: Sequence[str]) -> dict[str, Any]:
    """The body of a dashboard (CloudWatch, dashboard body structure and syntax).

    Args:
        region: the recovery Region.
        rows: the plans, at most ``MOST_PLANS``.
        alarms: the ARNs of the alarms whose states are shown; all are of the recovery Region.
    """
    text = (
        f"# Recovery in {region}\n\nHow much data would a disaster lose now, here and there? The red line is what the "
        "plan accepts. Findings: 1 is a warning, 2 is a problem."
    )
    widgets = [_text(text, 0, _HEAD_HEIGHT, _WIDTH // 2 if alarms else _WIDTH)]
    if alarms:
        state = {"title": "Alarms that notify people", "alarms": list(alarms)}
        widgets.append(_place("alarm", state, (_WIDTH // 2, 0), (_WIDTH // 2, _HEAD_HEIGHT)))
    top = _HEAD_HEIGHT
    for row in rows:
        title = f"## {row.plan}: {row.primary_region}, recovered in {row.recovery_region}"
        widgets.append(_text(title, top, _TITLE_HEIGHT, _WIDTH))
        graphs = _graphs(row)
        width = _WIDTH // len(graphs)
        widgets += [
            _place("metric", graph, (number * width, top + _TITLE_HEIGHT), (width, _HEIGHT))
            for number, graph in enumerate(graphs)
        ]
        top += _TITLE_HEIGHT + _HEIGHT
    return {"widgets": widgets}


def _graphs(row: PlanRow) -> list[Widget]:
    both = ((row.recovery_region, "there"), (row.primary_region, "here"))

    def in_both(name: str, period: int) -> list[list[Any]]:
        return [_metric(name, row, region=region, label=f"{where}: {region}", period=period) for region, where in both]

    severity = _metric(
        watching.METRIC_FINDING_SEVERITY, row, region=row.recovery_region, label="findings", period=_QUARTER
    )
    severity[-1]["yAxis"] = "right"
    ages = [*in_both(watching.METRIC_RECOVERY_POINT_AGE, _QUARTER), severity]
    graphs = [
        _graph(
            row,
            "How much would we lose now",
            ages,
            unit="seconds",
            period=_QUARTER,
            objective=row.recovery_point_seconds,
            right={"min": 0, "max": max(watching.SEVERITIES.values()), "label": "findings", "showUnits": False},
        )
    ]
    if row.drilled:
        drills = [
            _metric(name, row, region=row.recovery_region, label=label, period=_HOUR)
            for name, label in (
                (names.METRIC_DRILL_RECOVERY_TIME, "recovery time"),
                (names.METRIC_DRILL_RECOVERY_POINT, "recovery point"),
            )
        ]
        failed = _metric(
            names.METRIC_DRILL_FAILED, row, region=row.recovery_region, label="last drill failed", period=_HOUR
        )
        failed[-1]["yAxis"] = "right"
        graphs.append(
            _graph(
                row,
                "Drills",
                [*drills, failed],
                unit="seconds",
                period=_HOUR,
                objective=row.recovery_time_seconds,
                right={"min": 0, "max": 1, "label": "failed", "showUnits": False},
            )
        )
    return [
        *graphs,
        _graph(row, "Recovery points", in_both(watching.METRIC_RECOVERY_POINTS, _DAY), unit="number", period=_DAY),
        _graph(row, "Billed storage", in_both(watching.METRIC_BILLABLE_STORAGE, _DAY), unit="bytes", period=_DAY),
    ]


def _metric(name: str, row: PlanRow, *, region: str, label: str, period: int) -> list[Any]:
    options = {"region": region, "label": label, "stat": "Maximum", "period": period}
    return [names.METRIC_NAMESPACE, name, names.DIMENSION_PLAN, row.plan, options]


def _graph(
    row: PlanRow,
    title: str,
    metrics: list[list[Any]],
    *,
    unit: str,
    period: int,
    objective: int | None = None,
    right: dict[str, Any] | None = None,
) -> Widget:
    graph: Widget = {
        "title": title,
        "view": "timeSeries",
        "stacked": False,
        "region": row.recovery_region,
        "stat": "Maximum",
        "period": period,
        "metrics": metrics,
        "yAxis": {"left": {"min": 0, "label": unit, "showUnits": False}, **({} if right is None else {"right": right})},
    }
    if objective is not None:
        graph["annotations"] = {"horizontal": [{"label": "objective", "value": objective, "color": "#d62728"}]}
    return graph


def _text(markdown: str, top: int, height: int, width: int) -> Widget:
    return _place("text", {"markdown": markdown}, (0, top), (width, height))


def _place(kind: str, properties: Widget, corner: tuple[int, int], size: tuple[int, int]) -> Widget:
    """A widget with its upper left corner and its size, width first, in units of the grid."""
    (left, top), (width, height) = corner, size
    return {"type": kind, "x": left, "y": top, "width": width, "height": height, "properties": properties}
