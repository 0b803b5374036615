"""A dry run shows everything and starts nothing; its exit status says whether it would start."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.cli.scene import PLAN, THERE, Scene, words_of

#: The calls that change something.
CHANGING: Final = ("Start", "Copy", "Create", "Modify", "Delete", "Put")


@pytest.fixture
def ready(scene: Scene) -> Scene:
    scene.copied(hours=2)
    return scene


def changes(scene: Scene) -> list[str]:
    return [name for name in scene.account.operations() if name.partition(":")[2].startswith(CHANGING)]


@pytest.mark.parametrize(
    ("verb", "shown"), [("failover", "lost"), ("drill", "a drill costs"), ("freeze", "sales-frozen-20261123t061500z")]
)
def test_it_shows_everything_and_starts_nothing(ready: Scene, verb: str, shown: str) -> None:
    # GIVEN nobody to ask WHEN run dry THEN the screen is the usual one, and AWS was only read
    result = ready.run(verb, PLAN, "--dry-run")
    assert result.exit_code == 0
    assert shown in result.output
    assert f"dry run: the {verb} would start now; nothing was started" in result.output
    assert changes(ready) == []


@pytest.mark.parametrize("verb", ["failover", "drill", "freeze"])
def test_what_would_be_refused_is_2(scene: Scene, verb: str) -> None:
    # GIVEN no copy at all WHEN run dry THEN the refusal is the one of a real start
    dry, real = (scene.run(verb, PLAN, option) for option in ("--dry-run", "--yes"))
    assert dry.exit_code == real.exit_code == 2
    assert dry.stderr == real.stderr


@pytest.mark.parametrize("verb", ["failover", "drill"])
def test_json_says_that_it_would_start(ready: Scene, verb: str) -> None:
    value = json.loads(ready.run(verb, PLAN, "--dry-run", "--json").stdout)
    assert value == {"version": 1, "dry_run": True, "would_start": True}


def test_json_names_what_would_be_frozen(ready: Scene) -> None:
    value = json.loads(ready.run("freeze", PLAN, "--dry-run", "--json").stdout)
    [snapshot] = value["snapshots"]
    assert snapshot == {"automated": "copy:rs:sales-1", "manual": "sales-frozen-20261123t061500z"}
    assert (value["plan"], value["region"]) == (PLAN, THERE)


@pytest.mark.parametrize("arguments", [["failover", "--attach"], ["drill", "--cleanup"]])
def test_it_does_not_go_with_what_starts_nothing(ready: Scene, arguments: list[str]) -> None:
    verb, option = arguments
    result = ready.run(verb, PLAN, "--dry-run", option)
    assert result.exit_code == 2
    assert f"--dry-run does not go with {option}" in words_of(result)
