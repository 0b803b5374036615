"""The schedule: created with its owner in one call, adopted, changed in place, deleted only with both keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import DESTROY, HERE, NAME, mutations
from tests.cloud.custom_resources.schedule_scene import (
    OFTEN,
    REPLACE,
    SCHEDULE_ID,
    TAGS,
    both,
    given,
    has,
    owned,
    schedule,
    send,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel

OTHER = ["cron(0 0/6 *)"]


def _tags(model: RedshiftModel) -> dict[str, str]:
    live = model.schedule(HERE, OFTEN)
    assert live is not None
    return live.tags


def _times(model: RedshiftModel) -> list[str]:
    live = model.schedule(HERE, OFTEN)
    assert live is not None
    return list(live.definitions)


def test_creates_it_with_its_owner_in_one_call(model: RedshiftModel, stack: Stack) -> None:
    answer = send(stack, "Create", schedule())
    assert answer.ok, answer.reason
    assert (answer.physical_id, answer.data) == (SCHEDULE_ID, {"ScheduleIdentifier": OFTEN, "ScheduleState": "ACTIVE"})
    assert mutations(model) == ["CreateSnapshotSchedule"]
    assert _tags(model) == owned(stack, "Schedule")


def test_adopts_one_with_the_same_times(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN one of another stack, written in another order and case
    model.given_schedule(HERE, OFTEN, "rate(4 hours)", "cron(30 12 mon)", tags=owned(Stack(model, "Other", HERE), "S"))
    answer = send(stack, "Create", schedule(ScheduleDefinitions=["cron(30 12 MON)", "rate(4 hours)"]))
    assert answer.ok, answer.reason
    assert mutations(model) == ["CreateTags"]
    assert _tags(model) == owned(stack, "Schedule", "adopted")


@pytest.mark.parametrize("owner", ["nobody", "other stack", "other resource"])
def test_other_times_are_refused_and_nothing_is_touched(model: RedshiftModel, stack: Stack, owner: str) -> None:
    tags = {
        "nobody": {},
        "other stack": owned(Stack(model, "Other", HERE), "S"),
        "other resource": owned(stack, "Renamed"),
    }[owner]
    model.given_schedule(HERE, OFTEN, *OTHER, tags=dict(tags))
    answer = send(stack, "Create", schedule())
    assert "exists with other times" in answer.reason
    assert mutations(model) == []


def test_other_times_are_replaced_when_told(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN, *OTHER)
    assert send(stack, "Create", schedule(**REPLACE)).ok
    assert _times(model) == ["rate(4 hours)"]
    assert _tags(model) == owned(stack, "Schedule", "adopted")


def test_what_an_interrupted_create_of_ours_left_gets_other_times(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN, *OTHER, tags=owned(stack, "Schedule"))
    assert send(stack, "Create", schedule()).ok
    assert _times(model) == ["rate(4 hours)"]


def test_a_rename_with_other_times_that_is_rolled_back_leaves_the_times(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a chosen name WHEN construct and times change at once, and something else fails
    assert stack.deploy(both("Retain")).ok
    renamed = both("Retain", times=OTHER)
    outcome = stack.deploy({"Schedule2": renamed["Schedule"], "Association": renamed["Association"]}, fails_at_end=True)
    # THEN the restored template and the schedule agree
    assert not outcome.ok
    assert _times(model) == ["rate(4 hours)"]


def test_times_change_in_place(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy(both()).ok
    before = len(model.calls)
    assert stack.deploy(both(times=OTHER)).ok
    assert mutations(model, before) == ["ModifySnapshotSchedule"]
    assert (_times(model), has(model)) == (OTHER, OFTEN)


def test_changed_times_are_waited_for_until_the_clusters_have_them(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy(both()).ok
    model.settings.schedule_seconds = 300
    before = model.clock.monotonic()
    assert stack.deploy(both(times=OTHER)).ok
    assert model.clock.monotonic() - before >= 300


def test_changed_times_that_a_cluster_does_not_take_roll_back(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy(both()).ok
    model.faults.next_associations("FAILED", "ACTIVE")
    outcome = stack.deploy(both(times=OTHER))
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert f"did not reach {NAME}: the state is FAILED" in outcome.reasons[0]
    assert _times(model) == ["rate(4 hours)"]


def test_a_rollback_brings_the_former_times_back(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy(both()).ok
    assert not stack.deploy(both(times=OTHER), fails_at_end=True).ok
    assert _times(model) == ["rate(4 hours)"]


def test_a_noop_mutates_nothing(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN, "rate(4 hours)", tags=owned(stack, "Schedule"))
    assert send(stack, "Update", schedule()).ok
    assert mutations(model) == []


def test_an_update_by_a_stack_that_lost_it(model: RedshiftModel, stack: Stack) -> None:
    other = Stack(model, "Other", HERE)
    model.given_schedule(HERE, OFTEN, "rate(4 hours)", tags=owned(other, "S"))
    assert f"is owned by {other.id}" in send(stack, "Update", schedule(ScheduleDefinitions=OTHER)).reason
    assert send(stack, "Update", schedule(**DESTROY)).ok
    assert mutations(model) == []


def test_one_that_is_gone_is_made_again(model: RedshiftModel, stack: Stack) -> None:
    assert send(stack, "Update", schedule()).ok
    assert _tags(model) == owned(stack, "Schedule")


def test_definitions_that_redshift_refuses_leave_the_former_owner(model: RedshiftModel, stack: Stack) -> None:
    other = owned(Stack(model, "Other", HERE), "S")
    model.given_schedule(HERE, OFTEN, "rate(4 hours)", tags=dict(other))
    answer = send(stack, "Create", schedule(ScheduleDefinitions=["cron(0 3 MON)"], **REPLACE))
    assert "InvalidSchedule" in answer.reason
    assert _tags(model) == other


def test_delete_retains_without_a_single_call(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN, tags=owned(stack, "Schedule"))
    assert send(stack, "Delete", schedule()).ok
    assert model.calls == []


def test_delete_with_both_keys(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN, tags=owned(stack, "Schedule"))
    assert send(stack, "Delete", schedule(**DESTROY)).ok
    assert model.schedule(HERE, OFTEN) is None
    assert send(stack, "Delete", schedule(**DESTROY)).ok


@pytest.mark.parametrize("which", ["other stack", "other resource", "adopted"])
def test_delete_without_the_second_key_touches_nothing(model: RedshiftModel, stack: Stack, which: str) -> None:
    tags = {
        "other stack": owned(Stack(model, "Other", HERE), "Schedule"),
        "other resource": owned(stack, "Renamed"),
        "adopted": owned(stack, "Schedule", "adopted"),
    }[which]
    model.given_schedule(HERE, OFTEN, tags=tags)
    assert send(stack, "Delete", schedule(**DESTROY)).ok
    assert mutations(model) == []


def test_tags_that_somebody_removed_fail_the_delete_with_the_reason(model: RedshiftModel, stack: Stack) -> None:
    model.given_schedule(HERE, OFTEN)
    assert "somebody removed the owner's tags" in send(stack, "Delete", schedule(**DESTROY)).reason
    assert mutations(model) == []


@pytest.mark.parametrize("physical_id", ["2026/11/23/[$LATEST]ab", "snapshot-schedule/other", ""])
def test_delete_of_an_unknown_id_touches_nothing(model: RedshiftModel, stack: Stack, physical_id: str) -> None:
    model.given_schedule(HERE, OFTEN, tags=owned(stack, "Schedule"))
    assert send(stack, "Delete", schedule(**DESTROY), PhysicalResourceId=physical_id).ok
    assert model.calls == []


def test_delete_fails_at_once_while_a_cluster_has_it(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster, OFTEN, **owned(stack, "Schedule"))
    before = model.clock.monotonic()
    answer = send(stack, "Delete", schedule(**DESTROY))
    assert f"is in use: {NAME} still has it" in answer.reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model) == []


def test_delete_waits_for_a_cluster_that_is_leaving(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster, OFTEN, **owned(stack, "Schedule"))
    model.client(HERE).modify_cluster_snapshot_schedule(ClusterIdentifier=NAME, DisassociateSchedule=True)
    assert send(stack, "Delete", schedule(**DESTROY)).ok
    assert model.schedule(HERE, OFTEN) is None


def test_a_lost_answer_is_our_schedule(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("CreateSnapshotSchedule", "InternalFailure", after=True)
    assert send(stack, "Create", schedule()).ok
    assert mutations(model) == ["CreateSnapshotSchedule"]
    assert _tags(model) == owned(stack, "Schedule")


@pytest.mark.parametrize("code", ["Throttling", "InternalFailure", "AccessDenied"])
def test_passing_errors_are_waited_for(model: RedshiftModel, stack: Stack, code: str) -> None:
    model.faults.fail_for(60, ["CreateSnapshotSchedule", "DescribeSnapshotSchedules"], code)
    assert send(stack, "Create", schedule()).ok


def test_an_update_in_progress_is_waited_for(model: RedshiftModel, stack: Stack, cluster: Cluster) -> None:
    given(model, cluster, OFTEN, "rate(4 hours)", **owned(stack, "Schedule"))
    cluster.schedule_state = "MODIFYING"
    model.clock.call_later(60, lambda: setattr(cluster, "schedule_state", "ACTIVE"))
    assert send(stack, "Update", schedule(ScheduleDefinitions=OTHER)).ok
    assert _times(model) == OTHER


@pytest.mark.parametrize(
    "code", ["SnapshotScheduleQuotaExceeded", "InvalidSchedule", "ScheduleDefinitionTypeUnsupported"]
)
def test_permanent_errors_are_told_at_once(model: RedshiftModel, stack: Stack, code: str) -> None:
    model.faults.fail_next("CreateSnapshotSchedule", code, message="words of AWS")
    before = model.clock.monotonic()
    assert f"{code}: words of AWS" in send(stack, "Create", schedule()).reason
    assert model.clock.monotonic() - before < 5


@pytest.mark.parametrize("removal", [{}, DESTROY])
def test_a_renamed_construct_with_a_chosen_name_keeps_everything(
    model: RedshiftModel, stack: Stack, removal: dict[str, str]
) -> None:
    assert stack.deploy(both(**removal)).ok
    old = both(**removal)
    assert stack.deploy({"Schedule2": old["Schedule"], "Association2": old["Association"]}).ok
    assert has(model) == OFTEN
    assert _tags(model) == owned(stack, "Schedule2", "adopted")


def test_another_generated_name_is_refused_and_the_former_schedule_stays(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a schedule with a generated name, which another path of the stack changes
    old, new = "sdrsite0123456789ab", "slivedrsitecdef01234567"
    assert stack.deploy({"Schedule": schedule(ScheduleIdentifier=old)}).ok
    calls = len(mutations(model))
    # WHEN
    result = stack.deploy({"Schedule": schedule(ScheduleIdentifier=new)})
    # THEN nothing was made
    assert result.status == "UPDATE_ROLLBACK_COMPLETE"
    assert mutations(model)[calls:] == []


def test_a_name_of_the_users_replaces_a_generated_one(model: RedshiftModel, stack: Stack) -> None:
    assert stack.deploy({"Schedule": schedule(ScheduleIdentifier="sdrsite0123456789ab")}).ok
    assert stack.deploy({"Schedule": schedule(ScheduleIdentifier="every-four-hours")}).ok
    assert model.schedule(HERE, "every-four-hours") is not None


def test_tag_names_are_those_of_the_docs() -> None:
    assert TAGS[0] == "resilient-redshift:schedule-owner"
