"""What a restore does when AWS has no room, too small a quota, an older engine or no key; and when it never ends."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.contract import names
from tests.definitions.restore_record import AWAY, CLUSTER, NODE_TYPE, NODES, PLAN, PREFIX, SUBNETS, TIME
from tests.definitions.restore_world import RestoreWorld

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
    took = world.report(run)["recovery_time_seconds"]
    assert 3600 <= took <= 3600 + 300 + 200


def test_no_room_at_all_ends_after_two_hours() -> None:
    world = RestoreWorld()
    world.copied()
    world.model.faults.no_capacity()
    started = world.clock.now()
    run = world.failover()
    assert run.outcome == "NoCapacity"
    assert 7200 - 600 <= (world.clock.now() - started).total_seconds() <= 7200 + 600
    report = world.report(run)
    # AND of hundreds of attempts as many are told as fit, the first and the last among them
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


def test_a_given_snapshot_of_a_newer_engine_is_not_replaced() -> None:
    world = RestoreWorld()
    world.copied("given", engine_version="9.9.9")
    world.copied(age_hours=9)
    assert world.failover(snapshot="given").outcome == "IncompatibleVersion"


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_is_not_enabled_is_named_at_once(state: str) -> None:
    # GIVEN a site's key that somebody disabled WHEN failed over THEN its ARN is told, and nothing is made
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
    # GIVEN a snapshot schedule that somebody deleted WHEN failed over THEN it is restored without, and that is told
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


@pytest.mark.parametrize("end", ["incompatible-restore", "hardware-failure", "incompatible-network"])
def test_a_restore_that_fails_is_told_and_kept(end: str) -> None:
    # GIVEN a restore that ends in another state than available WHEN failed over THEN the run fails, the cluster is left to look at
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores(end)
    run = world.failover()
    assert run.outcome == "Failed"
    assert end in run.cause
    assert world.clusters() == [CLUSTER]


def test_a_cluster_that_somebody_deletes_while_it_is_restored_is_told() -> None:
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


def test_a_restore_that_never_ends_is_told_within_the_limits_of_a_history() -> None:
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
