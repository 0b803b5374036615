"""What is right of a JSON value is kept; everything else is named, whatever it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.contract.understood import object_of, read_time, shown, understand

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["part", "items"],
    "properties": {
        "part": {
            "type": "object",
            "required": ["days"],
            "properties": {"days": {"anyOf": [{"const": -1}, {"type": "integer", "minimum": 1, "maximum": 9}]}},
        },
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "on"],
                "properties": {"name": {"type": "string", "minLength": 1}, "on": {"type": "boolean"}},
            },
        },
        "times": {"type": "object", "additionalProperties": {"type": "string", "format": "date-time"}},
    },
}


@pytest.mark.parametrize(
    "text", [None, 5, "", "{", "[]", "null", '"{}"', "NaN", b"\xff", "[" * 100_000, '{"a":' * 100_000, "9" * 5000]
)
def test_a_text_that_holds_no_object_is_none(text: Any) -> None:
    assert object_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-02-30T00:00:00Z",
        "20260101T000000Z",
        "0001-01-01T00:00:00+23:59",
        "2026-11-24T25:00Z",
        5,
        None,
        "9999-12-31T23:59:59-23:59",
        "2026-11-24T03:00:00Z\n",
        "٢٠٢٦-11-24T03:00:00Z",
    ],
)
def test_a_text_that_is_no_time_is_none(text: object) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("text", ["2026-11-24T03:00:00Z", "2026-11-24T03:00", "2026-11-24T05:00:00.000+02:00"])
def test_a_time_is_in_utc(text: str) -> None:
    assert read_time(text) == dt.datetime(2026, 11, 24, 3, tzinfo=dt.UTC)


def test_what_is_right_is_kept_and_the_rest_is_named() -> None:
    # GIVEN an object with wrong parts, unknown ones and a whole number that was written as 5.0 WHEN read
    value = {"part": {"days": 5.0, "new": [[]]}, "items": [{"name": "a", "on": True}, {"name": ""}, 7], "new": 1}
    found = understand(SCHEMA, value)
    # THEN the right parts are there, an item only if it is whole
    assert found.value == {"part": {"days": 5}, "items": [{"name": "a", "on": True}]}
    assert found.said == [
        'items[1].name is "", must be a text that is not empty',
        "items[1].on is missing",
        "items[2] is 7, must be an object",
    ]


def test_an_object_that_may_be_read_in_part_needs_its_own_fields_alone() -> None:
    value = {"items": [{"name": "a", "on": "x"}, {"on": True}], "part": {}}
    assert understand(SCHEMA, value, in_part={"items[]": ("name",), "part": ()}).value == {
        "items": [{"name": "a"}],
        "part": {},
    }
    assert understand(SCHEMA, value).value == {"items": []}


@pytest.mark.parametrize("value", [0, 10, True, 5.5, "5", None, [], {}, float("nan"), float("inf"), 10**400, "\ud800"])
def test_a_value_of_another_kind_is_refused_in_words(value: object) -> None:
    found = understand(SCHEMA, {"part": {"days": value}, "items": []})
    assert found.value == {"items": []}
    [said] = found.said
    assert said.startswith("part.days is ")
    assert said.endswith(", must be -1 or a whole number from 1 to 9")
    assert said.isascii()


def test_half_a_character_is_no_text_and_no_name() -> None:
    # GIVEN what JSON can write and UTF-8 cannot WHEN read THEN neither a text nor a key holds it
    assert understand(SCHEMA, {"items": [{"name": "\ud800", "on": True}]}).value == {"items": []}
    assert understand(SCHEMA, {"times": {"\ud800": "2026-11-24T03:00:00Z"}}).value == {"times": {}}


def test_the_problems_of_a_field_are_those_above_it_and_inside_it() -> None:
    found = understand(SCHEMA, {"part": 5, "items": [{"name": "a", "on": 1}]})
    assert found.wrong("part.days") == ["part is 5, must be an object"]
    assert found.spoiled("items[].on") == ["items[0].on is 1, must be true or false"]
    assert found.spoiled("items[].name") == []
    assert found.wrong("times") == ["times is missing"]
    assert found.spoiled("times") == []
    assert understand(SCHEMA, None).wrong("part.days") == ["it is no JSON object"]


def test_a_long_value_is_shown_short() -> None:
    assert (shown([[]]), shown({"a": 1}), shown(None), shown("é")) == ("a list", "an object", "nothing", '"\\u00e9"')
    assert len(shown("x" * 10_000)) < 50
