"""Delete: nothing, unless both keys are turned and the live copy is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    DESTROY,
    ELSEWHERE,
    HERE,
    NAME,
    ORIGIN,
    OWNER,
    OWNER_RESOURCE,
    delete,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel


@pytest.fixture
def running(cluster: Cluster, stack: Stack) -> Stack:
    """A copy that the stack made and owns."""
    cluster.copy, cluster.tags = live(), owned(stack)
    return stack


def test_retains_by_default_without_a_single_call(model: RedshiftModel, running: Stack) -> None:
    # GIVEN permissions may be gone already  # WHEN
    answer = delete(running)
    # THEN
    assert answer.ok
    assert model.calls == []
    assert model.copy_of(HERE, NAME) == live()


def test_both_keys_end_the_copy_and_take_the_record_away(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags["team"] = "finance"
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None
    assert cluster.tags == {"team": "finance"}


def test_a_lost_answer_ends_the_copy_and_takes_the_record_away_too(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    model.faults.fail_next("DisableSnapshotCopy", "InternalFailure", after=True)
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None
    assert cluster.tags == {}


def test_another_stack_has_not_the_second_key(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.tags[OWNER] = Stack(model, "Other", HERE).id
    assert delete(running, **DESTROY).ok
    assert mutations(model) == []


def test_another_resource_of_the_same_stack_has_not_the_second_key(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = owned(running, "RenamedCopy")
    assert delete(running, **DESTROY).ok
    assert mutations(model) == []


@pytest.mark.parametrize("left", [(), (OWNER,), (OWNER_RESOURCE, ORIGIN)])
def test_tags_that_somebody_removed_fail_the_delete_with_the_reason(
    model: RedshiftModel, cluster: Cluster, running: Stack, left: tuple[str, ...]
) -> None:
    # GIVEN a tool that removes the tags that it does not know
    cluster.tags = {name: value for name, value in cluster.tags.items() if name in left}
    # WHEN
    answer = delete(running, **DESTROY)
    # THEN nothing happened, and the reason says what is on and how to end it
    assert "somebody removed the owner's tags" in answer.reason
    assert "aws redshift disable-snapshot-copy --cluster-identifier sales" in answer.reason
    assert mutations(model) == []
    # AND once the copy is off, the same Delete passes
    cluster.copy = None
    assert delete(running, **DESTROY).ok


def test_tags_that_the_next_deployment_wrote_again_turn_the_second_key(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = {}
    assert update(running, **DESTROY).ok
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None


def test_adoption_alone_is_no_second_key(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.tags = owned(running, origin="adopted")
    assert delete(running, **DESTROY).ok
    assert mutations(model) == []


@pytest.mark.parametrize("found", [live(region=ELSEWHERE, grant_name=None), live(grant_name=None), None])
def test_another_live_copy_is_left_alone(model: RedshiftModel, cluster: Cluster, running: Stack, found: Any) -> None:
    cluster.copy = found
    assert delete(running, **DESTROY).ok
    assert mutations(model) == []


def test_other_retentions_are_still_our_copy(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.copy = live(days=20)
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None


@pytest.mark.parametrize("invented", ["2026/11/23/[$LATEST]0a1b", "", "snapshot-copy/another", "AWSCDK::CREATE_FAILED"])
def test_an_invented_id_touches_nothing(model: RedshiftModel, running: Stack, invented: str) -> None:
    assert delete(running, invented, **DESTROY).ok
    assert model.calls == []


@pytest.mark.parametrize("status", ["deleting", "final-snapshot"])
def test_a_cluster_that_is_going_is_left_alone(
    model: RedshiftModel, cluster: Cluster, running: Stack, status: str
) -> None:
    cluster.status = status
    assert delete(running, **DESTROY).ok
    assert mutations(model) == []


def test_a_cluster_that_is_gone_is_success(model: RedshiftModel) -> None:
    assert delete(Stack(model, "Warehouse", HERE), **DESTROY).ok
    assert mutations(model) == []


def test_properties_that_no_create_took_touch_nothing(model: RedshiftModel, running: Stack) -> None:
    # GIVEN a Create that failed by its properties, and its Delete
    assert delete(running, RetentionPeriod="99", **DESTROY).ok
    assert model.calls == []


def test_a_paused_cluster_fails_with_what_to_do(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.status = "paused"
    assert "resume the cluster" in delete(running, **DESTROY).reason
    assert mutations(model) == []


def test_a_busy_cluster_is_waited_for(model: RedshiftModel, running: Stack) -> None:
    model.faults.busy(HERE, NAME, 200)
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None


def test_somebody_who_was_faster_is_success(model: RedshiftModel, running: Stack) -> None:
    model.faults.fail_next("DisableSnapshotCopy", "SnapshotCopyAlreadyDisabledFault")
    assert delete(running, **DESTROY).ok


def test_a_record_that_will_not_go_fails_no_delete(model: RedshiftModel, running: Stack) -> None:
    model.faults.fail_next("DeleteTags", "AccessDenied")
    assert delete(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) is None
    assert tags(model) == owned(running)


def test_denied_for_good_is_told(model: RedshiftModel, running: Stack) -> None:
    model.faults.deny_for(3600, "DisableSnapshotCopy")
    answer = delete(running, **DESTROY)
    assert "AccessDenied" in answer.reason
    assert "disable the snapshot copy of 'sales'" in answer.reason
