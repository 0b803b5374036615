"""What synth knows about Regions, and between which of them snapshots can be copied."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from resilient_redshift.core.regions import (
    check_other_region,
    partition_of,
    redshift_endpoints,
    service_endpoints,
    unknown_region,
)
from resilient_redshift.errors import Problems, ResilientRedshiftError


def problem_of(destination: str, source: str | None) -> str:
    problems = Problems("Copy")
    check_other_region(problems, "destination_region", destination, source)
    try:
        problems.raise_if_any()
    except ResilientRedshiftError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-esat-1", None)],
)
def test_a_region_has_its_partition_or_is_unknown(region: str, partition: str | None) -> None:
    assert partition_of(region) == partition
    assert unknown_region(region) is (partition is None)


def test_a_service_has_a_second_name_where_the_domain_is_another() -> None:
    assert redshift_endpoints("us-east-1") == ["redshift.us-east-1.amazonaws.com"]
    assert service_endpoints("sqs", "cn-north-1") == [
        "sqs.cn-north-1.amazonaws.com",
        "sqs.cn-north-1.amazonaws.com.cn",
    ]


@pytest.mark.parametrize(
    ("destination", "source"),
    [("us-west-2", "us-east-1"), ("cn-northwest-1", "cn-north-1"), ("mars-north-1", "us-east-1")],
)
def test_another_region_that_may_be_of_the_partition_passes(destination: str, source: str) -> None:
    assert problem_of(destination, source) == ""


@pytest.mark.parametrize(
    ("destination", "source", "words"),
    [
        ("us-east-1", "us-east-1", "must be another Region than the cluster's, us-east-1"),
        ("cn-north-1", "us-east-1", "must be a Region of the cluster's partition, aws, got 'cn-north-1 in aws-cn'"),
        ("us-west-2", None, "'cluster' must be a cluster in a stack with env=Environment"),
        ("us-west2", "us-east-1", "'destination_region' must be a Region's name such as us-west-2, got 'us-west2'"),
        ("US-WEST-2", "us-east-1", "must be a Region's name such as us-west-2, got 'US-WEST-2'"),
        ("", "us-east-1", "must be a Region's name such as us-west-2, got ''"),
        ("us-east-1", "US-EAST-1", "'cluster' must be a Region's name such as us-west-2, got 'US-EAST-1'"),
    ],
)
def test_a_region_that_takes_no_copies_is_refused(destination: str, source: str | None, words: str) -> None:
    assert words in problem_of(destination, source)


def test_a_token_is_no_destination() -> None:
    assert "must be the literal name of a Region, got 'a token'" in problem_of(cdk.Aws.REGION, "us-east-1")
