"""What a restore does when AWS has no room, too small a quota, an older engine or no key; and when it never ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.restore.ladder import smaller_configurations
from resilient_redshift.contract import names
from tests.cloud.restore.record import AWAY, CLUSTER, NODE_TYPE, NODES, NOW, PLAN, PREFIX, SUBNETS, TIME
from tests.cloud.restore.world import RestoreWorld

ZONES = list(SUBNETS.values())
FULL = "InsufficientClusterCapacityFault"


def tried(world: RestoreWorld) -> list[tuple[str | None, str | None, int | None]]:
    """The rungs: Zone, node type and nodes of each attempt."""
    return [
        (asked.get("AvailabilityZone"), asked.get("NodeType"), asked.get("NumberOfNodes"))
        for asked in world.asked("RestoreFromClusterSnapshot")
    ]


def test_another_zone_has_room() -> None:
    # GIVEN a Zone without room WHEN failed over THEN each other Zone of the subnet group is tried, and each try reported
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity(zones=ZONES[:2])
    report = world.report(world.failover())
    assert report["outcome"] == "Restored", report
    zones = [zone for zone, _, _ in tried(world)]
    assert zones[0] is None
    assert zones[-1] == ZONES[2]
    assert len(zones) <= 4
    assert [("error" in attempt) for attempt in report["attempts"]] == [True] * (len(zones) - 1) + [False]
    assert all("InsufficientClusterCapacity" in attempt["error"] for attempt in report["attempts"][:-1])
    # AND not smaller
    assert (report["cluster"]["node_type"], report["cluster"]["number_of_nodes"]) == (NODE_TYPE, NODES)


def test_a_smaller_configuration_has_room() -> None:
    # GIVEN no room for the snapshot's own nodes in any Zone WHEN failed over THEN a smaller legal configuration is taken
    world = RestoreWorld(node_configurations=[(NODE_TYPE, 8), (NODE_TYPE, NODES), (NODE_TYPE, 2), ("ra3.xlplus", 8)])
    world.copied()
    world.model.faults.no_capacity(node_types=[NODE_TYPE], more_nodes_than=2)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored", report
    taken = (report["cluster"]["node_type"], report["cluster"]["number_of_nodes"])
    assert taken in {(NODE_TYPE, 2), ("ra3.xlplus", 8)}
    assert (NODE_TYPE, 8) not in {(kind, nodes) for _, kind, nodes in tried(world)}
    # AND the last rung says it
    assert "ra3." in report["attempts"][-1]["rung"]


@pytest.mark.parametrize(
    "changes", [{"node_type": NODE_TYPE}, {"node_type": NODE_TYPE, "number_of_nodes": NODES}], ids=str
)
def test_who_says_a_size_gets_no_other(changes: dict[str, Any]) -> None:
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity(seconds=600)
    report = world.report(world.failover(**changes))
    assert report["outcome"] == "Restored", report
    assert not world.asked("DescribeNodeConfigurationOptions")
    assert {kind for _, kind, _ in tried(world)} == {NODE_TYPE}


def test_room_comes_back_within_two_hours() -> None:
    # GIVEN no room anywhere for an hour WHEN failed over THEN it tries again each five minutes, and succeeds
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity(seconds=3600)
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    report = world.report(run)
    assert 3600 <= report["recovery_time_seconds"] <= 3600 + 300 + 200
    # AND the wait is none of our own steps
    assert 3600 <= report["refused_seconds"] <= 3600 + 300
    assert report["overhead_seconds"] <= 60


def test_a_run_without_capacity_says_round_zone_size_and_when_it_gives_up() -> None:
    # GIVEN no room anywhere WHEN failed over THEN each attempt says what is tried next, and until when
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity(seconds=600)
    said = [text for text in world.failover().says if text.startswith("next, ")]
    ends = f"gives up at {NOW + dt.timedelta(hours=2):%Y-%m-%d %H:%M} UTC; AWS said: "
    size = f"{NODES} x {NODE_TYPE}"
    assert said[0].startswith(f"next, now: round 1, Zone {ZONES[0]}, {size}; {ends}")
    # AND a smaller size by its own nodes, and the next round from the beginning
    assert any(text.startswith("next, now: round 1, any Zone, 16 x ra3.xlplus; ") for text in said)
    second = [text for text in said if ": round 2, " in text]
    assert second[0].startswith(f"next, in 5 min: round 2, any Zone, {size}; {ends}")
    assert second[1].startswith(f"next, now: round 2, Zone {ZONES[0]}, {size}; ")


def test_no_room_at_all_ends_after_two_hours() -> None:
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity()
    started = world.clock.now()
    run = world.failover()
    assert run.outcome == "NoCapacity"
    assert 7200 - 600 <= (world.clock.now() - started).total_seconds() <= 7200 + 600
    report = world.report(run)
    assert report["refused_seconds"] >= 7200 - 600
    # AND of hundreds of attempts as many are in the report as fit, the first and the last among them
    assert len(world.asked("RestoreFromClusterSnapshot")) > 100
    assert report["attempts"][0]["at"] < report["attempts"][-1]["at"]
    assert world.clusters() == []


def test_configurations_that_cannot_be_listed_leave_the_other_rungs() -> None:
    world = RestoreWorld()
    world.copied()
    world.fail("DescribeNodeConfigurationOptions", "AccessDenied", None)
    world.model.faults.no_capacity(seconds=600)
    assert world.failover().outcome == "Restored"


def test_a_zone_that_aws_refuses_is_passed_over() -> None:
    # GIVEN a full Zone, and one that cannot hold this node type WHEN failed over THEN the third is tried
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", FULL)
    world.fail("RestoreFromClusterSnapshot", "UnsupportedOperationFault", skip=1)
    assert world.failover().outcome in {"Restored", "Failed"}


# Quota.


@pytest.mark.parametrize("code", ["NumberOfNodesQuotaExceeded", "ClusterQuotaExceeded"])
def test_a_failover_takes_the_room_of_a_drill(code: str) -> None:
    # GIVEN a quota that a drill's cluster uses up, and other clusters of the account WHEN failed over
    quota = {"node_quota": 9} if code.startswith("Number") else {"cluster_quota": 3}
    world = RestoreWorld(**quota)
    world.copied()
    world.drilled(tags={names.TAG_PLAN: PLAN, names.TAG_DRILL: "true"}, number_of_nodes=4)
    for name in ("theirs", "drill-holes"):
        world.model.given_cluster(AWAY, name, number_of_nodes=1, tags={"team": "x"})
    run = world.failover()
    # THEN the drill's cluster goes, nobody else's, and the failover is retried once
    assert run.outcome == "Restored", run.cause
    assert world.clusters() == ["drill-holes", CLUSTER, "theirs"]
    assert len(tried(world)) == 2
    assert any(PREFIX in str(one) for one in [*world.report(run)["attempts"], *world.report(run)["warnings"]])


def test_a_failover_takes_the_room_of_another_plans_drill_of_the_site() -> None:
    world = RestoreWorld(node_quota=5)
    world.copied()
    other = names.drill_prefix("other-plan", AWAY)
    world.drilled(f"{other}202610240500", tags={names.TAG_PLAN: "other-plan", names.TAG_DRILL: "true"})
    assert world.failover().outcome == "Restored"
    assert world.clusters() == [CLUSTER]


@pytest.mark.parametrize("drills", [0, 1])
def test_a_quota_that_stays_is_named(drills: int) -> None:
    world = RestoreWorld(node_quota=3)
    world.copied()
    if drills:
        world.drilled(tags={names.TAG_PLAN: PLAN, names.TAG_DRILL: "true"}, number_of_nodes=1)
    run = world.failover()
    assert run.outcome == "QuotaExceeded"
    assert len(tried(world)) <= 2
    assert world.clusters() == []


@pytest.mark.parametrize("name", ["drill-analytics", "drill-0a1b2c3d-x", f"{PREFIX}x"])
@pytest.mark.parametrize("tags", [{"team": "x"}, {names.TAG_DRILL: "no"}], ids=str)
def test_only_what_surely_is_a_drills_makes_room(name: str, tags: dict[str, str]) -> None:
    # GIVEN a cluster with a drill's prefix, but not its tag WHEN the quota is used up THEN it stays
    world = RestoreWorld(node_quota=5)
    world.copied()
    world.drilled(name, tags=dict(tags))
    assert world.failover().outcome == "QuotaExceeded"
    assert world.clusters() == [name]


# Engine, key, rights, state.


def test_a_newer_engine_gives_way_to_the_next_older_snapshot_once() -> None:
    # GIVEN a newest snapshot that this Region's engine is too old for WHEN failed over THEN the next older is restored
    world = RestoreWorld()
    world.copied(age_hours=1, engine_version="9.9.9")
    older = world.copied(age_hours=9, engine_version="1.0.1")
    report = world.report(world.failover())
    assert (report["outcome"], report["snapshot"]["identifier"]) == ("Restored", older.identifier)


@pytest.mark.parametrize("points", [1, 3])
def test_a_newer_engine_is_tried_at_most_twice(points: int) -> None:
    world = RestoreWorld()
    for number in range(points):
        world.copied(age_hours=1 + 8 * number, engine_version="9.9.9")
    run = world.failover()
    assert run.outcome == "IncompatibleVersion"
    assert len(tried(world)) == min(points, 2)


def test_after_hours_of_a_newer_engine_the_newest_of_another_one_is_taken() -> None:
    # GIVEN an hourly rule kept for two weeks, and an engine that was patched at home three days ago WHEN failed over
    world = RestoreWorld()
    for hours in range(1, 14 * 24):
        engine = "9.9.9" if hours < 72 else "1.0.1"
        world.copied(f"{CLUSTER}-hourly-{hours}", kind="manual", retention=14, age_hours=hours, engine_version=engine)
    report = world.report(world.failover())
    # THEN the newest, the next older and the newest of the former engine are tried, and the last is restored
    assert (report["outcome"], report["snapshot"]["identifier"]) == ("Restored", f"{CLUSTER}-hourly-72")
    assert len(tried(world)) == 3


def test_weeks_of_hourly_copies_are_a_few_pages_and_a_short_history() -> None:
    # GIVEN as many hourly copies as AWS's quota has room for WHEN a drill restores the newest
    world = RestoreWorld(manual_snapshot_quota=700)
    for hours in range(1, 698):
        world.copied(f"{CLUSTER}-hourly-{hours}", kind="manual", retention=29, age_hours=hours)
    run = world.drill()
    # THEN the snapshots are seven pages, read once, nothing is warned of, and the history is as short as ever
    assert run.outcome == "Passed"
    assert "warnings" not in world.report(run)
    assert sum(call.operation == "DescribeClusterSnapshots" for call in world.calls) == 7
    assert run.events < 1000


def test_a_given_snapshot_of_a_newer_engine_is_not_replaced() -> None:
    world = RestoreWorld()
    world.copied("given", engine_version="9.9.9")
    world.copied(age_hours=9)
    assert world.failover(snapshot="given").outcome == "IncompatibleVersion"


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_not_enabled_is_named_at_once(state: str) -> None:
    # GIVEN a site's key that somebody disabled WHEN failed over THEN the run names its ARN, and makes nothing
    world = RestoreWorld()
    world.copied()
    world.model.set_key_state(world.key, state)
    run = world.failover()
    assert run.outcome in {"KeyUnavailable", "NotReady"}
    assert run.outcome == "KeyUnavailable"
    assert world.key in run.cause
    assert not tried(world)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("AccessToSnapshotDenied", "KeyUnavailable"),
        ("UnauthorizedOperation", "AccessDenied"),
        ("AccessDenied", "AccessDenied"),
        ("InvalidVPCNetworkStateFault", "NotReady"),
    ],
)
def test_a_permanent_error_of_the_restore_is_named_at_once(code: str, outcome: str) -> None:
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", code, None, message="AWS's own words")
    run = world.failover()
    assert run.outcome == outcome
    assert "AWS's own words" in run.cause
    assert len(tried(world)) == 1


@pytest.mark.parametrize(("times", "outcome"), [(1, "Restored"), (None, "Failed")])
def test_a_schedule_that_is_gone_stops_no_failover(times: int | None, outcome: str) -> None:
    # GIVEN a snapshot schedule that somebody deleted WHEN failed over THEN it is restored without, and the report says so
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", "SnapshotScheduleNotFound", times)
    run = world.failover()
    assert run.outcome == outcome
    assert ["SnapshotScheduleIdentifier" in asked for asked in world.asked("RestoreFromClusterSnapshot")] == [
        True,
        False,
    ]
    assert outcome == "Failed" or any("schedule" in text for text in world.report(run)["warnings"])


def test_a_cluster_that_somebody_deletes_while_it_is_restored_is_named() -> None:
    world = RestoreWorld()
    world.copied()
    world.before("DescribeClusters", lambda: world.model.world.clusters.pop((AWAY, CLUSTER), None), skip=2)
    assert world.failover().outcome in {"Failed", "Restored"}


def test_a_restore_that_takes_longer_than_promised_rings_once_and_goes_on() -> None:
    # GIVEN a restore of five hours where four were promised WHEN failed over THEN it is restored all the same
    world = RestoreWorld(restore_seconds=TIME + 3600)
    world.copied()
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    # AND the alarm rang once
    assert world.fakes.count(names.METRIC_RTO_MISSED) == 1
    assert world.fakes.numbers()[names.METRIC_RTO_MISSED] == 1
    assert any(str(TIME) in text or "objective" in text for text in world.report(run)["warnings"])


def test_a_restore_in_time_rings_not() -> None:
    world = RestoreWorld()
    world.copied()
    world.failover()
    assert world.fakes.count(names.METRIC_RTO_MISSED) == 0


def test_a_restore_that_never_ends_is_reported_within_the_limits_of_a_history() -> None:
    # GIVEN a restore that is stuck WHEN failed over THEN the run ends by name, with events to spare, and rang once
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("stuck")
    run = world.failover()
    assert run.outcome == "Stuck"
    assert run.events < 24_000
    assert world.fakes.count(names.METRIC_RTO_MISSED) == 1
    assert world.clusters() == [CLUSTER]


def test_throttling_in_the_middle_of_a_restore_is_sat_out() -> None:
    world = RestoreWorld(restore_seconds=780)
    world.copied()
    world.fail("DescribeClusters", "Throttling", 6, skip=4)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored"
    assert report["overhead_seconds"] < 400


@pytest.mark.parametrize("code", ["NumberOfNodesQuotaExceeded", "ClusterQuotaExceeded", "InsufficientClusterCapacity"])
def test_room_that_a_lost_answer_took_is_the_runs_own(code: str) -> None:
    # GIVEN a restore that AWS accepted, whose answer got lost, and which took the last room WHEN the run sends it again
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", "ServiceUnavailable", after=True)
    world.fail("RestoreFromClusterSnapshot", code, None, skip=1)
    run = world.failover()
    # THEN the run finds its own cluster
    assert run.outcome == "Restored", run.cause
    assert world.cluster().tags[names.TAG_EXECUTION] == run.name


def test_a_failover_waits_for_the_room_of_a_drill_that_has_no_tags_yet() -> None:
    # GIVEN a drill that holds the quota, and cannot tag its cluster for a minute WHEN a failover starts
    world = RestoreWorld(node_quota=NODES, restore_seconds=600)
    world.copied()
    world.fail("CreateTags", "ServiceUnavailable", 3)
    drill, failover = world.together((0, world.given("drill")), (3, world.given("failover")))
    # THEN the failover waits until the drill yields, and restores
    assert failover.outcome == "Restored", failover.cause
    assert drill.outcome == "SkippedFailover"
    assert world.clusters() == [CLUSTER]


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_restore_of_a_day_fits_into_a_history(mode: str) -> None:
    # GIVEN a restore that takes as long as a run waits WHEN run
    world = RestoreWorld(restore_seconds=23.9 * 3600 if mode == "failover" else 19.9 * 3600)
    world.copied()
    world.write_record(objectives={"recovery_time_seconds": 20 * 3600})
    run = world.run(world.given(mode))
    # THEN it ends well, far below the limit of 25,000 events
    assert run.outcome == ("Restored" if mode == "failover" else "Passed"), run.cause
    assert run.events < 9_000


def test_many_leftovers_that_go_slowly_fit_into_a_history() -> None:
    # GIVEN a dozen leftovers that each take nearly two hours to go WHEN a drill runs THEN the history holds it
    world = RestoreWorld(cluster_quota=None, node_quota=None, delete_seconds=7_000)
    world.copied(age_hours=0)
    for day in range(1, 13):
        world.drilled(f"{PREFIX}202610{day:02}0500", tags={names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "old"})
    run = world.drill()
    assert run.outcome == "Passed", run.cause
    assert run.events < 24_000


def test_a_smaller_configuration_with_too_many_nodes_is_passed_over() -> None:
    # GIVEN no room for the recorded node type, and a quota that some smaller nodes are too many for WHEN failed over
    world = RestoreWorld(node_quota=10, node_configurations=[("ra3.xlplus", 16), ("ra3.xlplus", 8)])
    world.copied()
    world.model.faults.no_capacity(node_types=[NODE_TYPE])
    run = world.failover()
    # THEN the next smaller configuration is taken
    assert run.outcome == "Restored", run.cause
    assert [nodes for _, kind, nodes in tried(world) if kind == "ra3.xlplus"][-1] == 8


# The configurations that are smaller.


def offered(kind: str, number: int, full: int = 50) -> dict[str, Any]:
    return {"NodeType": kind, "NumberOfNodes": number, "EstimatedDiskUtilizationPercent": full}


OPTIONS = [offered("ra3.4xlarge", n) for n in (2, 3, 4, 8)] + [offered("ra3.xlplus", n) for n in (2, 8, 16, 32)]


def test_the_largest_and_the_smallest_of_each_type_are_taken() -> None:
    # GIVEN a cluster of 4 x ra3.4xlarge WHEN AWS offers many configurations THEN the ends of each type are taken, no larger
    found = smaller_configurations(OPTIONS, node_type="ra3.4xlarge", nodes=4, multi_az=False)
    assert found == [("ra3.xlplus", 16), ("ra3.4xlarge", 3), ("ra3.4xlarge", 2), ("ra3.xlplus", 2)]


@pytest.mark.parametrize(("full", "taken"), [(89, True), (90, False)])
def test_a_configuration_that_would_be_too_full_is_left_out(full: int, taken: bool) -> None:
    found = smaller_configurations([offered("ra3.4xlarge", 2, full)], node_type="ra3.4xlarge", nodes=4, multi_az=False)
    assert bool(found) is taken


def test_a_cluster_in_two_zones_keeps_two_nodes() -> None:
    # GIVEN a Multi-AZ cluster WHEN AWS offers one node THEN it is left out
    options = [offered("ra3.4xlarge", 1), offered("ra3.4xlarge", 2)]
    assert smaller_configurations(options, node_type="ra3.4xlarge", nodes=4, multi_az=True) == [("ra3.4xlarge", 2)]
    assert ("ra3.4xlarge", 1) in smaller_configurations(options, node_type="ra3.4xlarge", nodes=4, multi_az=False)


def test_eight_configurations_at_most_are_tried() -> None:
    # GIVEN six node types with two sizes each WHEN chosen THEN eight ways are left, the largest first
    options = [offered(f"ra3.kind{k}", n) for k in range(6) for n in (2, 4)]
    found = smaller_configurations(options, node_type="ra3.4xlarge", nodes=4, multi_az=False)
    assert len(found) == 8
    assert [number for _, number in found] == [4] * 6 + [2] * 2


def test_nothing_offered_is_no_way() -> None:
    assert smaller_configurations([{}], node_type="ra3.4xlarge", nodes=4, multi_az=False) == []
