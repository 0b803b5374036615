"""Retention: whole days or for ever, and nothing in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift import FOREVER, ResilientRedshiftError
from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import days, span


def manual(value: Any) -> int:
    problems = Problems("Rule")
    result = days(problems, "keep", value, minimum=1, maximum=3653, forever=True, why="Redshift API")
    problems.raise_if_any()
    return result


@given(st.integers(1, 3653))
def test_whole_days_in_range_pass(number: int) -> None:
    assert manual(timedelta(days=number)) == number


def test_a_cdk_duration_in_hours_that_is_whole_days_passes() -> None:
    assert manual(Duration.hours(48)) == 2


def test_for_ever_is_minus_one() -> None:
    assert manual(FOREVER) == -1


@pytest.mark.parametrize(
    "value",
    [Duration.days(0), Duration.days(3654), Duration.hours(36), timedelta(days=-1), timedelta(days=1, microseconds=1)],
)
def test_anything_else_is_refused_by_argument_value_range_and_reason(value: Any) -> None:
    with pytest.raises(
        ResilientRedshiftError, match=r"Rule: 'keep' must be 1 to 3653 whole days or FOREVER, got .*Redshift API"
    ):
        manual(value)


@pytest.mark.parametrize("value", [7, "7", None])
def test_a_bare_number_is_refused_because_it_names_no_unit(value: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match="'keep' must be a Duration of 1 to 3653 whole days"):
        manual(value)


def test_for_ever_is_refused_where_aws_knows_no_such_thing() -> None:
    # GIVEN automated snapshots, which live 35 days at most
    problems = Problems("Copy")

    # WHEN
    days(problems, "keep_automated", FOREVER, minimum=1, maximum=35)

    # THEN
    with pytest.raises(ResilientRedshiftError, match="'keep_automated' must be 1 to 35 whole days, got FOREVER"):
        problems.raise_if_any()


def test_a_token_passes_unvalidated_and_stays_a_token() -> None:
    # GIVEN
    parameter = cdk.CfnParameter(cdk.Stack(), "Days", type="Number")

    # WHEN
    number = manual(Duration.days(parameter.value_as_number))

    # THEN
    assert cdk.Token.is_unresolved(number)


def test_a_span_must_be_known_and_longer_than_nothing() -> None:
    # GIVEN
    parameter = cdk.CfnParameter(cdk.Stack(), "Hours", type="Number")
    problems = Problems("Objectives")

    # WHEN
    span(problems, "recovery_point", Duration.hours(parameter.value_as_number))
    span(problems, "recovery_time", Duration.hours(0))
    span(problems, "expected_copy_time", 3600)  # type: ignore[arg-type]

    # THEN one error reports all three
    with pytest.raises(ResilientRedshiftError) as error:
        problems.raise_if_any()
    assert [problem.split()[0] for problem in error.value.problems] == [
        "'recovery_point'",
        "'recovery_time'",
        "'expected_copy_time'",
    ]
