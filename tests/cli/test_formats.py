"""The formats of other monitoring systems: their rules, and that nothing from outside breaks them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.cli.formats import Family, Performance, nagios_line, worst_of_nagios

HOSTILE = "a\nb|c'd=e\x1b[31m\\\"f\x07"


def test_a_line_of_nagios_stays_one_line() -> None:
    # GIVEN a text and a label with everything that means something to Nagios or to a terminal WHEN written
    line = nagios_line(2, HOSTILE, [Performance(label=HOSTILE, value=1.5, unit="s", warning=3, critical=4)])
    # THEN there is one line, one bar, and the label ends where it ends
    assert line == "CRITICAL - a b/c'd=e[31m\\\"f | 'a b/c_d_e[31m\\\"f'=1.500s;3;4;0"


def test_a_sample_of_prometheus_is_one_line() -> None:
    # GIVEN a label with quotes, backslashes and line breaks WHEN written THEN they are escaped
    family = Family(name="age_seconds", says="An age.")
    family.add(7200, plan=HOSTILE)
    family.add(None, plan="unknown")
    assert str(family) == (
        "# HELP resilient_redshift_age_seconds An age.\n"
        "# TYPE resilient_redshift_age_seconds gauge\n"
        'resilient_redshift_age_seconds{plan="a\\nb|c\'d=e[31m\\\\\\"f"} 7200\n'
    )
    assert re.fullmatch(r"resilient_redshift_[a-z_]+", "resilient_redshift_age_seconds")


@settings(max_examples=60)
@given(st.text(), st.text())
def test_no_text_from_outside_breaks_a_format(text: str, label: str) -> None:
    # GIVEN any text WHEN written THEN Nagios reads one line with one bar, and Prometheus one sample that it can take apart
    line = nagios_line(0, text, [Performance(label=label, value=1)])
    assert "\n" not in line
    assert re.fullmatch(r"OK - [^|]* \| '[^'=|]*'=1;;;0", line)
    family = Family(name="any", says="Anything.")
    family.add(1, plan=label)
    *_, sample = str(family).rstrip("\n").split("\n")
    assert re.fullmatch(r'resilient_redshift_any\{plan="(?:[^"\\\n]|\\[\\"n])*"\} 1', sample)


def test_a_metric_without_a_sample_is_left_out() -> None:
    assert str(Family(name="age_seconds", says="An age.")) == ""


@pytest.mark.parametrize(("codes", "worst"), [([0, 1], 1), ([1, 3], 3), ([3, 2, 0], 2), ([0], 0), ([], 3)])
def test_the_worst_counts(codes: list[int], worst: int) -> None:
    assert worst_of_nagios(codes) == worst
