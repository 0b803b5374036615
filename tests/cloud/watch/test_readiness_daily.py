"""Would a failover start now? The watcher asks once a day, and in each run while it would not."""

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
    # WHEN the right is still missing in the next run THEN the finding goes on
    world.later(minutes=15)
    world.watch()
    assert (times_asked(world), world.codes(), world.severity) == (2, {}, 2)
    # WHEN the right is there THEN the next run ends the finding, before an alarm rings
    world.account.decision = "allowed"
    world.later(minutes=15)
    world.watch()
    assert (times_asked(world), world.codes(), world.severity) == (3, {"NotReady": "closed"}, 0)


def test_what_may_not_be_read_is_a_warning_and_no_failure_of_the_run(world: WatchWorld) -> None:
    world.copied(hours=1)
    world.account.denied = {"iam:SimulatePrincipalPolicy"}
    world.watch()
    assert (world.codes(), world.severity) == ({"ReadinessUnknown": "opened"}, 1)
    # AND the next runs ask once an hour
    for asked in (1, 2):
        world.later(minutes=45)
        world.watch()
        assert (times_asked(world), world.severity) == (asked, 1)


def test_a_first_look_reads_no_readiness(world: WatchWorld) -> None:
    world.copied(hours=1)
    world.watch(first_look="sales-us-east-1")
    assert times_asked(world) == 0
    assert NODES_QUOTA not in str(world.account.calls)
