"""``resilient-redshift status`` and the watchers find the same in the same account, because one function judges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cli import plans
from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.gather import gather
from resilient_redshift.cloud.watch.judge import judge
from resilient_redshift.cloud.watch.run import Run
from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, THERE
from tests.cloud.watch.world import WATCHERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cloud.findings import Finding
    from tests.cloud.watch.world import WatchWorld


def status(world: WatchWorld) -> list[Finding]:
    """What the command finds, which asks both Regions."""
    aws = Aws(world.account.session, region=THERE, clock=world.clock.now)
    [observation] = gather(aws, [plans.find(aws, PLAN)])
    return list(judge(observation.view, world.clock.now()).findings)


def watchers(world: WatchWorld) -> list[Finding]:
    """What the two watchers find, each of which looks at its own Region. No heartbeat is sent in between."""
    runs = [Run(world.surroundings(region), WATCHERS[region]) for region in (HERE, THERE)]
    return [one for run in runs for watched in run.look() for one in watched.findings]


def failed_drill(world: WatchWorld) -> None:
    last = {"outcome": "Failed", "ended": "2026-11-20T06:00:00Z", "execution": "drill-1"}
    world.put(
        THERE, names.drills_name(PLAN), json.dumps({"since": "2026-11-01T00:00:00Z", "last": last, "inconclusive": 0})
    )


def only_copy(world: WatchWorld, hours: float | None) -> None:
    del world.model.world.snapshots[(THERE, "copy:rs:sales-1")]
    if hours is not None:
        world.copied("older", hours=hours)


def another_size(world: WatchWorld) -> None:
    for region in (HERE, THERE):
        world.change_record(region, watch_for={"size_drop_percent": 50, "declared": {"automated_days": 9}})
    world.copied("copy:rs:empty", hours=1, size_megabytes=1.0)
    world.taken("rs:empty", hours=0.5, size_megabytes=1.0)


CHANGES: dict[str, Callable[[WatchWorld], object]] = {
    "nothing": lambda _: None,
    "copy off": lambda world: setattr(world.cluster, "copy", None),
    "retention": lambda world: setattr(world.cluster.copy, "retention_period", 7),
    "state": lambda world: setattr(world.cluster, "status", "storage-full"),
    "unknown state": lambda world: setattr(world.cluster, "status", "unheard-of"),
    "aging copy": lambda world: only_copy(world, 8),
    "old copy": lambda world: only_copy(world, 11),
    "no copy": lambda world: only_copy(world, None),
    "two lineages": lambda world: world.copied("other", hours=9, cluster_create_time=world.clock.now()),
    "failed": lambda world: (world.taken("failed", status="failed"), world.copied("failed", status="failed")),
    "emptied": another_size,
    "drill": failed_drill,
    "no record": lambda world: world.change_record(THERE, machines={"restore": 1}),
    "spoiled lineage": lambda world: world.put(THERE, names.lineage_name(PLAN), "yesterday"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_status_and_the_watchers_find_the_same(world: WatchWorld, change: str) -> None:
    # GIVEN an account in which one thing is not as it should be
    world.protected(hours=30)
    world.taken(hours=1)
    world.copied(hours=2)
    CHANGES[change](world)
    # WHEN the command and the watchers look THEN they find the same, in the same words
    found = status(world)
    assert {one.text: one for one in watchers(world)} == {one.text: one for one in found}
    assert bool(found) == (change != "nothing")


def test_a_cluster_that_is_missing_is_missing_for_both(world: WatchWorld) -> None:
    # GIVEN no cluster WHEN both look THEN both say so; only the command knows that nothing is published, either
    world.copied(hours=2)
    del world.model.world.clusters[(HERE, "sales")]
    assert [one.code for one in status(world)] == [one.code for one in watchers(world)] == ["ClusterMissing"]
