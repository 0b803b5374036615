"""How many calls a run makes with 1, 20 and 200 watches: linear, and far below what AWS and 15 minutes allow."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

import pytest

from tests.cli.scene import HERE, NAME, PLAN, THERE

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld


#: The watches, and the calls of a run in the primary and in the recovery Region. docs/watching.md has them.
CALLS = [(1, 9, 9), (20, 12, 20), (200, 68, 129)]


def given_plans(world: WatchWorld, number: int) -> None:
    """So many plans of as many clusters, each with a snapshot and a copy, all with the same recovery site."""
    parameters = dict(world.account.parameters)
    for index in range(1, number):
        name, plan = f"sales-{index}", f"sales-{index}-us-east-1"
        cluster = world.given_cluster(name)
        for (region, parameter), text in parameters.items():
            changed = text.replace(f'"{PLAN}"', f'"{plan}"').replace(
                f'"identifier": "{NAME}"', f'"identifier": "{name}"'
            )
            world.put(region, parameter.replace(PLAN, plan), changed)
        world.model.given_snapshot(HERE, cluster, f"rs:{name}", kind="automated", age_days=0.05)
        world.model.given_snapshot(THERE, cluster, f"copy:rs:{name}", kind="automated", age_days=0.1)


def calls_of(world: WatchWorld, region: str) -> collections.Counter[str]:
    del world.account.calls[:]
    assert world.watch(region)["problems"] == 0
    return collections.Counter(operation for _, operation, _ in world.account.calls)


@pytest.mark.parametrize(("number", "primary", "recovery"), CALLS, ids=["1", "20", "200"])
def test_the_calls_of_a_run_grow_with_the_watches(world: WatchWorld, number: int, primary: int, recovery: int) -> None:
    # GIVEN so many plans, and a first run that remembers what is done once a day
    given_plans(world, number)
    world.taken(hours=1)
    world.copied(hours=2)
    world.watch(HERE)
    world.watch(THERE)
    # WHEN the next runs take place THEN each makes so many calls, and never one for each watch
    there, here = calls_of(world, THERE), calls_of(world, HERE)
    assert (sum(here.values()), sum(there.values())) == (primary, recovery)
    # AND every watch has its age, in one call
    assert len(world.account.metrics) == number
    assert here["cloudwatch:PutMetricData"] == 1
    assert here["redshift:DescribeClusters"] == here["redshift:DescribeClusterSnapshots"] == -(-number // 100)
