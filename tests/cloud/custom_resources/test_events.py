"""CloudFormation's request: an event that is not as it must be is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import Refused
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import HERE, event_of

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
