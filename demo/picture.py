"""Draws the timeline: SVG for browsers, light or dark as the reader likes it, and PNG for everything else."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib import dates
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from demo.spans import hours

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta
    from pathlib import Path

    from matplotlib.axes import Axes

    from demo.timeline import Lane, Timeline

_INK: Final = "#1b1f24"
_PAPER: Final = "#fefefe"
_GRID: Final = "#d0d4d9"
#: What a browser that prefers dark shows instead.
_DARK: Final = {_INK: "#e6e8eb", _PAPER: "#14171b", _GRID: "#3a4048"}
# Okabe and Ito's colours tell apart with every kind of colour blindness, and show on both papers
_TIERS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
_GREY: Final = "#8a8f96"
# the second lies on the first: broad and pale below, narrow above
_CURVES: Final = (("#56b4e9", 2.4), ("#d55e00", 0.9))
_WATCHED: Final = "#009e73"
_GONE: Final = 0.4
#: Rows that the smallest lane takes, so that its name fits beside it.
_LEAST: Final = 16
#: Rows that the largest lane takes. A month of an hourly rule has hundreds of snapshots; its rows are thin, and the
#: other lanes stay readable.
_MOST: Final = 80
_GAP: Final = 3
_THICKEST: Final = 6
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "resilient_redshift",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _GRID,
    "axes.facecolor": _PAPER,
    "figure.facecolor": _PAPER,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "grid.color": _GRID,
    "legend.facecolor": _PAPER,
    "legend.edgecolor": _GRID,
}


def draw(shown: Timeline, folder: Path) -> tuple[Path, Path]:
    """Write timeline.svg and timeline.png into the folder; returns both paths."""
    svg, png = folder / "timeline.svg", folder / "timeline.png"
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(13, 9.5), layout="constrained")
        lanes, ages = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1.6))
        figure.suptitle(shown.title, fontsize=13, x=0.01, ha="left")
        colours = _colours(shown)
        _draw_lanes(lanes, shown, colours)
        _draw_ages(ages, shown)
        for axes in (lanes, ages):
            _draw_marks(axes, shown, named=axes is ages)
        figure.savefig(png, dpi=110, metadata={"Title": shown.title, "Software": None})
        figure.savefig(svg, metadata={"Title": shown.title, "Description": summary(shown), "Date": None})
    svg.write_text(_with_dark(svg.read_text(encoding="utf-8")), encoding="utf-8")
    return svg, png


def summary(shown: Timeline) -> str:
    """The picture in words, for those who cannot see it."""
    lanes = [f"{lane.region}: {len(lane.lives)} {lane.tier}, {lane.kept} kept" for lane in shown.lanes]
    ages = [f"worst recovery-point age in {curve.region} {hours(curve.worst)}" for curve in shown.curves]
    return "; ".join([*lanes, *ages, f"objective {hours(shown.objective)}"])


def _colours(shown: Timeline) -> dict[str, str]:
    tiers = dict.fromkeys(lane.tier for lane in shown.lanes)
    return {tier: _TIERS[number % len(_TIERS)] for number, tier in enumerate(tiers)}


def rows(lane: Lane) -> int:
    """How many rows a lane takes."""
    return min(max(len(lane.lives), _LEAST), _MOST)


def _draw_lanes(axes: Axes, shown: Timeline, colours: Mapping[str, str]) -> None:
    top = 0.0
    ticks: list[tuple[float, str]] = []
    region = shown.lanes[0].region if shown.lanes else ""
    for lane in shown.lanes:
        if lane.region != region:
            region = lane.region
            axes.axhline(top, color=_INK, linewidth=1)
        height = rows(lane)
        _draw_lane(axes, lane, top, height, colours[lane.tier])
        ticks.append((top + height / 2, _name(lane)))
        top += height + 2 * _GAP
        axes.axhline(top, color=_GRID, linewidth=0.6)
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(top, 0)
    axes.set_xlim(_day(shown.since), _day(shown.until) + 0.4)
    axes.grid(visible=True, axis="x", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_title("Snapshots, each from the time of its data until it expired", fontsize=9, loc="left")
    handles = [Patch(color=colour, label=tier) for tier, colour in colours.items()]
    handles += [Patch(color=_GREY, label="stands at the end"), Patch(color=_GREY, alpha=_GONE, label="expired")]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(handles), frameon=False)


def _draw_lane(axes: Axes, lane: Lane, top: float, height: float, colour: str) -> None:
    pitch = height / max(1, len(lane.lives))
    for number, life in enumerate(lane.lives):
        axes.barh(
            top + _GAP + (number + 0.5) * pitch,
            _day(life.until) - _day(life.created),
            left=_day(life.created),
            height=min(pitch, _THICKEST),
            color=colour,
            alpha=_GONE if life.gone else 1,
            linewidth=0,
        )


def _draw_ages(axes: Axes, shown: Timeline) -> None:
    for curve, (colour, width) in zip(shown.curves, _CURVES, strict=True):
        axes.plot(
            [_day(at) for at, _ in curve.corners],
            [_hours(age) for _, age in curve.corners],
            color=colour,
            linewidth=width,
            label=f"{curve.region}, worst {hours(curve.worst)}",
        )
    axes.plot(
        [_day(at) for at, _ in shown.watched],
        [_hours(age) for _, age in shown.watched],
        color=_WATCHED,
        linestyle="none",
        marker=".",
        markersize=4,
        label="the watch",
    )
    axes.axhline(_hours(shown.objective), color=_INK, linestyle="--", linewidth=1.2)
    handles, _ = axes.get_legend_handles_labels()
    handles.append(Line2D([], [], color=_INK, linestyle="--", label=f"objective {hours(shown.objective)}"))
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False)
    worst = max([_hours(shown.objective), *(_hours(curve.worst) for curve in shown.curves)])
    axes.set_ylim(0, worst * 1.12)
    axes.set_ylabel("age (hours)")
    axes.set_title("Recovery-point age: what a loss would have cost", fontsize=9, loc="left")
    axes.set_xlabel("date (UTC)")
    axes.grid(visible=True, linewidth=0.5)
    days = max(1, (shown.until - shown.since).days // 9)
    axes.xaxis.set_major_locator(dates.DayLocator(interval=days, tz=UTC))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(dates.DateFormatter("%Y-%m-%d", tz=UTC))  # type: ignore[no-untyped-call]


def _draw_marks(axes: Axes, shown: Timeline, *, named: bool) -> None:
    for number, mark in enumerate(shown.marks):
        axes.axvline(_day(mark.at), color=_INK, linewidth=1, linestyle=":")
        if named:
            axes.annotate(
                mark.text,
                (_day(mark.at), 0.62 + 0.14 * number),  # each above the one before
                xycoords=("data", "axes fraction"),
                xytext=(-5, 0),
                textcoords="offset points",
                ha="right",
                bbox={"facecolor": _PAPER, "edgecolor": "none", "pad": 1},
            )


def _name(lane: Lane) -> str:
    what = f"copies of {lane.tier}" if lane.copies else lane.tier
    return f"{lane.region}: {what}\n{len(lane.lives)} {'copied' if lane.copies else 'taken'}, {lane.kept} kept"


def _day(at: object) -> float:
    return float(dates.date2num(at))  # type: ignore[no-untyped-call]


def _hours(age: timedelta) -> float:
    return age.total_seconds() / 3600


def _with_dark(svg: str) -> str:
    """Add what a browser shows to readers who prefer dark; other programs ignore it."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark} !important}}'
        for light, dark in _DARK.items()
        for kind in ("fill", "stroke")
    )
    begin = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:begin]}\n <style>@media (prefers-color-scheme: dark) {{{rules}}}</style>{svg[begin:]}"
