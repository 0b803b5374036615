"""How a machine and its function work together: the answer, and the sizes that it keeps."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift.cloud.phases import LONGEST_CAUSE, LONGEST_RUN, End, RunTooLarge, Step, answer, cut, size


def test_a_step_hands_over_the_run_and_the_next_phase() -> None:
    assert answer({"a": 1}, Step(next="Check", wait_seconds=5, says="checking")) == {
        "run": {"a": 1},
        "next": "Check",
        "wait_seconds": 5,
        "says": "checking",
    }


@pytest.mark.parametrize(("succeeded", "following"), [(True, "Succeeded"), (False, "Failed")])
def test_an_end_hands_over_the_report_and_no_run(succeeded: bool, following: str) -> None:
    found = answer({"a": 1}, End(outcome="Stuck", succeeded=succeeded, report={"outcome": "Stuck"}))
    assert (found["run"], found["next"], found["report"], found["error"]) == (
        {},
        following,
        {"outcome": "Stuck"},
        "Stuck",
    )
    assert json.loads(found["cause"]) == {"outcome": "Stuck"}


def test_a_cause_is_as_long_as_step_functions_takes() -> None:
    found = answer({}, End(outcome="x", succeeded=False, report={"message": "é" * 40_000}))
    assert len(found["cause"]) == LONGEST_CAUSE


def test_a_run_that_is_too_large_is_refused_as_long_as_it_goes_on() -> None:
    # GIVEN a run at the limit WHEN it goes on THEN one byte more is refused; at the end nobody carries it any more
    frame = size({"a": ""})
    assert answer({"a": "x" * (LONGEST_RUN - frame)}, Step(next="x"))
    with pytest.raises(RunTooLarge, match=str(LONGEST_RUN)):
        answer({"a": "x" * (LONGEST_RUN - frame + 1)}, Step(next="x"))
    assert answer({"a": "é" * LONGEST_RUN}, End(outcome="x", succeeded=True, report={}))


@given(st.text(alphabet=st.characters(exclude_categories=[])), st.integers(0, 40))
def test_a_cut_text_is_a_beginning_of_at_most_so_many_bytes(text: str, most: int) -> None:
    # GIVEN any text, a lone surrogate among its letters WHEN cut
    short = cut(text, most)
    # THEN it is a beginning of the text, as long as fits
    whole = text.encode(errors="replace").decode()
    assert whole.startswith(short)
    assert len(json.dumps(short, ensure_ascii=False).encode()) - 2 <= most
    assert short == whole or size(whole[: len(short) + 1]) - 2 > most
