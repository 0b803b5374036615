"""The snapshot machine under faults: however AWS may name an error, lost calls, throttling, metrics that cannot be published."""

from __future__ import annotations

import pytest

from tests.definitions.interpreter import Dialect, java_style
from tests.definitions.world import BASE, CLUSTER, DAY, REGION, World

OPERATIONS = ["CreateClusterSnapshot", "DescribeClusterSnapshots", "DescribeClusters", "DeleteClusterSnapshot"]


def _fault_and_exception(shape: str | None, _code: str, service: str) -> str:
    return f"{service}.{shape}Exception" if shape else f"{service}.{service}Exception"


def _wire_code(_shape: str | None, code: str, service: str) -> str:
    return f"{service}.{code}"


def _nameless(_shape: str | None, _code: str, service: str) -> str:
    """Only the cause tells."""
    return f"{service}.{service}Exception"


def _task_failed(_shape: str | None, _code: str, _service: str) -> str:
    return "States.TaskFailed"


DIALECTS = [java_style, _fault_and_exception, _wire_code, _nameless, _task_failed]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: d.__name__.strip("_"))


@every_dialect
def test_an_existing_snapshot_is_understood(dialect: Dialect) -> None:
    world = World(dialect=dialect)
    first, second = world.together()
    assert (first.outcome, second.outcome) == ("Taken", "Taken")
    assert world.manual() == [BASE]


@every_dialect
def test_a_busy_cluster_is_understood(dialect: Dialect) -> None:
    world = World(dialect=dialect)
    world.model.faults.busy(REGION, CLUSTER, 1200, "resizing")
    assert world.run().outcome == "Taken"


@every_dialect
def test_a_cluster_that_is_gone_is_understood(dialect: Dialect) -> None:
    world = World(dialect=dialect)
    del world.model.world.clusters[(REGION, CLUSTER)]
    assert world.run().outcome == "SkippedNoCluster"


@every_dialect
def test_a_full_quota_is_understood(dialect: Dialect) -> None:
    world = World(dialect=dialect, manual_snapshot_quota=0)
    assert world.run().outcome == "QuotaExceeded"


@every_dialect
def test_a_denied_access_is_understood(dialect: Dialect) -> None:
    world = World(dialect=dialect)
    world.model.faults.deny_for(DAY)
    assert world.run().outcome == "AccessDenied"
    assert world.calls("CreateClusterSnapshot") == 1


@every_dialect
def test_permissions_that_still_spread_are_waited_for_where_the_input_says_so(dialect: Dialect) -> None:
    # GIVEN a machine that was deployed a moment ago
    world = World(dialect=dialect)
    world.model.faults.deny_for(90)
    # WHEN / THEN
    assert world.run(settle_seconds=120, scheduled_time=None, gap_seconds=None).outcome == "Taken"


def test_permissions_that_never_come_are_told_soon_after() -> None:
    world = World()
    world.model.faults.deny_for(DAY)
    started = world.clock.now()
    assert world.run(settle_seconds=120, scheduled_time=None, gap_seconds=None).outcome == "AccessDenied"
    assert (world.clock.now() - started).total_seconds() < 300


@pytest.mark.parametrize("seconds", [0, -1, "120"])
def test_a_time_to_settle_that_is_none_is_refused(seconds: object) -> None:
    assert World().run(settle_seconds=seconds).outcome == "InvalidRequest"


@every_dialect
@pytest.mark.parametrize("change", [{"rule": "not--legal"}, {"cluster_identifier": "Sales!"}])
def test_a_bad_value_is_understood(dialect: Dialect, change: dict[str, str]) -> None:
    world = World(dialect=dialect)
    run = world.machine.run(world.given(**change))
    assert run.outcome in {"InvalidRequest", "SkippedNoCluster"}
    assert run.status == "FAILED"


@every_dialect
@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable", "InternalFailure", "RequestLimitExceeded"])
def test_a_passing_fault_of_the_create_is_passed_over(dialect: Dialect, code: str) -> None:
    world = World(dialect=dialect)
    message = "Rate exceeded" if code == "Throttling" else ""
    world.model.faults.fail_next("CreateClusterSnapshot", code, 3, message=message)
    assert world.run().outcome == "Taken"


@pytest.mark.parametrize("dialect", [java_style, _nameless])
@pytest.mark.parametrize("after", [False, True])
def test_a_passing_fault_at_any_call_changes_nothing(dialect: Dialect, after: bool) -> None:
    # GIVEN a run with a busy cluster and a failed snapshot, which makes every kind of call
    calls = 0
    number = 1
    while number == 1 or number <= calls:
        world = World(dialect=dialect)
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
    world = World()
    world.model.faults.fail_for(30 * DAY, "CreateClusterSnapshot", "ServiceUnavailable")
    started = world.clock.now()
    run = world.run()
    assert run.outcome == "Failed"
    assert "ServiceUnavailable" in run.cause
    assert (world.clock.now() - started).total_seconds() <= 6 * 3600


def test_a_service_that_stays_away_while_waiting_ends_the_run_in_time() -> None:
    world = World()
    world.model.faults.fail_for(30 * DAY, "DescribeClusterSnapshots", "ServiceUnavailable")
    run = world.run()
    assert run.outcome == "Failed"
    assert run.events < 25_000


NOT_FOUND = "ClusterSnapshotNotFound"


@every_dialect
@pytest.mark.parametrize("empty", [False, True])
def test_a_snapshot_that_is_not_seen_yet_is_waited_for(dialect: Dialect, empty: bool) -> None:
    world = World(dialect=dialect)
    if empty:
        world.absent_is_empty()
    world.model.faults.fail_next("DescribeClusterSnapshots", NOT_FOUND, 4, message="Snapshot x not found.")
    run = world.run()
    assert run.outcome == "Taken"
    assert run.states.count("CreateSnapshot") == 1


@every_dialect
@pytest.mark.parametrize("empty", [False, True])
def test_a_snapshot_deleted_by_somebody_fails(dialect: Dialect, empty: bool) -> None:
    world = World(dialect=dialect)
    if empty:
        world.absent_is_empty()
    run, steps = world.machine.start(world.given())
    for until in steps:
        world.clock.advance_to(until)
        if "WaitForSnapshot" in run.states:
            world.model.world.snapshots.pop((REGION, BASE), None)
    assert run.outcome == "Failed"
    assert "deleted by somebody" in run.cause
    assert run.states.count("DescribeSnapshot") == 5 + (not empty)


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("empty", [False, True])
def test_a_joined_snapshot_that_its_maker_deleted_as_failed_leads_to_the_second_try(empty: bool, made: bool) -> None:
    # GIVEN a second delivery that joined a snapshot, and a maker that deleted it and made the second try
    world = World()
    if empty:
        world.absent_is_empty()
    cluster = world.model.world.cluster(REGION, CLUSTER)
    tags = {"resilient-redshift:rule": "nightly", "resilient-redshift:execution": "maker"}
    world.model.given_snapshot(REGION, cluster, BASE, tags=tags, status="creating")
    if made:
        world.model.given_snapshot(REGION, cluster, f"{BASE}-r1", tags=tags)
    run, steps = world.machine.start(world.given())
    struck = False
    for until in steps:
        world.clock.advance_to(until)
        if "WaitForSnapshot" in run.states:
            world.model.world.snapshots.pop((REGION, BASE), None)
        if run.states.count("CreateSnapshot") == 2 and not struck:
            struck = True
            world.model.faults.fail_next("DescribeClusterSnapshots", NOT_FOUND, message="Snapshot x not found.")
    # THEN it joins that one, or makes it where the maker did not get so far
    assert run.outcome == "Taken"
    assert run.output["joined"] is made
    assert run.output["snapshot_identifier"] == f"{BASE}-r1"
    assert (world.metrics.published == []) is made


@pytest.mark.parametrize("operation", [*OPERATIONS, "ModifyClusterSnapshot", "CreateTags"])
def test_throttling_is_passed_over_by_retries_alone(operation: str) -> None:
    # GIVEN a run that makes this call, throttled under a name that the retries know
    world = World(dialect=lambda shape, code, service: java_style(shape or code, code, service))
    again = operation in {"ModifyClusterSnapshot", "CreateTags"}
    if again:
        world.run(keep_days=3, plan="other")
    elif operation == "DescribeClusters":
        world.model.faults.busy(REGION, CLUSTER, 100)
    else:
        world.model.faults.next_manual_snapshots("failed")
    world.model.faults.throttle(2, operation)
    run = world.run()
    # THEN nothing else is tried
    assert run.outcome == "Taken"
    assert run.states.count("Classify") == (again or operation == "DescribeClusters")
    assert len(world.manual()) == 1


def test_the_second_trys_name_may_be_somebody_elses() -> None:
    # GIVEN a snapshot of ours that fails, and one of somebody else's under the second try's name
    world = World()
    world.model.faults.next_manual_snapshots("failed")
    world.model.given_snapshot(REGION, world.model.world.cluster(REGION, CLUSTER), f"{BASE}-r1", retention=3)
    assert world.run().outcome == "NameTaken"
    assert world.snapshot(f"{BASE}-r1")["ManualSnapshotRetentionPeriod"] == 3


def test_a_passing_fault_right_after_joining_is_passed_over() -> None:
    world = World(dialect=_nameless)
    world.run()
    world.model.faults.fail_next("DescribeClusterSnapshots", "ServiceUnavailable")
    run = world.run()
    assert run.outcome == "Taken"
    assert run.output["joined"]


def test_an_unnamed_passing_fault_costs_a_minute() -> None:
    world = World(dialect=_nameless)
    started = world.clock.now()
    world.model.faults.fail_next("CreateClusterSnapshot", "ServiceUnavailable")
    assert world.run().outcome == "Taken"
    assert (world.clock.now() - started).total_seconds() == 60 + 300


@pytest.mark.parametrize("skip", [0, 1])
def test_throttling_while_counting_is_passed_over(skip: int) -> None:
    world = World(
        dialect=lambda shape, code, service: java_style(shape or code, code, service), manual_snapshot_quota=21
    )
    for index in range(21):
        world.model.given_snapshot(REGION, world.model.world.cluster(REGION, CLUSTER), f"theirs-{index}")
    world.model.faults.fail_next("DescribeClusterSnapshots", "Throttling", skip=skip)
    assert "used up by 21 of them" in world.run().cause


def test_a_count_that_fails_leaves_the_outcome() -> None:
    world = World(manual_snapshot_quota=0)
    world.model.faults.fail_next("DescribeClusterSnapshots", "AccessDenied")
    run = world.run()
    assert run.outcome == "QuotaExceeded"
    assert "is used up; nothing was deleted" in run.cause


def test_an_unknown_error_fails_at_once_with_its_words() -> None:
    world = World(dialect=lambda *_: "Redshift.SomethingNewException")
    world.model.faults.fail_next("CreateClusterSnapshot", "OptInRequired", message="new words", status=302)
    run = world.run()
    assert run.outcome == "Failed"
    assert "SomethingNewException: new words" in run.cause


@pytest.mark.parametrize(("failures", "published"), [(3, 3), (99, 0)])
def test_metrics_that_cannot_be_published_do_not_change_the_outcome(failures: int, published: int) -> None:
    world = World()
    world.metrics.fail = failures
    assert world.run().outcome == "Taken"
    assert len(world.metrics.published) == published


def test_a_long_cause_is_cut() -> None:
    world = World()
    world.model.faults.fail_next("CreateClusterSnapshot", "AccessDenied", message="not authorized " * 3000)
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert len(run.cause) < 1200
