"""Puts the parts together in one process and serves them on 127.0.0.1."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_QUIET = {
    "BIND_HOST": "127.0.0.1",
    "LAMBDA_EXECUTOR": "local",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "MINISTACK_WORKER_THREADS": "256",
    "MINISTACK_HOST": "127.0.0.1",
    "MINISTACK_VERSION": "pinned",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
#: Services that stamp what we look at, or compare with now; the rest of ministack lives in real time.
_VIRTUAL = (
    "core.responses",
    "services.cloudwatch",
    "services.cloudwatch_logs",
    "services.kms",
    "services.route53",
    "services.secretsmanager",
    "services.sns",  # its messages would come to virtual queues too late or too early
    "services.ssm",
)


def prepare_environment(port: int, account: str, folder: Path) -> None:
    """Say what ministack reads while it is imported."""
    os.environ.update(_QUIET)
    os.environ.update(
        GATEWAY_PORT=str(port), MINISTACK_ACCOUNT_ID=account, EMULATED_AWS_CLOCK_FILE=str(folder / "clock")
    )
    os.environ.pop("AWS_ENDPOINT_URL", None)
    os.environ.setdefault("LOG_LEVEL", "WARNING")


def build(port: int, folder: Path, start: dt.datetime) -> None:
    """Patch ministack; each part says what and why."""
    from emulator.redshift_model import ACCOUNT, RedshiftModel

    prepare_environment(port, ACCOUNT, folder)
    from emulator.aws import (
        data_service,
        deliveries,
        events,
        functions,
        kms_keys,
        machine_calls,
        machine_history,
        machine_starts,
        machines,
        managed_secrets,
        network,
        quotas_service,
        redshift_events,
        redshift_service,
        requests,
        rules,
        service_descriptions,
        sessions,
        simulation,
        stacks,
        trail,
    )
    from emulator.aws.cloudwatch import service as alarms
    from emulator.aws.control import Control
    from emulator.aws.redshift_calls import RedshiftDoor
    from emulator.aws.shared_clock import SharedClock
    from emulator.aws.timeline import Timeline
    from emulator.aws.virtual_modules import virtualize
    from emulator.aws.world import EmulatedWorld

    timeline = Timeline(SharedClock(folder / "clock", start))
    world = EmulatedWorld(RedshiftModel(timeline.clock), timeline, f"http://127.0.0.1:{port}", port)
    door = RedshiftDoor(world)
    for name in _VIRTUAL:
        virtualize(importlib.import_module(f"ministack.{name}"), timeline)
    service_descriptions.install()
    redshift_service.install(door)
    redshift_events.install(world)
    data_service.install(door)
    kms_keys.install(world.model)
    sessions.install()
    functions.install(world)
    machines.install(world)
    machine_calls.install(world)
    machine_history.install()
    machine_starts.install()
    rules.install(world)
    events.install(world)
    deliveries.install(world.deliveries)
    trail.install(world)
    stacks.install(world, door)
    network.install(world)
    managed_secrets.install(world)
    quotas_service.install(world)
    simulation.install(world)
    requests.install(world, Control(world, alarms.install(world)))


def serve(port: int, start: dt.datetime, folder: Path, listening: int | None = None) -> None:
    """Serve until the process is ended, on a socket that listens already if its number is given."""
    build(port, folder, start)
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app

    config = Config()
    config.bind = [f"127.0.0.1:{port}" if listening is None else f"fd://{listening}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    config.include_date_header = False  # real time; `requests` tells virtual time
    asyncio.run(hypercorn_serve(app.app, config))
