"""replace_existing: the first deployment over another live copy changes it, takes it over, and loses no snapshot."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    DESTROY,
    ELSEWHERE,
    FORMER,
    HERE,
    NAME,
    ORIGIN,
    THERE,
    copy,
    create,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel

REPLACE = {"ReplaceExisting": "true"}
ELSE = live(20, 30, ELSEWHERE, None)


@pytest.mark.parametrize(
    ("found", "calls"),
    [
        (ELSE, ["CreateTags", "DisableSnapshotCopy", "EnableSnapshotCopy", "CreateTags", "DeleteTags"]),
        (
            live(grant_name=None),
            ["CreateTags", "DisableSnapshotCopy", "EnableSnapshotCopy", "CreateTags", "DeleteTags"],
        ),
        (live(days=5), ["CreateTags", "ModifySnapshotCopyRetentionPeriod"]),
        (live(manual=30), ["CreateTags", "ModifySnapshotCopyRetentionPeriod"]),
        (live(), ["CreateTags"]),
    ],
)
@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_another_copy_is_changed_and_taken_over(  # noqa: PLR0917 - the fixtures and the cases
    model: RedshiftModel, cluster: Cluster, stack: Stack, found: Any, calls: list[str], whose: str
) -> None:
    # GIVEN
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = dataclasses.replace(found), {} if whose == "nobody's" else owned(other)
    # WHEN
    answer = create(stack, **REPLACE)
    # THEN it is as wanted, with the fewest calls, and not with the second key
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == live()
    assert mutations(model) == calls
    assert {name: value for name, value in tags(model).items() if "raised" not in name} == owned(
        stack, origin="adopted"
    )


def test_the_former_owner_is_refused_then_and_told_whose_it_is(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = ELSE, owned(other)
    assert create(stack, **REPLACE).ok
    answer = update(other, DestinationRegion=ELSEWHERE, SnapshotCopyGrantName=None, **REPLACE)
    assert stack.id in answer.reason
    assert model.copy_of(HERE, NAME) == live()


def test_without_a_copy_it_is_a_creation_like_any_other(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack, **REPLACE).ok
    assert tags(model) == owned(stack)


def test_copies_that_would_go_are_guarded(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    # GIVEN a copy with a longer retention, and copies as old
    cluster.copy = live(20)
    model.given_snapshot(THERE, cluster, "old", kind="automated", age_days=15, retention=20)
    # WHEN
    answer = create(stack, **REPLACE)
    # THEN
    assert "would delete 1 automated" in answer.reason
    assert mutations(model) == []
    # AND go only if that is accepted too
    assert create(stack, AcceptLossOfCopies="true", **REPLACE).ok
    assert model.copy_of(HERE, NAME) == live()


def test_a_failed_replacement_leaves_copy_and_owner_as_they_were(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = ELSE, owned(other)
    model.faults.fail_next("EnableSnapshotCopy", "LimitExceededFault")
    answer = create(stack, **REPLACE)
    assert "LimitExceededFault" in answer.reason
    assert "is on now is destination us-east-1, no grant" in answer.reason
    assert model.copy_of(HERE, NAME) == ELSE
    assert tags(model) == owned(other)


@pytest.mark.parametrize("removal", [{}, DESTROY])
def test_a_failure_elsewhere_leaves_the_new_copy_on(
    model: RedshiftModel, cluster: Cluster, stack: Stack, removal: dict[str, str]
) -> None:
    # GIVEN a first deployment that replaces, and fails in another resource: its rollback is a Delete
    cluster.copy = ELSE
    assert not stack.deploy({"Copy": copy(**REPLACE, **removal)}, fails_at_end=True).ok
    # THEN the copy goes on as declared; the next attempt, by a new stack, takes it over
    assert model.copy_of(HERE, NAME) == live()
    again = Stack(model, "Warehouse", HERE)
    assert again.deploy({"Copy": copy(**REPLACE, **removal)}).ok
    assert tags(model) == owned(again, origin="adopted")


def test_killed_in_between_the_next_attempt_ends_with_a_copy(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = ELSE, owned(other)
    model.faults.kill_next("EnableSnapshotCopy")
    assert not stack.deploy({"Copy": copy(**REPLACE)}).ok
    assert tags(model) == {**owned(other), FORMER: "us-east-1//20/30"}
    # WHEN somebody deploys again THEN
    assert Stack(model, "Warehouse", HERE).deploy({"Copy": copy(**REPLACE)}).ok
    assert model.copy_of(HERE, NAME) == live()


def test_killed_in_between_the_owner_that_was_may_bring_it_back(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    other = Stack(model, "Other", HERE)
    cluster.copy, cluster.tags = ELSE, owned(other)
    model.faults.kill_next("EnableSnapshotCopy")
    assert not create(stack, **REPLACE).ok
    answer = update(
        other,
        DestinationRegion=ELSEWHERE,
        SnapshotCopyGrantName=None,
        RetentionPeriod="20",
        ManualSnapshotRetentionPeriod="30",
    )
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == ELSE


def test_a_cluster_that_is_not_declared_yet_may_be_replaced_into(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN an update of the resource to another cluster, which copies elsewhere
    other = model.given_cluster(HERE, "other", copy=ELSE)
    cluster.copy, cluster.tags = live(), owned(stack)
    assert "has a snapshot copy already" in update(stack, ClusterIdentifier="other").reason
    assert update(stack, ClusterIdentifier="other", **REPLACE).ok
    assert other.copy == live()


def test_a_copy_that_was_replaced_is_removed_in_two_deploys_after_that(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    cluster.copy = ELSE
    assert stack.deploy({"Copy": copy(**REPLACE)}).ok
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert tags(model)[ORIGIN] == "created"
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) is None


def test_taking_the_flag_out_again_changes_nothing(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    cluster.copy = ELSE
    assert stack.deploy({"Copy": copy(**REPLACE)}).ok
    calls = len(model.calls)
    assert stack.deploy({"Copy": copy()}).ok
    assert mutations(model, calls) == []
