"""Names that AWS accepts, and short hashes."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.errors import Problems
from resilient_redshift.rules.naming import (
    REGION,
    check_cluster_identifier,
    check_grant_name,
    check_group_name,
    check_rule_name,
    check_schedule_identifier,
    short_hash,
)


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


def test_a_short_hash_sees_the_border_between_its_parts() -> None:
    assert short_hash("a", "bc") != short_hash("ab", "c")
    assert short_hash("a", "bc") == short_hash("a", "bc")
    assert len(short_hash("a", length=12)) == 12


def test_a_token_is_no_identifier_of_a_schedule() -> None:
    # GIVEN a name that only the deployment knows WHEN it identifies a schedule THEN no policy could name that schedule
    problems = Problems("X")
    check_schedule_identifier(problems, "schedule_identifier", cdk.Aws.STACK_NAME)
    with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be a literal, got 'a token'"):
        problems.raise_if_any()


@pytest.mark.parametrize("region", ["eu-central-1", "us-gov-east-1", "cn-north-1", "us-isob-east-1", "ap-southeast-10"])
def test_regions_of_every_partition_have_the_form(region: str) -> None:
    assert REGION.fullmatch(region)


@pytest.mark.parametrize(
    "name",
    ["sales", "a" * 255, "default.redshift-1.0", "0-subnets", "my_group", pytest.param(cdk.Aws.STACK_NAME, id="token")],
)
def test_names_of_groups_that_exist_pass(name: str) -> None:
    problems = Problems("X")
    check_group_name(problems, "subnet_group_name", name)
    problems.raise_if_any()


@pytest.mark.parametrize("name", ["", "Sales", "a b", "a" * 256, "-a", "arn:aws:redshift:us-west-2:1:subnetgroup:a", 5])
def test_what_names_no_group_is_refused(name: str) -> None:
    problems = Problems("X")
    check_group_name(problems, "subnet_group_name", name)
    with pytest.raises(ResilientRedshiftError, match="'subnet_group_name' must be a group's name as AWS lists it"):
        problems.raise_if_any()
