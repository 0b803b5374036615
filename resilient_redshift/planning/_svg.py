"""Draws a forecast as SVG: the age of the recovery point, manual snapshots against the quota, and storage.

The lines differ by their dashes, so that the picture can be read in grey. A reader of screens gets a title and a
description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.retention import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from resilient_redshift.planning._forecast import Forecast, RegionForecast

_WIDTH: Final = 900
_PANEL: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 20, 44, 30
_TICKS: Final = 4
#: A line with more points would be a black area. It is drawn by the greatest value of each column.
_MOST_POINTS: Final = 500
_COLUMNS: Final = 380
_ATTRIBUTES: Final = 'role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12"'
_STYLES: Final = (
    'stroke="#000" stroke-width="1.5"',
    'stroke="#0060a8" stroke-width="2" stroke-dasharray="7 3"',
    'stroke="#b04a00" stroke-width="2" stroke-dasharray="2 3"',
    'stroke="#555" stroke-width="2" stroke-dasharray="9 3 2 3"',
)
# what XML 1.0 does not allow, not even escaped
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a panel: its name, and its pieces of points (days, value)."""

    name: str
    pieces: Sequence[Points]

    @property
    def most(self) -> float:
        return max((value for piece in self.pieces for _, value in piece), default=0.0)


def as_svg(forecast: Forecast, *, title: str) -> str:
    """A forecast as a picture.

    Args:
        forecast: the forecast.
        title: the name of the cluster, of any text.
    """
    days = forecast.days
    ages = [_Line(each.region, _ages(each, days)) for each in forecast.regions]
    dense = any(len(region.recovery_points) * 2 > _MOST_POINTS for region in forecast.regions)
    age = f"Age of the newest usable recovery point{', greatest of each interval' if dense else ''}"
    quotas = sorted({region.quota.quota for region in forecast.regions})
    numbers = [_Line(each.region, [_numbers(each, days)]) for each in forecast.regions]
    numbers += [_Line(f"quota {quota}", [[(0, quota), (days, quota)]]) for quota in quotas]
    panels = [
        (age, ages, lambda hours: in_words(timedelta(hours=hours))),
        ("Manual snapshots", numbers, lambda number: f"{number:.0f}"),
    ]
    stored = [_Line(f"{line.item}, {line.region}", [list(enumerate(line.over_time, 1))]) for line in forecast.costs]
    stored = [line for line in stored if line.pieces[0]]
    if stored:
        panels.append(("Billed storage in GB", stored, lambda gigabytes: f"{gigabytes:,.0f}"))
    height = _PANEL * len(panels) + 30
    heading = _text(f"{title}: {days} days from {forecast.begins}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_ATTRIBUTES}>',
        f'<title id="title">{heading}</title>',
        f'<desc id="desc">{_text(_description(forecast))}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="10" y="20" font-size="15" font-weight="bold">{heading}</text>',
    ]
    for place, (name, lines, label) in enumerate(panels):
        parts += _panel(name, lines, label, days=days, top=30 + place * _PANEL)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _description(forecast: Forecast) -> str:
    sentences = []
    for region in forecast.regions:
        if region.worst is None or region.median is None:
            sentences.append(f"{region.region}: no recovery point.")
            continue
        ages = f"the recovery point is at most {in_words(region.worst)} old, {in_words(region.median)} in the median"
        numbers = f"up to {region.most_manual_snapshots} manual snapshots, quota {region.quota.quota}"
        sentences.append(f"{region.region}: {ages}; {numbers}.")
    return " ".join(sentences)


def _panel(name: str, lines: Sequence[_Line], label: Callable[[float], str], *, days: int, top: int) -> Iterator[str]:
    most = max((line.most for line in lines), default=0.0) or 1.0
    bottom = top + _PANEL - _BOTTOM

    def across(day: float) -> float:
        return _LEFT + day / days * (_WIDTH - _LEFT - _RIGHT)

    def up(value: float) -> float:
        return bottom - value / most * (_PANEL - _TOP - _BOTTOM)

    yield f'<text x="{_LEFT}" y="{top + 14}" font-weight="bold">{_text(name)}</text>'
    for tick in range(_TICKS + 1):
        value, day = most * tick / _TICKS, days * tick / _TICKS
        height = f"{up(value):.1f}"
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height}" y2="{height}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{_text(label(value))}</text>'
        yield f'<text x="{across(day):.1f}" y="{bottom + 16}" text-anchor="middle">{day:.4g} d</text>'
    for number, line in enumerate(lines):
        style = _STYLES[number % len(_STYLES)]
        for piece in line.pieces:
            drawn = " ".join(f"{across(day):.1f},{up(value):.1f}" for day, value in piece)
            yield f'<polyline points="{drawn}" fill="none" {style}/>'
        side, x = top + 30, _LEFT + number * (_WIDTH - _LEFT - _RIGHT) / max(3, len(lines))
        yield f'<line x1="{x:.0f}" x2="{x + 26:.0f}" y1="{side - 4}" y2="{side - 4}" {style}/>'
        yield f'<text x="{x + 32:.0f}" y="{side}" font-size="11">{_text(line.name)}</text>'


def _ages(region: RegionForecast, days: int) -> list[Points]:
    """The age in hours, which grows between two recovery points; a new piece after each time without one."""
    pieces: list[Points] = [[]]
    end = timedelta(days=days)
    for (since, taken), (until, _) in pairwise([*region.recovery_points, (end, None)]):
        if taken is None:
            pieces.append([])
        else:
            pieces[-1] += [(moment / DAY, (moment - taken) / timedelta(hours=1)) for moment in (since, until)]
    return [_thinned(piece, days) for piece in pieces if piece]


def _numbers(region: RegionForecast, days: int) -> Points:
    points: Points = [(0.0, 0.0)]
    for since, number in region.manual_snapshots:
        points += [(since / DAY, points[-1][1]), (since / DAY, float(number))]
    return _thinned([*points, (float(days), points[-1][1])], days)


def _thinned(points: Points, days: int) -> Points:
    if len(points) <= _MOST_POINTS:
        return points
    most: dict[int, float] = {}
    for day, value in points:
        column = int(day / days * _COLUMNS)
        most[column] = max(most.get(column, 0.0), value)
    return [(column * days / _COLUMNS, value) for column, value in most.items()]


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("?", text))
