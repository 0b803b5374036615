"""The outcomes of runs: each exists once, and each is good or bad for all readers."""

from __future__ import annotations

from resilient_redshift.contract import outcomes


def test_each_outcome_exists_once() -> None:
    assert len(set(outcomes.RESTORE_OUTCOMES)) == len(outcomes.RESTORE_OUTCOMES)
