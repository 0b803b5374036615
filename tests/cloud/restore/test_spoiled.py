"""Whatever the plan's record holds, a failover restores, or ends by a name that says which field it needs."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.cloud.restore.record import DRILLS, LINEAGES, RECORD, a_record
from tests.cloud.restore.world import RestoreWorld
from tests.contract.spoiled import WRONG, paths_of, spoiled

PATHS: Final = [*paths_of({**a_record("key"), "checks": [{"name": "rows", "sql": "select 1", "expected": "1"}]})]
KINDS: Final = [*WRONG]


@pytest.mark.parametrize("number", range(0, len(PATHS), 2))
def test_a_failover_ends_by_a_name(number: int) -> None:
    # GIVEN a record with one wrong field, and a spoiled lineage WHEN failed over
    world = RestoreWorld()
    world.copied()
    whole = {**a_record(world.key), "checks": [{"name": "rows", "sql": "select 1", "expected": "1"}]}
    world.fakes.parameters[RECORD] = json.dumps(spoiled(whole, PATHS[number], WRONG[KINDS[number % len(KINDS)]]))
    world.fakes.parameters[LINEAGES] = KINDS[number % len(KINDS)]
    run = world.failover()
    # THEN the world's laws hold, and the outcome is one of these
    assert run.outcome in {"Restored", "RestoredUnverified", "RecordNotUnderstood"}
    if run.outcome != "RecordNotUnderstood":
        assert any(LINEAGES in warning for warning in world.report(run)["warnings"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_and_a_clean_up_outlive_a_spoiled_memory(kind: str) -> None:
    # GIVEN a memory of drills of any kind WHEN a drill and a clean-up run THEN they do their work, and write it anew
    world = RestoreWorld()
    world.copied()
    for memory in (WRONG[kind], {"since": WRONG[kind], "last": WRONG[kind], "leftovers": {"a": WRONG[kind]}}):
        world.fakes.parameters[DRILLS] = json.dumps(memory)
        assert world.cleanup().outcome == "Cleaned"
    world.fakes.parameters[DRILLS] = json.dumps(WRONG[kind])
    assert world.drill().outcome == "Passed"
