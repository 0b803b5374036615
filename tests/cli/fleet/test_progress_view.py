"""The table of many failovers: what it shows first, that it fits, and what a file gets."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from resilient_redshift.cli.executions import Execution
from resilient_redshift.cli.fleet.progress_view import progress_view, table
from resilient_redshift.cli.fleet.waves import Progress
from resilient_redshift.cli.output import Screen
from resilient_redshift.cli.plans import Plan
from tests.cli.scene import HERE, THERE, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = dt.datetime(2026, 11, 23, 8, 15, tzinfo=dt.UTC)


def progress(name: str, status: str = "", outcome: str = "", phase: str = "") -> Progress:
    plan = Plan(name=name, read_in=THERE, cluster=name, primary=HERE, recovery=THERE, record={"group": "shop"})
    if not status:
        return Progress(plan=plan)
    started = NOW - dt.timedelta(minutes=12)
    execution = Execution(arn=name, name=name, status=status, started=started, output={"outcome": outcome})
    return Progress(plan=plan, arn=name, execution=execution, phase=phase)


MANY = [
    progress("waits"),
    progress("runs", "RUNNING", phase="restoring"),
    progress("back", "SUCCEEDED", "Restored"),
    progress("failed", "FAILED", "NoCapacity"),
]


def test_what_failed_comes_first_and_what_is_back_is_only_counted() -> None:
    assert table(MANY, NOW, 80, 24) == [
        "plan    group  now            for",
        "failed  shop   NoCapacity",
        "runs    shop   restoring   12 min",
        "waits   shop   waits",
        "2 of 4 ended, 1 run, 1 wait",
    ]


@pytest.mark.parametrize("width", [30, 80])
def test_the_table_of_two_hundred_fits_into_a_terminal(width: int) -> None:
    many = [progress(f"a-plan-with-a-long-name-{number:03}", "RUNNING", phase="restoring") for number in range(200)]
    lines = table(many, NOW, width, 24)
    assert len(lines) <= 24
    assert lines[-1] == "0 of 200 ended, 200 run, 0 wait"
    assert lines[-2].startswith("and 1")


def shown(scene: Scene, *, terminal: bool) -> str:
    """What is written while a failover goes on and ends."""
    tools, file = scene.tools(), io.StringIO()
    screen = Screen()
    screen.console = Console(file=file, width=80, height=24, force_terminal=terminal, highlight=False)
    tools.screen = screen
    looks: Sequence[Progress] = [MANY[0], MANY[1], progress("runs", "SUCCEEDED", "Restored")]
    with progress_view(tools) as show:
        for one in looks:
            show([one])
    return file.getvalue()


def test_a_file_is_never_silent_for_long(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_view(scene.tools()) as show:
        for _ in range(3):
            show([MANY[1]])
            scene.clock.advance(200)
    lines = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert lines == ["runs: restoring", "0 of 1 ended, 1 run, 0 wait"]


def test_a_file_gets_a_line_for_each_phase_and_a_terminal_for_each_end(scene: Scene) -> None:
    lines = [line.split("  ")[-1] for line in shown(scene, terminal=False).splitlines()]
    assert lines == ["runs: restoring", "runs: Restored"]
    live = shown(scene, terminal=True)
    assert "runs: Restored" in live
    assert "runs: restoring" not in live
    assert "restoring" in live
