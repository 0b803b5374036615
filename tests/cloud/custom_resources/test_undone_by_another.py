"""One call of another request undoes a part of what a request does. The request sees it at its next look, and repairs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cloud.custom_resources import schedule_scene
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.interleaving import every_order
from tests.cloud.custom_resources.scene import HERE, NAME, THERE, grant
from tests.cloud.custom_resources.schedule_scene import OFTEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.interleaving import Order

DELETED: Final = "B DeleteSnapshotCopyGrant"


def the_order(scene: Callable[[RedshiftModel], dict[str, Callable[[], Any]]], *beginning: str) -> Order:
    """The first order of calls that has these calls one after the other."""
    for order in every_order(scene):
        starts = range(len(order.calls))
        if any(order.calls[at : at + len(beginning)] == beginning for at in starts):
            return order
    raise AssertionError(f"no order has {beginning}")


@pytest.mark.parametrize("at", [("A CreateTags", DELETED), (DELETED, "A CreateTags")], ids=["after the tags", "before"])
def test_a_grant_that_is_deleted_after_it_was_found_is_made_again(at: tuple[str, str]) -> None:
    # GIVEN a Create that finds its grant, and a former owner's Delete after that
    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        stack, key = Stack(model, "A", THERE), model.given_key(THERE)
        model.given_grant(THERE, "site-1", key)
        client = model.client(THERE)
        return {
            "A": lambda: stack.handler.send("Create", "Grant", grant(key, SnapshotCopyGrantName="site-1")),
            "B": lambda: client.delete_snapshot_copy_grant(SnapshotCopyGrantName="site-1"),
        }

    # WHEN
    order = the_order(scene, *at)
    # THEN
    assert order.answers[0].ok
    assert order.model.grant(THERE, "site-1") is not None


def test_a_schedule_that_is_deleted_after_it_was_found_is_made_again() -> None:
    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        stack, client = Stack(model, "A", HERE), model.client(HERE)
        wanted = schedule_scene.schedule()
        model.given_schedule(HERE, OFTEN, *wanted.properties["ScheduleDefinitions"])
        return {
            "A": lambda: schedule_scene.send(stack, "Create", wanted),
            "B": lambda: client.delete_snapshot_schedule(ScheduleIdentifier=OFTEN),
        }

    order = the_order(scene, "A CreateTags", "B DeleteSnapshotSchedule")
    assert order.answers[0].ok
    assert order.model.schedule(HERE, OFTEN) is not None


def test_a_record_of_a_schedules_association_that_is_removed_is_written_again() -> None:
    stacks: list[Stack] = []

    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        model.given_cluster(HERE, NAME)
        model.given_schedule(HERE, OFTEN)
        stacks[:] = [Stack(model, "A", HERE)]
        arn, client = model.arn(HERE, f"cluster:{NAME}"), model.client(HERE)
        return {
            "A": lambda: schedule_scene.send(stacks[0], "Create", schedule_scene.association()),
            "B": lambda: client.delete_tags(ResourceName=arn, TagKeys=list(schedule_scene.TAGS)),
        }

    order = the_order(scene, "A ModifyClusterSnapshotSchedule", "B DeleteTags")
    cluster = order.model.cluster(HERE, NAME)
    assert cluster is not None
    assert order.answers[0].ok
    assert cluster.tags == schedule_scene.owned(stacks[0], "Association")
