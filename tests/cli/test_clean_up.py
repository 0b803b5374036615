"""``drill --cleanup``: what drills left goes now, and not within the hour."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.scene import PLAN, THERE, Scene, record, words_of

FUNCTION = f"arn:aws:lambda:{THERE}:123456789012:function:clean-up"


def cleaning(scene: Scene, *, failed: bool = False, **answer: Any) -> list[tuple[str, Any]]:
    """Give the plan its function, with an answer; the calls are returned."""
    scene.put_record(THERE, record(THERE, functions={"clean_up": FUNCTION}))
    calls: list[tuple[str, Any]] = []

    def invoke(function: str, given: Any) -> tuple[bool, dict[str, Any]]:
        calls.append((function, given))
        return failed, answer

    scene.account.on_invoke = invoke
    return calls


def test_the_plans_function_is_called(scene: Scene) -> None:
    # GIVEN a plan with a rehearsal WHEN its drills are cleaned up THEN its function is called with the plan, and it says so
    calls = cleaning(scene, outcome="Cleaned", plan=PLAN, message="1 clusters deleted", deleted=["drill-1"])
    result = scene.run("drill", PLAN, "--cleanup", "--yes")
    assert (result.exit_code, calls) == (0, [(FUNCTION, {"plan": PLAN})])
    assert "Cleaned: 1 clusters deleted" in result.output
    assert scene.account.runs == {}


def test_its_answer_is_json_too(scene: Scene) -> None:
    cleaning(scene, outcome="Cleaned", plan=PLAN, message="m", deleted=["drill-1"])
    result = scene.run("drill", PLAN, "--cleanup", "--yes", "--json")
    assert json.loads(result.stdout) == {"version": 1, "outcome": "Cleaned", "message": "m", "deleted": ["drill-1"]}


def test_what_is_left_behind_is_1(scene: Scene) -> None:
    # GIVEN a function that fails WHEN called THEN its own words are shown
    cleaning(
        scene, failed=True, errorMessage="LeftBehind: plan sales: drill-1 costs by the hour", errorType="NotCleaned"
    )
    result = scene.run("drill", PLAN, "--cleanup", "--yes")
    assert result.exit_code == 1
    assert "LeftBehind: plan sales: drill-1 costs by the hour" in words_of(result)


def test_a_plan_without_a_rehearsal_has_no_such_function(scene: Scene) -> None:
    result = scene.run("drill", PLAN, "--cleanup", "--yes")
    assert result.exit_code == 2
    assert "has no rehearsal" in words_of(result)


def test_nothing_is_deleted_without_a_yes(scene: Scene) -> None:
    calls = cleaning(scene, outcome="Cleaned", plan=PLAN, message="m", deleted=[])
    assert scene.run("drill", PLAN, "--cleanup").exit_code == 2
    scene.interactive = True
    assert scene.run("drill", PLAN, "--cleanup", answer="n\n").exit_code == 2
    assert calls == []
