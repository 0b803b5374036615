"""Two runs side by side, phase by phase in any order: at most one cluster for each name, and one winner."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract import names
from tests.cloud.restore.record import CLUSTER, DRILL, NODES, OURS, PLAN
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from tests.phases.driver import Execution

SEEDS = range(6)


def side_by_side(world: RestoreWorld, seed: int, *given: Any) -> list[Execution]:
    """Run together; the runs start within a minute, and take turns before each phase in a random order."""
    order = random.Random(seed)  # noqa: S311
    starts = [(order.choice([0, 0, 1, 20, 45]), one) for one in given]
    return world.together(*starts, turns=order)


def one_winner(world: RestoreWorld, runs: list[Execution]) -> None:
    """One failover restored the cluster, the others ended by name, and the tags are the winner's."""
    outcomes = sorted(run.outcome for run in runs)
    assert outcomes in (["AlreadyRunning", "Restored"], ["Restored", "TargetExists"]), [run.cause for run in runs]
    [winner] = [run for run in runs if run.outcome == "Restored"]
    assert world.clusters() == [CLUSTER]
    assert world.cluster().tags[names.TAG_EXECUTION] == winner.name
    assert world.parameter(names.endpoint_name(PLAN))["execution"] == winner.name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fate", ["available", "incompatible-restore", "lost answer", "quota", "capacity"])
def test_of_two_failovers_one_restores(fate: str, seed: int) -> None:
    # GIVEN two failovers of a plan, and what makes the phases of a restore take another way
    world = RestoreWorld(node_quota=NODES) if fate == "quota" else RestoreWorld()
    world.copied()
    if fate == "quota":
        world.drilled(tags=dict(OURS))
    elif fate == "capacity":
        world.model.faults.no_capacity(times=5)
    elif fate == "lost answer":
        world.fail("RestoreFromClusterSnapshot", "ServiceUnavailable", after=True)
    else:
        world.model.faults.next_restores(fate)
    # WHEN they run side by side THEN one of them restores
    one_winner(world, side_by_side(world, seed, world.given("failover"), world.given("failover")))


@pytest.mark.parametrize("seed", SEEDS)
def test_of_two_failovers_that_replace_a_failed_cluster_one_restores(seed: int) -> None:
    # GIVEN a failed cluster of a former run, and two failovers that may replace it
    world = RestoreWorld()
    world.copied()
    tags = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-of-october"}
    world.drilled(CLUSTER, tags=tags, status="incompatible-restore")
    given = world.given("failover", replace_failed=True)
    # WHEN they run side by side THEN one of them restores
    one_winner(world, side_by_side(world, seed, given, given))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fate", ["available", "incompatible-restore", "lost answer"])
def test_of_two_drills_one_passes(fate: str, seed: int) -> None:
    # GIVEN two deliveries of one event, and a leftover of a former drill
    world = RestoreWorld()
    world.copied()
    world.drilled(tags=dict(OURS))
    if fate == "lost answer":
        world.fail("RestoreFromClusterSnapshot", "ServiceUnavailable", after=True)
    else:
        world.model.faults.next_restores(fate)
    # WHEN both run side by side
    runs = side_by_side(world, seed, world.given("drill"), world.given("drill"))
    # THEN one passes, the other does nothing, and no cluster is left
    assert sorted(run.outcome for run in runs) == ["AlreadyRunning", "Passed"], [run.cause for run in runs]
    assert world.clusters() == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fate", ["available", "incompatible-restore", "quota"])
def test_a_drill_beside_a_failover_leaves_nothing(fate: str, seed: int) -> None:
    # GIVEN a drill and a failover of a plan
    world = RestoreWorld(node_quota=NODES) if fate == "quota" else RestoreWorld()
    world.copied()
    if fate != "quota":
        world.model.faults.next_restores(fate, fate)
    # WHEN both run side by side
    drill, failover = side_by_side(world, seed, world.given("drill"), world.given("failover"))
    # THEN the failover restores, and the drill leaves nothing
    assert failover.outcome == "Restored", failover.cause
    assert drill.outcome == "SkippedFailover", drill.cause
    assert world.clusters() == [CLUSTER]
    assert DRILL not in world.clusters()


@pytest.mark.parametrize("fault", ["ThrottlingException", "ExecutionDoesNotExist", "InvalidArn"])
def test_a_drill_yields_to_a_failover_whose_input_it_cannot_read_at_first(fault: str) -> None:
    # GIVEN a drill that is under way, and a failover that starts and whose input cannot be read once
    world = RestoreWorld(restore_seconds=300)
    world.copied()
    world.fail("DescribeExecution", fault)
    world.before("DescribeClusters", lambda: world.running("failover", plan="another"), skip=4)
    # WHEN the drill looks again THEN it yields
    drill = world.drill()
    assert drill.outcome == "SkippedFailover", drill.cause
    assert len(world.asked("DescribeExecution")) == 2
    assert world.clusters() == []
