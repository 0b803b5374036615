"""Create: enable, adopt, refuse, and never leave anything half done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    DESTROY,
    ELSEWHERE,
    HERE,
    ID,
    NAME,
    OWNER,
    create,
    delete,
    live,
    mutations,
    owned,
    tags,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel


def test_enables_as_wanted_and_answers_the_cluster(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a cluster without a copy  # WHEN
    answer = create(stack, RetentionPeriod="14", ManualSnapshotRetentionPeriod="180")
    # THEN
    assert answer.ok, answer.reason
    assert answer.physical_id == ID
    assert answer.data == {"ClusterIdentifier": NAME, "DestinationRegion": "eu-west-1"}
    assert model.copy_of(HERE, NAME) == live(14, 180)


def test_without_a_grant_the_key_is_aws_owned(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack, SnapshotCopyGrantName=None).ok
    assert model.copy_of(HERE, NAME) == live(grant_name=None)


def test_the_owner_is_written_before_the_copy_is_on(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack).ok
    assert mutations(model) == ["CreateTags", "EnableSnapshotCopy"]
    assert tags(model) == owned(stack)


def test_adopts_an_equal_copy_of_nobody_with_one_tag_call(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    cluster.copy = live()
    assert create(stack).ok
    assert mutations(model) == ["CreateTags"]
    assert tags(model) == owned(stack, origin="adopted")


def test_adopts_an_equal_copy_of_another_stack(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = live(), owned(other)
    assert create(stack).ok
    assert tags(model) == owned(stack, origin="adopted")


def test_adopting_twice_changes_nothing(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    cluster.copy, cluster.tags = live(), owned(stack, origin="adopted")
    assert create(stack).ok
    assert mutations(model) == []


def test_adopting_what_we_once_made_gives_up_the_second_key(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN the copy outlived its resource, and the resource comes back: a rollback of that must not end the copy
    cluster.copy, cluster.tags = live(), owned(stack)
    assert create(stack, **DESTROY).ok
    # WHEN the rest of the deploy fails
    assert delete(stack, **DESTROY).ok
    # THEN
    assert model.copy_of(HERE, NAME) == live()


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (live(region=ELSEWHERE, grant_name=None), "us-east-1"),
        (live(grant_name=None), "no grant"),
        (live(days=14), "RetentionPeriod 14"),
        (live(manual=30), "ManualSnapshotRetentionPeriod 30"),
    ],
)
def test_refuses_a_different_copy_and_touches_nothing(
    model: RedshiftModel, cluster: Cluster, stack: Stack, found: object, word: str
) -> None:
    cluster.copy = found  # type: ignore[assignment]
    answer = create(stack)
    assert not answer.ok
    assert word in answer.reason
    assert "owned by no stack" in answer.reason
    assert "nothing was changed" in answer.reason
    assert mutations(model) == []


def test_refusing_names_the_owner(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = live(days=14), owned(other)
    assert other.id in create(stack).reason


def test_a_permanent_failure_puts_the_tags_back(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    # GIVEN a former owner's record beside a foreign tag, and AWS says no
    cluster.tags = {OWNER: "arn:former", "team": "finance"}
    model.faults.fail_next(
        "EnableSnapshotCopy", "LimitExceededFault", message="The encryption key has exceeded its grant limit"
    )
    # WHEN
    answer = create(stack)
    # THEN AWS's words are the reason, and all is as before
    assert not answer.ok
    assert "LimitExceededFault: The encryption key has exceeded its grant limit" in answer.reason
    assert cluster.tags == {OWNER: "arn:former", "team": "finance"}
    assert model.copy_of(HERE, NAME) is None


def test_failing_to_put_the_tags_back_hides_no_reason(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "LimitExceededFault")
    model.faults.fail_next("DeleteTags", "InvalidTagFault")
    assert "LimitExceededFault" in create(stack).reason
    # THEN the record without a copy does no harm: the next Create goes on
    assert create(stack).ok
    assert tags(model) == owned(stack)


def test_a_refused_tag_enables_nothing(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("CreateTags", "TagLimitExceededFault")
    answer = create(stack)
    assert "TagLimitExceededFault" in answer.reason
    assert mutations(model) == ["CreateTags"]


def test_an_answer_that_was_lost_counts_when_the_copy_is_on(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "InternalFailure", after=True)
    assert create(stack).ok
    assert mutations(model) == ["CreateTags", "EnableSnapshotCopy"]
    assert tags(model) == owned(stack)


def test_somebody_else_who_was_faster_with_the_same_is_adopted(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN the copy comes on between our look and our call
    model.faults.fail_next("EnableSnapshotCopy", "SnapshotCopyAlreadyEnabledFault")
    _switch_on_at(model, cluster, live())
    assert create(stack).ok
    assert tags(model) == owned(stack, origin="adopted")


def test_somebody_else_who_was_faster_with_another_is_left_alone(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "SnapshotCopyAlreadyEnabledFault")
    _switch_on_at(model, cluster, live(days=20))
    answer = create(stack)
    assert "RetentionPeriod 20" in answer.reason
    assert model.copy_of(HERE, NAME) == live(days=20)
    assert tags(model) == {}


def test_undoing_leaves_the_record_of_somebody_who_took_over_meanwhile(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN another stack records itself and enables another copy while we wait
    other = Stack(model, "Other", HERE)
    model.faults.fail_next("EnableSnapshotCopy", "SnapshotCopyAlreadyEnabledFault")
    _switch_on_at(model, cluster, live(days=20))
    model.clock.call_later(1, lambda: cluster.tags.update(owned(other)))
    # WHEN
    assert not create(stack).ok
    # THEN
    assert tags(model) == owned(other)


def _switch_on_at(model: RedshiftModel, cluster: Cluster, config: object, seconds: float = 1) -> None:
    def on() -> None:
        cluster.copy = config  # type: ignore[assignment]

    model.clock.call_later(seconds, on)


def test_a_kill_between_tag_and_enable_leaves_what_the_next_create_takes_up(model: RedshiftModel, stack: Stack) -> None:
    model.faults.kill_next("EnableSnapshotCopy")
    assert not create(stack).ok
    assert create(stack).ok
    assert tags(model) == owned(stack)


def test_a_kill_after_enable_leaves_an_owned_copy(model: RedshiftModel, stack: Stack) -> None:
    model.faults.kill_next("EnableSnapshotCopy", after=True)
    assert not create(stack).ok
    assert tags(model) == owned(stack)
    assert model.copy_of(HERE, NAME) == live()


def test_no_cluster_is_a_reason(model: RedshiftModel) -> None:
    answer = create(Stack(model, "Warehouse", HERE))
    assert "there is no cluster 'sales' in eu-central-1" in answer.reason
    assert mutations(model) == []


@pytest.mark.parametrize(
    ("status", "word"),
    [("paused", "resume the cluster"), ("storage-full", "resize"), ("deleting", "'deleting'")],
)
def test_a_cluster_that_will_not_become_available_fails_within_seconds(
    model: RedshiftModel, cluster: Cluster, stack: Stack, status: str, word: str
) -> None:
    cluster.status = status
    before = model.clock.monotonic()
    answer = create(stack)
    assert not answer.ok
    assert word in answer.reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model) == []


def test_a_grant_for_a_cluster_that_is_not_encrypted_is_refused_before_anything_changes(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN an existing cluster whose encryption was not declared
    cluster.encrypted = False
    # WHEN a copy with a grant is wanted
    answer = create(stack)
    # THEN it says so at once: whether AWS ignores or refuses the grant, the copy would not be as wanted
    assert "is not encrypted" in answer.reason
    assert mutations(model) == []
