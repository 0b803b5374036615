"""Each copy is read again right before it is changed: what the second look shows decides."""

from __future__ import annotations

import pytest

from tests.cloud.snapshots.world import CONFIGURED, NIGHTLY, TAG, TiersWorld


def test_a_copy_that_is_no_longer_there_or_available_is_left() -> None:
    # GIVEN an answer without the snapshot, or with one that is going, right before it would be changed WHEN run
    world = TiersWorld()
    first = world.copied()
    world.change_at_look(lambda snapshot: snapshot.update(Status="deleting"))
    assert world.applied()["gone"] == 1
    assert first.retention == CONFIGURED


def test_a_hold_set_between_list_and_change_stays() -> None:
    # GIVEN an operator who keeps a copy for ever after it was listed, before it is changed WHEN run THEN it is in doubt
    world = TiersWorld()
    copy = world.copied()
    world.change_at_look(lambda snapshot: snapshot.update(ManualSnapshotRetentionPeriod=-1))
    assert world.applied()["in_doubt"] == 1
    assert world.calls("ModifyClusterSnapshot") == 0
    assert copy.tags == {TAG: "-1"}


def test_a_copy_that_another_run_marked_in_between_is_not_lowered_again() -> None:
    # GIVEN a copy that another run marked, and an operator kept as long as copies arrive, after this run's list WHEN run
    world = TiersWorld()
    copy = world.copied()
    world.change_at_look(lambda snapshot: snapshot.update(Tags=[{"Key": TAG, "Value": str(NIGHTLY)}]))
    # THEN it stays
    output = world.applied()
    assert (output["tiered"], output["in_doubt"]) == (0, 0)
    assert copy.retention == CONFIGURED
    assert not world.model.mutating_calls()


@pytest.mark.parametrize("missing", ["ManualSnapshotRetentionPeriod", "Tags"])
def test_an_answer_without_a_field_lowers_nothing_wrongly(missing: str) -> None:
    # GIVEN an answer that lacks a field WHEN run THEN an unknown retention is in doubt; no tags are no tags
    world = TiersWorld()
    copy = world.copied()
    world.change_at_look(lambda snapshot: snapshot.pop(missing))
    output = world.applied()
    assert output["in_doubt" if missing == "ManualSnapshotRetentionPeriod" else "tiered"] == 1
    assert copy.retention == (CONFIGURED if missing == "ManualSnapshotRetentionPeriod" else NIGHTLY)


def test_a_copy_without_any_time_is_in_doubt() -> None:
    world = TiersWorld()
    copy = world.copied()
    world.change_at_look(lambda s: [s.pop(name) for name in ("SnapshotCreateTime", "SnapshotRetentionStartTime")])
    assert world.applied()["in_doubt"] == 1
    assert copy.retention == CONFIGURED
