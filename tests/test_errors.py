"""The one exception: it tells all problems of one call together, each with argument, value, range and reason."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.errors import Problems


def test_all_problems_of_one_call_are_raised_together() -> None:
    # GIVEN
    problems = Problems("Stack/Copy (SnapshotCopy)")

    # WHEN
    problems.add("destination_region", "us-east-1", "another Region", "the copy must outlive this one")
    problems.check(False, "keep_automated", cdk.Duration.days(40), "1 to 35 days")

    # THEN
    with pytest.raises(ResilientRedshiftError) as error:
        problems.raise_if_any()
    assert str(error.value) == (
        "Stack/Copy (SnapshotCopy): 'destination_region' must be another Region, got 'us-east-1' (the copy must outlive this one);"
        " 'keep_automated' must be 1 to 35 days, got 40 days"
    )


def test_nothing_is_raised_without_a_problem() -> None:
    problems = Problems("Stack/Copy (SnapshotCopy)")
    assert problems.check(True, "keep", 1, "1")
    problems.raise_if_any()
