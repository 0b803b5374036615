"""The one reader of Parameter Store: a whole parameter is read whole, and a spoiled one is named field by field."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.contract import schemas
from resilient_redshift.contract.stored import (
    read_drills,
    read_endpoint,
    read_lineage,
    read_record,
    unable_to_restore,
    unusable,
    unusable_in,
)
from resilient_redshift.contract.understood import Understood
from tests.cloud.restore.record import AWAY, LINEAGES, PLAN, RECORD, a_record
from tests.contract.spoiled import WRONG, paths_of, spoiled

SINCE = "2026-11-01T00:00:00.000Z"
LAST = {"outcome": "Passed", "ended": "2026-11-20T00:00:00.000Z", "execution": "drill-0", "recovery_time_seconds": 60}
WHOLE: Final = {
    **a_record(f"arn:aws:kms:{AWAY}:111122223333:key/1"),
    "checks": [{"name": "rows", "sql": "select true", "expected": "true"}],
    "functions": {"clean_up": f"arn:aws:lambda:{AWAY}:111122223333:function:clean-up"},
    "lineage": SINCE,
}


def test_a_whole_record_is_read_whole() -> None:
    stored = read_record(json.dumps(WHOLE), PLAN)
    assert stored.value == WHOLE
    assert stored.problems == []
    assert unusable_in(stored, AWAY) == unable_to_restore(stored) == []


@pytest.mark.parametrize("path", [*paths_of(WHOLE)], ids=str)
def test_each_field_is_replaced_by_each_wrong_kind(path: tuple[Any, ...]) -> None:
    # GIVEN a record with one field of every other kind WHEN read
    for kind, value in WRONG.items():
        record = spoiled(WHOLE, path, value)
        stored = read_record(json.dumps(record), PLAN)
        # THEN the reader names the parameter, and keeps nothing of a form that the schema does not have
        assert stored.value == record or stored.problems or (path, kind) == (("restore",), "an object"), (path, kind)
        assert all(problem.startswith(f"{RECORD} is not understood: ") for problem in stored.problems)
        again = read_record(json.dumps({**WHOLE, **stored.value}), PLAN)
        assert all(problem.endswith(" is missing") for problem in again.problems), (path, kind)


@settings(max_examples=40, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_read(value: Any) -> None:
    # GIVEN any JSON in each parameter WHEN read THEN there is an answer
    text = json.dumps(value)
    assert unusable(read_record(text, PLAN))
    assert read_endpoint(text, PLAN).problems
    read_drills(text, PLAN)
    assert read_lineage(text, PLAN, {}).time is None


def test_a_record_of_another_version_says_which_and_nothing_else() -> None:
    stored = read_record(json.dumps({**WHOLE, "version": 7, "cluster": 5}), PLAN)
    assert stored.problems == [f"{RECORD} is not understood: it is of version 7; this release reads 1"]
    assert unusable(stored) == ["it is of version 7; this release reads 1"]
    assert stored.value == {}


def test_a_record_of_another_plan_is_of_no_use() -> None:
    stored = read_record(json.dumps(WHOLE), "another")
    assert unusable(stored) == [f'it belongs to another plan, "{PLAN}"']


def test_what_is_needed_and_absent_is_named() -> None:
    stored = read_record(json.dumps({**WHOLE, "recovery": {"region": AWAY, "security_groups": []}}), PLAN)
    assert unusable(stored) == []
    assert unable_to_restore(stored) == [
        "recovery.encryption_key is missing",
        "recovery.subnet_group is missing",
        "recovery.parameter_group is missing",
        "recovery.security_groups is an empty list",
    ]


def test_one_security_group_that_is_right_is_enough() -> None:
    groups = {**WHOLE["recovery"], "security_groups": [None, "sg-1"]}
    stored = read_record(json.dumps({**WHOLE, "recovery": groups}), PLAN)
    assert unable_to_restore(stored) == []
    assert stored.problems


def test_a_record_of_another_region_is_none_of_this_one() -> None:
    stored = read_record(json.dumps(WHOLE), PLAN)
    assert unusable_in(stored, "us-east-1") == [
        "recovery.region is us-west-2, must be us-east-1",
        "cluster.region is us-east-1, must be another Region",
    ]


WRITTEN, DEPLOYED = "2026-01-14T09:12:44.000Z", "2025-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("parameter", "record", "expected"),
    [
        (WRITTEN, {"lineage": DEPLOYED}, WRITTEN),
        (None, {"lineage": DEPLOYED}, DEPLOYED),
        ("spoiled", {"lineage": DEPLOYED}, DEPLOYED),
        ("", {}, None),
        ("0001-01-01T00:00:00+23:59", {}, None),
        ("2026-01-14T09:12:44", {}, WRITTEN),
        (None, {}, None),
    ],
)
def test_the_lineage_of_the_parameter_counts_before_that_of_the_record(
    parameter: str | None, record: dict[str, str], expected: str | None
) -> None:
    # GIVEN a parameter and a record WHEN read THEN the first time counts, and a parameter that holds none is named
    lineage = read_lineage(parameter, PLAN, record)
    assert lineage.time == (None if expected is None else dt.datetime.fromisoformat(expected))
    is_spoiled = parameter is not None and lineage.time != dt.datetime.fromisoformat(WRITTEN)
    assert lineage.problem.startswith(f"{LINEAGES} is not understood: ") is is_spoiled


@pytest.mark.parametrize(
    ("written", "memory"),
    [
        ({"since": SINCE, "inconclusive": 3, "last": LAST}, {"since": SINCE, "inconclusive": 3, "last": LAST}),
        ({"since": "yesterday", "inconclusive": "x", "last": 5}, {}),
        ({"since": "2026-11-01", "inconclusive": True, "last": {"ended": SINCE}}, {}),
        ({"since": SINCE, "last": {**LAST, "recovery_time_seconds": "1"}}, {"since": SINCE, "last": LAST}),
        ({"since": SINCE, "leftovers": {"a": SINCE, "b": "x"}}, {"since": SINCE, "leftovers": {"a": SINCE}}),
    ],
    ids=str,
)
def test_what_is_right_of_the_memory_of_drills_is_read(written: dict[str, Any], memory: dict[str, Any]) -> None:
    stored = read_drills(json.dumps(written), PLAN)
    expected = copy.deepcopy(memory)
    if written.get("last") != memory.get("last"):
        expected = {
            **memory,
            **({"last": {k: v for k, v in LAST.items() if k != "recovery_time_seconds"}} if memory else {}),
        }
    assert stored.value == expected
    assert bool(stored.problems) is (written != memory)


def test_an_endpoint_is_read_as_far_as_it_is_right() -> None:
    stored = read_endpoint(json.dumps({"cluster": "sales", "port": "5439"}), PLAN)
    assert stored.value == {"cluster": "sales"}
    assert any("port" in problem for problem in stored.problems)


def test_every_schema_that_is_read_uses_known_keywords() -> None:
    # GIVEN the schemas that the reader follows WHEN each of their keywords is listed THEN the reader knows it
    known = {"$schema", "title", "type", "additionalProperties", "properties", "required", "items", "anyOf", "const"}
    known |= {"enum", "minimum", "maximum", "minLength", "format"}

    def keywords(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
        return set(schema).union(*map(keywords, [*inner, *schema.get("anyOf", [])]))

    for schema in (schemas.PLAN_RECORD_SCHEMA, schemas.ENDPOINT_SCHEMA, schemas.DRILLS_SCHEMA):
        assert keywords(schema) <= known
    assert Understood(value={}).said == []
