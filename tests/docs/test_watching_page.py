"""The page about watching: every finding with its severity, every metric with its unit, an event that is one, and the calls."""

from __future__ import annotations

import dataclasses
import json
import re

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.cloud import findings
from resilient_redshift.cloud.watch import away, heartbeat, memory, snapshots
from resilient_redshift.contract import watching
from resilient_redshift.planning import MonitoringPrices, monitoring_cost
from resilient_redshift.watching.alarms import WatchAlarms
from tests.cloud.watch.test_calls_per_run import CALLS
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "watching.md"
TEXT = PAGE.read_text()


def test_the_page_has_every_finding_with_its_severity() -> None:
    table = {row.cells["finding"].strip("`"): row.cells["severity"] for row in rows(PAGE, "finding")}
    assert table == watching.FINDINGS


def test_every_finding_says_what_to_do() -> None:
    assert findings.TO_DO.keys() == watching.FINDINGS.keys()


def test_the_page_has_every_metric_with_its_unit() -> None:
    table = {row.cells["metric"].strip("`"): row.cells["unit"] for row in rows(PAGE, "metric")}
    assert table == {**watching.WATCH_METRICS, watching.METRIC_QUOTA_USED: "Percent"}


def test_the_event_that_is_shown_is_one() -> None:
    [block] = re.findall(r"```json\n(\{\n  \"version\".*?)```", TEXT, re.DOTALL)
    event = json.loads(block)
    jsonschema.validate(event, watching.EVENT_SCHEMA)
    made = findings.finding(event["code"], event["text"])
    assert (event["severity"], event["what_to_do"]) == (made.severity, made.what_to_do)
    assert f"`{watching.EVENT_SOURCE}`, the detail type `{watching.EVENT_DETAIL_TYPE}`" in TEXT


def test_the_numbers_are_those_of_the_code() -> None:
    hours = {
        f"{snapshots.RULE_GRACE.total_seconds() / 3600:.0f} hours later than its schedule",
        f"a snapshot of the last {snapshots.FAILED_FOR.total_seconds() / 3600:.0f} hours",
        f"for more than {snapshots.STUCK_AFTER.total_seconds() / 3600:.0f} hours",
        f"for more than {memory.ASSOCIATION_PATIENCE.total_seconds() / 60:.0f} minutes",
        f"older than {away.LEFT_AFTER.total_seconds() / 3600:.0f} hours",
    }
    assert {text for text in hours if text not in TEXT} == set()
    assert (heartbeat.RUNS, memory.REPLACED_FOR.days, memory.REPLACED_ALONE_FOR.days, snapshots.COMPARED_FOR.days) == (
        4,
        1,
        7,
        7,
    )


def test_the_calls_of_a_run_are_those_that_were_counted() -> None:
    table = [tuple(int(cell) for cell in row.cells.values()) for row in rows(PAGE, "watches")]
    assert table == CALLS


def test_the_cost_of_a_plan_is_the_sum_of_what_the_page_counts() -> None:
    # GIVEN the numbers of the page, and its prices
    table = {row.cells["what"]: row.cells for row in rows(PAGE, "what") if "a month" in row.cells}
    running, daily, alarms, warning, composite = (
        int(cells["number for each cluster"]) for what, cells in table.items() if what != "together"
    )
    assert "At 0.30 for a metric, 0.10 for an alarm and 0.50 for a composite alarm a month" in TEXT
    prices = MonitoringPrices(
        metric=0.30, alarm_metric=0.10, composite_alarm=0.50, compute=0, run=0, metric_request=0, event=0
    )
    # THEN the alarms are those of a watch
    assert alarms + warning + composite == len(dataclasses.fields(WatchAlarms))
    # AND the sum is that of monitoring_cost, and at most two dollars
    cost = monitoring_cost(
        metrics=[730.0] * running + [730 / 24] * daily,
        alarms=[1] * (alarms + warning),
        composite_alarms=composite,
        prices=prices,
    )
    together = float(table["together"]["a month"])
    assert cost.total == pytest.approx(together, abs=0.005)
    assert sum(float(cells["a month"]) for cells in table.values()) == pytest.approx(2 * together)
    assert together <= 2
