"""Whether a copy is done: it reads back as wanted, and the cluster that the change made busy is free again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.aws.retry import PATIENCE
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import Failed
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    DESTROY,
    HERE,
    ID,
    NAME,
    create,
    delete,
    event_of,
    live,
    owned,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel


def test_is_complete_waits_for_a_cluster_that_the_change_made_busy(model: RedshiftModel, stack: Stack) -> None:
    event = event_of(stack)
    answer = index.on_event_in(event, stack.handler.runtime())
    model.faults.busy(HERE, NAME, 100)
    merged = {**event, **answer}
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": False}
    model.clock.advance(100)
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": True}


def test_is_complete_waits_no_longer_than_its_deadline_for_a_busy_cluster(model: RedshiftModel, stack: Stack) -> None:
    event = event_of(stack)
    merged = {**event, **index.on_event_in(event, stack.handler.runtime())}
    model.faults.busy(HERE, NAME, 36000)
    model.clock.advance(PATIENCE.total_seconds() + 1)
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": True}


def test_is_complete_names_what_does_not_read_back(model: RedshiftModel, stack: Stack) -> None:
    event = event_of(stack)
    merged = {**event, **index.on_event_in(event, stack.handler.runtime())}
    cluster = model.cluster(HERE, NAME)
    assert cluster is not None
    cluster.copy = None
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": False}
    model.clock.advance(PATIENCE.total_seconds() + 1)
    with pytest.raises(Failed, match="does not read back as wanted: live is off"):
        index.is_complete_in(merged, stack.handler.runtime())


def test_is_complete_rides_out_throttling_but_not_a_permanent_error(model: RedshiftModel, stack: Stack) -> None:
    event = event_of(stack)
    merged = {**event, **index.on_event_in(event, stack.handler.runtime())}
    model.faults.throttle()
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": False}
    model.faults.fail_next("DescribeClusters", "InvalidTagFault")
    with pytest.raises(Failed, match="InvalidTagFault"):
        index.is_complete_in(merged, stack.handler.runtime())


def test_is_complete_of_a_delete_sees_the_copy_off(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack, **DESTROY).ok
    event = {**event_of(stack), "RequestType": "Delete", "Expect": "off", "PhysicalResourceId": "snapshot-copy/sales"}
    assert index.is_complete_in(event, stack.handler.runtime()) == {"IsComplete": False}
    assert delete(stack, **DESTROY).ok
    assert index.is_complete_in(event, stack.handler.runtime()) == {"IsComplete": True}


def test_is_complete_tells_of_a_cluster_that_disappeared(model: RedshiftModel, stack: Stack) -> None:
    event = {**event_of(stack), "PhysicalResourceId": "snapshot-copy/sales"}
    model.world.clusters.clear()
    with pytest.raises(Failed, match="disappeared"):
        index.is_complete_in(event, stack.handler.runtime())


def test_a_noop_answer_never_waits_for_the_cluster(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack).ok
    model.faults.busy(HERE, NAME, 36000, "resizing")
    before = model.clock.monotonic()
    assert update(stack).ok
    assert model.clock.monotonic() - before < 5


def test_an_ended_copy_that_another_stack_enables_again_is_done(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN a Delete with both keys that ended the copy
    cluster.copy, cluster.tags = live(), owned(stack)
    created = event_of(stack)
    properties = {**created["ResourceProperties"], **DESTROY}
    event = {**created, "RequestType": "Delete", "PhysicalResourceId": ID, "ResourceProperties": properties}
    merged = {**event, **index.on_event_in(event, stack.handler.runtime())}
    # WHEN another stack enables it before the Delete is complete THEN nobody waits for its end
    cluster.copy, cluster.tags = live(), owned(Stack(model, "Other", HERE))
    assert index.is_complete_in(merged, stack.handler.runtime()) == {"IsComplete": True}
