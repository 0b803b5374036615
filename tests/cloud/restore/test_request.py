"""The input of a restore: what each field may hold, and what is said where it holds something else."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.cloud.restore.request import LONGEST_INPUT, Request, problems, target_problem
from tests.cloud.restore.record import AWAY, CLUSTER, PLAN
from tests.cloud.restore.world import RestoreWorld

FAILOVER = {"plan": PLAN, "mode": "failover"}
TIME = "a time in UTC, ISO 8601, such as 2026-11-24T03:00:00Z"
BAD_TIMES = ["yesterday", "2026-11-24", "2026-11-24T03:00:00", "2026-11-24T03:00:00+01:00", "2026-13-24T03:00:00Z", 5]
COPY = (
    "an object with region, and may have snapshot_copy_grant_name, keep_automated_days (1 to 35) and keep_manual_days "
    "(-1 or 1 to 3653)"
)
LABEL = "an identifier of a cluster, "
#: What each field must be, and values that it must not have.
BAD: dict[str, tuple[str, list[Any]]] = {
    "plan": ("the name of a recovery plan", ["", "../other", "Upper", "x" * 64, 1, None, ["a"]]),
    "mode": ("failover or drill", ["", "restore", "cleanup", 1, None, [], {}]),
    "snapshot": ("the identifier of a snapshot", ["", 5, "1st", "a b", "x" * 256]),
    "target": (LABEL, ["restored-", "restored-Upper", "a--b", "x" * 64, 5]),
    "not_before": (TIME, BAD_TIMES),
    "lineage": (TIME, BAD_TIMES),
    "scheduled_time": (TIME, BAD_TIMES),
    "point": (
        "newest, random, or an age in seconds from 1 to 315619200",
        ["oldest", "", 0, -1, 1.5, True, [], 315619201],
    ),
    "node_type": ("one such as ra3.large", [2, "", "large", "ra3.", "ra3.large "]),
    "number_of_nodes": ("a whole number from 1", [0, -1, 201, 1.5, "2", True, float("inf"), float("nan")]),
    "replace_failed": ("true or false", ["true", 1, 0, None, {}]),
    "publish": ("true or false", ["true", 1, 0, None, {}]),
    "copy_to": (
        COPY,
        [
            "eu-west-1",
            {},
            {"region": "Europe"},
            {"region": "eu-west-1", "snapshot_copy_grant_name": "-x"},
            {"region": "eu-west-1", "keep_automated_days": 0},
            {"region": "eu-west-1", "keep_automated_days": 36},
            {"region": "eu-west-1", "keep_manual_days": 3654},
            {"region": "eu-west-1", "keep_manual_days": "1"},
            {"region": "eu-west-1", "grant": "mistyped"},
        ],
    ),
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, (_, bad) in BAD.items() for value in bad], ids=str
)
def test_a_wrong_value_is_named_with_what_is_allowed(field: str, value: Any) -> None:
    # GIVEN an input with one wrong value WHEN checked
    given = {**FAILOVER, field: value}
    [problem] = problems(given)
    # THEN one sentence names the field, what it must be, and what it is
    shown = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)
    assert problem.startswith(f"{field} must be {BAD[field][0]}")
    assert problem.endswith(f", got {shown[:80]}")
    # AND the request goes on without it
    assert getattr(Request.of(given), field) == getattr(Request(), field)


def test_a_mistyped_field_starts_nothing() -> None:
    # GIVEN an operator who wants to look at an older copy beside, and mistypes the field WHEN run by hand
    world = RestoreWorld()
    world.copied()
    run = world.run({**FAILOVER, "targt": "restored-sales"})
    # THEN nothing is restored into the cluster's own name, and no client is moved
    assert run.outcome == "InvalidRequest"
    assert world.report(run)["message"].startswith(
        "targt: no such field; an input may have plan, mode, snapshot, target"
    )
    assert not world.model.world.clusters.keys() & {(AWAY, CLUSTER)}


def test_a_copy_into_the_clusters_own_region_is_refused() -> None:
    world = RestoreWorld()
    world.copied()
    run = world.run({**FAILOVER, "copy_to": {"region": AWAY}})
    assert run.outcome == "InvalidRequest"
    assert world.report(run)["message"].startswith(f"copy_to must be another Region than {AWAY}")


GOOD: dict[str, list[tuple[Any, Any]]] = {
    "snapshot": [("rs:sales-2026.1_x", "rs:sales-2026.1_x")],
    "target": [("restored-sales", "restored-sales"), ("a", "a")],
    "not_before": [("2026-11-24T03:00:00Z", dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC))],
    "lineage": [("2026-11-24T03:00:00.123+00:00", dt.datetime(2026, 11, 24, 3, 0, 0, 123_000, dt.UTC))],
    "scheduled_time": [("2026-11-24T03:00Z", dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC))],
    "node_type": [("ra3.large", "ra3.large")],
    "number_of_nodes": [(1, 1), (200, 200), (2.0, 2)],
    "replace_failed": [(True, True), (False, False)],
    "publish": [(True, True), (False, False)],
    "copy_to": [({"region": "us-gov-west-1", "keep_manual_days": -1},) * 2],
    "reason": [("the Region is dark", "the Region is dark"), ("é" * 400, "é" * 150), (5, None), ("", None)],
}


@pytest.mark.parametrize(("field", "value", "read"), [(f, v, r) for f, good in GOOD.items() for v, r in good], ids=str)
def test_a_right_value_is_read(field: str, value: Any, read: Any) -> None:
    # GIVEN an input with one more field WHEN read THEN the request has it
    given = {**FAILOVER, field: value}
    assert problems(given) == []
    assert getattr(Request.of(given), field) == read


@pytest.mark.parametrize("given", [None, [], "x", 1], ids=str)
def test_an_input_that_is_no_object_is_said(given: Any) -> None:
    assert problems(given) == ["the input must be an object with plan and mode"]
    assert Request.of(given) == Request()


def test_every_problem_is_said_at_once() -> None:
    # GIVEN an input in which everything is wrong WHEN checked THEN each field has its sentence
    found = problems({field: bad[0] for field, (_, bad) in BAD.items()})
    assert [text.partition(" ")[0] for text in found] == list(BAD) or {t.partition(" ")[0] for t in found} == BAD.keys()


@pytest.mark.parametrize("field", ["target", "copy_to", "replace_failed", "publish"])
def test_what_is_for_a_failover_alone_is_not_for_a_drill(field: str) -> None:
    # GIVEN a drill's input with a field of a failover WHEN checked THEN that is said
    value = GOOD[field][0][0]
    [problem] = problems({"plan": PLAN, "mode": "drill", field: value})
    assert problem.startswith(f"{field} is not for a drill")


@pytest.mark.parametrize("letter", ["x", "é", "日", '"'])
def test_an_input_is_as_long_as_its_bytes(letter: str) -> None:
    # GIVEN a reason in any letters WHEN the input is longer than allowed THEN it is refused, and not one byte before
    frame = len(json.dumps({**FAILOVER, "reason": ""}, separators=(",", ":")))
    width = len(json.dumps(letter, ensure_ascii=False).encode()) - 2
    most = (LONGEST_INPUT - frame) // width
    assert problems({**FAILOVER, "reason": letter * most}) == []
    [problem] = problems({**FAILOVER, "reason": letter * (most + 1)})
    assert problem.startswith(f"the input must have {LONGEST_INPUT} bytes at most")


@pytest.mark.parametrize(
    ("target", "right"), [(CLUSTER, True), ("restored-x", True), ("drill-x", False), ("other", False)]
)
def test_a_target_is_the_clusters_name_or_begins_with_restored(target: str, right: bool) -> None:
    assert (target_problem(target, CLUSTER) == "") is right


@given(
    st.dictionaries(
        st.sampled_from([*BAD, "reason"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dictionaries(st.text(), st.integers()),
    )
)
@settings(max_examples=150, deadline=None)
def test_no_input_is_too_odd_to_read(given: dict[str, Any]) -> None:
    # GIVEN any input WHEN read THEN what is wrong is said, and nothing raises
    assert all(isinstance(problem, str) for problem in problems(given))
    Request.of(given)


def test_a_number_with_a_point_is_sent_as_a_whole_one() -> None:
    # GIVEN an input whose whole numbers were written as 5.0 WHEN failed over THEN AWS gets whole numbers
    world = RestoreWorld()
    world.copied()
    run = world.failover(
        node_type="ra3.4xlarge",
        number_of_nodes=4.0,
        copy_to={"region": "eu-west-1", "keep_automated_days": 5.0, "keep_manual_days": -1.0},
    )
    assert run.outcome == "Restored", run.cause
    copy = world.model.copy_of("us-west-2", CLUSTER)
    assert copy is not None
    assert (copy.retention_period, copy.manual_retention_period) == (5, -1)
