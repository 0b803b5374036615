"""Update: judged by what is live, so that every rollback finds its way."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

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
    RAISED,
    THERE,
    copy,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, CopyConfig, RedshiftModel


@pytest.fixture
def running(cluster: Cluster, stack: Stack) -> Stack:
    """A copy that the stack owns."""
    cluster.copy, cluster.tags = live(), owned(stack)
    return stack


def _old_copies(model: RedshiftModel, cluster: Cluster, *ages: float) -> None:
    for age in ages:
        model.given_snapshot(
            THERE, cluster, f"copy-{age}".replace(".", "-"), kind="automated", age_days=age, retention=35
        )


def test_a_noop_mutates_nothing(model: RedshiftModel, running: Stack) -> None:
    assert update(running).ok
    assert mutations(model) == []


@pytest.mark.parametrize("status", ["paused", "modifying", "resizing", "deleting"])
def test_a_noop_passes_whatever_the_cluster_does(
    model: RedshiftModel, cluster: Cluster, running: Stack, status: str
) -> None:
    # GIVEN a rollback that meets a cluster which takes no change
    cluster.status = status
    assert update(running).ok
    assert mutations(model) == []


def test_raising_automated_changes_only_that(model: RedshiftModel, running: Stack) -> None:
    assert update(running, RetentionPeriod="14").ok
    assert model.copy_of(HERE, NAME) == live(14)
    assert mutations(model) == ["CreateTags", "ModifySnapshotCopyRetentionPeriod"]


def test_manual_alone_is_one_call(model: RedshiftModel, running: Stack) -> None:
    assert update(running, ManualSnapshotRetentionPeriod="90").ok
    assert model.copy_of(HERE, NAME) == live(7, 90)
    [call] = model.mutating_calls()
    assert call.params == {"ClusterIdentifier": NAME, "RetentionPeriod": 90, "Manual": True}


def test_both_are_changed_separately(model: RedshiftModel, running: Stack) -> None:
    assert update(running, RetentionPeriod="9", ManualSnapshotRetentionPeriod="90").ok
    assert model.copy_of(HERE, NAME) == live(9, 90)


def test_lowering_without_old_copies_passes(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    _old_copies(model, cluster, 1, 2.5)
    assert update(running, RetentionPeriod="3").ok
    assert len(model.snapshots(THERE, NAME)) == 2


def test_lowering_counts_what_would_go_and_refuses(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    # GIVEN two copies beyond three days, and many within
    _old_copies(model, cluster, 1, 2, 4, 6)
    # WHEN
    answer = update(running, RetentionPeriod="3", ManualSnapshotRetentionPeriod="90")
    # THEN
    assert not answer.ok
    assert "would delete 2 automated snapshot(s) in eu-west-1" in answer.reason
    assert "'copy-6'" in answer.reason
    assert "accept_loss_of_copies=True" in answer.reason
    assert mutations(model) == []


def test_lowering_counts_across_pages(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    _old_copies(model, cluster, *(4 + number / 100 for number in range(130)))
    assert "would delete 130 automated" in update(running, RetentionPeriod="3").reason


def test_accepted_loss_lowers(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    _old_copies(model, cluster, 1, 6)
    assert update(running, RetentionPeriod="3", AcceptLossOfCopies="true").ok
    assert [snapshot.identifier for snapshot in model.snapshots(THERE, NAME)] == ["copy-1"]


def test_a_namesakes_snapshots_do_not_count(model: RedshiftModel, running: Stack) -> None:
    # GIVEN a cluster of the same name in the destination Region, with old automated snapshots of its own
    namesake = model.given_cluster(THERE, NAME, automated_retention=35)
    model.given_snapshot(THERE, namesake, "rs-old", kind="automated", age_days=6)
    assert update(running, RetentionPeriod="3").ok


def test_copies_count_where_the_cluster_is_unknown(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    # GIVEN a destination Region that refuses to list the snapshots of a cluster that it does not have
    _old_copies(model, cluster, 6)
    other = model.given_cluster(HERE, "other")
    model.given_snapshot(THERE, other, "of-another", kind="automated", age_days=5)
    model.settings.unknown_cluster_is_refused = True
    # THEN no copy is taken for lost, and none of another cluster counts
    assert "would delete 1 automated" in update(running, RetentionPeriod="3").reason


def test_manual_copies_and_failed_ones_do_not_count(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    model.given_snapshot(THERE, cluster, "manual", age_days=6)
    model.given_snapshot(THERE, cluster, "failed", kind="automated", age_days=6, status="failed")
    assert update(running, RetentionPeriod="3").ok


def test_the_rollback_of_a_raise_passes_though_copies_have_aged(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    # GIVEN a copy that the former seven days would have deleted during the deploy
    assert update(running, RetentionPeriod="14").ok
    _old_copies(model, cluster, 6.9)
    model.clock.advance(6 * 3600)
    assert model.snapshots(THERE, NAME)
    # WHEN it is rolled back
    answer = update(running, RetentionPeriod="7")
    # THEN
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == live(7)


def test_after_a_raise_younger_copies_are_still_guarded(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    assert update(running, RetentionPeriod="14").ok
    _old_copies(model, cluster, 5)
    assert "would delete 1 automated" in update(running, RetentionPeriod="3").reason


@pytest.mark.parametrize("age", [10, 20])
def test_a_raise_counts_copies_that_were_promised_a_longer_life(
    model: RedshiftModel, cluster: Cluster, running: Stack, age: int
) -> None:
    # GIVEN a copy from an earlier life of this configuration, with a longer retention of its own
    _old_copies(model, cluster, age)
    # WHEN the raise would give it the new, shorter one, and its rollback a shorter one still
    answer = update(running, RetentionPeriod="14")
    # THEN
    assert "1 automated snapshot(s) in eu-west-1 are older than 7 days" in answer.reason
    assert mutations(model) == []
    # AND it passes where that is accepted, and its rollback then too
    assert update(running, RetentionPeriod="14", AcceptLossOfCopies="true").ok
    assert update(running).ok


def test_a_raise_does_not_stumble_over_copies_that_linger(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    _old_copies(model, cluster, 7.5)
    assert update(running, RetentionPeriod="14").ok


def test_days_after_a_raise_its_note_tells_nothing(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    assert update(running, RetentionPeriod="14").ok
    model.clock.advance(37 * 3600)
    _old_copies(model, cluster, 8)
    assert "would delete 1 automated" in update(running, RetentionPeriod="7").reason


@pytest.mark.parametrize(
    "note",
    [
        "",
        "7",
        "7@yesterday",
        "7@2026-11-23T08:00:00Z",
        "7@2026-13-40T00:00:00Z@eu-west-1",
        "7@2027-01-01T00:00:00Z@eu-west-1",
        "7@2026-11-23T08:00:00Z@us-east-1",
    ],
)
def test_a_broken_note_counts_as_none(model: RedshiftModel, cluster: Cluster, running: Stack, note: str) -> None:
    cluster.copy = live(14)
    cluster.tags[RAISED] = note
    _old_copies(model, cluster, 8)
    assert not update(running, RetentionPeriod="7").ok


def test_a_stack_that_lost_the_copy_is_refused_and_told_the_owner(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    other = Stack(model, "Other", HERE)
    cluster.tags = owned(other)
    answer = update(running, RetentionPeriod="14")
    assert other.id in answer.reason
    assert mutations(model) == []


def test_a_stack_that_lost_the_copy_may_roll_back_to_what_is_live(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    other = Stack(model, "Other", HERE)
    cluster.tags = owned(other)
    assert update(running, **DESTROY).ok
    assert mutations(model) == []


def test_a_lost_record_is_written_again_without_the_second_key(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = {}
    assert update(running).ok
    assert tags(model) == owned(running, origin="adopted")


def test_asking_for_destruction_in_place_gives_an_adopter_the_second_key(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.tags = owned(running, origin="adopted")
    assert update(running, **DESTROY).ok
    assert tags(model)[ORIGIN] == "created"


def test_a_copy_that_somebody_switched_off_comes_back(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.copy = None
    assert update(running, RetentionPeriod="10").ok
    assert model.copy_of(HERE, NAME) == live(10)


@pytest.mark.parametrize("theirs", [live(region=ELSEWHERE, grant_name="away-grant"), live(days=3), live(manual=30)])
def test_what_a_second_writer_changed_is_changed_back(
    model: RedshiftModel, cluster: Cluster, running: Stack, theirs: CopyConfig
) -> None:
    # GIVEN a tool that changes the copy between two deployments, and leaves the tags alone
    cluster.copy = dataclasses.replace(theirs)
    # WHEN the resource changes THEN
    assert update(running, **DESTROY).ok
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model)[OWNER] == running.id


def test_what_a_second_writer_keeps_longer_is_not_lost_without_asking(
    model: RedshiftModel, cluster: Cluster, running: Stack
) -> None:
    cluster.copy = live(days=35)
    _old_copies(model, cluster, 20)
    assert "would delete 1 automated" in update(running, **DESTROY).reason
    assert mutations(model) == []


@pytest.mark.parametrize("left", [(), (OWNER,), (OWNER_RESOURCE, ORIGIN)])
def test_tags_that_somebody_removed_are_written_again_and_reported(
    model: RedshiftModel, cluster: Cluster, running: Stack, left: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.tags = {name: value for name, value in cluster.tags.items() if name in left}
    assert update(running).ok
    assert tags(model) == owned(running, origin="adopted")
    assert "the owner's tags were removed: they are written again" in capsys.readouterr().out


def test_a_busy_cluster_is_waited_for(model: RedshiftModel, running: Stack) -> None:
    model.faults.busy(HERE, NAME, 300)
    assert update(running, RetentionPeriod="14").ok
    assert model.copy_of(HERE, NAME) == live(14)


def test_a_paused_cluster_fails_within_seconds(model: RedshiftModel, cluster: Cluster, running: Stack) -> None:
    cluster.status = "paused"
    before = model.clock.monotonic()
    assert "resume the cluster" in update(running, RetentionPeriod="14").reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model) == []


def test_a_failure_between_the_two_retentions_is_rolled_back(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN
    assert stack.deploy({"Copy": copy()}).ok
    model.faults.fail_next("ModifySnapshotCopyRetentionPeriod", "InvalidRetentionPeriodFault", skip=1)
    # WHEN
    outcome = stack.deploy({"Copy": copy(RetentionPeriod="14", ManualSnapshotRetentionPeriod="90")})
    # THEN
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE", outcome
    assert "InvalidRetentionPeriodFault" in outcome.reasons[0]
    assert model.copy_of(HERE, NAME) == live()


def test_a_read_that_lags_repeats_no_change(
    model: RedshiftModel, running: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN DescribeClusters shows the old configuration for a minute
    stale = model.client(HERE).describe_clusters(ClusterIdentifier=NAME)
    client = model.client(HERE)
    fresh = client.describe_clusters
    until = model.clock.monotonic() + 60
    monkeypatch.setattr(
        client,
        "describe_clusters",
        lambda **given: stale if model.clock.monotonic() < until else fresh(**given),
        raising=False,
    )
    # WHEN
    answer = update(running, RetentionPeriod="14")
    # THEN is_complete waits until it reads back
    assert answer.ok, answer.reason
    assert mutations(model).count("ModifySnapshotCopyRetentionPeriod") == 1
    assert model.clock.monotonic() >= until
