"""Times and sizes."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cli import words


@pytest.mark.parametrize(
    ("megabytes", "told"), [(None, "-"), (12, "12 MB"), (2048, "2.0 GB"), (3 * 1024**2, "3.0 TB"), (0, "0 MB")]
)
def test_a_size(megabytes: float | None, told: str) -> None:
    assert words.size(megabytes) == told


@pytest.mark.parametrize(("days", "text"), [(None, "?"), (-1, "for ever"), (1, "1 day"), (35, "35 days")])
def test_a_retention(days: int | None, text: str) -> None:
    assert words.retention(days) == text


def test_times_are_utc_and_have_milliseconds_only_where_there_are_some() -> None:
    assert words.iso(words.parse_time("2026-11-23T09:15:00+01:00")) == "2026-11-23T08:15:00Z"
    assert words.iso(words.parse_time("2026-11-23T08:15:00.123Z")) == "2026-11-23T08:15:00.123Z"
    assert words.iso(words.parse_time("2026-11-23T08:15:00.000999Z")) == "2026-11-23T08:15:00Z"
    assert words.parse_time("2026-11-23T08:15") == dt.datetime(2026, 11, 23, 8, 15, tzinfo=dt.UTC)
    assert words.stamp(words.parse_time("2026-11-23T08:15:07Z")) == "20261123t081507z"
