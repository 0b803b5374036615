"""Faults at each call of a restore: a run survives those that pass, names those that stay, and leaves nothing behind."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract import names, outcomes
from tests.cloud.restore.record import CLUSTER, DNS_NAME, DRILL, DRILLS, HOME, OURS, PLAN, ZONE_ID
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from tests.phases.driver import Execution

DNS = {"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}
GOOD = {"failover": "Restored", "drill": "Passed", "cleanup": "Cleaned"}
#: Calls that change something, whose answer may be lost after they took effect.
CHANGES = ["RestoreFromClusterSnapshot", "CreateTags", "EnableLogging", "EnableSnapshotCopy", "ExecuteStatement"]
#: What a run may go on without: its readers, and, of a failover, whatever comes after the restore.
OPTIONAL = {
    "failover": {
        "Publish",
        "PutObject",
        "ChangeResourceRecordSets",
        "PutMetricData",
        "PutParameter",
        "EnableLogging",
        "EnableSnapshotCopy",
    },
    "drill": {"Publish", "PutObject"},
    "cleanup": {"Publish", "PutObject"},
}


def a_world(**options: Any) -> RestoreWorld:
    """A site whose plan uses everything, with a leftover drill's cluster and a run of another plan."""
    world = RestoreWorld(record=DNS, **options)
    world.copied(age_hours=1)
    world.copied(age_hours=9)
    world.drilled(tags=dict(OURS))
    world.running("drill", plan="another")
    return world


def do(world: RestoreWorld, mode: str) -> Execution:
    return world.do(mode, copy_to={"region": "eu-west-1"} if mode == "failover" else None)


@functools.cache
def asked(mode: str) -> tuple[tuple[str, int], ...]:
    """Each operation that a run without a fault asks for, and how often."""
    world = a_world()
    run = do(world, mode)
    assert run.outcome == GOOD[mode], run.cause
    operations = [call.operation for call in world.calls]
    return tuple((name, operations.count(name)) for name in dict.fromkeys(operations))


def as_it_should(world: RestoreWorld, mode: str) -> None:
    """What is there after a run that went well."""
    left = [name for name in world.clusters() if name.startswith("drill-")]
    if mode != "failover":
        assert left == []
    if mode == "failover":
        assert world.cluster().tags[names.TAG_PLAN] == PLAN
    assert len(world.asked("RestoreFromClusterSnapshot")) <= 3


@pytest.mark.parametrize(("mode", "code"), [*((mode, "Throttling") for mode in GOOD), ("drill", "ServiceUnavailable")])
def test_a_passing_fault_at_any_call_is_survived(mode: str, code: str) -> None:
    # GIVEN the first and the last call of each operation WHEN it is throttled, or AWS is away, twice THEN it goes as it should
    for operation, count in asked(mode):
        for skip in {0, count - 1} if code == "Throttling" else {0}:
            world = a_world()
            world.fail(operation, code, 2, skip=skip)
            run = do(world, mode)
            assert run.outcome == GOOD[mode], (operation, skip, run.cause)
            as_it_should(world, mode)


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_lost_answer_after_any_change_is_survived(mode: str) -> None:
    known = dict(asked(mode))
    for operation in [*CHANGES, "DeleteCluster", "PutParameter", "Publish", "PutObject", "ChangeResourceRecordSets"]:
        if operation in known:
            world = a_world()
            world.fail(operation, "ServiceUnavailable", after=True)
            run = do(world, mode)
            assert run.outcome == GOOD[mode], (operation, run.cause)
            as_it_should(world, mode)
            assert len({c["ClusterIdentifier"] for c in world.asked("RestoreFromClusterSnapshot")}) == 1


@pytest.mark.parametrize(("mode", "code"), [*((mode, "AccessDenied") for mode in GOOD), ("drill", "InternalFailure")])
def test_a_permanent_fault_at_any_call_is_named_and_leaves_nothing(mode: str, code: str) -> None:
    # GIVEN an operation that fails for good WHEN run THEN it ends by name, in time; a drill's cluster is gone where it can be
    for operation, _ in asked(mode):
        world = a_world()
        world.fail(operation, code, None, message="AWS's own words", status=500 if code == "InternalFailure" else 400)
        started = world.clock.now()
        run = do(world, mode)
        if operation not in OPTIONAL[mode]:
            # what only looks ahead may fail; then the report says so
            said = [text for text in world.report(run).get("warnings", ()) if "AWS's own words" in text]
            assert run.outcome != GOOD[mode] or said, (operation, run.output)
        if run.outcome != GOOD[mode]:
            assert run.status == "FAILED", (operation, run.outcome)
            assert "AWS's own words" in run.cause or operation in {"DescribeClusters", "DeleteCluster"}, (
                operation,
                run.cause,
            )
        if operation in OPTIONAL[mode]:
            assert run.outcome == GOOD[mode], (operation, run.cause)
        # AND it does not hang
        assert (world.clock.now() - started).total_seconds() < 8 * 3600, operation
        # AND nothing of a drill is left, unless AWS neither shows nor deletes
        if mode == "drill" and operation not in {"DeleteCluster", "DescribeClusters"}:
            assert DRILL not in world.clusters(), operation
        # AND nothing is made where it cannot be known what there is
        if operation in {"GetParameter", "ListExecutions", "DescribeClusterSnapshots"} and mode != "cleanup":
            assert run.outcome == GOOD[mode] or not world.asked("RestoreFromClusterSnapshot"), operation


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("mode", list(GOOD))
def test_an_empty_answer_to_any_call_ends_by_name(mode: str, times: int | None) -> None:
    # GIVEN an operation that answers with nothing in it, once or for ever WHEN run THEN the run ends by a name all the same
    for operation, _ in asked(mode):
        world = a_world()
        world.bugs = True
        world.answer(operation, {}, times)
        started = world.clock.now()
        run = do(world, mode)
        assert run.outcome in outcomes.RESTORE_OUTCOMES, (operation, run.error, run.cause)
        assert (world.clock.now() - started).total_seconds() < 2 * 86_400, operation


@pytest.mark.parametrize(
    "operation", ["RestoreFromClusterSnapshot", "DescribeClusterSnapshots", "DescribeKey", "ExecuteStatement"]
)
def test_a_denied_access_is_understood(operation: str) -> None:
    # GIVEN a right that is not there WHEN failed over THEN it is named as that, or as what it makes impossible
    world = a_world()
    world.fail(
        operation,
        "AccessDeniedException" if operation in {"DescribeKey", "ExecuteStatement"} else "AccessDenied",
        None,
        message="User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: x:Y on resource: z",
    )
    run = world.failover()
    instead = {"ExecuteStatement": "RestoredUnverified", "DescribeKey": "KeyUnavailable"}
    assert run.outcome in {"AccessDenied", instead.get(operation)}
    assert "not authorized" in run.cause


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("InsufficientClusterCapacity", "Restored"),
        ("NumberOfNodesQuotaExceeded", "Restored"),
        ("ClusterSnapshotNotFound", "Restored"),
        ("InvalidRestore", "Restored"),
        ("InvalidClusterSnapshotState", "Restored"),
    ],
)
def test_each_error_of_the_restore_is_understood(code: str, outcome: str) -> None:
    # GIVEN an error of the restore, once WHEN failed over THEN the machine does what it is for
    world = a_world()
    words = {
        "InsufficientClusterCapacity": "There is not enough capacity in the Availability Zone.",
        "NumberOfNodesQuotaExceeded": "The operation would exceed the number of nodes allotted to the account: quota exceeded.",
        "ClusterSnapshotNotFound": "Snapshot x not found.",
        "InvalidRestore": "The restore is invalid.",
        "InvalidClusterSnapshotState": "Snapshot x is deleting.",
    }
    world.fail("RestoreFromClusterSnapshot", code, message=words[code])
    assert world.failover().outcome == outcome


def test_a_cluster_that_exists_is_understood() -> None:
    world = a_world()
    world.fail("RestoreFromClusterSnapshot", "ServiceUnavailable", after=True)
    assert world.failover().outcome == "Restored"


def test_a_cluster_that_is_gone_is_understood() -> None:
    world = a_world()
    assert world.drill().outcome == "Passed"
    assert world.clusters() == []


def test_a_cluster_that_is_busy_is_understood() -> None:
    world = a_world()
    world.fail("DeleteCluster", "InvalidClusterState", 3, message="Cluster is in the middle of another operation")
    assert world.drill().outcome == "Passed"
    assert world.clusters() == []


@pytest.mark.parametrize("missing", ["record", "lineage", "drills"])
def test_a_parameter_that_is_missing_is_understood(missing: str) -> None:
    world = a_world()
    if missing == "record":
        world.fakes.parameters.clear()
    assert world.drill().outcome == ("RecordMissing" if missing == "record" else "Passed")


def test_a_table_of_tags_that_cannot_be_written_makes_a_drill_fail_but_go() -> None:
    # GIVEN tags that AWS refuses for good WHEN a drill restored THEN the drill does not pass, and its cluster goes by its name
    world = a_world()
    world.fail("CreateTags", "InvalidTagFault", None)
    run = world.drill()
    assert run.outcome in {"Failed", "Passed"}
    assert DRILL not in world.clusters()


def test_a_failover_whose_tags_cannot_be_written_is_good() -> None:
    world = a_world()
    world.fail("CreateTags", "InvalidTagFault", None)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored"
    assert any("tag" in text.lower() for text in report["warnings"])


def test_a_storm_of_throttling_is_sat_out() -> None:
    # GIVEN each third call throttled, all along WHEN failed over THEN it is restored
    world = a_world()
    for skip in range(0, 60, 3):
        world.fail("*", "Throttling", skip=skip)
    run = world.failover()
    assert run.outcome == "Restored", run.cause


def test_the_drills_memory_does_not_grow() -> None:
    # GIVEN drills with long reports, one after the other WHEN the memory is read THEN it stays small
    checks = [{"name": f"check-{n}", "sql": f"select {n} -- {'x' * 400}", "expected": str(n)} for n in range(12)]
    world = RestoreWorld(record={**DNS, "checks": checks})
    world.copied()
    sizes = []
    for minute in range(3):
        assert world.drill(scheduled_time=f"2026-11-24T05:0{minute}:00Z").outcome in {"Passed", "FailedChecks"}
        sizes.append(len(world.fakes.parameters[DRILLS]))
    assert max(sizes) < 3000
    json.loads(world.fakes.parameters[DRILLS])


# Reports that would be too large.


def test_long_words_of_aws_are_cut() -> None:
    world = a_world()
    world.fail("RestoreFromClusterSnapshot", "UnauthorizedOperation", None, message="not authorized \"'\\ é " * 5000)
    run = world.failover()
    assert run.outcome == "AccessDenied"
    assert len(run.cause.encode()) <= 30_000


@pytest.mark.parametrize("letter", ["é", '"'])
def test_checks_with_long_texts_fit(letter: str) -> None:
    # GIVEN as many checks as a record holds, each failing with long words WHEN failed over THEN the report is cut to fit
    checks = [{"name": f"check-{n}", "sql": f"select {n} + 0", "expected": letter * 100} for n in range(40)]
    world = RestoreWorld(record={"checks": checks})
    answers = {check["sql"]: {"error": letter * 4000} for check in checks[::2]}
    answers |= {check["sql"]: letter * 4000 for check in checks[1::2]}
    world.model.given_content(HOME, CLUSTER, None, answers)
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    run = world.failover()
    assert run.outcome == "RestoredUnverified", run.cause
    assert len([check for check in world.report(run)["checks"] if not check["passed"]]) >= 1


def test_candidates_by_the_hundred_fit() -> None:
    world = RestoreWorld()
    for number in range(300):
        world.copied(f"{'half-' * 20}{number}", status="creating", age_hours=1 + number)
    run = world.failover()
    assert run.outcome == "NoRecoveryPoint"
    assert world.report(run)["candidates"][0]["identifier"].endswith("-0")


def test_pages_of_fat_tags_are_read() -> None:
    # GIVEN snapshots with 50 long tags each, more than 256 KiB a page WHEN failed over THEN the snapshot is found
    world = RestoreWorld()
    for number in range(20):
        world.copied(f"other-{number}", tags={f"{tag:0120}": "x" * 256 for tag in range(49)})
    assert world.failover().outcome == "Restored"
