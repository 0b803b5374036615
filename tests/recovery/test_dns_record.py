"""The DNS record that a failover changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import DnsRecord, ResilientRedshiftError
from tests.scenes.clusters import new_stack, number_parameter, text_parameter


def test_defaults() -> None:
    # GIVEN a zone and a name WHEN a record has no other argument THEN resolvers keep it for 60 seconds
    record = DnsRecord("Z0123456789", "Warehouse.example.com.")
    assert (record.hosted_zone_id, record.record_name, record.ttl) == (
        *("Z0123456789", "Warehouse.example.com."),
        timedelta(seconds=60),
    )
    assert record.normalized_name == "warehouse.example.com"


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=5), cdk.Duration.hours(1)])
def test_lengths_are_stored_as_timedeltas(ttl: Any) -> None:
    assert isinstance(DnsRecord("Z1", "a.example.com", ttl=ttl).ttl, timedelta)


def test_a_zone_of_the_app_passes() -> None:
    token = text_parameter(new_stack())
    assert DnsRecord(token, "a.example.com").hosted_zone_id == token


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"hosted_zone_id": "/hostedzone/Z1"}, "'hosted_zone_id' must be 1 to 32 capital letters and digits"),
        ({"hosted_zone_id": "z" * 33}, "'hosted_zone_id' must be 1 to 32"),
        ({"record_name": "warehouse"}, "'record_name' must be a full domain name"),
        ({"record_name": "*.example.com"}, "'record_name' must be a full domain name"),
        ({"record_name": "-a.example.com"}, "'record_name' must be a full domain name"),
        ({"record_name": ".".join(["a" * 60] * 5)}, "'record_name' must be a full domain name"),
        ({"ttl": timedelta(milliseconds=1500)}, "'ttl' must be whole seconds"),
        ({"ttl": timedelta(seconds=-1)}, "'ttl' must be longer than zero"),
        ({"ttl": 60}, "'ttl' must be a Duration"),
    ],
)
def test_refuses(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        DnsRecord(**{"hosted_zone_id": "Z1", "record_name": "a.example.com", **arguments})
    assert problem in str(caught.value)


def test_a_name_or_length_that_is_a_token_is_refused() -> None:
    # GIVEN values that only the deployment knows WHEN a record has them THEN it is refused: the role needs literals
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError) as caught:
        DnsRecord("Z1", text_parameter(stack), ttl=cdk.Duration.seconds(number_parameter(stack)))
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["record_name", "ttl"]
