"""The picture of a dashboard, drawn from its body and from series of its metrics; that of the docs is drawn anew and compared."""

from __future__ import annotations

import os

from demo.dashboard_picture import draw, read_series
from resilient_redshift.watching.dashboard_body import PlanRow, dashboard_body
from tests.docs.tables import ROOT

DOCS = ROOT / "docs"
PICTURE, EXAMPLE = DOCS / "recovery-dashboard-example.svg", DOCS / "recovery-dashboard-example.json"
ROW = PlanRow(
    plan="sales",
    primary_region="us-east-1",
    recovery_region="us-west-2",
    recovery_point_seconds=26 * 3600,
    recovery_time_seconds=4 * 3600,
    drilled=True,
)
BODY = dashboard_body("us-west-2", [ROW], ["an alarm"])


def lines(picture: str) -> int:
    """How many lines the graphs of a picture have."""
    return picture.count("<polyline")


def test_the_picture_of_the_docs_is_drawn_from_the_definition_and_the_example() -> None:
    # GIVEN the body that the library makes, and the series in the docs WHEN drawn THEN it is the picture in the docs
    drawn = draw(BODY, read_series(EXAMPLE.read_text()), alarms={"sales": "OK"})
    if os.environ.get("UPDATE_GOLDEN"):
        PICTURE.write_text(drawn, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == drawn


def test_each_metric_has_a_line_from_the_most_exact_series() -> None:
    # GIVEN one series for both Regions, or one for the plan's Region besides, or none
    one = read_series('{"RecoveryPointAge": [["2026-11-23T00:00:00Z", 60], ["2026-11-24T00:00:00Z", 3600]]}')
    exact = {**one, "RecoveryPointAge sales us-west-2": one["RecoveryPointAge"][:1]}
    # THEN a metric without data has no line
    assert (lines(draw(BODY, one)), lines(draw(BODY, exact)), lines(draw(BODY, {}))) == (2, 2, 0)
    assert draw(BODY, exact) != draw(BODY, one)
