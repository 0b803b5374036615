"""Errors: all of one call, each with argument, value, range and reason."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.core.arguments import where
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import check_cluster_identifier, check_grant_name, check_rule_name, short_hash
from resilient_redshift.rules.tokens import known, literal


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


def test_a_place_is_named_before_its_construct_exists() -> None:
    app = cdk.App()
    assert where(app, "Stack", "Stack") == "Stack (Stack)"
    assert where(cdk.Stack(app, "Prod"), "Copy", "SnapshotCopy") == "Prod/Copy (SnapshotCopy)"


@pytest.mark.parametrize("name", ["a", "a1", "sales", "sales-2024", "a" * 63])
@pytest.mark.parametrize("check", [check_cluster_identifier, check_grant_name, check_rule_name])
def test_names_that_aws_accepts_pass(check: object, name: str) -> None:
    problems = Problems("X")
    check(problems, "name", name)  # type: ignore[operator]
    problems.raise_if_any()


@pytest.mark.parametrize("name", ["", "1a", "A", "a_b", "a-", "a--b", "-a", "a" * 64, "a\n", "ä", "a.b"])
def test_names_that_aws_refuses_are_refused(name: str) -> None:
    problems = Problems("X")
    check_cluster_identifier(problems, "cluster_identifier", name)
    with pytest.raises(ResilientRedshiftError, match="'cluster_identifier' must be 1 to 63 lower-case letters"):
        problems.raise_if_any()


def test_a_token_as_a_name_passes() -> None:
    problems = Problems("X")
    check_cluster_identifier(problems, "cluster_identifier", cdk.Aws.STACK_NAME)
    problems.raise_if_any()


def test_tokens_are_known_from_what_synth_knows() -> None:
    # GIVEN
    number = cdk.CfnParameter(cdk.Stack(), "N", type="Number").value_as_number

    # THEN
    assert not known(cdk.Aws.REGION)
    assert not known(number)
    assert not known(cdk.Duration.days(number))
    assert not known([cdk.Aws.REGION])
    assert known("us-east-1")
    assert known(None)
    assert known(cdk.Duration.days(1))
    assert literal("us-east-1") == "us-east-1"
    assert literal(cdk.Aws.REGION) is None


def test_a_short_hash_sees_the_border_between_its_parts() -> None:
    assert short_hash("a", "bc") != short_hash("ab", "c")
    assert short_hash("a", "bc") == short_hash("a", "bc")
    assert len(short_hash("a", length=12)) == 12
