"""Lengths of time in words."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.words import span


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (134, "2 min 14 s"),
        (7200, "2 h"),
        (8040, "2 h 14 min"),
        (90000, "1 d 1 h"),
        (-60, "-1 min"),
    ],
)
def test_a_length_in_two_units(seconds: int, told: str) -> None:
    assert span(seconds) == span(dt.timedelta(seconds=seconds)) == told
