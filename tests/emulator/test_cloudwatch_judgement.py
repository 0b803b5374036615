"""The states that rows of datapoints give: the two tables of AWS's page on missing data, row by row."""

from __future__ import annotations

import pytest

from emulator.aws.cloudwatch.judgement import ALARM, INSUFFICIENT_DATA, OK, Criteria

KEEP = "keep"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
#: M, the datapoints as AWS writes them (newest last; 0 does not breach, X breaches, - is missing), and the state of each treatment
TABLES = [
    (3, "0-X-X", (OK, OK, OK, OK)),
    (3, "0----", (OK, OK, OK, OK)),
    (3, "-----", (INSUFFICIENT_DATA, KEEP, ALARM, OK)),
    (3, "0XX-X", (ALARM, ALARM, ALARM, ALARM)),
    (3, "--X--", (ALARM, KEEP, ALARM, OK)),
    (2, "0-X-X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "00X0X", (ALARM, ALARM, ALARM, ALARM)),
    (2, "0-X--", (OK, OK, ALARM, OK)),
    (2, "----0", (OK, OK, ALARM, OK)),
    (2, "---X-", (ALARM, KEEP, ALARM, OK)),
    # the text below the tables: a breach that is too young
    (3, "----X", (KEEP, KEEP, ALARM, OK)),
    (3, "---X-", (KEEP, KEEP, ALARM, OK)),
]


@pytest.mark.parametrize("current", [OK, ALARM])
@pytest.mark.parametrize(("to_alarm", "points", "states"), TABLES)
def test_the_tables_of_awss_page(to_alarm: int, points: str, states: tuple[str, ...], current: str) -> None:
    # GIVEN the datapoints
    row = [{"0": 0.0, "X": 9.0, "-": None}[point] for point in reversed(points)]
    for missing, expected in zip(TREATMENTS, states, strict=True):
        criteria = Criteria("GreaterThanThreshold", 5, periods=3, to_alarm=to_alarm, missing=missing)
        # WHEN / THEN
        assert criteria.state(row, current) == (current if expected == KEEP else expected), missing


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", (OK, OK, ALARM)),
        ("GreaterThanOrEqualToThreshold", (OK, ALARM, ALARM)),
        ("LessThanThreshold", (ALARM, OK, OK)),
        ("LessThanOrEqualToThreshold", (ALARM, ALARM, OK)),
    ],
)
def test_a_threshold_is_compared_as_said(comparison: str, states: tuple[str, ...]) -> None:
    criteria = Criteria(comparison, 5, periods=1, to_alarm=1)
    assert tuple(criteria.state([value], OK) for value in (4.0, 5.0, 6.0)) == states
