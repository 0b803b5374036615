"""Failed, stuck and far smaller snapshots, and rules whose snapshots are overdue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.watch.snapshots import dropped, overdue_rules, unfinished
from tests.cloud.restore.copies import BORN, copy
from tests.cloud.restore.record import AWAY, CLUSTER, NOW

RULE = {"rule": "nightly", "schedule": "cron(0 3 * * ? *)", "keep_days": 7, "enabled": True}


@pytest.mark.parametrize(
    ("status", "hours", "codes"),
    [
        ("failed", 2, ["SnapshotFailed"]),
        ("cancelled", 2, ["SnapshotFailed"]),
        ("failed", 25, []),
        ("creating", 11, []),
        ("creating", 13, ["SnapshotStuck"]),
        ("available", 13, []),
    ],
)
def test_a_snapshot_that_is_not_finished(status: str, hours: float, codes: list[str]) -> None:
    assert [one.code for one in unfinished([copy("one", hours, status=status)], AWAY, NOW)] == codes


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([49, 100], True),
        ([51, 100], False),
        ([49, 49, 100], True),
        ([100, 49], False),
        ([None, 100], False),
        ([0, 100], True),
        ([49], False),
    ],
    ids=["half", "little", "second", "grown", "unknown", "empty", "only"],
)
def test_a_newest_recovery_point_that_is_far_smaller(sizes: list[float | None], found: bool) -> None:
    points = [copy(f"point-{hours}", hours, size_megabytes=size) for hours, size in enumerate(sizes)]
    assert bool(list(dropped(points, AWAY, 50))) == found


def test_only_the_same_cluster_within_a_week_is_compared() -> None:
    newest = copy("newest", 1, size_megabytes=1)
    old = copy("old", 24 * 7 + 2, size_megabytes=100)
    other = copy("other", 2, size_megabytes=100, lineage=BORN - dt.timedelta(days=1))
    assert list(dropped([newest, old, other], AWAY, 50)) == []
    assert list(dropped([newest, copy("new", 2, size_megabytes=100)], AWAY, None)) == []


def manual(hours: float, **fields: Any) -> Any:
    taken = NOW - dt.timedelta(hours=hours)
    name = f"{CLUSTER}-nightly-{taken:%Y%m%dt%H%M}z"
    return copy(name, hours, **{"automated": False, "source_region": None, **fields})


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([manual(2)], False),
        # the next one was due two hours ago, and its machine has 18 hours
        ([manual(2 + 24)], False),
        ([manual(2 + 48)], True),
        ([manual(2 + 48), manual(1, status="failed")], True),
        ([manual(2 + 48), manual(2, status="creating")], False),
        ([], True),
    ],
    ids=["young", "late", "overdue", "failed", "creating", "none"],
)
def test_a_rule_whose_snapshot_is_overdue(points: list[Any], found: bool) -> None:
    assert [one.code for one in overdue_rules([RULE], points, {"nightly": NOW - dt.timedelta(days=9)}, NOW)] == (
        ["RuleOverdue"] if found else []
    )


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"schedule": "no schedule"}, {"schedule": "cron(0 3 1 1 ? 2020)"}],
    ids=["off", "odd", "over"],
)
def test_a_rule_that_never_fires_is_not_overdue(change: dict[str, Any]) -> None:
    assert list(overdue_rules([{**RULE, **change}], [manual(500)], {}, NOW)) == []


@pytest.mark.parametrize("points", [[], [manual(500)]], ids=["none", "old"])
def test_a_rule_that_is_new_or_enabled_again_has_time(points: list[Any]) -> None:
    assert list(overdue_rules([RULE], points, {"nightly": NOW - dt.timedelta(hours=3)}, NOW)) == []


def test_a_rule_without_a_snapshot_is_not_judged_by_who_has_no_memory() -> None:
    assert list(overdue_rules([RULE], [], {}, NOW)) == []
