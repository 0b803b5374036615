"""The picture: which lanes, which bars, and that a reader finds what is needed in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from demo.history import Journal, Life, Sight
from demo.observe import Protected
from demo.timeline import Lane, Mark, Timeline, timeline

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
WHO = Protected(
    "sales", "us-east-1", "us-west-2", timedelta(hours=26), timedelta(hours=4), "machine", ("nightly", "monthly")
)


def sight(name: str, tier: str, day: float) -> Sight:
    return Sight(name, tier, START + day * DAY, available=True)


@pytest.fixture
def shown() -> Timeline:
    journal = Journal(START, WHO.regions)
    first = [sight("m", "monthly", 0.5), sight("n", "nightly", 0.6), sight("a", "automated", 0.4)]
    journal.note(START + DAY, {"us-east-1": first, "us-west-2": first[1:]})
    journal.note(START + 3 * DAY, {"us-east-1": [first[0]], "us-west-2": [first[1], sight("x", "other manual", 2)]})
    return timeline(WHO, journal, [Mark(START + 2 * DAY, "something changed")], [(START + DAY, DAY / 4)])


def test_each_region_has_the_same_lanes_in_the_plans_order(shown: Timeline) -> None:
    # GIVEN tiers in both Regions WHEN laid out THEN automated, the rules as planned, the rest; the primary above
    tiers = ["automated", "nightly", "monthly", "other manual"]
    assert [(lane.region, lane.tier) for lane in shown.lanes] == [
        (region, tier) for region in WHO.regions for tier in tiers
    ]
    assert [lane.copies for lane in shown.lanes] == [False] * 4 + [True] * 4


def test_a_lane_holds_its_snapshots_and_counts_what_is_left(shown: Timeline) -> None:
    # GIVEN two snapshots that expired and one that stands WHEN laid out THEN each lane tells its own
    lanes = {(lane.region, lane.tier): lane for lane in shown.lanes}
    counts = {key: (len(lane.lives), lane.kept) for key, lane in lanes.items() if lane.lives}
    assert counts == {
        ("us-east-1", "automated"): (1, 0),
        ("us-east-1", "nightly"): (1, 0),
        ("us-east-1", "monthly"): (1, 1),
        ("us-west-2", "automated"): (1, 0),
        ("us-west-2", "nightly"): (1, 1),
        ("us-west-2", "other manual"): (1, 1),
    }


def test_the_curves_end_with_the_readings(shown: Timeline) -> None:
    assert [curve.region for curve in shown.curves] == list(WHO.regions)
    assert all(curve.corners[-1][0] == shown.until == START + 3 * DAY for curve in shown.curves)
    assert [curve.worst for curve in shown.curves] == [
        2.5 * DAY,
        2.4 * DAY,
    ]  # the newest here was lost, the older counts


@pytest.fixture
def svg(shown: Timeline, tmp_path: Path) -> str:
    from demo.picture import draw

    path, png = draw(shown, tmp_path)
    assert png.read_bytes().startswith(b"\x89PNG")
    return path.read_text(encoding="utf-8")


def words(svg: str) -> str:
    return " ".join(text.strip() for text in ET.fromstring(svg).itertext() if text.strip())  # noqa: S314 - ours


def test_the_picture_says_what_it_shows(svg: str) -> None:
    # GIVEN the picture WHEN its words are read THEN title, axes, lanes, legend, objective and change are among them
    said = words(svg)
    for wanted in (
        "Cluster sales: 3 days of snapshots",
        "date (UTC)",
        "age (hours)",
        "us-west-2: copies of nightly",
        "1 copied, 1 kept",
        "objective 26 h",
        "us-east-1, worst 60 h",
        "expired",
        "something changed",
        "the watch",
        "2026-11-24",
    ):
        assert wanted in said


def test_the_picture_tells_itself_in_words(svg: str) -> None:
    # GIVEN a reader who cannot see it WHEN the description is read THEN it holds what matters
    assert "us-west-2: 1 nightly, 1 kept" in words(svg)


def test_every_ink_has_a_dark_one(svg: str) -> None:
    # GIVEN a browser that prefers dark WHEN the picture is shown THEN paper, ink and grid are exchanged, colours stay
    rules = dict(re.findall(r'\[style\*="fill: (#\w+)"\]{fill:(#\w+)', svg))
    assert "prefers-color-scheme: dark" in svg
    used = set(re.findall(r"(?:fill|stroke): (#\w+)", svg.split("</style>", 1)[1]))
    greys = {colour for colour in used if max(parts(colour)) - min(parts(colour)) < 0x18}
    assert greys - {"#8a8f96"} <= rules.keys()  # the legend's grey shows on both


def parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def test_an_hourly_lane_leaves_room_for_the_others() -> None:
    from demo.picture import rows

    # GIVEN five weeks of an hourly rule beside a monthly one WHEN drawn THEN the monthly lane has a tenth of the height
    lives = tuple(Life(str(hour), "hourly", START, START + DAY, gone=True) for hour in range(840))
    hourly, monthly = Lane("us-east-1", "hourly", False, lives), Lane("us-east-1", "monthly", False, lives[:2])
    assert rows(hourly) * 0.1 < rows(monthly) < rows(hourly)


def test_the_same_data_make_the_same_picture(shown: Timeline, svg: str, tmp_path: Path) -> None:
    from demo.picture import draw

    again, _ = draw(shown, tmp_path / "again")
    assert again.read_text(encoding="utf-8") == svg
