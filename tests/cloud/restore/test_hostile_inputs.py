"""Whatever somebody types as the input of a run, the run ends by a name, and so does a run beside it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from resilient_redshift.contract.outcomes import RESTORE_OUTCOMES
from tests.cloud.restore.record import PLAN
from tests.cloud.restore.world import RestoreWorld
from tests.contract.spoiled import nested

#: JSON's own code reads and writes this. Python's recursion over it ends in an error.
DEEP: Final = nested(700)
HOSTILE: Final[dict[str, Any]] = {
    "no such day": "2026-02-30T00:00:00Z",
    "no such hour": "2026-11-24T25:00:00Z",
    "year one": "0001-01-01T00:00:00+23:59",
    "emoji": "\U0001f4a5 dark",
    "half a character": "\ud800",
    "control characters": "\x00\x1b[2J",
    "deep": DEEP,
    "deep object": {"a": {"b": DEEP}},
    "infinity": float("inf"),
    "a huge number": 10**400,
    "1e30": 1e30,
    "nothing": None,
}
FIELDS: Final = ("scheduled_time", "lineage", "not_before", "number_of_nodes", "copy_to", "unknown field")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_restore_ends_by_a_name(number: int) -> None:
    # GIVEN an input with a hostile value in one field WHEN run THEN the outcome is named, and no error of Python's
    kind = [*HOSTILE][number]
    for field in ("reason", FIELDS[number % 6], FIELDS[(number + 3) % 6]):
        world = RestoreWorld()
        world.copied()
        run = world.run({"plan": PLAN, "mode": "failover", field: HOSTILE[kind]})
        assert run.outcome in RESTORE_OUTCOMES
        report = world.report(run)
        assert run.outcome in {"Restored", "InvalidRequest"}, (field, report)
        assert field != "reason" or run.outcome == "Restored"
        assert run.outcome == "Restored" or field in report["message"]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_reason_of_a_running_failover_stops_no_drill_from_yielding(kind: str) -> None:
    world = RestoreWorld()
    world.copied()
    world.running("failover", reason=HOSTILE[kind])
    assert world.drill().outcome == "SkippedFailover"


def test_a_run_of_no_plan_ends_by_a_name() -> None:
    for value in HOSTILE.values():
        world = RestoreWorld()
        run = world.run({"plan": value, "mode": "failover"})
        assert run.outcome in {"InvalidRequest", "RecordMissing"}
        assert "plan" in world.report(run)["message"]
    assert RestoreWorld().run(DEEP).outcome == "InvalidRequest"
