"""Objectives: a value that is checked when you make it."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import Objectives, ResilientRedshiftError
from tests.scenes.clusters import new_stack, number_parameter


def test_lengths_are_stored_as_timedeltas() -> None:
    # GIVEN CDK's Durations WHEN stored THEN they are plain timedeltas
    objectives = Objectives(recovery_point=cdk.Duration.hours(6), recovery_time=timedelta(hours=2))
    assert (objectives.recovery_point, objectives.recovery_time) == (timedelta(hours=6), timedelta(hours=2))


def test_expected_copy_time_default() -> None:
    # GIVEN no copy time WHEN objectives are made THEN it is one hour
    objectives = Objectives(recovery_point=timedelta(hours=6), recovery_time=timedelta(hours=2))
    assert objectives.expected_copy_time == timedelta(hours=1)


def test_one_error_reports_every_wrong_objective() -> None:
    # GIVEN three wrong lengths, one of them a token WHEN objectives are made THEN one error reports all three
    token = cdk.Duration.hours(number_parameter(new_stack()))
    wrong: Any = 6
    with pytest.raises(ResilientRedshiftError) as caught:
        Objectives(recovery_point=wrong, recovery_time=timedelta(0), expected_copy_time=token)
    assert [text.split("'")[1] for text in caught.value.problems] == [
        "recovery_point",
        "recovery_time",
        "expected_copy_time",
    ]


def test_values_cannot_change() -> None:
    # GIVEN objectives WHEN code sets one of them THEN Python refuses it
    objectives: Any = Objectives(recovery_point=timedelta(hours=6), recovery_time=timedelta(hours=2))
    with pytest.raises(AttributeError):
        objectives.recovery_point = timedelta(0)


def test_values_need_no_cdk() -> None:
    # GIVEN a module that needs no CDK WHEN it is imported THEN aws_cdk is not imported
    code = "import sys, resilient_redshift.recovery.objectives; assert 'aws_cdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "length", [cdk.Duration.days(10**12), cdk.Duration.days(3654), timedelta.max], ids=["far", "near", "most"]
)
def test_a_length_of_more_than_ten_years_is_refused(length: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match="'recovery_time' must be at most 3653 days"):
        Objectives(recovery_point=timedelta(hours=6), recovery_time=length)
