"""Each side calls only what the contract names for its role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.contract import watching
from tests.cli.scene import HERE, PLAN, THERE

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld

#: IAM's names of services that boto3 calls otherwise.
PREFIXES = {"stepfunctions": "states", "service-quotas": "servicequotas"}
NARROWED = {action for actions in watching.WATCH_ACTIONS.values() for action in actions}


def called(world: WatchWorld, region: str) -> set[str]:
    """The IAM actions of a run and of a first look, with something to look up for each."""
    del world.account.calls[:]
    world.watch(region)
    world.watch(region, first_look=next(iter(watches(world, region))))
    pairs = [name.split(":") for _, name, _ in world.account.calls]
    return {f"{PREFIXES.get(service, service)}:{operation}" for service, operation in pairs}


def watches(world: WatchWorld, region: str) -> list[str]:
    folder = watching.WATCH_FOLDER
    return [name.rpartition("/")[2] for where, name in world.account.parameters if where == region and folder in name]


@pytest.mark.parametrize("side", watching.SIDES)
def test_each_side_calls_what_the_contract_names(world: WatchWorld, side: str) -> None:
    # GIVEN a copy that is off, no copy at all, a DC2 cluster, and a cluster of a run
    region = THERE if side == watching.RECOVERY else HERE
    if side == watching.ALONE:
        world.watch_alone()
    world.cluster.copy = None
    world.cluster.node_type = "dc2.large"
    world.taken(hours=1)
    world.model.given_cluster(THERE, "restored-1", tags={"resilient-redshift:plan": PLAN})
    allowed = NARROWED | {*watching.WATCH_ACTIONS_ON_ALL[side]}
    allowed |= {*watching.READINESS_ACTIONS} if side == watching.RECOVERY else set()
    # WHEN it is watched THEN no call is made that the role may not make
    made = called(world, region)
    assert made - allowed == set()
    # AND what only one side needs is asked by that one
    assert ("cloudtrail:LookupEvents" in made) == (side == watching.PRIMARY)
    assert ("ssm:GetParameterHistory" in made) == ("states:ListExecutions" in made) == (side == watching.RECOVERY)
