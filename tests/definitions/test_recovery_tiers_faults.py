"""The machine of retention tiers under faults: its record, each call, however AWS may name an error, and its own limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.redshift_model import ApiError
from tests.definitions.interpreter import Dialect, java_style, run_together
from tests.definitions.test_manual_snapshot_faults import DIALECTS, _nameless
from tests.definitions.tiers_world import AWAY, CLUSTER, CONFIGURED, NIGHTLY, PLAN, TAG, TiersWorld

DAY = 86_400
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.__name__.strip("_"))
CHANGES = ["ModifyClusterSnapshot", "CreateTags"]


@pytest.mark.parametrize(
    "given", [None, [], "x", {}, {"plan": ""}, {"plan": 1}, {"plan": "../other"}, {"plan": "A"}], ids=str
)
def test_an_input_that_is_none_is_refused(given: Any) -> None:
    world = TiersWorld()
    run = world.machine.run(given)
    assert (run.status, run.error) == ("FAILED", "InvalidRequest")
    assert not world.model.calls


def test_a_missing_record_is_named() -> None:
    # GIVEN no record WHEN run THEN nothing is listed, and the numbers are told, so that only the failure rings
    world = TiersWorld()
    world.elsewhere.value = None
    run = world.run()
    assert run.outcome == "RecordMissing"
    assert f"/resilient-redshift/plans/{PLAN}" in run.cause
    assert not world.model.calls
    assert set(world.elsewhere.numbers().values()) == {0}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": "1"},
        {"version": None},
        {"plan": "another"},
        {"cluster": {"region": "us-east-1"}},
        {"cluster": {"identifier": "sales", "region": AWAY}},
        {"recovery": {"region": "eu-west-1"}},
        {"recovery": None},
        {"copy": {"keep_manual_days": 0}},
        {"copy": {"keep_manual_days": 4000}},
        {"copy": {}},
        {"rules": None},
        {"rules": [{"rule": "nightly"}]},
        {"rules": [{"rule": "nightly", "keep_in_recovery_days": 1.5}]},
        {"rules": [{"rule": "", "keep_in_recovery_days": 1}]},
    ],
    ids=str,
)
def test_a_record_that_is_not_understood_is_named_and_touches_nothing(change: dict[str, Any]) -> None:
    world = TiersWorld()
    world.copied()
    world.tell_whole({**world.record(), **change})
    run = world.run()
    assert run.outcome == "RecordNotUnderstood"
    assert not world.model.calls


@pytest.mark.parametrize("value", ["", "{", "null", "[]", '"text"', "1"])
def test_a_record_that_is_no_object_is_named(value: str) -> None:
    world = TiersWorld()
    world.elsewhere.value = value
    assert world.run().outcome == "RecordNotUnderstood"


def test_a_record_of_an_unknown_version_says_which() -> None:
    world = TiersWorld()
    world.tell_whole({**world.record(), "version": 7})
    assert "(version 7)" in world.run().cause


def test_a_plan_without_rules_has_nothing_to_do() -> None:
    world = TiersWorld()
    world.copied()
    world.tell_whole({**world.record(), "rules": []})
    assert world.applied()["tiered"] == 0


@every_dialect
@pytest.mark.parametrize("operation", ["DescribeClusterSnapshots", *CHANGES])
def test_a_denied_access_fails_loudly_and_once(dialect: Dialect, operation: str) -> None:
    # GIVEN a role without one right WHEN run THEN the run fails at once, with AWS's words
    world = TiersWorld(dialect=dialect)
    world.copied()
    world.model.faults.deny_for(DAY, operation)
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert operation[0].lower() + operation[1:] in run.cause
    assert world.calls(operation) == 1


@every_dialect
def test_a_denied_record_fails_loudly(dialect: Dialect) -> None:
    world = TiersWorld(dialect=dialect)
    world.elsewhere.fail["GetParameter"] = [ApiError("AccessDeniedException", "User is not authorized", 400)]
    assert world.run().outcome == "AccessDenied"


@pytest.mark.parametrize("dialect", [java_style, _nameless])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("code", ["ServiceUnavailable", "Throttling"])
def test_a_passing_fault_at_any_call_changes_nothing(dialect: Dialect, after: bool, code: str) -> None:
    # GIVEN a run that lists, looks, changes and marks WHEN one of its calls fails once, before or after it took effect
    calls = number = 1
    while number <= calls:
        world = TiersWorld(dialect=dialect)
        copies = [world.copied(), world.copied("monthly", retention=3)]
        world.model.faults.fail_at(number, code, after=after)
        run = world.run()
        calls = max(calls, len(world.model.calls))
        # THEN each copy has its tier all the same
        assert run.outcome == "Applied", (number, run.cause)
        assert [copy.retention for copy in copies] == [NIGHTLY, CONFIGURED]
        assert all(TAG in copy.tags for copy in copies)
        number += 1
    assert calls > 6


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_dies_at_any_call_is_made_good_by_the_next(after: bool) -> None:
    # GIVEN a run that ends for good at one of its calls, before or after it took effect WHEN the next one comes
    for number in range(1, 8):
        world = TiersWorld()
        copies = [world.copied(), world.copied("monthly", retention=3)]
        world.model.faults.fail_at(number, "OptInRequired", after=after)
        assert world.run().outcome == "AccessDenied", number
        world.applied()
        # THEN each copy has its tier, and none is marked without it
        assert [(copy.retention, copy.tags[TAG]) for copy in copies] == [(NIGHTLY, "10"), (CONFIGURED, "180")]


@every_dialect
@pytest.mark.parametrize("operation", CHANGES)
def test_one_copy_that_fails_does_not_stop_the_others(dialect: Dialect, operation: str) -> None:
    # GIVEN two copies, one of which AWS refuses to change WHEN run THEN the other gets its tier, and the run fails
    world = TiersWorld(dialect=dialect)
    copies = [world.copied(age_hours=hours) for hours in (1, 2)]
    code = {"ModifyClusterSnapshot": "InvalidClusterSnapshotState", "CreateTags": "InvalidTagFault"}[operation]
    world.model.faults.fail_next(operation, code, message="no")
    run = world.run()
    assert run.outcome == "Failed"
    assert "1 of 2 copies could not be given their tier: sales-nightly-" in run.cause
    assert sum(TAG in copy.tags for copy in copies) == 1
    assert world.elsewhere.numbers() == {"CopiesTiered": 1, "CopiesRaised": 0, "CopiesInDoubt": 0, "CopiesFailed": 1}
    # AND the next run does the rest
    world.applied()
    assert all(copy.retention == NIGHTLY and TAG in copy.tags for copy in copies)


@every_dialect
@pytest.mark.parametrize("at", ["look", "ModifyClusterSnapshot", "CreateTags"])
def test_a_copy_that_goes_in_between_is_no_failure(dialect: Dialect, at: str) -> None:
    # GIVEN a copy that expires, or that somebody deletes, while the machine is at it WHEN run
    world = TiersWorld(dialect=dialect)
    world.copied(age_hours=2)
    world.copied(age_hours=1)
    missing = "ResourceNotFoundFault" if at == "CreateTags" else "ClusterSnapshotNotFound"
    operation = "DescribeClusterSnapshots" if at == "look" else at
    words = "The resource could not be found." if at == "CreateTags" else "Snapshot x not found."
    world.model.faults.fail_next(operation, missing, skip=int(at == "look"), message=words)
    # THEN the run goes on, and tells of it
    output = world.applied()
    assert (output["gone"], output["tiered"]) == (1, 1)


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


@pytest.mark.parametrize("operation", ["DescribeClusterSnapshots", *CHANGES])
def test_a_service_that_stays_away_ends_the_run_in_time(operation: str) -> None:
    # GIVEN many copies, and a call that fails for days WHEN run THEN the run ends within the hour, and says why
    world = TiersWorld()
    for hours in range(1, 41):
        world.copied(age_hours=hours)
    world.model.faults.fail_for(3 * DAY, operation, "ServiceUnavailable")
    started = world.clock.now()
    run = world.run()
    assert run.outcome == "Failed"
    assert "ServiceUnavailable" in run.cause
    assert (world.clock.now() - started).total_seconds() < 3600
    assert run.events < 25_000
    assert len(run.cause) < 3000


@every_dialect
@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_a_passing_fault_of_the_record_is_passed_over(dialect: Dialect, code: str) -> None:
    world = TiersWorld(dialect=dialect)
    status = 400 if code == "ThrottlingException" else 500
    world.elsewhere.fail["GetParameter"] = [ApiError(code, "Rate exceeded", status)] * 3
    world.copied()
    assert world.applied()["tiered"] == 1


@pytest.mark.parametrize(("failures", "published"), [(3, 4), (99, 0)])
def test_numbers_that_cannot_be_published_do_not_change_the_outcome(failures: int, published: int) -> None:
    # GIVEN metrics that cannot be published WHEN run THEN the tiers stand; the alarm on silence tells of it
    world = TiersWorld()
    world.copied()
    world.elsewhere.fail["PutMetricData"] = [ApiError("InternalServiceFault", "not now", 500)] * failures
    assert world.applied()["tiered"] == 1
    assert len(world.elsewhere.published) == published


def test_two_runs_at_once_do_the_same() -> None:
    # GIVEN a run by hand beside the rule's own WHEN both run THEN no copy is lowered twice, and none is lost
    world = TiersWorld()
    copies = [world.copied(age_hours=hours) for hours in (1, 2, 3)]
    run_together(world.clock, *(world.machine.start({"plan": PLAN}) for _ in range(2)))
    assert {copy.retention for copy in copies} == {NIGHTLY}
    assert len([call for call in world.model.calls if call.operation == "ModifyClusterSnapshot"]) == 3


def test_many_problems_are_told_in_short() -> None:
    world = TiersWorld()
    for hours in range(1, 21):
        world.copied(age_hours=hours)
    world.model.faults.fail_for(DAY, "ModifyClusterSnapshot", "AccessDenied")
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert run.cause.startswith(f"plan {PLAN}: 20 of 20 copies")
    assert run.cause.count(f"{CLUSTER}-nightly-") == 5
    assert json.dumps(run.cause)
