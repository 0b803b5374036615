"""A swap of Region, grant or key: one disabling and one enabling, or nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.custom_resources import index
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    AWAY,
    DESTROY,
    ELSEWHERE,
    FORMER,
    HERE,
    NAME,
    ORIGIN,
    RAISED,
    REKEYED,
    THERE,
    copy,
    create,
    delete,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, CopyConfig, RedshiftModel

CHANGES: list[tuple[dict[str, str | None], CopyConfig]] = [
    (dict(AWAY), live(region=ELSEWHERE, grant_name="away-grant")),
    ({"DestinationRegion": ELSEWHERE, "SnapshotCopyGrantName": None}, live(region=ELSEWHERE, grant_name=None)),
    (dict(REKEYED), live(grant_name="sales-grant-2")),
    ({"SnapshotCopyGrantName": None}, live(grant_name=None)),
    (
        {**AWAY, "RetentionPeriod": "21", "ManualSnapshotRetentionPeriod": "90"},
        live(21, 90, ELSEWHERE, "away-grant"),
    ),
]
SWAP = ["CreateTags", "DisableSnapshotCopy", "EnableSnapshotCopy", "DeleteTags"]


@pytest.fixture
def running(model: RedshiftModel, cluster: Cluster, stack: Stack) -> Stack:
    """A copy that the stack owns, and two places that it may go to."""
    model.given_grant(THERE, "sales-grant-2", model.given_key(THERE))
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    cluster.copy, cluster.tags = live(), owned(stack)
    return stack


@pytest.mark.parametrize(("change", "wanted"), CHANGES)
def test_another_place_is_one_disabling_and_one_enabling(
    model: RedshiftModel, running: Stack, change: dict[str, str | None], wanted: CopyConfig
) -> None:
    # WHEN
    answer = update(running, **change)
    # THEN the copy is as wanted, the former one is forgotten, the owner is who he was
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == wanted
    assert mutations(model) == SWAP
    assert tags(model) == owned(running)


@pytest.mark.parametrize(("change", "wanted"), CHANGES)
def test_a_swap_that_is_rolled_back_returns(
    model: RedshiftModel, running: Stack, change: dict[str, str | None], wanted: CopyConfig
) -> None:
    # GIVEN
    assert running.deploy({"Copy": copy()}).ok
    # WHEN another resource fails a day later
    outcome = running.deploy({"Copy": copy(**change)}, fails_at_end=True, fails_after=86400)
    # THEN
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome
    assert wanted != live()
    assert model.copy_of(HERE, NAME) == live()
    assert FORMER not in tags(model)


def test_the_way_back_is_written_down_while_the_copy_is_off(
    model: RedshiftModel, running: Stack, cluster: Cluster
) -> None:
    # GIVEN a moment between the two calls WHEN somebody looks
    model.faults.kill_next("EnableSnapshotCopy")
    assert not update(running, **AWAY).ok
    # THEN
    assert cluster.copy is None
    assert tags(model) == {**owned(running), FORMER: "eu-west-1/sales-grant/7/-1"}


def test_the_same_again_mutates_nothing(model: RedshiftModel, running: Stack) -> None:
    assert update(running, **AWAY).ok
    calls = len(model.calls)
    assert update(running, **AWAY).ok
    assert mutations(model, calls) == []


# the preflight: a failure that can be known in advance comes before any change


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({**AWAY, "SnapshotCopyGrantName": "absent"}, "deploy that Region's stack first"),
        ({"SnapshotCopyGrantName": "absent"}, "could not find the snapshot copy grant 'absent' in eu-west-1"),
        # a grant of the *other* Region is none
        ({"DestinationRegion": ELSEWHERE}, "could not find the snapshot copy grant 'sales-grant' in us-east-1"),
    ],
)
def test_a_grant_that_is_not_there_touches_nothing(
    model: RedshiftModel, running: Stack, change: dict[str, str], word: str
) -> None:
    before = model.clock.monotonic()
    answer = update(running, **change)
    assert word in answer.reason
    assert answer.reason.endswith("; nothing was changed")
    assert 200 < model.clock.monotonic() - before <= 300
    assert mutations(model) == []
    assert tags(model) == owned(running)


def test_a_grant_that_shows_late_is_waited_for(model: RedshiftModel, running: Stack) -> None:
    key = model.given_key(ELSEWHERE)
    model.clock.call_later(150, lambda: model.given_grant(ELSEWHERE, "late", key))
    assert update(running, DestinationRegion=ELSEWHERE, SnapshotCopyGrantName="late").ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="late")
    # AND the copy was on while we waited
    [off] = [call.at for call in model.calls if call.operation == "DisableSnapshotCopy"]
    [on] = [call.at for call in model.calls if call.operation == "EnableSnapshotCopy"]
    assert off == on


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_grant_whose_key_cannot_encrypt_touches_nothing(model: RedshiftModel, running: Stack, state: str) -> None:
    key = model.given_key(ELSEWHERE)
    model.given_grant(ELSEWHERE, "keyless", key)
    model.set_key_state(key, state)
    answer = update(running, DestinationRegion=ELSEWHERE, SnapshotCopyGrantName="keyless")
    assert f"is {state!r}" in answer.reason
    assert mutations(model) == []


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling", "NotFoundException"])
def test_a_key_that_we_may_not_read_is_taken_on_trust(model: RedshiftModel, running: Stack, code: str) -> None:
    model.faults.fail_next("DescribeKey", code, service="kms", times=9)
    assert update(running, **AWAY).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="away-grant")


@pytest.mark.parametrize(
    ("status", "word"), [("paused", "resume the cluster"), ("storage-full", "resize"), ("deleting", "'deleting'")]
)
def test_a_cluster_that_takes_no_change_fails_within_seconds(
    model: RedshiftModel, cluster: Cluster, running: Stack, status: str, word: str
) -> None:
    cluster.status = status
    before = model.clock.monotonic()
    assert word in update(running, **AWAY).reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model) == []


def test_a_busy_cluster_is_waited_for_with_the_copy_on(model: RedshiftModel, running: Stack) -> None:
    model.faults.busy(HERE, NAME, 300)
    assert update(running, **AWAY).ok
    assert mutations(model) == SWAP


def test_a_cluster_that_stays_busy_touches_nothing(model: RedshiftModel, running: Stack) -> None:
    model.faults.busy(HERE, NAME, 3600)
    answer = update(running, **AWAY)
    assert "'modifying'" in answer.reason
    assert "nothing was changed" in answer.reason
    assert mutations(model) == []


def test_no_room_for_the_record_touches_nothing(model: RedshiftModel, running: Stack) -> None:
    model.faults.fail_next("CreateTags", "TagLimitExceededFault")
    assert "TagLimitExceededFault" in update(running, **AWAY).reason
    assert mutations(model) == ["CreateTags"]
    assert model.copy_of(HERE, NAME) == live()


def test_an_unencrypted_cluster_takes_no_grant(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.encrypted, cluster.copy = False, live(grant_name=None)
    assert "is not encrypted" in update(running, **AWAY).reason
    assert mutations(model) == []


# what happens to copies that exist


def _old_copies(model: RedshiftModel, cluster: Cluster, region: str, *ages: float) -> None:
    for age in ages:
        name = f"copy-{region}-{age}".replace(".", "-")
        model.given_snapshot(region, cluster, name, kind="automated", age_days=age, retention=35)


def test_copies_in_the_region_that_is_left_stay(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    # GIVEN old copies there, and a much lower retention in the new Region
    _old_copies(model, cluster, THERE, 1, 6)
    model.given_snapshot(THERE, cluster, "manual", age_days=100)
    # WHEN
    assert update(running, RetentionPeriod="1", **AWAY).ok
    # THEN nothing was lost, nothing had to be accepted
    assert len(model.snapshots(THERE, NAME)) == 3


def test_copies_from_an_earlier_life_in_the_new_region_are_left_alone(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN enabling leaves copies that exist alone, as we believe
    _old_copies(model, cluster, ELSEWHERE, 10)
    # WHEN the cluster returns there with a lower retention
    assert update(running, RetentionPeriod="3", **AWAY).ok
    # THEN
    assert len(model.snapshots(ELSEWHERE, NAME)) == 1


@pytest.mark.parametrize("reaches", [False, True])
def test_a_lower_retention_with_a_new_grant_counts_what_may_go(
    model: RedshiftModel, cluster: Cluster, running: Stack, *, reaches: bool
) -> None:
    # GIVEN it is unknown whether enabling reaches copies that exist
    model.settings.enable_reaches_existing_copies = reaches
    _old_copies(model, cluster, THERE, 1, 4, 6)
    # WHEN
    answer = update(running, RetentionPeriod="3", **REKEYED)
    # THEN they are taken for lost
    assert "would delete 2 automated snapshot(s) in eu-west-1" in answer.reason
    assert mutations(model) == []
    # AND go only if that is accepted
    assert update(running, RetentionPeriod="3", AcceptLossOfCopies="true", **REKEYED).ok
    assert model.copy_of(HERE, NAME) == live(3, grant_name="sales-grant-2")


def test_copies_that_age_while_the_cluster_is_busy_are_counted_again(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a copy that comes to age between the first count and the moment the cluster takes changes
    _old_copies(model, cluster, THERE, 3 - 7 / 24 / 60)
    model.faults.busy(HERE, NAME, 400)
    # WHEN
    answer = update(running, RetentionPeriod="3", **REKEYED)
    # THEN
    assert "would delete 1 automated" in answer.reason
    assert model.copy_of(HERE, NAME) == live()


@pytest.mark.parametrize("reaches", [False, True])
def test_the_rollback_of_a_raise_with_a_new_grant_passes_though_copies_have_aged(
    model: RedshiftModel, cluster: Cluster, running: Stack, *, reaches: bool
) -> None:
    # GIVEN
    model.settings.enable_reaches_existing_copies = reaches
    assert update(running, RetentionPeriod="14", **REKEYED).ok
    _old_copies(model, cluster, THERE, 6.9)
    model.clock.advance(6 * 3600)
    # WHEN
    answer = update(running)
    # THEN
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == live()


def test_after_a_swap_that_raises_a_lowering_in_place_still_counts(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN copies that were promised thirty days before, and a swap in their Region from 7 days to 30
    _old_copies(model, cluster, THERE, 20)
    assert update(running, RetentionPeriod="30", **REKEYED).ok
    # WHEN the retention is lowered in place within the 36 hours, which is no rollback of that swap
    answer = update(running, RetentionPeriod="7", **REKEYED)
    # THEN they count; and the rollback passes
    assert "would delete 1 automated" in answer.reason
    assert update(running).ok


def test_the_rollback_of_an_accepted_lowering_passes_though_older_copies_stand(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a copy with a longer life than what is live, and enabling that leaves it alone
    _old_copies(model, cluster, THERE, 13.9)
    assert update(running, RetentionPeriod="3", AcceptLossOfCopies="true", **REKEYED).ok
    # WHEN that is rolled back THEN a raise by a swap loses what the swap before it did not
    assert update(running).ok
    assert model.copy_of(HERE, NAME) == live()


def test_a_note_of_a_raise_says_nothing_about_another_region(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a raise here, then a move to a Region with copies from an earlier life
    assert update(running, RetentionPeriod="14").ok
    assert tags(model)[RAISED].endswith("@eu-west-1")
    _old_copies(model, cluster, ELSEWHERE, 10)
    assert update(running, RetentionPeriod="14", **AWAY).ok
    # WHEN the retention is lowered there, within the 36 hours
    answer = update(running, RetentionPeriod="7", **AWAY)
    # THEN they count
    assert "would delete 1 automated" in answer.reason


def test_a_copy_that_is_under_way_arrives_in_the_old_region(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a snapshot whose copy has begun
    model.client(HERE).create_cluster_snapshot(SnapshotIdentifier="mine", ClusterIdentifier=NAME)
    model.clock.advance(model.settings.snapshot_seconds + model.settings.copy_start_seconds + 1)
    assert [snapshot.status for snapshot in model.snapshots(THERE, NAME)] == ["creating"]
    # WHEN
    assert update(running, **AWAY).ok
    model.clock.advance(model.settings.copy_seconds + 1)
    # THEN it arrives, and the next one goes to the new Region
    assert [snapshot.status for snapshot in model.snapshots(THERE, NAME)] == ["available"]
    model.client(HERE).create_cluster_snapshot(SnapshotIdentifier="next", ClusterIdentifier=NAME)
    model.clock.advance(7200)
    assert [snapshot.identifier for snapshot in model.snapshots(ELSEWHERE, NAME)] == ["next"]


def test_the_old_grant_goes_only_when_nothing_copies_under_it(model: RedshiftModel, running: Stack) -> None:
    client = model.client(THERE)
    with pytest.raises(client.exceptions.InvalidSnapshotCopyGrantStateFault):
        client.delete_snapshot_copy_grant(SnapshotCopyGrantName="sales-grant")
    assert update(running, **REKEYED).ok
    client.delete_snapshot_copy_grant(SnapshotCopyGrantName="sales-grant")


# owners


def test_a_stack_that_lost_the_copy_may_not_swap_it(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    other = Stack(model, "Other", HERE)
    cluster.tags = owned(other)
    for replace in ("false", "true"):
        assert other.id in update(running, ReplaceExisting=replace, **AWAY).reason
    assert mutations(model) == []


def test_somebody_who_takes_over_during_the_swap_keeps_what_he_took(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN another stack adopts the copy while ours is being switched off
    other = Stack(model, "Other", HERE)
    model.faults.fail_next("EnableSnapshotCopy", "CopyToRegionDisabledFault")
    model.clock.call_later(1, lambda: cluster.tags.update(owned(other, origin="adopted")))
    # WHEN
    answer = update(running, **AWAY)
    # THEN the copy that he adopted is on, and he is its owner
    assert f"was taken over by {other.id} while this request ran" in answer.reason
    assert "is on now is destination eu-west-1" in answer.reason
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(other, origin="adopted")


def test_somebody_who_enables_another_copy_in_between_is_left_alone(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "CopyToRegionDisabledFault")
    model.clock.call_later(1, lambda: setattr(cluster, "copy", live(20)))
    answer = update(running, **AWAY)
    assert "somebody else enabled another snapshot copy" in answer.reason
    assert model.copy_of(HERE, NAME) == live(20)
    assert FORMER not in tags(model)


def test_somebody_who_changes_the_copy_before_the_swap_is_left_alone(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    model.faults.fail_next("CreateTags", "Throttling")
    model.clock.call_later(1, lambda: setattr(cluster, "copy", live(20)))
    answer = update(running, **AWAY)
    assert "was changed by somebody else" in answer.reason
    assert "DisableSnapshotCopy" not in mutations(model)
    assert model.copy_of(HERE, NAME) == live(20)


def test_a_swap_with_a_lost_record_of_the_owner_gives_no_second_key(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = {}
    assert update(running, **AWAY).ok
    assert tags(model) == owned(running, origin="adopted")


def test_a_swap_that_asks_for_destruction_gives_the_second_key_when_it_is_done(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = owned(running, origin="adopted")
    model.faults.fail_next("EnableSnapshotCopy", "LimitExceededFault")
    assert not update(running, **AWAY, **DESTROY).ok
    assert tags(model)[ORIGIN] == "adopted"
    assert update(running, **AWAY, **DESTROY).ok
    assert tags(model)[ORIGIN] == "created"


# interrupted swaps


def _interrupted(running: Stack, model: RedshiftModel) -> None:
    model.faults.kill_next("EnableSnapshotCopy")
    assert not update(running, **AWAY).ok
    assert model.copy_of(HERE, NAME) is None


def test_the_rollback_of_an_interrupted_swap_brings_the_copy_back(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    assert update(running).ok
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(running)


def test_a_retry_of_an_interrupted_swap_restores_and_then_swaps(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    calls = len(model.calls)
    assert update(running, **AWAY).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="away-grant")
    assert mutations(model, calls) == ["EnableSnapshotCopy", "DeleteTags", *SWAP]


def test_a_retry_goes_on_where_the_former_copy_cannot_come_back(model: RedshiftModel, running: Stack) -> None:
    # GIVEN somebody deleted the grant that nothing seemed to use
    _interrupted(running, model)
    model.client(THERE).delete_snapshot_copy_grant(SnapshotCopyGrantName="sales-grant")
    # WHEN
    assert update(running, **AWAY).ok
    # THEN
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="away-grant")
    assert tags(model) == owned(running)


def test_a_former_copy_that_is_wanted_and_does_not_come_is_told(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a copy that was adopted once
    cluster.tags = owned(running, origin="adopted")
    _interrupted(running, model)
    model.faults.fail_next("EnableSnapshotCopy", "LimitExceededFault")
    # WHEN
    answer = update(running)
    # THEN it is no new creation, which would turn the second key
    assert "an interrupted swap left the snapshot copy of 'sales' off" in answer.reason
    assert "LimitExceededFault" in answer.reason
    assert tags(model)[ORIGIN] == "adopted"


def test_a_copy_that_came_back_is_a_change_to_wait_for(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    event = {**running.handler.events[-1], "ResourceProperties": dict(copy().properties)}
    assert index.on_event_in(event, running.handler.runtime())["Changed"]
    assert not index.on_event_in(event, running.handler.runtime())["Changed"]


def test_a_third_place_after_an_interrupted_swap(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    assert update(running, **REKEYED).ok
    assert model.copy_of(HERE, NAME) == live(grant_name="sales-grant-2")
    assert FORMER not in tags(model)


def test_another_stack_that_finds_an_interrupted_swap_restores_and_adopts(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    other = Stack(model, "Other", HERE)
    assert create(other).ok
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(other, origin="adopted")


def test_another_stack_that_wants_something_else_restores_and_is_refused(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    assert "has a snapshot copy already" in create(Stack(model, "Other", HERE), RetentionPeriod="20").reason
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(running)


def test_a_create_says_what_it_brought_back_before_it_refused(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    reason = create(Stack(model, "Other", HERE), RetentionPeriod="20").reason
    assert "the only change was to enable that copy again" in reason
    assert "nothing was changed" not in reason


def test_a_create_whose_finding_cannot_come_back_says_how_to_give_it_up(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a copy that an interrupted swap left off, whose grant somebody has deleted since
    _interrupted(running, model)
    model.client(THERE).delete_snapshot_copy_grant(SnapshotCopyGrantName="sales-grant")
    other = Stack(model, "Other", HERE)
    # WHEN another stack comes THEN it leaves it to the owner, and says what to do
    assert f"or give the former copy up: remove the tag {FORMER!r} from the cluster" in create(other, **AWAY).reason
    assert cluster.copy is None
    # AND WHEN it asks for replacement THEN it goes on
    assert create(other, ReplaceExisting="true", **AWAY).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="away-grant")
    assert tags(model) == owned(other)


def test_an_update_by_a_stranger_leaves_an_interrupted_swap_to_its_owner(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    _interrupted(running, model)
    cluster.tags.update(owned(Stack(model, "Other", HERE)))
    calls = len(model.calls)
    assert not update(running).ok
    assert mutations(model, calls) == []


def test_a_record_beside_a_copy_that_is_on_is_forgotten_once(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a swap that died, or could not remove its note, after the new copy was on
    cluster.tags[FORMER] = "us-east-1/away-grant/7/-1"
    assert update(running).ok
    assert mutations(model) == ["DeleteTags"]
    assert update(running).ok
    assert mutations(model) == ["DeleteTags"]
    assert model.copy_of(HERE, NAME) == live()


def test_a_record_that_will_not_go_fails_no_swap(model: RedshiftModel, running: Stack) -> None:
    model.faults.deny_for(3600, "DeleteTags")
    assert update(running, **AWAY).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="away-grant")


def test_a_paused_clusters_record_costs_no_time(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.tags[FORMER], cluster.status = "us-east-1/away-grant/7/-1", "paused"
    model.faults.fail_for(3600, "DeleteTags", "InvalidClusterState")
    before = model.clock.monotonic()
    assert update(running).ok
    assert model.clock.monotonic() - before < 5


def test_a_delete_with_both_keys_ends_what_an_interrupted_swap_left_off(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    _interrupted(running, model)
    assert delete(running, **DESTROY).ok
    # THEN no later Create brings it back by itself
    assert cluster.tags == {}
    assert cluster.copy is None


def test_a_delete_without_the_keys_leaves_the_record_for_the_next(model: RedshiftModel, running: Stack) -> None:
    _interrupted(running, model)
    assert delete(running).ok
    assert FORMER in tags(model)
