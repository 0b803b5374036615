"""CloudFormation's request: an event that is not as it must be is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.custom_resources import events, index
from resilient_redshift.cloud.errors import Refused
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import HERE, STACK, copy, event_of, request_of

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


def _send(stack: Stack, **changes: Any) -> Any:
    return index.on_event_in({**event_of(stack), **changes}, stack.handler.runtime())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"ResourceType": "Custom::Other"},
            "ResourceType: got 'Custom::Other'; allowed: Custom::RedshiftSnapshotCopy, Custom::Reds",
        ),
        ({"RequestType": "Read"}, "RequestType: got 'Read'; allowed: Create, Update, Delete"),
        ({"LogicalResourceId": ""}, "LogicalResourceId: got ''"),
    ],
)
def test_a_wrong_event_is_told(stack: Stack, changes: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        _send(stack, **changes)


def test_a_stack_id_that_is_no_arn_is_told(model: RedshiftModel) -> None:
    stack = Stack(model, "Warehouse", HERE)
    stack.handler.stack_id = "stack"
    with pytest.raises(Refused, match="the ARN of a CloudFormation stack"):
        _send(stack, StackId="stack")


def test_partition_region_and_account_are_those_of_the_stack(stack: Stack) -> None:
    # GIVEN a stack of another partition
    china = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/Warehouse/1"
    # WHEN
    request = events.parse({**event_of(stack), "StackId": china}, china)
    # THEN
    assert (request.partition, request.region, request.account) == ("aws-cn", "cn-north-1", "123456789012")
    assert request.arn("cluster:sales") == "arn:aws-cn:redshift:cn-north-1:123456789012:cluster:sales"


@pytest.mark.parametrize("allowed", ["", f"{STACK}2"])
def test_an_event_of_another_stack_is_refused(allowed: str) -> None:
    with pytest.raises(Refused, match="this handler serves its own stack only"):
        events.parse({**request_of(copy()).raw}, allowed)


def test_parts_of_a_wrong_type_are_absent() -> None:
    # GIVEN an id and properties that are neither text nor object WHEN parsed THEN nothing is made of them
    request = request_of(copy(), PhysicalResourceId=7, ResourceProperties=["x"])
    assert (request.physical_id, request.properties) == (None, {})
