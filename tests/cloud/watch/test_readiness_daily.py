"""Would a failover start now? The watcher asks once a day, and each hour while something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.watch.readiness_reading import NODES_QUOTA

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld

ASKED = "stepfunctions:DescribeStateMachine"


def times_asked(world: WatchWorld) -> int:
    return world.account.operations().count(ASKED)


def test_a_plan_that_is_ready_is_asked_once_a_day(world: WatchWorld) -> None:
    world.copied(hours=1)
    for _ in range(3):
        world.watch()
        world.later(hours=1)
        assert world.codes() == {}
    assert times_asked(world) == 1
    world.later(days=1)
    world.watch()
    assert times_asked(world) == 2


def test_what_stops_a_failover_is_a_problem_until_it_is_mended(world: WatchWorld) -> None:
    # GIVEN a role that lacks a right
    world.copied(hours=1)
    world.account.decision = "implicitDeny"
    world.watch()
    assert (world.codes(), world.severity) == ({"NotReady": "opened"}, 2)
    # WHEN the next run reads nothing THEN the finding goes on
    world.later(minutes=15)
    world.watch()
    assert (times_asked(world), world.codes(), world.severity) == (1, {}, 2)
    # WHEN the right is there an hour later THEN the finding ends
    world.account.decision = "allowed"
    world.later(hours=1)
    world.watch()
    assert (world.codes(), world.severity) == ({"NotReady": "closed"}, 0)


def test_what_may_not_be_read_is_a_warning_and_no_failure_of_the_run(world: WatchWorld) -> None:
    world.copied(hours=1)
    world.account.denied = {"iam:SimulatePrincipalPolicy"}
    world.watch()
    assert (world.codes(), world.severity) == ({"ReadinessUnknown": "opened"}, 1)


def test_a_first_look_reads_no_readiness(world: WatchWorld) -> None:
    world.copied(hours=1)
    world.watch(first_look="sales-us-east-1")
    assert times_asked(world) == 0
    assert NODES_QUOTA not in str(world.account.calls)
