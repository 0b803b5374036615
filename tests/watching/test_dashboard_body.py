"""The body of a dashboard: what each widget shows, and how many there is room for."""

from __future__ import annotations

import dataclasses
from typing import Any

from resilient_redshift.contract.watching import WATCH_METRICS
from resilient_redshift.watching.dashboard_body import MOST_PLANS, MOST_WIDGETS, PlanRow, dashboard_body

ROW = PlanRow(
    plan="sales",
    primary_region="us-east-1",
    recovery_region="us-west-2",
    recovery_point_seconds=93_600,
    recovery_time_seconds=14_400,
    drilled=True,
)


def graphs(*rows: PlanRow) -> dict[str, dict[str, Any]]:
    body = dashboard_body("us-west-2", rows, [])
    return {each["properties"]["title"]: each["properties"] for each in body["widgets"] if each["type"] == "metric"}


def test_each_metric_is_read_in_its_region() -> None:
    # GIVEN a plan WHEN its row is made THEN the age is shown in both Regions, with the objective
    age = graphs(ROW)["How much would we lose now"]
    shown = [(metric[1], metric[-1]["region"]) for metric in age["metrics"]]
    assert shown == [
        ("RecoveryPointAge", "us-west-2"),
        ("RecoveryPointAge", "us-east-1"),
        ("FindingSeverity", "us-west-2"),
    ]
    assert [line["value"] for line in age["annotations"]["horizontal"]] == [93_600]
    assert {metric[2:4] == ["Plan", "sales"] for graph in graphs(ROW).values() for metric in graph["metrics"]} == {True}


def test_every_metric_of_a_watch_is_on_it_but_the_excuse() -> None:
    shown = {metric[1] for graph in graphs(ROW).values() for metric in graph["metrics"]}
    assert {*WATCH_METRICS} - shown == {"ClusterPaused"}


def test_a_plan_without_drills_has_no_graph_of_drills() -> None:
    without = graphs(dataclasses.replace(ROW, drilled=False))
    assert "Drills" in graphs(ROW)
    assert [*without] == ["How much would we lose now", "Recovery points", "Billed storage"]


def test_no_widget_covers_another_and_the_most_plans_fit() -> None:
    # GIVEN as many plans as there is room for, half of them without drills
    rows = [dataclasses.replace(ROW, plan=f"p{number}", drilled=number % 2 == 0) for number in range(MOST_PLANS)]
    # WHEN
    widgets = dashboard_body("us-west-2", rows, ["arn"])["widgets"]
    # THEN they are within the grid, and no cell is taken twice
    cells = [
        (x, y)
        for each in widgets
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len({*cells})
    assert max(x for x, _ in cells) == 23
    drilled = [dataclasses.replace(row, drilled=True) for row in rows]
    assert MOST_WIDGETS - 5 < len(dashboard_body("us-west-2", drilled, ["arn"])["widgets"]) <= MOST_WIDGETS
