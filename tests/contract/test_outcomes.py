"""The outcomes of runs: each exists once, and each is good or bad for all readers."""

from __future__ import annotations

from resilient_redshift.contract import outcomes


def test_each_outcome_exists_once() -> None:
    assert len(set(outcomes.RESTORE_OUTCOMES)) == len(outcomes.RESTORE_OUTCOMES)


def test_a_good_outcome_is_one_with_which_a_run_succeeds() -> None:
    # GIVEN what tools show as good WHEN compared THEN the machine succeeds with each, and a skipped drill is not good
    assert set(outcomes.SUCCEEDED) > outcomes.GOOD_RESTORE_OUTCOMES
    assert "SkippedFailover" not in outcomes.GOOD_RESTORE_OUTCOMES


def test_no_failure_is_taken_for_a_drill_that_did_not_fail() -> None:
    # GIVEN what a drill may say WHEN it is not a proof that the plan fails THEN it is no failure of any kind
    failures = {*outcomes.DRILL_FAILED, *outcomes.RESTORE_FAILED}
    assert outcomes.NOT_FAILED_OUTCOMES.isdisjoint(failures)
    assert outcomes.ALREADY_RUNNING in outcomes.NOT_FAILED_OUTCOMES
    assert set(outcomes.RESTORE_OUTCOMES) - failures - outcomes.NOT_FAILED_OUTCOMES == {"Restored"}
