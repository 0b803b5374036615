"""The numbers that AWS sets, compared with what botocore's service models tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from botocore.session import get_session

from resilient_redshift.rules import limits

if TYPE_CHECKING:
    from botocore.model import StructureShape


def told(service: str, shape: str, member: str) -> str:
    """What a service model says of a parameter."""
    found = cast("StructureShape", get_session().get_service_model(service).shape_for(shape))
    text: str = found.members[member].documentation
    return text


@pytest.mark.parametrize(
    ("shape", "member", "words"),
    [
        ("CreateClusterMessage", "AutomatedSnapshotRetentionPeriod", f"from 0 to {limits.MOST_AUTOMATED_DAYS}"),
        (
            "CreateClusterMessage",
            "AutomatedSnapshotRetentionPeriod",
            f"Default: <code>{limits.DEFAULT_AUTOMATED_DAYS}<",
        ),
        ("CreateClusterSnapshotMessage", "ManualSnapshotRetentionPeriod", f"between 1 and {limits.MOST_MANUAL_DAYS:,}"),
        ("EnableSnapshotCopyMessage", "RetentionPeriod", f"no more than {limits.MOST_AUTOMATED_DAYS}."),
        ("EnableSnapshotCopyMessage", "RetentionPeriod", f"Default: {limits.DEFAULT_COPY_DAYS}"),
        ("CreateClusterMessage", "Port", f"{limits.LOWEST_PORT}-{limits.HIGHEST_PORT}"),
    ],
)
def test_redshifts_numbers_are_those_of_its_api(shape: str, member: str, words: str) -> None:
    assert words in told("redshift", shape, member)


def test_eventbridges_numbers_are_those_of_its_api() -> None:
    model = get_session().get_service_model("events")
    policy = cast("StructureShape", model.shape_for("RetryPolicy")).members
    assert policy["MaximumEventAgeInSeconds"].metadata["max"] == limits.LONGEST_DELIVERY_SECONDS
    assert policy["MaximumRetryAttempts"].metadata["max"] == limits.MOST_DELIVERY_RETRIES
