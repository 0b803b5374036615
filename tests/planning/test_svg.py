"""The picture of a forecast: well-formed whatever the names are, with a title and a description."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from resilient_redshift.planning import SnapshotPolicy, SnapshotRule, as_svg, forecast, parse_schedule

SVG = "{http://www.w3.org/2000/svg}"
NIGHTLY = SnapshotRule(name="nightly", schedule=parse_schedule("cron(0 3 * * ? *)"), keep=7)


def drawn(
    title: str = "sales", *, days: int = 30, size: float | None = None, region: str = "us-east-1", **others: int
) -> ET.Element:
    policy = SnapshotPolicy(region=region, rules=[NIGHTLY], destination_region="us-west-2", **others)
    svg = as_svg(forecast(policy, days=days, size=size), title=title)
    return ET.fromstring(svg)  # noqa: S314 - ours


def texts(picture: ET.Element) -> list[str]:
    return [each.text or "" for each in picture.iter(f"{SVG}text")]


def test_it_has_a_title_and_a_description_for_those_who_hear_it() -> None:
    picture = drawn()

    assert (picture.get("role"), picture.get("aria-labelledby")) == ("img", "title desc")
    assert picture.findtext(f"{SVG}title") == "sales: 30 days from 2029-01-01"
    description = picture.findtext(f"{SVG}desc") or ""
    assert "us-west-2: the recovery point is at most 9 h old" in description
    assert "up to 8 manual snapshots, quota 700." in description


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", 'a" onload="x', "&amp;", "\x00\x1b", "\ud800", "\ufffe"])
def test_no_name_leaves_its_text(name: str) -> None:
    picture = drawn(name, region=f"r{name}")

    tags = {each.tag.removeprefix(SVG) for each in picture.iter()}
    assert tags == {"svg", "title", "desc", "rect", "text", "line", "polyline"}
    assert not any(each.get("onload") for each in picture.iter())


def test_lines_differ_by_their_dashes_and_have_names() -> None:
    # WHEN a forecast with costs is drawn THEN there are three panels, and each line has a name and a style of its own
    picture = drawn(size=10.0)
    shown = texts(picture)
    for name in ("Age of the newest usable recovery point", "Manual snapshots", "Billed storage in GB", "quota 700"):
        assert name in shown
    styles = {each.get("stroke-dasharray") for each in picture.iter(f"{SVG}polyline")}
    assert len(styles) == 3


def test_the_age_is_drawn_as_it_grows_and_falls() -> None:
    # GIVEN one snapshot a day, and no automated one WHEN ten days are drawn
    picture = drawn(days=10, automated_snapshot_retention_period=0)
    # THEN the line of the cluster's Region goes up to its top and back, once a day
    [here, *_] = picture.iter(f"{SVG}polyline")
    heights = [float(point.split(",")[1]) for point in (here.get("points") or "").split()]
    assert heights.count(max(heights)) == 10


def test_many_recovery_points_are_thinned() -> None:
    picture = drawn(days=3000)

    assert "Age of the newest usable recovery point, greatest of each interval" in texts(picture)
    assert max(len((each.get("points") or "").split()) for each in picture.iter(f"{SVG}polyline")) < 500


def test_nothing_to_draw_is_said() -> None:
    picture = ET.fromstring(  # noqa: S314 - ours
        as_svg(forecast(SnapshotPolicy(region="r", automated_snapshot_retention_period=0), days=1), title="t")
    )
    assert picture.findtext(f"{SVG}desc") == "r: no recovery point."
