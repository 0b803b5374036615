"""The picture of a dashboard, drawn from its body and the data of its metrics; that of the docs is drawn anew and compared."""

from __future__ import annotations

import datetime as dt
import os

from demo.dashboard_picture import draw, read_data
from tests.scenes.dashboard import BODY, DATA, PICTURE


def lines(picture: str) -> int:
    """How many lines the graphs of a picture have."""
    return picture.count("<polyline")


def test_the_picture_of_the_docs_is_drawn_from_the_definition_and_the_virtual_metrics() -> None:
    # GIVEN the body that the library makes, and what CloudWatch had of ninety virtual days
    series, alarms = read_data(DATA.read_text(encoding="utf-8"))
    # WHEN drawn THEN it is the picture in the docs
    drawn = draw(BODY, series, alarms=alarms)
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_text(drawn, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == drawn


def test_each_metric_has_a_line_from_the_most_exact_series() -> None:
    # GIVEN one series for both Regions, or one for the plan's Region besides, or none
    points = '[["2026-11-23T00:00:00Z", 60], ["2026-11-24T00:00:00Z", 3600]]'
    one, _ = read_data(f'{{"alarms": {{}}, "metrics": {{"RecoveryPointAge": {points}}}}}')
    exact = {**one, "RecoveryPointAge sales-us-east-1 us-west-2": one["RecoveryPointAge"][:1]}
    # THEN a metric without data has no line
    assert (lines(draw(BODY, one)), lines(draw(BODY, exact)), lines(draw(BODY, {}))) == (2, 2, 0)
    assert draw(BODY, exact) != draw(BODY, one)


def test_an_axis_of_many_days_is_in_days() -> None:
    # GIVEN an age of 100 days WHEN drawn THEN the axis ends at 115 days
    at = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert ">115 d<" in draw(BODY, {"RecoveryPointAge": [(at, 100 * 86_400)]})
