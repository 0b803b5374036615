"""A run under faults: refusals, lost answers, throttling, metrics that cannot be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator.redshift_model import ApiError
from resilient_redshift.snapshots.machine import CLUSTER_ACTIONS, READ_ACTIONS, SNAPSHOT_ACTIONS
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.cloud.snapshots.take_world import BASE, CLUSTER, DAY, REGION, TakeWorld

if TYPE_CHECKING:
    from tests.phases.driver import Execution

OPERATIONS = ["CreateClusterSnapshot", "DescribeClusterSnapshots", "DescribeClusters", "DeleteClusterSnapshot"]


def test_a_denied_access_is_understood() -> None:
    world = TakeWorld()
    world.model.faults.deny_for(DAY)
    assert world.run().outcome == "AccessDenied"
    assert world.calls("CreateClusterSnapshot") == 1


def test_permissions_that_still_spread_are_waited_for_where_the_input_says_so() -> None:
    # GIVEN a machine that was deployed a moment ago
    world = TakeWorld()
    world.model.faults.deny_for(90)
    # WHEN / THEN
    assert world.run(settle_seconds=120, scheduled_time=None, gap_seconds=None).outcome == "Taken"


def test_permissions_that_never_come_are_told_soon_after() -> None:
    world = TakeWorld()
    world.model.faults.deny_for(DAY)
    started = world.clock.now()
    assert world.run(settle_seconds=120, scheduled_time=None, gap_seconds=None).outcome == "AccessDenied"
    assert (world.clock.now() - started).total_seconds() < 300


@pytest.mark.parametrize("seconds", [0, -1, "120"])
def test_a_time_to_settle_that_is_none_is_refused(seconds: object) -> None:
    assert TakeWorld().run(settle_seconds=seconds).outcome == "InvalidRequest"


@pytest.mark.parametrize("change", [{"rule": "not--legal"}, {"cluster_identifier": "Sales!"}])
def test_a_bad_value_is_understood(change: dict[str, str]) -> None:
    world = TakeWorld()
    run = world.machine.run(world.given(**change))
    assert run.outcome in {"InvalidRequest", "SkippedNoCluster"}
    assert run.status == "FAILED"


@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable", "InternalFailure", "RequestLimitExceeded"])
def test_a_passing_fault_of_the_create_is_passed_over(code: str) -> None:
    world = TakeWorld()
    message = "Rate exceeded" if code == "Throttling" else ""
    world.model.faults.fail_next("CreateClusterSnapshot", code, 3, message=message)
    assert world.run().outcome == "Taken"


@pytest.mark.parametrize("after", [False, True])
def test_a_passing_fault_at_any_call_changes_nothing(after: bool) -> None:
    # GIVEN a run with a busy cluster and a failed snapshot, which makes every kind of call
    calls = 0
    number = 1
    while number == 1 or number <= calls:
        world = TakeWorld()
        world.model.faults.busy(REGION, CLUSTER, 400, "modifying")
        world.model.faults.next_manual_snapshots("failed")
        # WHEN one of its calls fails once, before or after it took effect
        world.model.faults.fail_at(number, "ServiceUnavailable", after=after)
        run = world.run()
        calls = max(calls, len(world.model.calls))
        # THEN the snapshot is taken all the same, and told of once
        assert run.outcome == "Taken", (number, run.cause)
        assert world.metrics.names().count(("ManualSnapshotTaken",)) == 1, number
        number += 1
    assert calls > len(OPERATIONS)


def test_a_service_that_stays_away_ends_the_run_in_time() -> None:
    world = TakeWorld()
    world.model.faults.fail_for(30 * DAY, "CreateClusterSnapshot", "ServiceUnavailable")
    started = world.clock.now()
    run = world.run()
    assert run.outcome == "Failed"
    assert "ServiceUnavailable" in run.cause
    assert (world.clock.now() - started).total_seconds() <= 6 * 3600


def test_a_service_that_stays_away_while_waiting_ends_the_run_in_time() -> None:
    world = TakeWorld()
    world.model.faults.fail_for(30 * DAY, "DescribeClusterSnapshots", "ServiceUnavailable")
    run = world.run()
    assert run.outcome == "Failed"
    assert run.events < 25_000


def test_a_correction_that_never_works_ends_the_run_in_time() -> None:
    # GIVEN an available snapshot whose retention differs, and a call that is throttled for days
    world = TakeWorld()
    world.run(keep_days=3)
    world.model.faults.fail_for(30 * DAY, "ModifyClusterSnapshot", "Throttling")
    # WHEN a second delivery corrects it THEN it ends with a name, and its history has room: the waits grow
    run = world.run()
    assert run.outcome == "Failed"
    assert f"{BASE} is available, but ModifyClusterSnapshot: Throttling" in run.cause
    assert run.events < 25_000


def test_the_role_has_a_right_for_each_call_and_no_other() -> None:
    # GIVEN runs that make every call: a busy cluster and a failed snapshot, and a correction
    world = TakeWorld()
    world.model.faults.busy(REGION, CLUSTER, 400)
    world.model.faults.next_manual_snapshots("failed")
    world.run()
    corrected = TakeWorld()
    corrected.run()
    corrected.run(keep_days=30, plan="other")
    # WHEN their calls are compared with the role's policies THEN each is allowed, and nothing else is
    allowed = {*SNAPSHOT_ACTIONS, *CLUSTER_ACTIONS, *READ_ACTIONS, *METRIC_ACTIONS}
    assert {*world.asked, *corrected.asked} == {action.partition(":")[2] for action in allowed}


NOT_FOUND = "ClusterSnapshotNotFound"


@pytest.mark.parametrize("empty", [False, True])
def test_a_snapshot_that_is_not_seen_yet_is_waited_for(empty: bool) -> None:
    world = TakeWorld()
    if empty:
        world.absent_is_empty = True
    world.model.faults.fail_next("DescribeClusterSnapshots", NOT_FOUND, 4, message="Snapshot x not found.")
    run = world.run()
    assert run.outcome == "Taken"
    assert run.states.count("TakeSnapshot") == 1


@pytest.mark.parametrize("empty", [False, True])
def test_a_snapshot_deleted_by_somebody_fails(empty: bool) -> None:
    world = TakeWorld()
    if empty:
        world.absent_is_empty = True
    run, steps = world.machine.start(world.given())
    for until in steps:
        world.clock.advance_to(until)
        world.model.world.snapshots.pop((REGION, BASE), None)
    assert run.outcome == "Failed"
    assert "deleted by somebody" in run.cause
    assert run.states.count("WaitForSnapshot") == 5


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("empty", [False, True])
def test_a_joined_snapshot_that_its_maker_deleted_as_failed_leads_to_the_second_try(empty: bool, made: bool) -> None:
    # GIVEN a second delivery that joined a snapshot, and a maker that deleted it and made the second try
    world = TakeWorld()
    if empty:
        world.absent_is_empty = True
    cluster = world.model.world.cluster(REGION, CLUSTER)
    tags = {"resilient-redshift:rule": "nightly", "resilient-redshift:execution": "maker"}
    world.model.given_snapshot(REGION, cluster, BASE, tags=tags, status="creating")
    if made:
        world.model.given_snapshot(REGION, cluster, f"{BASE}-r1", tags=tags)
    run, steps = world.machine.start(world.given())
    struck = False

    def hide(_execution: Execution, _phase: str) -> None:
        nonlocal struck
        second = {"SnapshotIdentifier": f"{BASE}-r1"}
        if not struck and any(call.params == second for call in world.model.calls):
            struck = True
            world.model.faults.fail_next("DescribeClusterSnapshots", NOT_FOUND, message="Snapshot x not found.")

    world.machine.watch = hide
    for until in steps:
        world.clock.advance_to(until)
        if "WaitForSnapshot" in run.states:
            world.model.world.snapshots.pop((REGION, BASE), None)
    assert struck
    # THEN it joins that one, or makes it where the maker did not get so far
    assert run.outcome == "Taken"
    assert run.output["joined"] is made
    assert run.output["snapshot_identifier"] == f"{BASE}-r1"
    assert (world.metrics.published == []) is made


@pytest.mark.parametrize("operation", [*OPERATIONS, "ModifyClusterSnapshot", "CreateTags"])
def test_throttling_is_passed_over(operation: str) -> None:
    # GIVEN a run that makes this call, which is throttled twice
    world = TakeWorld()
    again = operation in {"ModifyClusterSnapshot", "CreateTags"}
    if again:
        world.run(keep_days=3, plan="other")
    elif operation == "DescribeClusters":
        world.model.faults.busy(REGION, CLUSTER, 100)
    else:
        world.model.faults.next_manual_snapshots("failed")
    world.model.faults.throttle(2, operation)
    run = world.run()
    # THEN the phase is called again, and nothing else is tried
    assert run.outcome == "Taken"
    assert not world.model.faults.pending
    assert len(world.manual()) == 1


def test_the_second_trys_name_may_be_somebody_elses() -> None:
    # GIVEN a snapshot of ours that fails, and one of somebody else's under the second try's name
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")
    world.model.given_snapshot(REGION, world.model.world.cluster(REGION, CLUSTER), f"{BASE}-r1", retention=3)
    assert world.run().outcome == "NameTaken"
    assert world.snapshot(f"{BASE}-r1")["ManualSnapshotRetentionPeriod"] == 3


def test_a_passing_fault_right_after_joining_is_passed_over() -> None:
    world = TakeWorld()
    world.run()
    world.model.faults.fail_next("DescribeClusterSnapshots", "ServiceUnavailable")
    run = world.run()
    assert run.outcome == "Taken"
    assert run.output["joined"]


def test_a_passing_fault_costs_seconds() -> None:
    world = TakeWorld()
    started = world.clock.now()
    world.model.faults.fail_next("CreateClusterSnapshot", "ServiceUnavailable")
    assert world.run().outcome == "Taken"
    assert (world.clock.now() - started).total_seconds() == 5 + 300


@pytest.mark.parametrize("skip", [0, 1])
def test_throttling_while_counting_is_passed_over(skip: int) -> None:
    world = TakeWorld(manual_snapshot_quota=21)
    for index in range(21):
        world.model.given_snapshot(REGION, world.model.world.cluster(REGION, CLUSTER), f"theirs-{index}")
    world.model.faults.fail_next("DescribeClusterSnapshots", "Throttling", skip=skip)
    assert "used up by 21 of them" in world.run().cause


def test_a_count_that_fails_leaves_the_outcome() -> None:
    world = TakeWorld(manual_snapshot_quota=0)
    world.model.faults.fail_next("DescribeClusterSnapshots", "AccessDenied")
    run = world.run()
    assert run.outcome == "QuotaExceeded"
    assert "is used up; nothing was deleted" in run.cause


def test_an_unknown_error_fails_at_once_with_its_words() -> None:
    # GIVEN an error that the table of meanings does not know
    world = TakeWorld()
    world.fail["CreateClusterSnapshot"] = [ApiError("SomethingNew", "new words", 302)]
    run = world.run()
    assert run.outcome == "Failed"
    assert "SomethingNew: new words" in run.cause


@pytest.mark.parametrize(("failures", "published"), [(3, 3), (99, 0)])
def test_metrics_that_cannot_be_published_do_not_change_the_outcome(failures: int, published: int) -> None:
    world = TakeWorld()
    world.metrics.fail = failures
    assert world.run().outcome == "Taken"
    assert len(world.metrics.published) == published


def test_a_long_cause_is_cut() -> None:
    world = TakeWorld()
    world.model.faults.fail_next("CreateClusterSnapshot", "AccessDenied", message="not authorized " * 3000)
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert len(run.cause) < 1200
