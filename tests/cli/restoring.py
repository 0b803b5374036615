"""A restore machine that goes on at each look, and what it reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.cli.scene import NAME, PLAN, THERE, Scene

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
    scene: Scene, *steps: str, ends: dict[str, Any] | None = None, failed: bool = False
) -> Callable[[Run], None]:
    """At each look the machine enters the next state; then it ends."""

    def go_on(run: Run) -> None:
        if run.status != "RUNNING":
            return
        if run.polls <= len(steps):
            scene.account.enter(run, steps[run.polls - 1])
        elif ends is not None:
            scene.account.end(run, ends, failed=failed)

    scene.account.on_poll = go_on
    return go_on


def started(scene: Scene) -> dict[str, Any]:
    """The input of the only run that was started."""
    [run] = scene.account.runs.values()
    return dict(json.loads(run.input))
