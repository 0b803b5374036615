"""Whole deployments as CloudFormation runs them: renames, moves, two stacks on one cluster, rollbacks, replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    AWAY,
    DESTROY,
    ELSEWHERE,
    HERE,
    NAME,
    THERE,
    copy,
    grant,
    live,
    owned,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

from typing import TYPE_CHECKING

from tests.cloud.custom_resources.scene import (
    ORIGIN,
    OWNER_RESOURCE,
    mutations,
    tags,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel

POLICIES = [{}, DESTROY]


@pytest.mark.parametrize("removal", POLICIES)
def test_a_renamed_construct_keeps_the_copy_on(model: RedshiftModel, stack: Stack, removal: dict[str, str]) -> None:
    # GIVEN
    assert stack.deploy({"Old": copy(**removal)}).ok
    # WHEN
    outcome = stack.deploy({"New": copy(**removal)})
    # THEN New has it, although Old's Delete came last and from the same stack
    assert outcome.ok
    assert not outcome.abandoned
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model)[OWNER_RESOURCE] == "New"


@pytest.mark.parametrize("removal", POLICIES)
def test_a_rename_that_is_rolled_back_keeps_the_copy_on(
    model: RedshiftModel, stack: Stack, removal: dict[str, str]
) -> None:
    assert stack.deploy({"Old": copy(**removal)}).ok
    outcome = stack.deploy({"New": copy(**removal)}, fails_at_end=True)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert model.copy_of(HERE, NAME) == live()


def test_after_a_rolled_back_rename_the_old_one_is_updated_again(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Old": copy()}).ok
    stack.deploy({"New": copy()}, fails_at_end=True)
    assert stack.deploy({"Old": copy(RetentionPeriod="14")}).ok
    assert model.copy_of(HERE, NAME) == live(14)
    assert tags(model)[OWNER_RESOURCE] == "Old"


@pytest.mark.parametrize("removal", POLICIES)
def test_a_move_to_another_stack_keeps_the_copy_on(model: RedshiftModel, stack: Stack, removal: dict[str, str]) -> None:
    other = Stack(model, "Other", HERE)
    assert stack.deploy({"Copy": copy(**removal)}).ok
    assert other.deploy({"Copy": copy(**removal)}).ok
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(other, origin="adopted")


def test_a_move_whose_new_stack_rolls_back_keeps_the_copy_on(model: RedshiftModel, stack: Stack) -> None:
    other = Stack(model, "Other", HERE)
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert other.deploy({"Copy": copy(**DESTROY)}, fails_at_end=True).status == "ROLLBACK_COMPLETE"
    assert model.copy_of(HERE, NAME) == live()


def test_a_first_deploy_that_rolls_back_ends_only_what_it_made_and_may(model: RedshiftModel, stack: Stack) -> None:
    # the copy was off before
    assert not stack.deploy({"Copy": copy(**DESTROY)}, fails_at_end=True).ok
    assert model.copy_of(HERE, NAME) is None
    assert tags(model) == {}


def test_a_first_deploy_that_rolls_back_retains_by_default_and_comes_again(model: RedshiftModel, stack: Stack) -> None:
    assert not stack.deploy({"Copy": copy()}, fails_at_end=True).ok
    assert model.copy_of(HERE, NAME) == live()
    assert stack.deploy({"Copy": copy()}).ok


def test_removal_is_two_deploys(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert model.copy_of(HERE, NAME) == live()
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) is None


def test_removal_of_an_adopted_copy_is_two_deploys_after_the_adoption(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    cluster.copy = live()
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert tags(model)[ORIGIN] == "created"
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) is None


def test_one_deploy_is_no_removal(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) == live()


def test_deleting_the_stack_retains(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.delete().status == "DELETE_COMPLETE"
    assert model.copy_of(HERE, NAME) == live()


def test_no_change_sends_nothing(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    calls = len(model.calls)
    assert stack.deploy({"Copy": copy()}).ok
    assert len(model.calls) == calls


@pytest.mark.parametrize(
    "change",
    [{"RetentionPeriod": "14"}, {"ManualSnapshotRetentionPeriod": "30"}, DESTROY, {"AcceptLossOfCopies": "true"}],
)
def test_an_update_that_is_rolled_back_restores_what_was(
    model: RedshiftModel, stack: Stack, change: dict[str, str]
) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    assert stack.deploy({"Copy": copy(**change)}, fails_at_end=True).status == "UPDATE_ROLLBACK_COMPLETE"
    assert model.copy_of(HERE, NAME) == live()


def test_a_region_that_is_not_ready_rolls_back_without_a_mutating_call(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy()}).ok
    calls = len(model.calls)
    outcome = stack.deploy({"Copy": copy(DestinationRegion=ELSEWHERE)})
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "deploy that Region's stack first" in outcome.reasons[0]
    assert mutations(model, calls) == []


def test_another_cluster_is_a_replacement_and_its_rollback_returns(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN
    model.given_cluster(HERE, "other")
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    # WHEN
    assert not stack.deploy({"Copy": copy(ClusterIdentifier="other", **DESTROY)}, fails_at_end=True).ok
    # THEN the first one was never off, and the second, made by the failed deploy, is off again
    assert model.copy_of(HERE, NAME) == live()
    assert model.copy_of(HERE, "other") is None


def test_a_replacement_ends_the_old_copy_last_and_only_with_both_keys(model: RedshiftModel, stack: Stack) -> None:
    model.given_cluster(HERE, "other")
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert stack.deploy({"Copy": copy(ClusterIdentifier="other", **DESTROY)}).ok
    assert model.copy_of(HERE, NAME) is None
    assert model.copy_of(HERE, "other") == live()


def test_replacing_onto_a_copy_that_is_on_and_rolling_back_leaves_it_on(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN the other cluster's copy was made by this very resource once, and retained
    other = model.given_cluster(HERE, "other", copy=live(), tags=owned(stack))
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    assert not stack.deploy({"Copy": copy(ClusterIdentifier="other", **DESTROY)}, fails_at_end=True).ok
    assert other.copy == live()


def test_a_failed_clean_up_is_abandoned_with_a_reason(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy(**DESTROY)}).ok
    cluster.status = "paused"
    outcome = stack.deploy({})
    assert outcome.ok
    assert "resume the cluster" in outcome.abandoned[0]


def test_called_directly_a_failed_create_is_deleted_by_an_invented_id(model: RedshiftModel, cluster: Cluster) -> None:
    direct = Stack(model, "Direct", HERE, direct=True)
    cluster.copy = live(days=20)
    assert not direct.deploy({"Copy": copy(**DESTROY)}).ok
    assert model.copy_of(HERE, NAME) == live(days=20)
    assert direct.handler.events[-1]["RequestType"] == "Delete"


def test_retain_policies_send_no_delete(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Copy": copy("RetainExceptOnCreate", **DESTROY)}).ok
    assert stack.deploy({}).ok
    assert model.copy_of(HERE, NAME) == live()


def test_a_copy_under_a_grant_of_another_stack_waits_for_it(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN the recovery stack is deployed a little later
    key = model.given_key("eu-west-1")
    recovery = Stack(model, "Recovery", "eu-west-1")

    def arrives() -> None:
        model.given_grant("eu-west-1", "site-1", key)

    model.clock.call_later(120, arrives)
    assert stack.deploy({"Copy": copy(SnapshotCopyGrantName="site-1")}).ok
    assert recovery.deploy({"Grant": grant(key)}).ok


def test_calls_go_to_the_region_where_the_thing_lives(model: RedshiftModel, stack: Stack) -> None:
    cluster = model.cluster(HERE, NAME)
    assert cluster is not None
    cluster.copy, cluster.tags = live(14), owned(stack)
    stack.handler.send("Update", "Copy", copy(), PhysicalResourceId="snapshot-copy/sales")
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    assert update(stack, **AWAY).ok
    # THEN copies are counted in their Region, grant and key of a swap are read in the new Region, all else is here
    regions = {(call.operation, call.region) for call in model.calls}
    there = {operation: region for operation, region in regions if region != HERE}
    assert there == {
        "DescribeClusterSnapshots": THERE,
        "DescribeSnapshotCopyGrants": ELSEWHERE,
        "DescribeKey": ELSEWHERE,
    }
