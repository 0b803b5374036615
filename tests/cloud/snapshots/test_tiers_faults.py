"""The function of retention tiers under faults: its record, each call of each service, a kill at any call, and its own limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from emulator.redshift_model import ApiError, SimulatedKill
from resilient_redshift.contract import names
from tests.cloud.snapshots.world import AWAY, CLUSTER, CONFIGURED, NIGHTLY, PLAN, RECORD, TAG, TiersWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400
CHANGES = ["ModifyClusterSnapshot", "CreateTags"]
URL = "https://redshift.us-west-2.amazonaws.com"
#: Passes by itself; with the same after the call took effect, where that can be.
PASSING = {
    "throttled": (ApiError("Throttling", "Rate exceeded", 400), [False]),
    "the server's own": (ApiError("InternalFailure", "not now", 500), [False, True]),
    "an unknown one of the server": (ApiError("SomethingNew", "not now", 503), [False, True]),
    "the answer is lost": (ReadTimeoutError(endpoint_url=URL), [False, True]),
    "no connection": (EndpointConnectionError(endpoint_url=URL), [False]),
}


def two_copies() -> tuple[TiersWorld, list[Any]]:
    """A world where one copy is to be lowered and one to be raised, and both."""
    world = TiersWorld()
    return world, [world.copied(), world.copied("monthly", retention=3)]


def each_call() -> Iterator[int]:
    """The number of each call of a run over these two copies."""
    world, _ = two_copies()
    world.applied()
    assert world.asked == [
        *("GetParameter", "DescribeClusterSnapshots"),
        *(["DescribeClusterSnapshots", "ModifyClusterSnapshot", "CreateTags"] * 2),
        "PutMetricData",
    ]
    yield from range(1, len(world.asked) + 1)


@pytest.mark.parametrize(
    "given", [None, [], "x", {}, {"plan": ""}, {"plan": 1}, {"plan": "../other"}, {"plan": "A"}], ids=str
)
def test_an_input_that_is_none_is_refused(given: Any) -> None:
    # GIVEN an input without a plan's name WHEN run THEN it fails by name, and calls nobody
    world = TiersWorld()
    assert world.run(given).outcome == "InvalidRequest"
    assert world.asked == []


def test_a_missing_record_is_named() -> None:
    # GIVEN no record WHEN run THEN nothing is listed, and the numbers are told, so that only the failure rings
    world = TiersWorld()
    world.value = None
    run = world.run()
    assert run.outcome == "RecordMissing"
    assert RECORD in run.reason
    assert not world.model.calls
    assert set(world.numbers().values()) == {0}


def test_something_else_that_is_missing_is_no_missing_record() -> None:
    # GIVEN a list that AWS refuses because something does not exist WHEN run THEN the record is not blamed
    world = TiersWorld()
    world.model.faults.fail_next("DescribeClusterSnapshots", "ClusterSnapshotNotFound", message="no")
    assert world.run().outcome == "Failed"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": "1"},
        {"version": True},
        {"version": None},
        {"plan": "another"},
        {"cluster": {"region": "us-east-1"}},
        {"cluster": {"identifier": "sales", "region": AWAY}},
        {"cluster": "sales"},
        {"recovery": {"region": "eu-west-1"}},
        {"recovery": None},
        {"copy": {"keep_manual_days": 0}},
        {"copy": {"keep_manual_days": 4000}},
        {"copy": {"keep_manual_days": True}},
        {"copy": {}},
        {"rules": None},
        {"rules": ["nightly"]},
        {"rules": [{"rule": "nightly"}]},
        {"rules": [{"rule": "nightly", "keep_in_recovery_days": 1.5}]},
        {"rules": [{"rule": "nightly", "keep_in_recovery_days": float("inf")}]},
        {"rules": [{"rule": "", "keep_in_recovery_days": 1}]},
        {"lineage": "long ago"},
    ],
    ids=str,
)
def test_a_record_that_is_not_understood_is_named_and_touches_nothing(change: dict[str, Any]) -> None:
    # GIVEN a record of another version, plan or Region, or a wrong one WHEN run THEN that is the outcome
    world = TiersWorld()
    world.copied()
    world.tell_whole({**world.record(), **change})
    run = world.run()
    assert run.outcome == "RecordNotUnderstood"
    assert not world.model.calls
    assert set(world.numbers().values()) == {0}


@pytest.mark.parametrize("value", ["", "{", "null", "[]", '"text"', "1"])
def test_a_record_that_is_no_object_is_named(value: str) -> None:
    world = TiersWorld()
    world.value = value
    assert world.run().outcome == "RecordNotUnderstood"


def test_a_record_of_an_unknown_version_says_which() -> None:
    world = TiersWorld()
    world.tell_whole({**world.record(), "version": 7})
    assert "it is of version 7; this release reads" in world.run().reason


def test_a_record_with_what_earlier_releases_wrote_is_read() -> None:
    # GIVEN a record that still names the state machine of tiers WHEN run THEN the tiers are applied
    world = TiersWorld()
    copy = world.copied()
    world.tell_whole({**world.record(), "machines": {"tiers": "arn:aws:states:us-west-2:1:stateMachine:tiers"}})
    world.applied()
    assert copy.retention == NIGHTLY


def test_a_plan_without_rules_has_nothing_to_do() -> None:
    world = TiersWorld()
    world.copied()
    world.tell_whole({**world.record(), "rules": []})
    assert world.applied()["tiered"] == 0


@pytest.mark.parametrize("operation", ["DescribeClusterSnapshots", *CHANGES])
def test_a_denied_access_fails_loudly_and_once(operation: str) -> None:
    # GIVEN a role without one right WHEN run THEN the run fails at once, with AWS's words
    world = TiersWorld()
    world.copied()
    world.model.faults.deny_for(DAY, operation)
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert "User is not authorized to perform this operation" in run.reason
    assert world.calls(operation) == 1


def test_a_denied_record_fails_loudly() -> None:
    world = TiersWorld()
    world.fail["GetParameter"] = [ApiError("AccessDeniedException", "User is not authorized", 400)]
    assert world.run().outcome == "AccessDenied"


@pytest.mark.parametrize(("fault", "after"), [(name, after) for name, (_, when) in PASSING.items() for after in when])
def test_a_passing_fault_at_any_call_changes_nothing(fault: str, after: bool) -> None:
    # GIVEN a run that reads, lists, looks, changes, marks and tells WHEN one of its calls fails once, or its answer is lost
    for number in each_call():
        world, copies = two_copies()
        world.strike(number, PASSING[fault][0], after=after)
        # THEN each copy has its tier all the same, and the numbers are told
        output = world.applied()
        assert (output["tiered"], output["raised"], output["in_doubt"]) == (1, 1, 1), number
        assert [(copy.retention, copy.tags) for copy in copies] == [
            (NIGHTLY, {TAG: str(NIGHTLY)}),
            (CONFIGURED, {TAG: str(CONFIGURED)}),
        ]
        assert world.numbers()["CopiesTiered"] == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("death", ["killed", "AccessDenied"])
def test_a_run_that_dies_at_any_call_is_made_good_by_the_next(death: str, after: bool) -> None:
    # GIVEN a run that is killed, or that loses a right, at one of its calls, before or after it took effect
    for number in each_call():
        world, copies = two_copies()
        error = SimulatedKill() if death == "killed" else ApiError("OptInRequired", "no", 403)
        world.strike(number, error, after=after)
        ended = world.run().outcome
        published = world.asked[-1] == "PutMetricData" and number == len(world.asked)
        assert ended == ("Applied" if published and death != "killed" else death), number
        # WHEN the next one comes
        world.applied()
        # THEN each copy has its tier, and its mark
        assert [(copy.retention, copy.tags[TAG]) for copy in copies] == [(NIGHTLY, "10"), (CONFIGURED, "180")]


def test_two_runs_at_once_do_the_same() -> None:
    # GIVEN a run by hand, or a repeated event, that begins and ends before any one call of another run
    for number in each_call():
        world, copies = two_copies()
        inner: list[str] = []
        world.interrupt(number, lambda world=world, inner=inner: inner.append(world.run().outcome))
        # WHEN both end THEN both succeed, and each copy has its tier once
        world.applied()
        assert inner == ["Applied"], number
        assert [(copy.retention, copy.tags) for copy in copies] == [
            (NIGHTLY, {TAG: str(NIGHTLY)}),
            (CONFIGURED, {TAG: str(CONFIGURED)}),
        ], number


@pytest.mark.parametrize("operation", CHANGES)
def test_one_copy_that_fails_does_not_stop_the_others(operation: str) -> None:
    # GIVEN two copies, one of which AWS refuses to change WHEN run THEN the other gets its tier, and the run fails
    world = TiersWorld()
    copies = [world.copied(age_hours=hours) for hours in (1, 2)]
    code = {"ModifyClusterSnapshot": "InvalidClusterSnapshotState", "CreateTags": "InvalidTagFault"}[operation]
    world.model.faults.fail_next(operation, code, message="no")
    run = world.run()
    assert run.outcome == "Failed"
    assert "1 of 2 copies could not be given their tier: sales-nightly-" in run.reason
    assert sum(TAG in copy.tags for copy in copies) == 1
    assert world.numbers() == dict(zip(names.TIER_METRICS, (0, 1, 0, 0, 1), strict=True))
    # AND the next run does the rest
    world.applied()
    assert all(copy.retention == NIGHTLY and TAG in copy.tags for copy in copies)


@pytest.mark.parametrize("at", ["look", "ModifyClusterSnapshot", "CreateTags"])
def test_a_copy_that_goes_in_between_is_no_failure(at: str) -> None:
    # GIVEN a copy that expires, or that somebody deletes, while the function is at it WHEN run
    world = TiersWorld()
    world.copied(age_hours=2)
    world.copied(age_hours=1)
    missing = "ResourceNotFoundFault" if at == "CreateTags" else "ClusterSnapshotNotFound"
    operation = "DescribeClusterSnapshots" if at == "look" else at
    world.model.faults.fail_next(operation, missing, skip=int(at == "look"))
    # THEN the run goes on, and tells of it
    output = world.applied()
    assert (output["gone"], output["tiered"]) == (1, 1)


@pytest.mark.parametrize("operation", ["DescribeClusterSnapshots", *CHANGES])
def test_a_service_that_stays_away_ends_the_run_in_time(operation: str) -> None:
    # GIVEN many copies, and a call that fails for days WHEN run THEN the run ends before Lambda ends it, and says why
    world = TiersWorld()
    for hours in range(1, 41):
        world.copied(age_hours=hours)
    world.model.faults.fail_for(3 * DAY, operation, "ServiceUnavailable")
    started = world.clock.now()
    run = world.run()
    assert run.outcome == "Failed"
    assert "ServiceUnavailable" in run.reason
    assert (world.clock.now() - started).total_seconds() < 15 * 60
    assert len(run.reason) < 3000
    assert world.numbers()["CopiesFailed"] == (0 if operation.startswith("Describe") else 8)


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_a_passing_fault_of_the_record_is_passed_over(code: str) -> None:
    world = TiersWorld()
    status = 400 if code == "ThrottlingException" else 500
    world.fail["GetParameter"] = [ApiError(code, "Rate exceeded", status)] * 3
    world.copied()
    assert world.applied()["tiered"] == 1


@pytest.mark.parametrize(("failures", "published"), [(3, 5), (99, 0)])
def test_numbers_that_cannot_be_published_do_not_change_the_outcome(failures: int, published: int) -> None:
    # GIVEN metrics that cannot be published WHEN run THEN the tiers stand; the alarm on silence tells of it
    world = TiersWorld()
    world.copied()
    world.fail["PutMetricData"] = [ApiError("InternalServiceFault", "not now", 500)] * failures
    assert world.applied()["tiered"] == 1
    assert len(world.published) == published


def test_a_bug_is_an_outcome_too(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an error that nobody foresaw WHEN run THEN the run fails by a name, and tells its numbers
    world = TiersWorld()
    world.copied()
    monkeypatch.setattr("resilient_redshift.cloud.snapshots.tiers_run.decide", lambda *_, **__: 1 / 0)
    run = world.run()
    assert run.reason == f"Failed: plan {PLAN}: ZeroDivisionError: division by zero"
    assert set(world.numbers().values()) == {0}


def test_many_problems_are_told_in_short() -> None:
    # GIVEN twenty copies that may not be changed WHEN run THEN the reason names five
    world = TiersWorld()
    for hours in range(1, 21):
        world.copied(age_hours=hours)
    world.model.faults.fail_for(DAY, "ModifyClusterSnapshot", "AccessDenied")
    run = world.run()
    assert run.reason.startswith(f"AccessDenied: plan {PLAN}: 20 of 20 copies")
    assert run.reason.count(f"{CLUSTER}-nightly-") == 5


def test_each_run_writes_its_ending_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN a run that ends well, and one that does not WHEN the log is read THEN its last line says how, with the numbers
    world = TiersWorld()
    world.copied()
    world.applied()
    good = json.loads(capsys.readouterr().out.splitlines()[-1])
    world.value = None
    world.run()
    bad = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (good["level"], good["outcome"], good["plan"], good["tiered"]) == ("INFO", "Applied", PLAN, 1)
    assert (bad["level"], bad["outcome"], bad["plan"], bad["tiered"]) == ("ERROR", "RecordMissing", PLAN, 0)
