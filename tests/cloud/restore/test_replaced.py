"""A restore that fails after AWS accepted it: what a run deletes and restores anew, and what it never deletes."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names
from tests.cloud.restore.laws import FAILED_STATES
from tests.cloud.restore.record import AWAY, CLUSTER, DRILL, NODE_TYPE, NODES, NOW, PLAN, SUBNETS
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from emulator.redshift_model.state import Cluster

#: The tags of a cluster that a former run of the plan restored.
FORMER = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-of-october", names.TAG_RESTORED_FROM: "x"}


def a_failed_cluster(world: RestoreWorld, state: str = "incompatible-restore", **changes: Any) -> Cluster:
    """A cluster that a former failover of the plan restored in vain."""
    return world.drilled(CLUSTER, age_hours=5, **{"tags": dict(FORMER), "status": state, **changes})


def zones_tried(world: RestoreWorld) -> list[str | None]:
    return [asked.get("AvailabilityZone") for asked in world.asked("RestoreFromClusterSnapshot")]


# A restore of this run.


@pytest.mark.parametrize("mode", ["failover", "drill"])
@pytest.mark.parametrize("state", sorted(FAILED_STATES))
def test_a_failed_restore_is_deleted_and_made_in_another_way(state: str, mode: str) -> None:
    # GIVEN a restore that AWS accepts and that fails WHEN run
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores(state)
    run = world.run(world.given(mode))
    # THEN the failed cluster was deleted without a snapshot, and the next way works
    report = world.report(run)
    assert run.outcome == ("Restored" if mode == "failover" else "Passed"), run.cause
    assert zones_tried(world) == [None, f"{AWAY}a"]
    assert all(asked["SkipFinalClusterSnapshot"] is True for asked in world.asked("DeleteCluster"))
    assert world.clusters() == ([CLUSTER] if mode == "failover" else [])
    # AND the report names the failed attempt with its state
    assert state in report["attempts"][1]["error"]
    assert "error" not in report["attempts"][2]


def test_no_restore_is_sent_before_the_name_is_free() -> None:
    # GIVEN a failed restore whose deletion takes ten minutes WHEN failed over
    world = RestoreWorld(delete_seconds=600)
    world.copied()
    world.model.faults.next_restores("hardware-failure")
    taken = []
    world.before("RestoreFromClusterSnapshot", lambda: taken.append(world.clusters()), skip=1)
    # THEN the second restore finds the name free
    assert world.failover().outcome == "Restored"
    assert taken == [[]]


def test_a_lack_of_capacity_after_the_acceptance_ends_as_no_capacity() -> None:
    # GIVEN no capacity, which AWS says only after it accepted each restore WHEN failed over
    world = RestoreWorld(node_configurations=[(NODE_TYPE, NODES), (NODE_TYPE, 2)])
    world.copied()
    world.model.faults.next_restores(*["insufficient-capacity"] * 500)
    run = world.failover()
    # THEN the run tries every way, for two hours, and leaves nothing
    assert run.outcome == "NoCapacity"
    assert set(zones_tried(world)) == {None, *SUBNETS.values()}
    assert {asked.get("NumberOfNodes") for asked in world.asked("RestoreFromClusterSnapshot")} >= {2}
    assert dt.timedelta(hours=2) <= world.clock.now() - NOW <= dt.timedelta(hours=2, minutes=30)
    assert world.clusters() == []
    assert "cluster" not in world.report(run)


def test_restores_that_fail_in_every_way_end_as_failed() -> None:
    # GIVEN restores that fail for another reason than capacity WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores(*["incompatible-network"] * 500)
    run = world.failover()
    # THEN each way is tried once, because waiting does not help
    assert run.outcome == "Failed"
    assert "could not be restored in any way" in run.cause
    assert "incompatible-network" in run.cause
    tried = [
        (a.get("AvailabilityZone"), a.get("NodeType"), a.get("NumberOfNodes"))
        for a in world.asked("RestoreFromClusterSnapshot")
    ]
    assert len(tried) == len(set(tried))


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_key_that_cannot_be_used_is_no_reason_to_delete(mode: str) -> None:
    # GIVEN a restore whose key is disabled while Redshift restores WHEN run
    world = RestoreWorld()
    world.copied()
    disable = functools.partial(world.model.set_key_state, world.key, "Disabled")
    world.before("RestoreFromClusterSnapshot", lambda: world.before("DescribeClusters", disable))
    run = world.run(world.given(mode))
    # THEN the run says what AWS does next and what to do, and tries no other way
    assert run.outcome == "KeyUnavailable"
    assert "14 days" in run.cause
    assert "enable the key" in run.cause
    assert len(zones_tried(world)) == 1
    # AND a failover leaves the cluster as it is
    assert world.clusters() == ([CLUSTER] if mode == "failover" else [])


@pytest.mark.parametrize("tags", [{}, {names.TAG_EXECUTION: "somebody", names.TAG_PLAN: PLAN}], ids=str)
def test_a_failed_cluster_without_this_runs_tags_is_left(tags: dict[str, str]) -> None:
    # GIVEN a failed restore that has not this run's tags WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("incompatible-restore")
    world.fail("CreateTags", "ServiceUnavailable", None)
    for skip in range(8):
        world.before(
            "DescribeClusters",
            lambda: [c.tags.update(tags) for c in [world.model.cluster(AWAY, CLUSTER)] if c],
            skip=skip,
        )
    run = world.failover()
    # THEN it is left to look at
    assert run.outcome == "Failed"
    assert world.clusters() == [CLUSTER]
    assert not world.asked("DeleteCluster")


@pytest.mark.parametrize("seen", ["the tag", "a completed restore"])
def test_a_cluster_that_was_available_is_left_when_it_fails(seen: str) -> None:
    # GIVEN a cluster of this run that fails, and that was available before WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("hardware-failure")

    def once_available() -> None:
        cluster = world.model.cluster(AWAY, CLUSTER)
        if cluster is None or cluster.restore is None or cluster.status != "hardware-failure":
            return
        if seen == "the tag":
            cluster.tags[names.TAG_AVAILABLE_SINCE] = iso(NOW)
        else:
            cluster.restore.status = "completed"

    for skip in range(8):
        world.before("DescribeClusters", once_available, skip=skip)
    # THEN the run fails, and the cluster is left to look at
    assert world.failover().outcome == "Failed"
    assert world.clusters() == [CLUSTER]
    assert not world.asked("DeleteCluster")


def test_a_failed_cluster_that_recovers_before_its_deletion_is_kept() -> None:
    # GIVEN a failed cluster that Redshift will not delete at first, and repairs meanwhile WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("hardware-failure")
    world.fail("DeleteCluster", "InvalidClusterState", 3)

    def recover() -> None:
        cluster = world.cluster()
        assert cluster.restore is not None
        cluster.status, cluster.restore.status = "available", "completed"

    world.before("DeleteCluster", recover, skip=2)
    run = world.failover()
    # THEN the run goes on with that cluster
    assert run.outcome == "Restored", run.cause
    assert len(zones_tried(world)) == 1
    assert len(world.asked("DeleteCluster")) == 3


def test_a_name_that_somebody_else_takes_before_the_deletion_is_left() -> None:
    # GIVEN a failed cluster that somebody deletes, to restore the name by hand WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("hardware-failure")
    world.fail("DeleteCluster", "InvalidClusterState", 3)

    def by_hand() -> None:
        del world.model.world.clusters[(AWAY, CLUSTER)]
        world.drilled(CLUSTER, tags={"team": "x"}, age_hours=0)

    world.before("DeleteCluster", by_hand, skip=1)
    run = world.failover()
    # THEN their cluster is not touched
    assert run.outcome == "TargetExists"
    assert world.cluster().tags == {"team": "x"}
    assert len(world.asked("DeleteCluster")) == 2


def test_a_failed_cluster_that_cannot_be_deleted_is_named() -> None:
    # GIVEN a failed cluster that the role may not delete WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("incompatible-restore")
    world.fail("DeleteCluster", "AccessDenied", None, message="AWS says no")
    run = world.failover()
    # THEN the run says why the restore failed, and why the cluster is still there
    assert run.outcome == "Failed"
    assert "incompatible-restore" in run.cause
    assert "AWS says no" in run.cause
    assert world.report(run)["cluster"]["identifier"] == CLUSTER


def test_a_drill_in_the_midst_of_a_replacement_yields_to_a_failover() -> None:
    # GIVEN a drill that deletes its failed cluster WHEN a failover starts
    world = RestoreWorld(delete_seconds=120)
    world.copied()
    world.model.faults.next_restores("incompatible-restore")
    drill, failover = world.together((0, world.given("drill")), (100, world.given("failover")))
    # THEN the drill yields, and leaves nothing
    assert (drill.outcome, failover.outcome) == ("SkippedFailover", "Restored"), (drill.cause, failover.cause)
    assert world.clusters() == [CLUSTER]
    assert "ReplaceCluster" in drill.states
    assert DRILL not in world.clusters()


# A restore of a former run.


def test_a_failed_cluster_of_a_former_run_is_named_with_the_choice() -> None:
    # GIVEN a cluster that a former failover restored in vain WHEN failed over
    world = RestoreWorld()
    world.copied()
    former = a_failed_cluster(world)
    run = world.failover()
    # THEN the run leaves it, and says how to have it deleted
    assert run.outcome == "TargetExists"
    assert "--replace-failed" in run.cause
    assert "failover-of-october" in run.cause
    assert world.cluster() is former


@pytest.mark.parametrize("state", sorted(FAILED_STATES))
def test_a_failed_cluster_of_a_former_run_is_replaced_if_asked_for(state: str) -> None:
    # GIVEN a cluster that a former failover restored in vain WHEN failed over with that choice
    world = RestoreWorld()
    world.copied()
    a_failed_cluster(world, state)
    run = world.failover(replace_failed=True)
    # THEN it is deleted, and the restore has its name
    assert run.outcome == "Restored", run.cause
    assert world.cluster().tags[names.TAG_EXECUTION] == run.name
    assert any(f"replaced: {CLUSTER}" in text for text in world.report(run)["warnings"])


NEVER: dict[str, dict[str, Any]] = {
    "available": {"status": "available"},
    "being restored": {"status": "creating"},
    "in a state that nobody knows": {"status": "quiescing"},
    "key": {"status": "inaccessible-kms-key"},
    "once available": {"tags": {**FORMER, names.TAG_AVAILABLE_SINCE: iso(NOW)}},
    "another plan's": {"tags": {**FORMER, names.TAG_PLAN: "another"}},
    "of no run": {"tags": {names.TAG_PLAN: PLAN}},
    "somebody's": {"tags": {"team": "x"}},
    "without tags": {"tags": {}},
}


@pytest.mark.parametrize("case", list(NEVER))
def test_no_other_cluster_is_ever_replaced(case: str) -> None:
    # GIVEN a cluster with the name that is no failed restore of this plan WHEN failed over with that choice
    world = RestoreWorld()
    world.copied()
    theirs = a_failed_cluster(world, **NEVER[case])
    run = world.failover(replace_failed=True)
    # THEN it is left as it is, and the choice is not offered
    assert run.outcome == "TargetExists"
    assert world.cluster() is theirs
    assert not world.asked("DeleteCluster")
    assert "--replace-failed" not in run.cause


def test_the_failed_cluster_of_a_run_that_is_under_way_is_left() -> None:
    # GIVEN a failed cluster of a run that is still at work WHEN failed over with that choice
    world = RestoreWorld()
    world.copied()
    world.clock.advance(5)
    other = world.running("failover", plan="another")
    a_failed_cluster(world, tags={**FORMER, names.TAG_EXECUTION: other.name})
    # THEN that run is left to its work
    assert world.failover(replace_failed=True).outcome == "AlreadyRunning"
    assert not world.asked("DeleteCluster")


def test_a_former_runs_cluster_that_cannot_be_deleted_is_named() -> None:
    # GIVEN a failed cluster that the role may not delete WHEN failed over with that choice
    world = RestoreWorld()
    world.copied()
    a_failed_cluster(world)
    world.fail("DeleteCluster", "AccessDenied", None, message="AWS says no")
    run = world.failover(replace_failed=True)
    # THEN the run says so
    assert run.outcome == "Failed"
    assert world.report(run)["message"].startswith(f"{CLUSTER} failed in a former run; and it could not be deleted")
    assert "AWS says no" in run.cause


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_function_that_dies_while_it_replaces_changes_nothing(after: bool) -> None:
    # GIVEN a function that dies at one call of a run that replaces a former cluster, and then its own
    def a_site() -> RestoreWorld:
        world = RestoreWorld()
        world.copied()
        a_failed_cluster(world)
        world.model.faults.next_restores("incompatible-restore")
        return world

    undisturbed = a_site()
    assert undisturbed.failover(replace_failed=True).outcome == "Restored"
    for number in range(1, len(undisturbed.calls) + 1):
        world = a_site()
        world.die_at(number, after=after)
        # WHEN the machine calls the phase again THEN the run restores, and one cluster exists
        run = world.failover(replace_failed=True)
        assert run.outcome == "Restored", (number, world.calls[number - 1].operation, run.cause)
        assert world.cluster().tags[names.TAG_EXECUTION] == run.name


# States that this release does not know, and what follows the run.


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_state_that_nobody_knows_is_waited_for_half_an_hour(mode: str) -> None:
    # GIVEN a cluster that stays in a state that this release does not know WHEN run
    world = RestoreWorld(restoring_status="quiescing")
    world.copied()
    world.model.faults.next_restores("stuck")
    run = world.run(world.given(mode))
    # THEN the run ends after half an hour with the state's name, and deletes a drill's cluster
    assert run.outcome == "Failed"
    assert "'quiescing'" in run.cause
    end = dt.datetime.fromisoformat(world.report(run)["ended"])
    assert dt.timedelta(minutes=30) <= end - NOW <= dt.timedelta(minutes=33)
    assert world.clusters() == ([CLUSTER] if mode == "failover" else [])


def test_a_state_that_nobody_knows_may_pass() -> None:
    # GIVEN a cluster that is in an unknown state for less than half an hour WHEN failed over THEN it is restored
    world = RestoreWorld(restoring_status="quiescing", restore_seconds=1700)
    world.copied()
    assert world.failover().outcome == "Restored"


def test_whoever_follows_the_run_sees_how_far_the_restore_is() -> None:
    # GIVEN a cluster for which Redshift says how far its restore is WHEN failed over
    world = RestoreWorld()
    world.copied()
    progress = {"Status": "restoring", "SnapshotSizeInMegaBytes": 1000, "ProgressInMegaBytes": 419}
    left = {"EstimatedTimeToCompletionInSeconds": 370}
    seen = {"ClusterIdentifier": CLUSTER, "ClusterStatus": "creating", "RestoreStatus": {**progress, **left}}
    world.answer("DescribeClusters", {"Clusters": [seen]}, skip=1)
    run = world.failover()
    # THEN the phase says so
    assert f"{CLUSTER} is creating, 41 %, about 6 minutes left" in run.says
    # AND without figures it says the state alone
    assert f"{CLUSTER} is restoring" in run.says
    assert f"{CLUSTER} is available" in run.says
