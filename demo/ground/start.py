"""Starts a training ground: an AWS with app.py deployed and its first recovery points, which then runs on by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from demo.errors import DemoError
from demo.ground.shell import CALLS, FLOW, write_settings
from demo.ground.world import CLUSTER, NAMES
from demo.story import PRIMARY, RECENT, RECOVERY, REPORTING, TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws

#: Two automated snapshots come in this time.
FIRST_HOURS: Final = timedelta(hours=17)
ROWS: Final = 100_000


def prepare(aws: EmulatedAws, assembly: Path, hours: timedelta = FIRST_HOURS) -> None:
    """Deploy an assembly of app.py, fill the warehouse, and let time pass until recovery points have arrived.

    Raises:
        DemoError: the deployment failed.
    """
    deployed = aws.cdk("deploy", "--all", app=assembly)
    if not deployed.ok:
        raise DemoError(f"cdk deploy failed: {deployed.output.strip().splitlines()[-1]}")
    tables = {TABLE: ROWS, "public.customers": ROWS // 10}
    reporting = {REPORTING: {"public.daily_sales": 365}}
    aws.model("given_content", PRIMARY, CLUSTER, tables=tables, answers={RECENT: True}, databases=reporting)
    aws.advance(hours)


def keep(aws: EmulatedAws, folder: Path) -> Path:
    """Let the AWS run on by itself; returns the file that a shell reads to reach it."""
    aws.let_time_flow(FLOW)
    aws.leave_running()
    return write_settings(folder, aws.env, NAMES)


def start(folder: Path) -> Path:
    """Start a ground; returns the file that a shell reads."""
    from demo.ground.assembly import synthesize  # noqa: PLC0415 - heavy, as the next one
    from emulator.aws import EmulatedAws  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    with EmulatedAws.start() as aws:
        aws.log_calls(folder / CALLS)
        aws.bootstrap(PRIMARY, RECOVERY)
        aws.enforce_iam(on=True)
        synthesize(folder / "assembly", aws.account)
        prepare(aws, folder / "assembly")
        return keep(aws, folder)
