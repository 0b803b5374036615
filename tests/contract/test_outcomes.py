"""The outcomes of runs: each exists once, and each is good or bad for all readers."""

from __future__ import annotations

from resilient_redshift.contract import outcomes


def test_each_outcome_exists_once() -> None:
    assert len(set(outcomes.RESTORE_OUTCOMES)) == len(outcomes.RESTORE_OUTCOMES)


def test_a_good_outcome_is_one_with_which_a_run_succeeds() -> None:
    # GIVEN what tools show as good WHEN compared THEN the machine succeeds with each, and a skipped drill is not good
    assert set(outcomes.SUCCEEDED) > outcomes.GOOD_RESTORE_OUTCOMES
    assert "SkippedFailover" not in outcomes.GOOD_RESTORE_OUTCOMES
