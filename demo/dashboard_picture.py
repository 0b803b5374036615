"""Draws a CloudWatch dashboard from its body and the data of its metrics, as SVG: the picture of docs/watching.md.

``python -m demo.dashboard_picture BODY.json DATA.json OUT.svg`` draws any dashboard that has text, alarm and metric
widgets. The data are ``{"alarms": {name: state}, "metrics": {name: [[time, value], ...]}}`` with times such as
``2026-11-23T08:00:00Z``. The name of a metric can be more exact: the value of its dimension and its Region follow, each
after a blank, as in ``RecoveryPointAge us-west-2``.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

Point = tuple[dt.datetime, float]
Series = Mapping[str, Sequence[Point]]

#: Pixels of one unit of CloudWatch's grid.
_CELL: Final = 60
_GAP: Final = 4
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 34, 30, 40
_COLOURS: Final = ("#0072b2", "#e69f00", "#8a8f96")
_LINES: Final = 4
_STYLE: Final = (
    ".w{fill:#fefefe;stroke:#d0d4d9}text{font:11px sans-serif;fill:#1b1f24}.t{font-weight:bold;font-size:13px}"
    ".s{fill:#6a7078;font-size:10px}.g{stroke:#d0d4d9;stroke-width:.6}"
    "@media(prefers-color-scheme:dark){.w{fill:#14171b;stroke:#3a4048}text{fill:#e6e8eb}.g{stroke:#3a4048}}"
)


def draw(body: Mapping[str, Any], series: Series, *, alarms: Mapping[str, str] | None = None) -> str:
    """The picture of a dashboard.

    Args:
        body: the body of the dashboard.
        series: the data of its metrics, by name; a metric without data has no line.
        alarms: the states of its alarms, by name. Default: the alarm widget says OK.
    """
    widgets = body["widgets"]
    times = [at for points in series.values() for at, _ in points]
    span = (min(times), max(times)) if times else None
    width = max(each["x"] + each["width"] for each in widgets) * _CELL
    height = max(each["y"] + each["height"] for each in widgets) * _CELL
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(_title(widgets))}</title><style>{_STYLE}</style>",
    ]
    for widget in widgets:
        x, y = widget["x"] * _CELL + _GAP, widget["y"] * _CELL + _GAP
        w, h = widget["width"] * _CELL - 2 * _GAP, widget["height"] * _CELL - 2 * _GAP
        parts.append(f'<g transform="translate({x} {y})"><rect class="w" width="{w}" height="{h}" rx="4"/>')
        properties = widget["properties"]
        if widget["type"] == "text":
            parts += _markdown(properties["markdown"], w)
        elif widget["type"] == "alarm":
            parts += _alarms(properties, alarms or {"OK": "OK"})
        else:
            parts += _graph(properties, series, span, w, h)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def read_data(text: str) -> tuple[dict[str, list[Point]], dict[str, str]]:
    """The series of metrics and the states of alarms, from their JSON."""
    given = json.loads(text)
    series = {
        name: [(dt.datetime.fromisoformat(at), float(value)) for at, value in points]
        for name, points in given["metrics"].items()
    }
    return series, given["alarms"]


def _title(widgets: Sequence[Mapping[str, Any]]) -> str:
    texts = (each["properties"]["markdown"] for each in widgets if each["type"] == "text")
    return next(texts, "A dashboard").splitlines()[0].lstrip("# ")


def _markdown(text: str, width: int) -> list[str]:
    found, top = [], 0
    for line in text.splitlines():
        heading = line.startswith("#")
        for row in _wrapped(line.lstrip("# "), width // 6):
            top += 20 if heading else 16
            found.append(_text(10, top + 4, row, "t" if heading else ""))
    return found


def _wrapped(line: str, most: int) -> list[str]:
    rows = [""]
    for word in line.split():
        if rows[-1] and len(rows[-1]) + len(word) >= most:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return [row for row in rows if row]


def _alarms(properties: Mapping[str, Any], states: Mapping[str, str]) -> list[str]:
    colours = {"OK": "#2a7f3f", "ALARM": "#d62728"}
    found = [_text(10, 20, properties["title"], "t")]
    for number, (name, state) in enumerate(sorted(states.items())):
        fill = colours.get(state, "#8a8f96")
        found.append(f'<circle cx="18" cy="{44 + 20 * number}" r="6" fill="{fill}"/>')
        found.append(_text(32, 48 + 20 * number, f"{name}: {state}"))
    return found


def _graph(
    properties: Mapping[str, Any], series: Series, span: tuple[dt.datetime, dt.datetime] | None, w: int, h: int
) -> list[str]:
    found = [_text(10, 20, properties["title"], "t")]
    lines = [(metric[-1], _points(metric, series)) for metric in properties["metrics"]]
    limits = properties.get("annotations", {}).get("horizontal", [])
    axes = {"left": _highest(lines, "left", limits), "right": _right(properties)}
    for number in range(_LINES + 1):
        y = _at(number / _LINES, h)
        found.append(f'<line class="g" x1="{_LEFT}" x2="{w - _RIGHT}" y1="{y}" y2="{y}"/>')
        label = _amount(axes["left"] * number / _LINES, properties["yAxis"]["left"]["label"])
        found.append(_text(_LEFT - 4, y + 4, label, "s", anchor="end"))
    if "right" in properties["yAxis"]:
        values = range(int(axes["right"]) + 1)
        found += [_text(w - _RIGHT + 4, _at(value / axes["right"], h) + 4, str(value), "s") for value in values]
    for limit in limits:
        y = _at(limit["value"] / axes["left"], h)
        found.append(f'<line x1="{_LEFT}" x2="{w - _RIGHT}" y1="{y}" y2="{y}" stroke="{limit["color"]}"/>')
        found.append(_text(w - _RIGHT - 4, y - 4, limit["label"], "s", anchor="end"))
    room = w - _LEFT - _RIGHT
    for number, (options, points) in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        if span is not None and points:
            scale = axes[options.get("yAxis", "left")]
            places = [f"{_LEFT + room * _share(at, span):.1f},{_at(value / scale, h)}" for at, value in points]
            found.append(f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        left = 10 + number * (w - 20) // len(lines)
        found.append(f'<rect x="{left}" y="{h - 16}" width="9" height="9" fill="{colour}"/>')
        found.append(_text(left + 13, h - 7, options["label"], "s"))
    if span is not None:
        for share, at in ((0, span[0]), (1, span[1])):
            text = f"{at:%d %b %H:%M}"
            found.append(_text(_LEFT + room * share, h - 24, text, "s", anchor="end" if share else "start"))
    return found


def _points(metric: Sequence[Any], series: Series) -> Sequence[Point]:
    """The data of a metric, from the most exact name that the series have."""
    _, name, _, value, options = metric
    wanted = (f"{name} {value} {options['region']}", f"{name} {options['region']}", name)
    points = next((series[each] for each in wanted if each in series), ())
    return sorted(points, key=lambda point: point[0])


def _highest(
    lines: Sequence[tuple[Mapping[str, Any], Sequence[Point]]], side: str, limits: Sequence[Mapping[str, Any]]
) -> float:
    values = [value for options, points in lines if options.get("yAxis", "left") == side for _, value in points]
    return float(max([*values, *(limit["value"] for limit in limits), 1e-9])) * 1.15


def _right(properties: Mapping[str, Any]) -> float:
    return float(properties["yAxis"].get("right", {}).get("max", 1))


def _at(share: float, height: int) -> float:
    return round(height - _BOTTOM - (height - _TOP - _BOTTOM) * share, 1)


def _share(at: dt.datetime, span: tuple[dt.datetime, dt.datetime]) -> float:
    whole = (span[1] - span[0]).total_seconds()
    return (at - span[0]).total_seconds() / whole if whole else 0.0


def _amount(value: float, unit: str) -> str:
    if unit == "seconds":
        return f"{value / 86400:.0f} d" if value >= 10 * 86400 else f"{value / 3600:.2g} h"
    sizes = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")) if unit == "bytes" else ()
    return next((f"{value / size:.1f} {name}" for size, name in sizes if value >= size), f"{value:.0f}")


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}"{named}{aligned}>{escape(text)}</text>'


if __name__ == "__main__":
    body_file, data_file, out = map(Path, sys.argv[1:4])
    shown, states = read_data(data_file.read_text(encoding="utf-8"))
    out.write_text(draw(json.loads(body_file.read_text(encoding="utf-8")), shown, alarms=states), encoding="utf-8")
