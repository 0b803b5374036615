"""A run against an AWS that throttles, refuses and hangs: it tells what it can, names the rest, and ends in time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.watch.function import NotWatched, watch_in
from resilient_redshift.contract import watching
from tests.cli.scene import HERE, NAME, PLAN, THERE
from tests.cloud.watch.world import WATCHERS

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld

FOR_EVER = 1000
LAMBDA_SECONDS = 900


def test_a_list_that_is_throttled_for_ever_ends_in_time_and_is_a_problem(world: WatchWorld) -> None:
    world.account.fail["DescribeClusterSnapshots"] = ["Throttling"] * FOR_EVER
    began = world.clock.monotonic()
    assert f"redshift:DescribeClusterSnapshots in {THERE}: Throttling" in world.watch_in_vain()
    assert world.clock.monotonic() - began < LAMBDA_SECONDS / 2
    assert (world.codes(), world.severity) == ({"CannotTell": "opened"}, 2)


def test_a_service_that_exhausted_the_patience_gets_one_attempt_for_each_later_call(world: WatchWorld) -> None:
    # GIVEN twenty watched clusters with a key each, and a KMS that throttles for ever
    world.put(HERE, watching.watch_name(WATCHERS[HERE], PLAN), None)
    for number in range(20):
        key = world.model.given_key(HERE)
        world.put_watch(
            HERE,
            f"alone-{number}",
            side="alone",
            cluster={"identifier": NAME, "region": HERE},
            objectives={"recovery_point_seconds": 36000},
            watch_for={"declared": {"encryption_key": key}},
        )
    world.account.fail["DescribeKey"] = ["ThrottlingException"] * FOR_EVER
    began = world.clock.monotonic()
    # WHEN watched THEN the run waits for one of them, and measures every cluster
    world.watch_in_vain(HERE)
    assert world.clock.monotonic() - began < LAMBDA_SECONDS / 3
    assert sum(one["MetricName"] == "RecoveryPointAge" for _, one in world.account.metrics) == 20


def test_a_run_that_is_late_reads_nothing_more_and_still_tells(world: WatchWorld) -> None:
    # GIVEN a Lambda that ends soon after the records are read
    world.copied(hours=2)
    with pytest.raises(NotWatched, match="Lambda ends the run soon"):
        watch_in({"watcher": WATCHERS[THERE]}, world.surroundings(THERE, seconds=170))


def test_events_that_are_not_taken_are_sent_again(world: WatchWorld) -> None:
    world.copied(hours=11)
    world.account.denied = {"events:PutEvents"}
    assert "events:PutEvents" in world.watch_in_vain()
    assert world.severity == 2
    world.account.denied = set()
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}


def test_metrics_that_are_not_taken_are_a_failure_and_the_rest_is_told(world: WatchWorld) -> None:
    world.copied(hours=11)
    world.account.denied = {"cloudwatch:PutMetricData"}
    assert "cloudwatch:PutMetricData" in world.watch_in_vain()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}


def test_a_memory_that_could_not_be_read_is_not_overwritten(world: WatchWorld) -> None:
    # GIVEN a memory with an open finding
    world.copied(hours=11)
    world.watch()
    name = (THERE, watching.memory_name(WATCHERS[THERE], PLAN))
    before = world.account.parameters[name]
    # WHEN a run can read the records, but not the memory THEN it measures, sends no event, and forgets nothing
    answer = world.account._GetParametersByPath

    def refuse(region: str, params: dict[str, object]) -> dict[str, object]:
        if str(params["Path"]).startswith(watching.MEMORY_FOLDER):
            return world.account._answer("ssm", region, "Unread", {})
        return answer(region, params)  # type: ignore[arg-type]

    world.account._GetParametersByPath = refuse  # type: ignore[assignment,method-assign]
    world.account.denied = {"ssm:Unread"}
    world.watch_in_vain()
    assert world.severity == 2
    assert (world.codes(), world.account.parameters[name]) == ({}, before)
    # AND a watch that has nothing else to find says so
    world.copied("copy:rs:sales-2", hours=2)
    world.watch_in_vain()
    assert world.severity == 1


def test_a_memory_that_cannot_be_kept_is_a_finding(world: WatchWorld) -> None:
    # GIVEN a watcher that may not write its memory WHEN a copy is fine THEN it is a warning
    world.copied(hours=2)
    world.account.denied = {"ssm:PutParameter"}
    assert "ssm:PutParameter" in world.watch_in_vain()
    assert world.severity == 1


def test_without_a_memory_a_cluster_that_never_had_a_snapshot_is_a_problem(world: WatchWorld) -> None:
    # GIVEN a cluster without a plan and without a snapshot, whose age counts from what is remembered
    world.watch_alone()
    world.watch(HERE)
    assert world.values(HERE)["FindingSeverity"] == 0
    # WHEN the memory is lost and cannot be written THEN the age, which begins anew each time, is a problem
    world.put(HERE, watching.memory_name(WATCHERS[HERE], "Monitor-sales"), None)
    world.account.denied = {"ssm:PutParameter"}
    world.watch_in_vain(HERE)
    assert world.values(HERE)["FindingSeverity"] == 2
    # AND WHEN it cannot be read THEN no age is written
    answer = world.account._GetParametersByPath

    def refuse(region: str, params: dict[str, object]) -> dict[str, object]:
        if str(params["Path"]).startswith(watching.MEMORY_FOLDER):
            return world.account._answer("ssm", region, "PutParameter", {})
        return answer(region, params)  # type: ignore[arg-type]

    world.account._GetParametersByPath = refuse  # type: ignore[assignment,method-assign]
    world.watch_in_vain(HERE)
    assert world.values(HERE)["FindingSeverity"] == 2
    assert "RecoveryPointAge" not in world.values(HERE)


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"watcher": 1},
        {"watcher": "a/b"},
        {"watcher": "0a1b", "interval_seconds": 60},
        {"watcher": "0a1b", "first_look": 1},
    ],
    ids=["none", "empty", "number", "path", "short", "look"],
)
def test_an_input_that_is_not_understood_is_refused(world: WatchWorld, event: object) -> None:
    with pytest.raises(NotWatched, match="must be"):
        watch_in(event, world.surroundings(HERE))
    assert world.account.calls == []


def test_a_watcher_without_watches_makes_two_calls_at_most(world: WatchWorld) -> None:
    assert watch_in({"watcher": "none"}, world.surroundings(HERE))["watches"] == 0
    assert len(world.account.calls) <= 2


def _given(record: str) -> dict[str, Any]:
    return {name: part for name, part in json.loads(record).items() if name not in {"version", "watch"}}


def test_a_watch_that_is_deployed_again_remembers_nothing_of_the_former_one(world: WatchWorld) -> None:
    # GIVEN a plan without a copy that was watched, and whose stacks were deleted: memories and heartbeats stay
    world.protected(hours=1)
    world.watch(HERE)
    world.watch()
    world.later(days=30)
    world.model.world.snapshots.clear()
    # WHEN the stacks are deployed again, with a cluster that is as new as they are
    for (region, name), text in [*world.account.parameters.items()]:
        if name.startswith(watching.WATCH_FOLDER):
            world.put_watch(region, **_given(text))
    world.protected(hours=0)
    world.cluster.create_time = world.clock.now()
    # THEN the age counts from now on, and nothing is found
    world.later(minutes=5)
    world.watch()
    assert (world.values()["RecoveryPointAge"], world.codes()) == (300, {})
    world.watch(HERE)
    assert (world.values(HERE)["RecoveryPointAge"], world.codes()) == (0, {})
    # AND the memory begins once
    world.later(minutes=15)
    world.watch(HERE)
    assert (world.values(HERE)["RecoveryPointAge"], world.codes()) == (900, {})
