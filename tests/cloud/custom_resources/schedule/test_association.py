"""The association: made, adopted, replaced only on request, given back, ended only with both keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import DESTROY, HERE, NAME, mutations, tags
from tests.cloud.custom_resources.schedule_scene import (
    ASSOCIATION_ID,
    FORMER,
    OFTEN,
    REPLACE,
    association,
    both,
    given,
    has,
    owned,
    schedule,
    send,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel

THEIRS = "theirs"


@pytest.fixture(autouse=True)
def _schedule(model: RedshiftModel) -> None:
    model.given_schedule(HERE, OFTEN, "rate(4 hours)")


def _is_as_it_was(model: RedshiftModel) -> bool:
    return has(model) == THEIRS and mutations(model) == []


def test_gives_the_cluster_the_schedule_and_waits(model: RedshiftModel, stack: Stack) -> None:
    model.settings.schedule_seconds = 200
    before = model.clock.monotonic()
    answer = send(stack, "Create", association())
    assert answer.ok, answer.reason
    assert answer.physical_id == ASSOCIATION_ID
    assert answer.data == {"ClusterIdentifier": NAME, "ScheduleIdentifier": OFTEN, "ScheduleState": "ACTIVE"}
    assert model.clock.monotonic() - before >= 200
    assert mutations(model) == ["CreateTags", "ModifyClusterSnapshotSchedule"]
    assert tags(model) == owned(stack, "Association")


def test_adopts_the_same_schedule(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    assert send(stack, "Create", association()).ok
    assert mutations(model) == ["CreateTags"]
    assert tags(model) == owned(stack, "Association", "adopted")


def test_an_old_record_gives_no_right_over_what_an_operator_gave_since(
    model: RedshiftModel, stack: Stack, cluster: Cluster
) -> None:
    # GIVEN a record that a construct left behind when it went, and a schedule that somebody gave the cluster since
    given(model, cluster, THEIRS, "rate(2 hours)")
    cluster.tags = owned(stack, "Association")
    # WHEN the construct comes again THEN it asks first
    assert "has another snapshot schedule, 'theirs'" in send(stack, "Create", association()).reason
    assert has(model) == THEIRS
    assert mutations(model) == []


def test_refuses_another_schedule_and_touches_nothing(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster, THEIRS, "rate(2 hours)")
    answer = send(stack, "Create", association())
    assert (
        "has another snapshot schedule, 'theirs', owned by no stack: its times are ['rate(2 hours)']" in answer.reason
    )
    assert _is_as_it_was(model)


@pytest.mark.parametrize("why", ["on request", "same times", "this stack made it"])
def test_replaces_another_schedule(model: RedshiftModel, stack: Stack, cluster: Cluster, why: str) -> None:
    made_here = owned(stack, "Renamed") if why == "this stack made it" else {}
    given(model, cluster, THEIRS, "rate(4 hours)" if why == "same times" else "rate(2 hours)", **made_here)
    assert send(stack, "Create", association(**(REPLACE if why == "on request" else {}))).ok
    assert has(model) == OFTEN
    assert tags(model) == {**owned(stack, "Association"), FORMER: THEIRS}


def test_a_replacement_that_aws_refuses_leaves_the_former(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    # GIVEN a Redshift that wants the former schedule to be taken away first
    model.settings.schedule_replaces_schedule = False
    given(model, cluster, THEIRS, "rate(2 hours)")
    answer = send(stack, "Create", association(**REPLACE))
    assert "InvalidClusterSnapshotScheduleState" in answer.reason
    assert (has(model), tags(model)) == (THEIRS, {})


def test_a_rolled_back_replacement_gives_the_former_schedule_back(
    model: RedshiftModel, stack: Stack, cluster: Cluster
) -> None:
    given(model, cluster, THEIRS, "rate(2 hours)")
    assert not stack.deploy({"Association": association(**REPLACE, **DESTROY)}, fails_at_end=True).ok
    assert has(model) == THEIRS
    assert tags(model) == {}


def test_a_former_schedule_that_is_gone_leaves_none(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    cluster.tags = {**owned(stack, "Association"), FORMER: THEIRS}
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert has(model) is None


def test_a_former_schedule_of_an_older_life_is_forgotten(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    # GIVEN a record that was left behind, and a cluster without a schedule
    cluster.tags = {FORMER: THEIRS}
    model.given_schedule(HERE, THEIRS)
    assert send(stack, "Create", association()).ok
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert has(model) is None


def test_delete_retains_without_a_single_call(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    cluster.tags = owned(stack, "Association")
    assert send(stack, "Delete", association()).ok
    assert model.calls == []


def test_delete_with_both_keys_waits_until_it_is_off(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    cluster.tags = owned(stack, "Association")
    before = model.clock.monotonic()
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert has(model) is None
    assert model.clock.monotonic() - before >= 60
    assert tags(model) == {}


@pytest.mark.parametrize("which", ["other stack", "other resource", "adopted", "other schedule"])
def test_delete_without_the_second_key_touches_nothing(
    model: RedshiftModel, stack: Stack, cluster: Cluster, which: str
) -> None:
    given(model, cluster, THEIRS if which == "other schedule" else OFTEN)
    cluster.tags = {
        "other stack": owned(Stack(model, "Other", HERE), "Association"),
        "other resource": owned(stack, "Renamed"),
        "adopted": owned(stack, "Association", "adopted"),
        "other schedule": owned(stack, "Association"),
    }[which]
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert mutations(model) == []


def test_tags_that_somebody_removed_fail_the_delete_with_the_reason(
    model: RedshiftModel, stack: Stack, cluster: Cluster
) -> None:
    given(model, cluster)
    assert "somebody removed the owner's tags" in send(stack, "Delete", association(**DESTROY)).reason
    assert mutations(model) == []


@pytest.mark.parametrize("physical_id", ["2026/11/23/[$LATEST]ab", "snapshot-schedule-association/other", ""])
def test_delete_of_an_unknown_id_touches_nothing(
    model: RedshiftModel, stack: Stack, cluster: Cluster, physical_id: str
) -> None:
    given(model, cluster)
    cluster.tags = owned(stack, "Association")
    assert send(stack, "Delete", association(**DESTROY), PhysicalResourceId=physical_id).ok
    assert model.calls == []


@pytest.mark.parametrize("state", ["gone", "deleting", "final-snapshot"])
def test_delete_for_a_cluster_that_goes_is_success(
    model: RedshiftModel, stack: Stack, cluster: Cluster, state: str
) -> None:
    given(model, cluster)
    cluster.tags, cluster.status = owned(stack, "Association"), state
    if state == "gone":
        model.world.clusters.clear()
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert mutations(model) == []


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_paused_cluster_fails_within_seconds(model: RedshiftModel, stack: Stack, cluster: Cluster, kind: str) -> None:
    if kind == "Delete":
        given(model, cluster)
    cluster.tags, cluster.status = owned(stack, "Association"), "paused"
    before = model.clock.monotonic()
    answer = send(stack, kind, association(**(DESTROY if kind == "Delete" else {})))
    assert "resume the cluster, then deploy again" in answer.reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model) == []


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_redshift_decides_about_a_cluster_in_an_unknown_state(
    model: RedshiftModel, stack: Stack, cluster: Cluster, kind: str
) -> None:
    # GIVEN a cluster in a state that is not in the table of states
    if kind == "Delete":
        given(model, cluster)
        cluster.tags = owned(stack, "Association")
    cluster.status = "unheard-of"
    # WHEN the cluster shall get or lose the schedule, and Redshift accepts it THEN the request passes
    assert send(stack, kind, association(**(DESTROY if kind == "Delete" else {}))).ok
    assert has(model) == (None if kind == "Delete" else OFTEN)


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_an_unknown_state_that_redshift_refuses_is_named_after_two_minutes(
    model: RedshiftModel, stack: Stack, cluster: Cluster, kind: str
) -> None:
    # GIVEN a cluster in a state that is not in the table of states, and Redshift refuses the change
    if kind == "Delete":
        given(model, cluster)
        cluster.tags = owned(stack, "Association")
    cluster.status = "unheard-of"
    model.faults.fail_for(3600, "ModifyClusterSnapshotSchedule", "InvalidClusterState")
    before, schedule_before = model.clock.monotonic(), has(model)
    # WHEN the cluster shall get or lose the schedule
    answer = send(stack, kind, association(**(DESTROY if kind == "Delete" else {})))
    # THEN the request fails after two minutes at most, names the state as not known, and changes no schedule
    assert "'unheard-of', and this release does not know that state" in answer.reason
    assert 60 <= model.clock.monotonic() - before <= 120
    assert has(model) == schedule_before


def test_a_noop_mutates_nothing_whatever_the_cluster_does(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    cluster.tags, cluster.status = owned(stack, "Association"), "paused"
    assert send(stack, "Update", association()).ok
    assert mutations(model) == []


def test_no_cluster_is_told(model: RedshiftModel, stack: Stack) -> None:
    assert "there is no cluster 'absent' in" in send(stack, "Create", association(cluster="absent")).reason


def test_still_modifying_at_the_deadline_is_green_and_pending(model: RedshiftModel, stack: Stack) -> None:
    model.faults.next_associations("stuck")
    before = model.clock.monotonic()
    answer = send(stack, "Create", association())
    assert answer.ok, answer.reason
    assert answer.data["ScheduleState"] == "Pending"
    assert 1200 <= model.clock.monotonic() - before < 1500


def test_a_release_that_never_ends_is_green_and_pending(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    cluster.tags = owned(stack, "Association")
    model.faults.next_associations("stuck")
    answer = send(stack, "Delete", association(**DESTROY))
    assert answer.ok, answer.reason
    assert answer.data["ScheduleState"] == "Pending"


def test_one_that_fails_is_told_and_given_again_next_time(model: RedshiftModel, stack: Stack) -> None:
    model.faults.next_associations("FAILED")
    assert "did not take the snapshot schedule" in send(stack, "Create", association()).reason
    assert send(stack, "Create", association()).ok
    assert mutations(model).count("ModifyClusterSnapshotSchedule") == 2


def test_an_update_by_the_owner_restores_what_somebody_changed(
    model: RedshiftModel, stack: Stack, cluster: Cluster
) -> None:
    given(model, cluster, THEIRS, "rate(2 hours)")
    cluster.tags = owned(stack, "Association")
    assert send(stack, "Update", association()).ok
    assert has(model) == OFTEN


def test_an_update_by_a_stack_that_lost_it(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    other = Stack(model, "Other", HERE)
    given(model, cluster, THEIRS)
    cluster.tags = owned(other, "Association")
    assert f"is owned by {other.id}" in send(stack, "Update", association()).reason
    assert _is_as_it_was(model)
    cluster.schedule = OFTEN
    assert send(stack, "Update", association(**DESTROY)).ok
    assert mutations(model) == []


def test_another_cluster_gets_it_first_then_the_old_one_is_judged(model: RedshiftModel, stack: Stack) -> None:
    model.given_cluster(HERE, "other")
    assert stack.deploy({"Association": association(**DESTROY)}).ok
    assert stack.deploy({"Association": association(cluster="other", **DESTROY)}).ok
    assert (has(model, "other"), has(model)) == (OFTEN, None)


def test_a_refused_association_puts_the_tags_back(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    cluster.tags = {"resilient-redshift:schedule-owner": "somebody"}
    model.faults.fail_next("ModifyClusterSnapshotSchedule", "AccessDenied", times=99)
    assert "AccessDenied" in send(stack, "Create", association()).reason
    assert tags(model) == {"resilient-redshift:schedule-owner": "somebody"}


def test_a_refused_tag_associates_nothing(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("CreateTags", "TagLimitExceededFault")
    assert "TagLimitExceededFault" in send(stack, "Create", association()).reason
    assert has(model) is None


def test_a_lost_answer_is_our_association(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("ModifyClusterSnapshotSchedule", "InternalFailure", after=True)
    assert send(stack, "Create", association()).ok
    assert tags(model) == owned(stack, "Association")


def test_a_lost_answer_of_the_release_takes_the_record_away(
    model: RedshiftModel, stack: Stack, cluster: Cluster
) -> None:
    given(model, cluster)
    cluster.tags = owned(stack, "Association")
    model.faults.fail_next("ModifyClusterSnapshotSchedule", "InternalFailure", after=True)
    assert send(stack, "Delete", association(**DESTROY)).ok
    assert (has(model), tags(model)) == (None, {})


@pytest.mark.parametrize(
    "code",
    [
        "Throttling",
        "InternalFailure",
        "AccessDenied",
        "InvalidClusterSnapshotScheduleState",
        "SnapshotScheduleNotFound",
    ],
)
def test_passing_errors_are_waited_for(model: RedshiftModel, stack: Stack, code: str) -> None:
    model.faults.fail_for(60, "ModifyClusterSnapshotSchedule", code)
    assert send(stack, "Create", association()).ok


def test_somebody_elses_change_meanwhile_is_told(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    model.given_schedule(HERE, THEIRS)
    model.faults.fail_for(60, "ModifyClusterSnapshotSchedule", "Throttling")
    model.clock.call_later(10, lambda: given(model, cluster, THEIRS, "rate(2 hours)"))
    assert "somebody else gave the cluster" in send(stack, "Create", association()).reason
    assert (has(model), tags(model)) == (THEIRS, {})


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 8))
def test_a_kill_anywhere_is_healed_by_the_next_deploy(
    model: RedshiftModel, stack: Stack, call: int, *, after: bool
) -> None:
    model.faults.kill_at(call, after=after)
    stack.deploy(both())
    model.faults.clear()
    assert stack.deploy(both()).ok
    assert has(model) == OFTEN


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, 8))
def test_a_kill_in_a_delete_leaves_a_schedule_or_none(
    model: RedshiftModel, stack: Stack, call: int, *, after: bool
) -> None:
    assert stack.deploy(both(**DESTROY)).ok
    model.faults.kill_at(call, after=after)
    stack.delete()
    model.faults.clear()
    stack.delete()
    model.clock.advance(60)  # a release that was killed while it was waited for ends by itself
    assert has(model) is None
    assert stack.status == "DELETE_COMPLETE"


def test_the_whole_goes_in_order_with_both_keys(model: RedshiftModel, stack: Stack) -> None:
    model.world.schedules.clear()
    assert stack.deploy(both(**DESTROY)).ok
    assert stack.delete().ok
    assert (has(model), model.schedule(HERE, OFTEN)) == (None, None)


def test_the_whole_stays_by_default(model: RedshiftModel, stack: Stack) -> None:
    model.world.schedules.clear()
    assert stack.deploy(both()).ok
    assert stack.delete().ok
    assert has(model) == OFTEN
    # AND a new stack takes it over
    assert Stack(model, "Again", HERE).deploy(both()).ok


@pytest.mark.parametrize("removal", [{}, DESTROY])
def test_a_move_to_another_stack_and_name_keeps_the_times(
    model: RedshiftModel, stack: Stack, removal: dict[str, str]
) -> None:
    # GIVEN a generated name, which another path changes
    model.world.schedules.clear()
    assert stack.deploy(both(**removal)).ok
    # WHEN the new stack is deployed first, then the old one without it
    assert Stack(model, "New", HERE).deploy(both(name="moved", **removal)).ok
    assert stack.deploy({}).ok
    # THEN the cluster has the schedule of the new one
    assert has(model) == "moved"


@pytest.mark.parametrize("removal", [{}, DESTROY])
def test_a_rename_that_is_rolled_back_gives_the_former_schedule_back(
    model: RedshiftModel, stack: Stack, removal: dict[str, str]
) -> None:
    # GIVEN a generated name, which the rename changes; a cluster's association is one resource of the stack, whichever
    # construct gives it
    model.world.schedules.clear()
    assert stack.deploy(both(**removal)).ok
    renamed = both(name="renamed", times=["rate(6 hours)"], **removal)
    outcome = stack.deploy({"Schedule2": renamed["Schedule"], "Association": renamed["Association"]}, fails_at_end=True)
    assert not outcome.ok
    assert has(model) == OFTEN


def test_an_update_gives_the_second_key_to_an_adopter(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster)
    assert stack.deploy(both()).ok
    assert tags(model) == owned(stack, "Association", "adopted")
    assert stack.deploy(both(**DESTROY)).ok
    assert stack.deploy({}).ok
    assert (has(model), model.schedule(HERE, OFTEN)) == (None, None)


def test_two_clusters_share_one_schedule(model: RedshiftModel, stack: Stack) -> None:
    model.given_cluster(HERE, "other")
    template = {"Schedule": schedule(), "A": association(), "B": association(cluster="other")}
    assert stack.deploy(template).ok
    assert (has(model), has(model, "other")) == (OFTEN, OFTEN)


def test_disappearing_clusters_and_schedules_are_told(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    model.settings.schedule_seconds = 400

    def lost() -> None:
        cluster.schedule, cluster.schedule_epoch = None, cluster.schedule_epoch + 1

    model.clock.call_later(100, lost)
    assert "does not read back as wanted: live is none" in send(stack, "Create", association()).reason
    model.clock.call_later(100, model.world.clusters.clear)
    cluster.schedule_state = None
    assert "disappeared while it was given" in send(stack, "Create", association()).reason
