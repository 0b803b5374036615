"""A machine that takes a phase at each look, and what it reports."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from tests.cli.scene import NAME, PLAN, THERE, Scene
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.fakes import Run

SECRET = f"arn:aws:secretsmanager:{THERE}:123456789012:secret:redshift!sales-admin"


def report(outcome: str = "Restored", mode: str = "failover", **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "plan": PLAN,
        "mode": mode,
        "outcome": outcome,
        "message": f"{outcome}, says the machine",
        "execution": "some-run",
        "started": "2026-11-23T08:15:00Z",
        "ended": "2026-11-23T08:45:00Z",
        **more,
    }


FULL: dict[str, Any] = {
    "recovery_point_seconds": 7200,
    "recovery_time_seconds": 1800,
    "restore_seconds": 1770,
    "overhead_seconds": 30,
    "objectives": {"recovery_point_seconds": 36000, "recovery_time_seconds": 7200},
    "snapshot": {"identifier": "copy:rs:sales-1", "created": "2026-11-23T06:15:00Z"},
    "cluster": {
        "identifier": NAME,
        "endpoint": "sales.example.us-west-2",
        "port": 5439,
        "database": "dev",
        "admin_user": "warehouse_admin",
        "secret_arn": SECRET,
    },
    "checks": [{"name": "answers", "sql": "select 1", "expected": "1", "got": "1", "passed": True}],
}


def machine(
    scene: Scene, *steps: str | tuple[str, ...], ends: dict[str, Any] | None = None, failed: bool = False
) -> Callable[[Run], None]:
    """At each look the machine takes the next phase; then it ends. A step is a phase, or what ``take`` takes."""

    def go_on(run: Run) -> None:
        if run.status != "RUNNING":
            return
        if run.polls <= len(steps):
            step = steps[run.polls - 1]
            scene.account.take(run, *([step] if isinstance(step, str) else step))
        elif ends is not None:
            scene.account.end(run, ends, failed=failed)

    scene.account.on_poll = go_on
    return go_on


def started(scene: Scene) -> dict[str, Any]:
    """The input of the only run that was started."""
    [run] = scene.account.runs.values()
    return dict(json.loads(run.input))


def real(scene: Scene) -> None:
    """A failover of the real phases, in a world of its own: each phase is in the history when its time has come."""
    world = RestoreWorld(restore_seconds=720)
    world.copied(age_hours=2)
    began, taken = world.clock.now(), list[tuple[dt.timedelta, str, dict[str, Any]]]()
    handle = world.machine.handle

    def watched(event: dict[str, Any]) -> dict[str, Any]:
        answer = handle(event)
        taken.append((world.clock.now() - began, event["phase"], answer))
        return answer

    world.machine.handle = watched
    ended = world.failover()

    def go_on(run: Run) -> None:
        while taken and run.started + taken[0][0] <= scene.clock.now():
            _, phase, answer = taken.pop(0)
            scene.account.take(run, phase, answer["says"], answer["next"])
        if not taken and run.status == "RUNNING":
            scene.account.end(run, ended.output)

    scene.account.on_poll = go_on
