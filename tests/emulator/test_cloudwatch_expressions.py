"""Metric math of the emulated CloudWatch."""

from __future__ import annotations

import pytest

from emulator.aws.cloudwatch.expressions import Expression, Values

SERIES: dict[str, Values] = {"a": [1.0, None, 3.0], "b": [10.0, 20.0, None], "none": [None, None, None]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2", [21.0, None, None]),
        ("-(a - 1) / 2", [0.0, None, -1.0]),
        ("b / (a - 1)", [None, None, None]),
        ("FILL(a, 0)", [1.0, 0.0, 3.0]),
        ("FILL(a, b)", [1.0, 20.0, 3.0]),
        ("FILL(b, REPEAT)", [10.0, 20.0, 20.0]),
        ("FILL(none, 1000000000)", [1e9, 1e9, 1e9]),
        ("FILL(a, 0) + FILL(b, 0)", [11.0, 20.0, 3.0]),
        ("MAX([a, b])", [10.0, 20.0, 3.0]),
        ("MIN([FILL(a, 5), 2])", [1.0, 2.0, 2.0]),
        ("SUM([a, b, none])", [11.0, 20.0, 3.0]),
        ("MAX(FILL([a, none], 7))", [7.0, 7.0, 7.0]),
        ("a - MAX(a)", [-2.0, None, 0.0]),
        ("IF(a > 2, 1, 0)", [0.0, None, 1.0]),
        ("IF(FILL(a, 0) > 0 AND FILL(b, 0) > 0, b, -1)", [10.0, -1.0, -1.0]),
        ("IF(FILL(a, 0) == 0 || FILL(b, 0) == 0, 1, 0)", [0.0, 1.0, 1.0]),
        ("IF(FILL(a, 0), a)", [1.0, None, 3.0]),
    ],
)
def test_what_it_gives(text: str, expected: Values) -> None:
    assert Expression(text).values(SERIES, 3) == expected


def test_it_knows_the_ids_that_it_needs() -> None:
    assert Expression("IF(FILL(m1, REPEAT) > 2, MAX([m2, e1]), 0)").names == ["e1", "m1", "m2"]


@pytest.mark.parametrize("text", ["a +", "RATE(a)", "a.b"])
def test_what_it_lacks_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="metric math"):
        Expression(text).values(SERIES, 3)
