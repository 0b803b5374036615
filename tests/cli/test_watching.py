"""``status --watch``: again and again, until Ctrl-C or until all is fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cli.output import Screen
from tests.cli.scene import PLAN, THERE, Scene, words_of

if TYPE_CHECKING:
    from collections.abc import Callable


def while_waiting(scene: Scene, *happenings: Callable[[], object]) -> None:
    """At each wait the next thing happens; after the last one somebody presses Ctrl-C."""
    left = list(happenings)

    def sleep(seconds: float) -> None:
        scene.sleeps.append(seconds)
        scene.clock.advance(seconds)
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    scene._sleep = sleep  # type: ignore[method-assign]


def test_a_file_gets_each_look_below_the_other_until_ctrl_c(scene: Scene) -> None:
    # GIVEN nobody who ends it WHEN watched THEN each look has its time, and Ctrl-C is 130
    scene.copied()
    while_waiting(scene, lambda: None)
    result = scene.run("status", PLAN, "--watch", "60")
    assert result.exit_code == 130
    assert result.stdout.count("fine: the newest copy") == 2
    assert "2026-11-23T08:15:00Z, every 1 min; ends with Ctrl-C" in result.stdout
    assert "2026-11-23T08:16:00Z, every 1 min" in result.stdout
    assert scene.sleeps == [60, 60]


def test_until_fine_ends_with_0_when_all_is_fine(scene: Scene) -> None:
    # GIVEN a plan without a copy WHEN a copy comes THEN the next look is the last one
    while_waiting(scene, lambda: None, lambda: scene.copied(hours=1))
    result = scene.run("status", PLAN, "--until", "fine")
    assert result.exit_code == 0
    assert result.stdout.count("missed: ") == 2
    assert scene.sleeps == [30, 30]


def test_a_region_that_stops_answering_is_waited_for(scene: Scene) -> None:
    scene.copied()
    while_waiting(scene, lambda: scene.account.dark.add(THERE), scene.account.dark.clear)
    result = scene.run("status", PLAN, "--watch", "60")
    assert "us-west-2 does not answer" in result.stdout
    assert "; trying again" in result.stdout
    assert result.stdout.count("fine: the newest copy") == 2


@pytest.mark.parametrize("kind", ["no plan", "no answer"])
def test_the_first_look_ends_with_its_error(scene: Scene, kind: str) -> None:
    if kind == "no answer":
        scene.account.dark = {THERE}
    result = scene.run("status", "nobody", "--watch")
    assert result.exit_code == 2
    assert not scene.sleeps


def test_a_terminal_shows_the_last_look_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a terminal WHEN looked again THEN it is cleared after the reading, so that it is never blank
    scene.copied()
    while_waiting(scene, lambda: None)
    monkeypatch.setattr(Screen, "live", property(lambda _: True))
    cleared: list[int] = []
    monkeypatch.setattr("rich.console.Console.clear", lambda _: cleared.append(len(scene.account.calls)))
    scene.run("status", PLAN, "--watch")
    assert len(cleared) == 2
    assert cleared[1] > cleared[0] > 0
    assert cleared[1] == len(scene.account.calls)


@pytest.mark.parametrize("output", [["--json"], ["--output", "nagios"], ["--output", "prometheus"]])
def test_it_does_not_go_with_what_others_read(scene: Scene, output: list[str]) -> None:
    result = scene.run("status", PLAN, "--watch", *output)
    assert "do not go with --output" in words_of(result)
    assert not scene.account.calls


@pytest.mark.parametrize(
    ("word", "hint"), [(PLAN, "write the plan before the option"), ("3.5", "give a number of seconds")]
)
def test_a_word_that_is_no_number_is_refused(scene: Scene, word: str, hint: str) -> None:
    result = scene.run("status", "--watch", word)
    assert result.exit_code == 2
    assert f"'{word}' is not 5 to 3600; {hint}" in words_of(result)
