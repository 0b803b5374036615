"""Whatever Parameter Store holds, a command ends with a named verdict or error, and never with one of Python's."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from resilient_redshift.contract import names
from tests.cli.scene import PLAN, THERE, Scene, record
from tests.contract.spoiled import WRONG, paths_of, spoiled

WHOLE: Final = {**record(THERE), "checks": [{"name": "rows", "sql": "select true", "expected": "true"}]}
PATHS: Final = [*paths_of(WHOLE)]
KINDS: Final = [*WRONG]
#: What the machine keeps, whole.
MEMORY: Final = {
    names.endpoint_name(PLAN): {"cluster": "sales", "endpoint": "x", "port": 5439, "at": "2026-11-23T00:00:00Z"},
    names.drills_name(PLAN): {
        "since": "2026-11-01T00:00:00Z",
        "last": {"outcome": "Passed", "ended": "2026-11-22T00:00:00Z", "execution": "d"},
        "inconclusive": 1,
        "leftovers": {"drill-0": "2026-11-22T00:00:00Z"},
    },
}


def run_all(scene: Scene) -> None:
    for command in (("status", PLAN), ("status", PLAN, "--json"), ("failover", PLAN), ("drill", PLAN)):
        result = scene.run(*command)
        assert result.exit_code in {0, 1, 2}, command
        assert "unexpected" not in result.output + result.stderr, (command, result.output, result.stderr)


@pytest.mark.parametrize("seed", range(4))
def test_a_record_with_any_wrong_field_ends_no_command_unexpectedly(seed: int) -> None:
    # GIVEN records with one field of another kind, so that the four runs of this test meet each field with four kinds
    scene = Scene()
    scene.copied(hours=2)
    for number, path in enumerate(PATHS):
        wrong = WRONG[KINDS[(number + seed * 4) % len(KINDS)]]
        scene.put(THERE, names.plan_record_name(PLAN), json.dumps(spoiled(WHOLE, path, wrong)))
        result = scene.run("status" if (number + seed) % 2 else "failover", PLAN)
        # THEN each ends by a name
        assert "unexpected" not in result.output + result.stderr, (path, wrong, result.output, result.stderr)


@pytest.mark.parametrize("name", [*MEMORY, names.lineage_name(PLAN)])
def test_what_the_machine_keeps_may_be_anything(scene: Scene, name: str) -> None:
    scene.copied(hours=2)
    whole: Any = MEMORY.get(name, "x")
    for number, path in enumerate(paths_of(whole)):
        for kind in KINDS[number % 3 :: 3]:
            scene.put(THERE, name, json.dumps(spoiled(whole, path, WRONG[kind])))
            result = scene.run("status", PLAN)
            assert "unexpected" not in result.output + result.stderr, (path, kind, result.output, result.stderr)


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"a":' * 100_000, "\ud800", "9" * 5000, "null"])
def test_any_text_is_read(scene: Scene, text: str) -> None:
    # GIVEN a text in every parameter but the record, and then in the record as well WHEN each command runs
    scene.copied(hours=2)
    for name in (*MEMORY, names.lineage_name(PLAN)):
        scene.put(THERE, name, text)
    run_all(scene)
    assert scene.run("status", PLAN).exit_code == 2
    scene.put(THERE, names.plan_record_name(PLAN), text)
    run_all(scene)
