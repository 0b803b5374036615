"""What a reviewer tried against the restore: clusters nobody owns up to, races, names taken by hand, huge inputs."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.contract import names
from tests.cloud.restore.record import AWAY, CLUSTER, DRILL, PLAN, PREFIX
from tests.cloud.restore.world import RestoreWorld

OURS = {names.TAG_PLAN: PLAN, names.TAG_DRILL: "true", names.TAG_EXECUTION: "drill-of-october"}
THEIRS = {"created-by": "somebody"}


def _tagged_by_others(world: RestoreWorld) -> None:
    """Let the account's own automation tag each new cluster before anybody else does."""

    def tag() -> None:
        for cluster in world.model.world.clusters.values():
            if cluster.region == AWAY:
                cluster.tags.update(THEIRS)

    for skip in range(20):
        world.before("CreateTags", tag, skip=skip)


def test_a_drill_that_may_not_tag_deletes_its_cluster_though_others_tagged_it() -> None:
    # GIVEN an account that tags new clusters by itself, and lets the drill tag none WHEN rehearsed
    world = RestoreWorld()
    world.copied()
    _tagged_by_others(world)
    world.fail("CreateTags", "TagLimitExceeded", None)
    run = world.drill()
    # THEN its own call made the cluster, and it goes
    assert world.clusters() == [], run.output
    assert run.outcome == "Passed", run.cause


def test_a_killed_drills_cluster_that_others_tagged_is_reported_and_left() -> None:
    # GIVEN a drill that died before it could tag, in an account that tags new clusters by itself WHEN cleaned an hour later
    world = RestoreWorld()
    world.drilled(tags=dict(THEIRS))
    run = world.cleanup()
    # THEN nobody can be sure whose it is: it stays, and the clean-up reports it
    assert world.cluster(f"{PREFIX}202610240500").tags == THEIRS
    assert run.outcome == "LeftBehind"
    assert world.report(run)["leftovers"] == [f"{PREFIX}202610240500"]
    assert world.fakes.numbers()["DrillLeftBehind"] == 1


def test_a_drill_warns_of_a_cluster_that_may_be_a_former_drills_and_goes_on() -> None:
    world = RestoreWorld(cluster_quota=None, node_quota=None)
    world.copied()
    world.drilled(tags=dict(THEIRS))
    run = world.drill()
    assert run.outcome == "Passed", run.cause
    assert any(f"{PREFIX}202610240500" in text for text in world.report(run)["warnings"])
    assert world.clusters() == [f"{PREFIX}202610240500"]


def test_a_drill_that_began_after_the_list_of_runs_keeps_its_cluster() -> None:
    # GIVEN a clean-up whose list of clusters is throttled for minutes, after it looked who runs
    world = RestoreWorld()
    world.copied()
    theirs: list[Any] = []

    def begin() -> None:
        drill = world.running("drill", "drill-since-then")
        theirs.append(world.drilled(DRILL, tags={**OURS, names.TAG_EXECUTION: drill.name}, age_hours=0))

    world.fail("DescribeClusters", "Throttling", 12)
    world.before("DescribeClusters", begin, skip=12)
    # WHEN a drill begins, restores and tags meanwhile THEN its cluster stays
    world.cleanup()
    assert world.clusters() == [DRILL]


def test_a_cluster_that_somebody_restores_by_hand_during_the_ladder_is_not_ours() -> None:
    # GIVEN no capacity, and an operator who restores the name by hand meanwhile, without tags
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", "InsufficientClusterCapacity", 20)
    world.before("RestoreFromClusterSnapshot", lambda: world.drilled(CLUSTER, age_hours=0.05), skip=20)
    # WHEN the next way of the run finds it THEN it is not taken for a lost answer, nor published
    run = world.failover()
    assert run.outcome == "TargetExists", run.outcome
    assert world.cluster().tags == {}
    assert names.endpoint_name(PLAN) not in world.fakes.parameters


def test_an_answer_lost_during_the_ladder_is_still_adopted() -> None:
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", "InsufficientClusterCapacity", 3)
    world.fail("RestoreFromClusterSnapshot", "ServiceUnavailable", 1, skip=3, after=True)
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    assert world.cluster().tags[names.TAG_EXECUTION] == run.name


def test_the_time_that_leftovers_took_is_not_the_drills() -> None:
    # GIVEN leftovers that take more than the drill's own four hours to go WHEN rehearsed
    world = RestoreWorld(cluster_quota=None, node_quota=None, restore_seconds=900, delete_seconds=5400)
    world.copied(age_hours=0.1)
    world.write_record(objectives={"recovery_time_seconds": 1800})
    for day in (22, 23, 24):
        world.drilled(f"{PREFIX}202610{day}0500", tags=OURS)
    run = world.drill()
    # THEN a restore in its time is none that is slow
    assert run.outcome == "Passed", run.cause


@pytest.mark.parametrize("enhanced", [True, False])
def test_enhanced_vpc_routing_is_said_where_the_snapshot_has_it(enhanced: bool) -> None:
    world = RestoreWorld()
    copied = world.copied()
    plain = world.model.call(AWAY, "DescribeClusterSnapshots", {})["Snapshots"]
    assert [one["SnapshotIdentifier"] for one in plain] == [copied.identifier]
    world.answer("DescribeClusterSnapshots", {"Snapshots": [{**plain[0], "EnhancedVpcRouting": enhanced}]})
    assert world.failover().outcome == "Restored"
    [asked] = world.asked("RestoreFromClusterSnapshot")
    assert asked.get("EnhancedVpcRouting", False) is enhanced


def test_an_input_that_would_choke_other_runs_is_refused() -> None:
    # GIVEN that a run carries its input from phase to phase WHEN somebody starts one with a huge reason
    world = RestoreWorld()
    world.copied()
    run = world.drill(reason="x" * 20_000)
    assert run.outcome == "InvalidRequest"
    assert not world.asked("ListExecutions")


@pytest.mark.parametrize("reason", ["the Region is dark since 03:10", 5, {"a": 1}])
def test_why_somebody_started_it_is_in_the_report(reason: Any) -> None:
    world = RestoreWorld()
    world.copied()
    report = world.report(world.failover(reason=reason))
    assert report["outcome"] == "Restored"
    assert report.get("reason") == (reason if isinstance(reason, str) else None)
